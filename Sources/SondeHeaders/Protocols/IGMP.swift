public import SondeOctets

/// The Internet Group Management Protocol (RFC 2236 §2, RFC 9776 §4).
///
///      0                   1                   2                   3
///      0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
///     +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
///     |      Type     | Max Resp Time |           Checksum            |
///     |                         Group Address                         |
///
/// What a message of version 3 has behind this is data here.
public struct IGMP: Header {
  /// 0x11 a query, 0x12, 0x16 and 0x22 reports of versions 1, 2 and 3, 0x17 a leave.
  public var type: UInt8
  /// In tenths of a second, in a query; version 3 codes large times (RFC 9776 §4.1.1).
  public var maximumResponseTime: UInt8
  /// Over the whole message.
  public var checksum: Field<UInt16>
  /// Nil where the message has none, as a report of version 3.
  public var group: IPv4Address?

  public init(
    type: UInt8 = IGMP.query, maximumResponseTime: UInt8 = 100, group: IPv4Address? = .any,
    checksum: Field<UInt16> = .auto
  ) {
    self.type = type
    self.maximumResponseTime = maximumResponseTime
    self.checksum = checksum
    self.group = group
  }

  public static var name: Name { "igmp" }
  public static var announced: Announcement { Announcement(ipProtocol: 2, ipVersion: 4) }
  public static var sumRule: SumRule? { SumRule(offset: 2, coverage: .segment) }

  public var fields: [FieldSpec] {
    .consecutive([
      .init("type", 8, .hexadecimal), .init("maximumResponseTime", 8, alias: "mrcode"),
      .init("checksum", 16, alias: "chksum", .hexadecimal, isDerived: true),
      .init("group", group == nil ? 0 : 32, alias: "gaddr", .ipv4Address),
    ])
  }

  public var byteCount: Int { group == nil ? 4 : 8 }

  public func write(into output: inout OutputRawSpan, _ around: Surroundings) throws(CraftError) {
    output.append(type)
    output.append(maximumResponseTime)
    output.append(bigEndian: UInt16(0))
    if let group { output.append(bigEndian: group.rawValue) }
  }

  @_lifetime(bytes: copy bytes)
  public func seal(_ bytes: inout MutableRawSpan, _ around: Surroundings) throws(CraftError) {
    Self.sumRule?.seal(checksum, in: &bytes, headerByteCount: byteCount, around)
  }

  public func pseudoHeader(within outer: PseudoHeader?) -> PseudoHeader? { nil }

  public init(from reader: inout Reader) throws(ParseError) {
    try reader.require(4)
    type = try reader.read()
    maximumResponseTime = try reader.read()
    checksum = .set(try reader.read())
    group = type != Self.version3Report && reader.remaining >= 4 ? IPv4Address(rawValue: try reader.read()) : nil
  }

  public static func extent(
    of bytes: RawSpan, at offset: Int, within outer: PseudoHeader?
  ) throws(ParseError) -> Extent {
    let reader = Reader(bytes, at: offset)
    try reader.require(4)
    let hasGroup = bytes[offset] != version3Report && reader.remaining >= 8
    return Extent(byteCount: hasGroup ? 8 : 4, following: .payload)
  }

  public func freed(before next: Announcement) -> Self {
    var copy = self
    copy.checksum = .auto
    return copy
  }

  public static let query: UInt8 = 0x11
  public static let version1Report: UInt8 = 0x12
  public static let version2Report: UInt8 = 0x16
  public static let leave: UInt8 = 0x17
  public static let version3Report: UInt8 = 0x22
}
