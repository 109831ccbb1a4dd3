public import SondeOctets

/// The numbers by which the layer below names a protocol.
@frozen
public struct Announcement: Hashable, Sendable {
  /// The Protocol field of IPv4, the Next Header field of IPv6 (IANA "Assigned Internet Protocol Numbers").
  public var ipProtocol: UInt8?
  /// The version of IP that alone computes the number, as Scapy does, though either reads it; nil for both.
  public var ipVersion: UInt8?
  /// Whether only IPv6 has the number at all: an extension header (RFC 8200 §4).
  public var isIPv6Extension: Bool
  /// The EtherType (IEEE 802 Numbers).
  public var etherType: UInt16?
  /// A second EtherType by which it is known; computed is the first.
  public var otherEtherType: UInt16?
  /// The link type of a capture whose packets start with this header (tcpdump.org/linktypes.html).
  public var linkType: UInt16?
  /// A second link type by which it is known.
  public var otherLinkType: UInt16?

  @inlinable
  public init(
    ipProtocol: UInt8? = nil, ipVersion: UInt8? = nil, isIPv6Extension: Bool = false, etherType: UInt16? = nil,
    otherEtherType: UInt16? = nil, linkType: UInt16? = nil, otherLinkType: UInt16? = nil
  ) {
    self.ipProtocol = ipProtocol
    self.ipVersion = isIPv6Extension ? 6 : ipVersion
    self.isIPv6Extension = isIPv6Extension
    self.etherType = etherType
    self.otherEtherType = otherEtherType
    self.linkType = linkType
    self.otherLinkType = otherLinkType
  }

  /// The Protocol field that IPv4 computes.
  @inlinable
  public var ipv4Protocol: UInt8? { ipVersion == 6 ? nil : ipProtocol }
  /// The Next Header field that IPv6 and its extension headers compute.
  @inlinable
  public var nextHeader: UInt8? { ipVersion == 4 ? nil : ipProtocol }

  /// A protocol that no layer below has a number for.
  @inlinable
  public static var none: Announcement { Announcement() }
}

/// What a transport checksum covers besides the segment (RFC 768, RFC 9293 §3.1, RFC 8200 §8.1).
@frozen
public struct PseudoHeader: Hashable, Sendable {
  public var source: IPAddress
  /// The *final* destination: under a source route or a routing header not the address that the IP
  /// header shows.
  public var destination: IPAddress
  /// The upper-layer length that a hand-set total length of an IPv4 header implies; nil where that
  /// length is computed, and under IPv6. A receiver believes the IPv4 header, so a computed transport
  /// checksum is made for the length that the receiver will see; Scapy decides likewise.
  public var upperLayerLength: Int?
  /// Whether `destination` is the final one: false behind a route that is not used up and whose end cannot be told;
  /// then it is what the IP header shows, and nobody can verify a sum over it.
  public var isDestinationFinal: Bool

  @inlinable
  public init(
    source: IPAddress, destination: IPAddress, upperLayerLength: Int? = nil, isDestinationFinal: Bool = true
  ) {
    self.source = source
    self.destination = destination
    self.upperLayerLength = upperLayerLength
    self.isDestinationFinal = isDestinationFinal
  }

  /// The pseudo-header's part of the sum, for a segment of `length` octets of `protocol`. The IPv4
  /// form and the IPv6 form sum to the same: zero octets and the width of the length do not count.
  @inlinable
  public func add(to sum: inout InternetChecksum, protocol: UInt8, length: Int) {
    Self.add(source, to: &sum)
    Self.add(destination, to: &sum)
    sum.add(UInt32(truncatingIfNeeded: upperLayerLength ?? length))
    sum.add(UInt16(`protocol`))
  }

  @inlinable
  static func add(_ address: IPAddress, to sum: inout InternetChecksum) {
    switch address {
    case .v4(let v4): sum.add(v4.rawValue)
    case .v6(let v6):
      sum.add(v6.high)
      sum.add(v6.low)
    }
  }
}

/// What a header must know of the packet around it to compute its derived fields.
@frozen
public struct Surroundings: Hashable, Sendable {
  /// The octets behind this header that belong to it; a trailer (link padding) does not count.
  public var innerByteCount: Int
  /// How the next header is announced.
  public var next: Announcement
  /// From the nearest IP header outside this one; nil where there is none.
  public var pseudoHeader: PseudoHeader?

  @inlinable
  public init(innerByteCount: Int = 0, next: Announcement = .none, pseudoHeader: PseudoHeader? = nil) {
    self.innerByteCount = innerByteCount
    self.next = next
    self.pseudoHeader = pseudoHeader
  }
}

/// Why a packet could not be encoded.
public struct CraftError: Error, Hashable, Sendable, CustomStringConvertible {
  /// The protocol whose field is at fault.
  public var layer: Name
  /// The field at fault.
  public var field: String
  /// What is wrong with it, as the end of a sentence: "holds at most 40 octets, 44 were given".
  public var reason: String

  public init(layer: Name, field: String, reason: String) {
    self.layer = layer
    self.field = field
    self.reason = reason
  }

  public var description: String { "\(layer): \(field) \(reason)" }
}

/// A protocol's short name in lower case, as recipes, errors and reports use it: "ip", "tcp".
public struct Name: RawRepresentable, Hashable, Sendable, ExpressibleByStringLiteral, CustomStringConvertible {
  public var rawValue: String

  public init(rawValue: String) { self.rawValue = rawValue }

  public init(stringLiteral value: String) { self.init(rawValue: value) }

  public var description: String { rawValue }
}
