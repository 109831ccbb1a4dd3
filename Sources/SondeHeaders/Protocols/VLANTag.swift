public import SondeOctets

/// A VLAN tag, customer's (EtherType 0x8100) or service provider's (0x88a8): IEEE 802.1Q §9.6.
///
///      0                   1                   2                   3
///      0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
///     +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
///     | PCP |D|   VLAN Identifier     |     EtherType or Length       |
///
/// Which of the two a tag is, the EtherType before it says.
public struct VLANTag: Header {
  /// The priority code point; three bits.
  public var priority: UInt8
  /// The drop eligible indicator; one bit, of which older editions make the canonical format indicator.
  public var dropEligible: Bool
  /// The VLAN identifier; 12 bits.
  public var identifier: UInt16
  /// The protocol carried; below 1536 the octets carried. Computed: the next layer's, 0 where it has none.
  public var etherType: Field<UInt16>
  /// Whether a computed `etherType` counts the octets carried, as in IEEE 802.3.
  public var isLength: Bool

  public init(
    _ identifier: UInt16 = 1, priority: UInt8 = 0, dropEligible: Bool = false, etherType: Field<UInt16> = .auto,
    isLength: Bool = false
  ) {
    self.priority = priority
    self.dropEligible = dropEligible
    self.identifier = identifier
    self.etherType = etherType
    self.isLength = isLength
  }

  public static var name: Name { "dot1q" }
  public static var announced: Announcement { Announcement(etherType: 0x8100, otherEtherType: 0x88a8) }

  public var fields: [FieldSpec] {
    .consecutive([
      .init("priority", 3, alias: "prio", usual: 0), .init("dropEligible", 1, alias: "id", usual: 0),
      .init("identifier", 12, alias: "vlan", usual: 1),
      .init("etherType", 16, alias: "type", .hexadecimal, isDerived: !statesLength),
    ])
  }

  /// Whether the last two octets count the data; a tag over nothing known says 0, which names nothing either.
  private var statesLength: Bool { etherType.hand.map { $0 < leastEtherType } ?? isLength }

  public static var recipeNames: [String] { ["Dot1Q"] }
  public static func blank(_ recipeName: String) -> VLANTag? { VLANTag() }

  public mutating func set(_ field: String, to value: FieldValue) throws(FieldError) {
    switch field {
    case "priority", "prio": priority = try value.number(field, limit: 7)
    case "dropEligible", "id", "dei": dropEligible = try value.number(field, UInt8.self, limit: 1) == 1
    case "identifier", "vlan": identifier = try value.number(field, limit: 0xfff)
    case "etherType", "type": etherType = try value.derived(field)
    default: throw .unknown(field)
    }
  }

  public var byteCount: Int { 4 }

  public func write(into output: inout OutputRawSpan, _ around: Surroundings) throws(CraftError) {
    if priority > 7 { throw tooLarge("priority", Int(priority), 7) }
    if identifier > 0xfff { throw tooLarge("identifier", Int(identifier), 0xfff) }
    let computed =
      etherType.hand == nil ? try computedEtherType(isLength: isLength, Self.name, around, orElse: 0) : 0
    output.append(bigEndian: UInt16(priority) << 13 | (dropEligible ? 0x1000 : 0) | identifier)
    output.append(bigEndian: etherType.value(or: computed))
  }

  private func tooLarge(_ field: String, _ value: Int, _ limit: Int) -> CraftError {
    CraftError(layer: Self.name, field: field, reason: "is at most \(limit), \(value) was given")
  }

  public init(from reader: inout Reader) throws(ParseError) {
    try reader.require(4)
    let control: UInt16 = try reader.read()
    priority = UInt8(control >> 13)
    dropEligible = control & 0x1000 != 0
    identifier = control & 0xfff
    etherType = .set(try reader.read())
    isLength = false
  }

  public var following: Following { etherType.hand.map { Following(etherTypeOrLength: $0) } ?? .payload }

  public static func extent(
    of bytes: RawSpan, at offset: Int, within outer: PseudoHeader?
  ) throws(ParseError) -> Extent {
    try Reader(bytes, at: offset).require(4)
    return Extent(
      byteCount: 4, following: Following(etherTypeOrLength: bytes.bigEndian(at: offset + 2)), pseudoHeader: outer)
  }

  public func freed(before next: Announcement) -> Self {
    var copy = self
    copy.isLength = statesLength
    if copy.isLength || next.etherType != nil { copy.etherType = .auto }
    return copy
  }
}
