public import SondeOctets

/// The header of captures on a BSD loopback interface (LINKTYPE_NULL, LINKTYPE_LOOP).
///
///      0                   1                   2                   3
///      0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
///     +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
///     |                       Address Family                          |
///
/// LINKTYPE_NULL has it in the byte order of the host that captured, LINKTYPE_LOOP in network byte order: the order
/// is told from the number, since families are small.
public struct Loopback: Header {
  /// The host's number of the address family. Computed: 2 for IPv4, 10 (Linux's) for IPv6.
  public var family: Field<UInt32>
  /// Whether the most significant octet comes first.
  public var isBigEndian: Bool

  public init(family: Field<UInt32> = .auto, isBigEndian: Bool = false) {
    self.family = family
    self.isBigEndian = isBigEndian
  }

  public static var name: Name { "loopback" }
  public static var announced: Announcement { Announcement(linkType: 0, otherLinkType: 108) }

  public var fields: [FieldSpec] {
    .consecutive([.init("family", 32, alias: "type", .structured, isDerived: true)])
  }

  public static var recipeNames: [String] { ["Loopback"] }
  public static func blank(_ recipeName: String) -> Loopback? { Loopback() }

  public mutating func set(_ field: String, to value: FieldValue) throws(FieldError) {
    switch field {
    case "family", "type": self = Loopback(family: try value.derived(field))
    default: throw .unknown(field)
    }
  }

  public func value(of field: FieldSpec) -> FieldValue? {
    guard field.name == "family" else { return nil }
    return family.hand.map { .number(UInt64($0)) } ?? FieldValue.none
  }

  /// Scapy writes one octet of the number, and first.
  public func recipeName(isQuoted: Bool) -> String? {
    isBigEndian || family.hand.map { $0 > 0xff } == true ? nil : Self.recipeNames.first
  }

  /// Of the number that the octets are in network byte order.
  private init(wire number: UInt32) {
    isBigEndian = (1...Self.largestFamily).contains(number)
    family = .set(isBigEndian ? number : number.byteSwapped)
  }

  public var byteCount: Int { 4 }

  public func write(into output: inout OutputRawSpan, _ around: Surroundings) throws(CraftError) {
    let number = family.value(or: around.next.etherType == 0x86dd ? 10 : 2)
    output.append(bigEndian: isBigEndian ? number : number.byteSwapped)
  }

  public init(from reader: inout Reader) throws(ParseError) { self.init(wire: try reader.read()) }

  public var following: Following {
    switch family.hand {
    case 2: Following(.etherType(0x0800))
    case let number? where Self.ipv6Families.contains(number): Following(.etherType(0x86dd))
    default: .payload
    }
  }

  public func freed(before next: Announcement) -> Self {
    // The family of IPv6 is a matter of the host: one that is right stays, since another would be right too.
    guard next.etherType == 0x0800 else { return self }
    var copy = self
    copy.family = .auto
    return copy
  }

  /// No host has a larger number; read in the wrong order each is larger.
  private static let largestFamily: UInt32 = 0xffff
  /// IPv6 on Linux, NetBSD and OpenBSD, FreeBSD, and Darwin (tcpdump.org/linktypes.html).
  private static let ipv6Families: [UInt32] = [10, 24, 28, 30]
}
