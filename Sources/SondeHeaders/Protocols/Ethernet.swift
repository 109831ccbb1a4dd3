public import SondeOctets

/// The Ethernet frame's header (IEEE 802.3 §3.1; RFC 894).
///
///      0                   1                   2                   3
///      0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
///     +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
///     |                Destination Address (48 bits)                  |
///     |                               |    Source Address (48 bits)   |
///     |                                                               |
///     |    EtherType or Length        |
public struct Ethernet: Header {
  public var destination: MACAddress
  public var source: MACAddress
  /// The protocol carried; below 1536 the octets carried. Computed: the next layer's, 0x9000 (loopback) where it
  /// has none.
  public var etherType: Field<UInt16>
  /// Whether a computed `etherType` counts the octets carried, as in IEEE 802.3.
  public var isLength: Bool

  public init(
    from source: MACAddress = .zero, to destination: MACAddress = .broadcast, etherType: Field<UInt16> = .auto,
    isLength: Bool = false
  ) {
    self.destination = destination
    self.source = source
    self.etherType = etherType
    self.isLength = isLength
  }

  public static var name: Name { "ether" }
  public static var announced: Announcement { Announcement(linkType: 1) }

  public var fields: [FieldSpec] {
    .consecutive([
      .init("destination", 48, alias: "dst", .macAddress), .init("source", 48, alias: "src", .macAddress),
      .init("etherType", 16, alias: "type", .hexadecimal, isDerived: !statesLength),
    ])
  }

  /// Whether the last two octets count the data.
  private var statesLength: Bool { etherType.hand.map { $0 < leastEtherType } ?? isLength }

  public static var recipeNames: [String] { ["Ether"] }
  public static func blank(_ recipeName: String) -> Ethernet? { Ethernet() }

  public mutating func set(_ field: String, to value: FieldValue) throws(FieldError) {
    switch field {
    case "destination", "dst": destination = try value.macAddress(field)
    case "source", "src": source = try value.macAddress(field)
    case "etherType", "type": etherType = try value.derived(field)
    default: throw .unknown(field)
    }
  }

  public var byteCount: Int { 14 }

  public func write(into output: inout OutputRawSpan, _ around: Surroundings) throws(CraftError) {
    let computed =
      etherType.hand == nil
      ? try computedEtherType(isLength: isLength, Self.name, around, orElse: Self.loopbackEtherType) : 0
    output.append(bigEndian: UInt32(destination.rawValue >> 16))
    output.append(bigEndian: UInt16(truncatingIfNeeded: destination.rawValue))
    output.append(bigEndian: UInt16(source.rawValue >> 32))
    output.append(bigEndian: UInt32(truncatingIfNeeded: source.rawValue))
    output.append(bigEndian: etherType.value(or: computed))
  }

  public init(from reader: inout Reader) throws(ParseError) {
    try reader.require(14)
    destination = MACAddress(
      rawValue: UInt64(try reader.read(UInt32.self)) << 16 | UInt64(try reader.read(UInt16.self)))
    source = MACAddress(rawValue: UInt64(try reader.read(UInt16.self)) << 32 | UInt64(try reader.read(UInt32.self)))
    etherType = .set(try reader.read())
    isLength = false
  }

  public var following: Following { etherType.hand.map { Following(etherTypeOrLength: $0) } ?? .payload }

  public static func extent(
    of bytes: RawSpan, at offset: Int, within outer: PseudoHeader?
  ) throws(ParseError) -> Extent {
    try Reader(bytes, at: offset).require(14)
    return Extent(
      byteCount: 14, following: Following(etherTypeOrLength: bytes.bigEndian(at: offset + 12)), pseudoHeader: outer)
  }

  public func freed(before next: Announcement) -> Self {
    var copy = self
    copy.isLength = statesLength
    if copy.isLength || next.etherType != nil { copy.etherType = .auto }
    return copy
  }

  /// The Ethernet Configuration Testing Protocol, which Scapy gives a frame of nothing known.
  static let loopbackEtherType: UInt16 = 0x9000
}
