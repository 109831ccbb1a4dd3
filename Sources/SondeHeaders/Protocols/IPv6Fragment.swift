public import SondeOctets

/// The Fragment header of IPv6 (RFC 8200 §4.5).
///
///      0                   1                   2                   3
///      0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
///     +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
///     |  Next Header  |   Reserved    |      Fragment Offset    |Res|M|
///     |                         Identification                        |
public struct IPv6Fragment: Header {
  /// The header of the fragmentable part's first octets. Computed: that of the next layer, 59 (none) where it has none.
  public var nextHeader: Field<UInt8>
  public var reserved: UInt8
  /// Where this fragment belongs, in units of eight octets; 13 bits.
  public var fragmentOffset: UInt16
  /// The two bits before M.
  public var reservedBits: UInt8
  public var moreFragments: Bool
  public var identification: UInt32

  public init(
    offset fragmentOffset: UInt16 = 0, more moreFragments: Bool = false, identification: UInt32 = 0,
    nextHeader: Field<UInt8> = .auto, reserved: UInt8 = 0, reservedBits: UInt8 = 0
  ) {
    self.nextHeader = nextHeader
    self.reserved = reserved
    self.fragmentOffset = fragmentOffset
    self.reservedBits = reservedBits
    self.moreFragments = moreFragments
    self.identification = identification
  }

  public static var name: Name { "ipv6exthdrfragment" }
  public static var announced: Announcement { Announcement(ipProtocol: 44, isIPv6Extension: true) }

  public var fields: [FieldSpec] {
    .consecutive([
      .init("nextHeader", 8, alias: "nh", isDerived: true), .init("reserved", 8, alias: "res1", usual: 0),
      .init("fragmentOffset", 13, alias: "offset", usual: 0), .init("reservedBits", 2, alias: "res2", usual: 0),
      .init("moreFragments", 1, alias: "m", usual: 0), .init("identification", 32, alias: "id", usual: 0),
    ])
  }

  public static var recipeNames: [String] { ["IPv6ExtHdrFragment"] }
  public static func blank(_ recipeName: String) -> IPv6Fragment? { IPv6Fragment() }

  public mutating func set(_ field: String, to value: FieldValue) throws(FieldError) {
    switch field {
    case "nextHeader", "nh": nextHeader = try value.derived(field)
    case "reserved", "res1": reserved = try value.number(field)
    case "fragmentOffset", "offset": fragmentOffset = try value.number(field, limit: 0x1fff)
    case "reservedBits", "res2": reservedBits = try value.number(field, limit: 3)
    case "moreFragments", "m": moreFragments = try value.number(field, UInt8.self, limit: 1) == 1
    // Scapy's identification is none where it is not written, and zero on the wire.
    case "identification", "id": identification = value == .none ? 0 : try value.number(field)
    default: throw .unknown(field)
    }
  }

  public var byteCount: Int { 8 }

  public func write(into output: inout OutputRawSpan, _ around: Surroundings) throws(CraftError) {
    if fragmentOffset > 0x1fff { throw tooLarge("fragmentOffset", Int(fragmentOffset), 0x1fff) }
    if reservedBits > 3 { throw tooLarge("reservedBits", Int(reservedBits), 3) }
    output.append(nextHeader.value(or: around.next.nextHeader ?? IPv6.noNextHeader))
    output.append(reserved)
    output.append(bigEndian: fragmentOffset << 3 | UInt16(reservedBits) << 1 | (moreFragments ? 1 : 0))
    output.append(bigEndian: identification)
  }

  private func tooLarge(_ field: String, _ value: Int, _ limit: Int) -> CraftError {
    CraftError(layer: Self.name, field: field, reason: "is at most \(limit), \(value) was given")
  }

  public init(from reader: inout Reader) throws(ParseError) {
    try reader.require(8)
    nextHeader = .set(try reader.read())
    reserved = try reader.read()
    let word: UInt16 = try reader.read()
    fragmentOffset = word >> 3
    reservedBits = UInt8(word >> 1 & 3)
    moreFragments = word & 1 == 1
    identification = try reader.read()
  }

  public var following: Following {
    guard fragmentOffset == 0, let number = nextHeader.hand else { return .payload }
    return Following(.nextHeader(number))
  }

  public static func extent(
    of bytes: RawSpan, at offset: Int, within outer: PseudoHeader?
  ) throws(ParseError) -> Extent {
    try Reader(bytes, at: offset).require(8)
    let word: UInt16 = bytes.bigEndian(at: offset + 2)
    return Extent(
      byteCount: 8, following: word >> 3 == 0 ? Following(.nextHeader(bytes[offset])) : .payload, pseudoHeader: outer,
      isFragment: word & 0xfff9 != 0)
  }

  /// Nil for the one fragment of a whole datagram (RFC 6946).
  public var fragmentPlace: FragmentPlace? {
    guard moreFragments || fragmentOffset != 0 else { return nil }
    return FragmentPlace(
      identification: identification, offset: Int(fragmentOffset) * 8, hasMore: moreFragments,
      ipProtocol: nextHeader.value(or: IPv6.noNextHeader))
  }

  public func freed(before next: Announcement) -> Self {
    var copy = self
    if next.nextHeader != nil { copy.nextHeader = .auto }
    return copy
  }
}
