public import SondeOctets

/// One option of a neighbour discovery message (RFC 4861 §4.6); what the type says of the rest is a table.
///
///     |     Type      |    Length     |              ...              |
public struct NeighborDiscoveryOption: Header {
  public var type: Kind
  /// The whole option, in units of eight octets.
  public var length: Field<UInt8>
  /// The octets behind the length.
  public var content: [UInt8]

  public init(type: Kind, content: [UInt8], length: Field<UInt8> = .auto) {
    self.type = type
    self.length = length
    self.content = content
  }

  /// The Type field (IANA "IPv6 Neighbor Discovery Option Formats").
  @frozen
  public struct Kind: RawRepresentable, Hashable, Sendable, ExpressibleByIntegerLiteral {
    public var rawValue: UInt8
    @inlinable
    public init(rawValue: UInt8) { self.rawValue = rawValue }
    @inlinable
    public init(integerLiteral value: UInt8) { self.init(rawValue: value) }

    public static let sourceLinkLayerAddress: Kind = 1
    public static let targetLinkLayerAddress: Kind = 2
    public static let prefixInformation: Kind = 3
    public static let redirectedHeader: Kind = 4
    public static let mtu: Kind = 5
    public static let advertisementInterval: Kind = 7
    public static let homeAgentInformation: Kind = 8
    public static let routeInformation: Kind = 24
    public static let recursiveDNSServer: Kind = 25
    public static let dnsSearchList: Kind = 31
  }

  public static var name: Name { "nd-option" }

  public var byteCount: Int { 2 + content.count }

  /// The units of eight octets that it fills, the last perhaps not whole. Of type and length alone no length is
  /// right: Scapy counts the octets.
  private var units: Int { content.isEmpty ? 2 : (byteCount + 7) / 8 }

  public func write(into output: inout OutputRawSpan, _ around: Surroundings) throws(CraftError) {
    guard let length = length.hand ?? UInt8(exactly: units) else {
      throw CraftError(
        layer: Self.name, field: "content", reason: "holds at most 2038 octets, \(content.count) were given")
    }
    output.append(type.rawValue)
    output.append(length)
    output.append(octets: content)
  }

  public init(from reader: inout Reader) throws(ParseError) {
    let start = reader.offset
    try reader.require(2)
    type = Kind(rawValue: try reader.read())
    let units: UInt8 = try reader.read()
    // Whoever went on behind it would read it for ever (RFC 4861 §4.6).
    guard units > 0 else { throw ParseError(.illegal(field: "length", value: 0, limit: "at least 1"), at: start) }
    length = .set(units)
    content = try reader.read(count: Int(units) * 8 - 2)
  }

  public var following: Following { Following(.layer(NeighborDiscoveryOption.self)) }

  public static func extent(
    of bytes: RawSpan, at offset: Int, within outer: PseudoHeader?
  ) throws(ParseError) -> Extent {
    var reader = Reader(bytes, at: offset)
    try reader.require(2)
    let count = Int(bytes[offset + 1]) * 8
    guard count > 0 else { throw ParseError(.illegal(field: "length", value: 0, limit: "at least 1"), at: offset) }
    _ = try reader.read(UInt16.self)
    try reader.require(count - 2)
    return Extent(
      byteCount: count, following: Following(.layer(NeighborDiscoveryOption.self)), pseudoHeader: outer)
  }

  public func freed(before next: Announcement) -> Self { NeighborDiscoveryOption(type: type, content: content) }
}

extension NeighborDiscoveryOption {
  /// The sender's link-layer address (RFC 4861 §4.6.1).
  public static func sourceLinkLayerAddress(_ address: MACAddress) -> Self {
    Self(type: .sourceLinkLayerAddress, content: address.octets)
  }

  /// The target's link-layer address (RFC 4861 §4.6.1).
  public static func targetLinkLayerAddress(_ address: MACAddress) -> Self {
    Self(type: .targetLinkLayerAddress, content: address.octets)
  }

  /// The link's MTU in octets (RFC 4861 §4.6.4).
  public static func mtu(_ mtu: UInt32) -> Self {
    Self(type: .mtu, content: [0, 0] + (0..<4).map { UInt8(truncatingIfNeeded: mtu >> (24 - 8 * $0)) })
  }

  /// The MAC address of a link-layer address option; nil for any other, or an address of another length.
  public var macAddress: MACAddress? {
    guard type == .sourceLinkLayerAddress || type == .targetLinkLayerAddress else { return nil }
    return MACAddress(octets: content)
  }
}
