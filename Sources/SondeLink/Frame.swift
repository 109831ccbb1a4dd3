public import SondeOctets

/// How the first octet of a frame is to be read; the numbers are those of the LINKTYPE registry
/// of pcap, so that a capture file can say the same.
public struct LinkType: RawRepresentable, Hashable, Sendable {
  public var rawValue: UInt16

  public init(rawValue: UInt16) { self.rawValue = rawValue }

  /// LINKTYPE_ETHERNET: an Ethernet header.
  public static let ethernet = LinkType(rawValue: 1)
  /// LINKTYPE_RAW: an IPv4 or an IPv6 header, told apart by its version.
  public static let raw = LinkType(rawValue: 101)
  /// LINKTYPE_LINUX_SLL2: the header that a capture of several interfaces writes instead of each one's own.
  public static let linuxCookedV2 = LinkType(rawValue: 276)
}

/// One frame that came in.
public struct Frame: Hashable, Sendable {
  /// What was received, from the layer that `linkType` names.
  public var bytes: [UInt8]
  public var linkType: LinkType
  public var stamp: Stamp
  /// The kernel says that the transport checksum was still to be computed by a device
  /// (TP_STATUS_CSUMNOTREADY): a wrong sum is then no fault of the sender.
  public var checksumNotReady: Bool
  /// The receiving socket hands out no IP header, or an ICMP error only as numbers: the link has
  /// written these layers anew from what the kernel told (addresses, TTL, TOS; type, code), so
  /// fields such as the identification and all sums outside the quoted bytes are not the sender's.
  public var isRebuilt: Bool
  /// The link has written the IP header in an error's quote anew too.
  public var quoteIsRebuilt: Bool
  /// The receiving socket hands out what the kernel has taken in: it has verified the IPv4 header's sum and then
  /// written its own address or time into the options that ask for one (RFC 791 §3.1), under the old sum.
  public var isTakenIn: Bool
  /// The index of the interface it came in by, where known.
  public var interface: Int?

  public init(
    bytes: [UInt8], linkType: LinkType = .raw, stamp: Stamp, checksumNotReady: Bool = false,
    isRebuilt: Bool = false, quoteIsRebuilt: Bool = false, isTakenIn: Bool = false, interface: Int? = nil
  ) {
    self.bytes = bytes
    self.linkType = linkType
    self.stamp = stamp
    self.checksumNotReady = checksumNotReady
    self.isRebuilt = isRebuilt
    self.quoteIsRebuilt = quoteIsRebuilt
    self.isTakenIn = isTakenIn
    self.interface = interface
  }
}

/// Where a packet goes, said apart from its bytes: a version or an address that a hand has set wrong
/// must not lead it elsewhere.
public struct Way: Hashable, Sendable {
  /// The address that the IP header names.
  public var destination: IPAddress
  /// The index of the interface to leave by; nil leaves it to routing.
  public var interface: Int?

  public init(to destination: IPAddress, interface: Int? = nil) {
    self.destination = destination
    self.interface = interface
  }
}

/// One packet on its way out.
public struct Outgoing: Hashable, Sendable {
  /// The number by which the sender knows it; late timestamps and errors name it.
  public var probe: UInt64
  /// The packet, from the layer that `linkType` names.
  public var bytes: [UInt8]
  public var linkType: LinkType
  /// Where it goes; nil reads that from the bytes.
  public var way: Way?

  public init(probe: UInt64, bytes: [UInt8], linkType: LinkType = .raw, way: Way? = nil) {
    self.probe = probe
    self.bytes = bytes
    self.linkType = linkType
    self.way = way
  }
}

/// What a link reports of a packet after it took it.
public struct Departure: Hashable, Sendable {
  public var probe: UInt64
  /// The kernel's transmit timestamp on the link's monotonic clock; see `Stamp.kernel`.
  public var kernel: Instant
  /// The same in real time, in nanoseconds since 1970.
  public var wall: Int64
  /// The packet as it left, from the layer that it was sent from on, with whatever the kernel changed in it; nil
  /// where the link cannot tell.
  public var bytes: [UInt8]?
  /// How the first octet of `bytes` is to be read.
  public var linkType: LinkType
  /// How long it waited for the next hop's link address (ARP, neighbour discovery) before it left, or how long that
  /// was asked for on its behalf; nil where the address was known.
  public var resolution: Duration?

  public init(
    probe: UInt64, kernel: Instant, wall: Int64, bytes: [UInt8]? = nil, linkType: LinkType = .raw,
    resolution: Duration? = nil
  ) {
    self.resolution = resolution
    self.probe = probe
    self.kernel = kernel
    self.wall = wall
    self.bytes = bytes
    self.linkType = linkType
  }
}

/// What comes back from a link.
public enum Received: Hashable, Sendable {
  case frame(Frame)
  /// The transmit timestamp of a packet that left.
  case departure(Departure)
  /// This machine itself could not deliver a packet that `send` had taken; the probe is nil where
  /// the kernel does not say which.
  case failure(LinkError, probe: UInt64?)
}
