public import SondeOctets

/// How packets to a stretch of addresses leave, as routing says of all of them alike.
public struct BulkWay: Hashable, Sendable {
  public enum Kind: Hashable, Sendable {
    /// Addresses of this machine, to which routing takes packets through the loopback interface.
    case own
    /// Each address is a host on the link itself.
    case onLink
    /// All packets go to this router.
    case router(IPAddress)
    case broadcast
    case multicast
    /// No packet goes there, for this reason.
    case refused(LinkError)
  }

  /// The first and the last address as numbers: an IPv4 address is a number below 2^32.
  public var addresses: ClosedRange<UInt128>
  public var kind: Kind
  /// The index of the interface to leave by; 0 where no packet goes.
  public var interface: Int32
  /// The name of the interface; empty where no packet goes.
  public var interfaceName: String
  /// The interface's own link address; nil where the link has none, so that no next hop is asked for one.
  public var linkAddress: MACAddress?
  /// The source address that the kernel would choose.
  public var source: IPAddress?
  /// Who asks next hops for their link addresses: an address of this machine of the family of the next hops.
  public var asker: IPAddress?
  /// The longest packet, in octets from the IP header on; 0 where no packet goes.
  public var mtu: Int

  public init(
    addresses: ClosedRange<UInt128>, kind: Kind, interface: Int32 = 0, interfaceName: String = "",
    linkAddress: MACAddress? = nil, source: IPAddress? = nil, asker: IPAddress? = nil, mtu: Int = 0
  ) {
    self.addresses = addresses
    self.kind = kind
    self.interface = interface
    self.interfaceName = interfaceName
    self.linkAddress = linkAddress
    self.source = source
    self.asker = asker
    self.mtu = mtu
  }

  /// Whether packets may be sent to every address of it on its own: to groups of hosts none is.
  public var leadsToHosts: Bool {
    switch kind {
    case .own, .onLink, .router: true
    case .broadcast, .multicast, .refused: false
    }
  }

  /// Whether each of the addresses is asked for a link address of its own.
  public var asksEachHost: Bool { kind == .onLink && linkAddress != nil }
}

/// What is heard of hosts on a link beside the packets of a sweep. It is used by one thread.
public protocol NeighbourNews: ~Copyable, Sendable {
  /// Lends each answer about a link address that has come, from the network header on, with its EtherType and the
  /// index of the interface; never waits.
  mutating func drain(_ take: (RawSpan, UInt16, Int32) -> Void)

  /// The link address that the system's own table holds for a host; nil if it holds none that is of use.
  mutating func known(_ address: IPAddress, interface: Int32) -> MACAddress?
}
