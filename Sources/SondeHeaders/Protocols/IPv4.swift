public import SondeOctets

/// The Internet Protocol, version 4 (RFC 791 §3.1).
///
///      0                   1                   2                   3
///      0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
///     +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
///     |Version|  IHL  |Type of Service|          Total Length         |
///     |         Identification        |Flags|      Fragment Offset    |
///     |  Time to Live |    Protocol   |         Header Checksum       |
///     |                       Source Address                          |
///     |                    Destination Address                        |
///     |                    Options                    |    Padding    |
@frozen
public struct IPv4: Header {
  /// 4 unless set; four bits.
  public var version: Field<UInt8>
  /// The IHL field: the header's length in 32-bit words; four bits.
  public var headerLength: Field<UInt8>
  /// The whole octet: DSCP in its high six bits, ECN in its low two (RFC 2474, RFC 3168).
  public var typeOfService: UInt8
  /// Header and data, in octets.
  public var totalLength: Field<UInt16>
  public var identification: UInt16
  public var flags: Flags
  /// Where this fragment belongs, in units of eight octets; 13 bits.
  public var fragmentOffset: UInt16
  public var timeToLive: UInt8
  /// The protocol carried; computed: that of the next layer, 0 where it has none.
  public var `protocol`: Field<UInt8>
  /// The header checksum.
  public var checksum: Field<UInt16>
  public var source: IPv4Address
  public var destination: IPv4Address
  public var options: [IPv4Option]

  @inlinable
  public init(
    from source: IPv4Address = .any, to destination: IPv4Address = .loopback, ttl timeToLive: UInt8 = 64,
    typeOfService: UInt8 = 0, identification: UInt16 = 1, flags: Flags = [], fragmentOffset: UInt16 = 0,
    protocol: Field<UInt8> = .auto, options: [IPv4Option] = [], version: Field<UInt8> = .auto,
    headerLength: Field<UInt8> = .auto, totalLength: Field<UInt16> = .auto, checksum: Field<UInt16> = .auto
  ) {
    self.version = version
    self.headerLength = headerLength
    self.typeOfService = typeOfService
    self.totalLength = totalLength
    self.identification = identification
    self.flags = flags
    self.fragmentOffset = fragmentOffset
    self.timeToLive = timeToLive
    self.protocol = `protocol`
    self.checksum = checksum
    self.source = source
    self.destination = destination
    self.options = options
  }

  /// The three bits before the fragment offset.
  @frozen
  public struct Flags: OptionSet, Hashable, Sendable {
    public var rawValue: UInt8
    @inlinable
    public init(rawValue: UInt8) { self.rawValue = rawValue }

    public static let reserved = Flags(rawValue: 4)
    public static let dontFragment = Flags(rawValue: 2)
    public static let moreFragments = Flags(rawValue: 1)
  }

  public static var name: Name { "ip" }
  @inlinable
  public static var announced: Announcement { Announcement(ipProtocol: 4, etherType: 0x0800) }
  @inlinable
  public static var sumRule: SumRule? { SumRule(offset: 10, coverage: .header) }

  public var fields: [FieldSpec] {
    guard !options.isEmpty else { return Self.fixedFields }
    var area = FieldSpec("options", 160..<byteCount * 8)
    area.form = .structured
    return Self.fixedFields + [area]
  }

  private static let fixedFields: [FieldSpec] = .consecutive([
    .init("version", 4, usual: 4, isDerived: true), .init("headerLength", 4, alias: "ihl", isDerived: true),
    .init("typeOfService", 8, alias: "tos", usual: 0), .init("totalLength", 16, alias: "len", isDerived: true),
    .init("identification", 16, alias: "id", usual: 1), .init("flags", 3, .flags(flagNames), usual: 0),
    .init("fragmentOffset", 13, alias: "frag", usual: 0), .init("timeToLive", 8, alias: "ttl", usual: 64),
    .init("protocol", 8, alias: "proto", isDerived: true),
    .init("checksum", 16, alias: "chksum", .hexadecimal, isDerived: true),
    .init("source", 32, alias: "src", .ipv4Address), .init("destination", 32, alias: "dst", .ipv4Address),
  ])

  private static let flagNames = ["MF", "DF", "evil"]

  @inlinable @inline(__always)
  public var byteCount: Int { options.isEmpty ? 20 : 20 + paddedByteCount(of: options) }

  @usableFromInline
  func paddedByteCount(of options: [IPv4Option]) -> Int {
    (options.reduce(0) { $0 + $1.byteCount } + 3) / 4 * 4
  }

  @inlinable @inline(__always)
  public func write(into output: inout OutputRawSpan, _ around: Surroundings) throws(CraftError) {
    let count = byteCount
    try check(count)
    let length = count + around.innerByteCount
    guard let computedLength = UInt16(exactly: length) ?? totalLength.hand else {
      throw CraftError(layer: Self.name, field: "totalLength", reason: "holds at most 65535, the packet has \(length)")
    }
    output.append(version.value(or: 4) << 4 | headerLength.value(or: UInt8(truncatingIfNeeded: count / 4)))
    output.append(typeOfService)
    output.append(bigEndian: totalLength.value(or: computedLength))
    output.append(bigEndian: identification)
    output.append(bigEndian: UInt16(flags.rawValue) << 13 | fragmentOffset)
    output.append(timeToLive)
    output.append(`protocol`.value(or: around.next.ipv4Protocol ?? 0))
    output.append(bigEndian: UInt16(0))
    output.append(bigEndian: source.rawValue)
    output.append(bigEndian: destination.rawValue)
    if !options.isEmpty { write(options, into: &output, byteCount: count - 20) }
  }

  @usableFromInline
  func write(_ options: [IPv4Option], into output: inout OutputRawSpan, byteCount: Int) {
    let octets = options.flatMap(\.octets)
    output.append(octets: octets)
    for _ in octets.count..<byteCount { output.append(0) }
  }

  /// Throws where a value does not fit its bits; nothing is cut off in silence.
  @inlinable
  func check(_ byteCount: Int) throws(CraftError) {
    if fragmentOffset > 0x1fff { throw tooLarge("fragmentOffset", Int(fragmentOffset), 0x1fff) }
    if flags.rawValue > 7 { throw tooLarge("flags", Int(flags.rawValue), 7) }
    if let version = version.hand, version > 15 { throw tooLarge("version", Int(version), 15) }
    if let length = headerLength.hand, length > 15 { throw tooLarge("headerLength", Int(length), 15) }
    if byteCount > 60, headerLength == .auto { throw tooLarge("options", byteCount - 20, 40) }
    if !options.isEmpty { try check(options) }
  }

  @usableFromInline
  func check(_ options: [IPv4Option]) throws(CraftError) {
    for case (let kind, let data)? in options.lazy.map(\.parts) where data.count > 253 {
      throw CraftError(
        layer: Self.name, field: "options", reason: "hold at most 253 octets each, kind \(kind) has \(data.count)")
    }
  }

  @usableFromInline
  func tooLarge(_ field: String, _ value: Int, _ limit: Int) -> CraftError {
    CraftError(layer: Self.name, field: field, reason: "is at most \(limit), \(value) was given")
  }

  @inlinable @inline(__always)
  @_lifetime(bytes: copy bytes)
  public func seal(_ bytes: inout MutableRawSpan, _ around: Surroundings) throws(CraftError) {
    SumRule(offset: 10, coverage: .header).seal(checksum, in: &bytes, headerByteCount: byteCount, around)
  }

  @inlinable @inline(__always)
  public func pseudoHeader(within outer: PseudoHeader?) -> PseudoHeader? {
    PseudoHeader(
      source: .v4(source), destination: .v4(options.isEmpty ? destination : finalDestination),
      upperLayerLength: totalLength.hand.map { max(0, Int($0) - statedByteCount) })
  }

  /// The header's length in octets as its IHL field will tell a receiver.
  @inlinable
  var statedByteCount: Int { headerLength.hand.map { Int($0) * 4 } ?? byteCount }

  /// The host that the packet is for: under a source route that is not used up the last of its
  /// addresses, else `destination`.
  public var finalDestination: IPv4Address { options.lazy.compactMap(\.routeEnd).first ?? destination }

  public init(from reader: inout Reader) throws(ParseError) {
    let start = reader.offset
    let first: UInt8 = try reader.read()
    let words = first & 0xf
    guard words >= 5 else {
      throw ParseError(.illegal(field: "headerLength", value: UInt64(words), limit: "at least 5"), at: start)
    }
    version = .set(first >> 4)
    headerLength = .set(words)
    typeOfService = try reader.read()
    totalLength = .set(try reader.read())
    identification = try reader.read()
    let fragment: UInt16 = try reader.read()
    flags = Flags(rawValue: UInt8(fragment >> 13))
    fragmentOffset = fragment & 0x1fff
    timeToLive = try reader.read()
    `protocol` = .set(try reader.read())
    checksum = .set(try reader.read())
    source = IPv4Address(rawValue: try reader.read())
    destination = IPv4Address(rawValue: try reader.read())
    options = IPv4Option.read(try reader.read(count: Int(words) * 4 - 20))
  }

  public var following: Following {
    let number = fragmentOffset == 0 ? `protocol`.hand : nil
    return Following(
      number.map { .ipProtocol($0) } ?? .payload, stated: totalLength.hand.map { Int($0) }, headerByteCount: byteCount)
  }

  public static func extent(
    of bytes: RawSpan, at offset: Int, within outer: PseudoHeader?
  ) throws(ParseError) -> Extent {
    // Only options need the header itself: a source route among them names the final destination.
    guard bytes.byteCount - offset >= 20, bytes[offset] & 0xf == 5 else {
      var reader = Reader(bytes, at: offset)
      let header = try IPv4(from: &reader)
      return Extent(
        byteCount: header.byteCount, following: header.following, pseudoHeader: header.pseudoHeader(within: outer),
        isFragment: header.isFragment)
    }
    let length = Int(bytes.bigEndian(at: offset + 2, as: UInt16.self))
    let fragment: UInt16 = bytes.bigEndian(at: offset + 6)
    return Extent(
      byteCount: 20,
      following: Following(
        fragment & 0x1fff == 0 ? .ipProtocol(bytes[offset + 9]) : .payload, stated: length, headerByteCount: 20),
      pseudoHeader: PseudoHeader(
        source: .v4(IPv4Address(rawValue: bytes.bigEndian(at: offset + 12))),
        destination: .v4(IPv4Address(rawValue: bytes.bigEndian(at: offset + 16))),
        upperLayerLength: max(0, length - 20)),
      isFragment: fragment & 0x3fff != 0)
  }

  public var fragmentPlace: FragmentPlace? {
    let hasMore = flags.contains(.moreFragments)
    guard hasMore || fragmentOffset != 0 else { return nil }
    return FragmentPlace(
      identification: UInt32(identification), offset: Int(fragmentOffset) * 8, hasMore: hasMore,
      ipProtocol: `protocol`.value(or: 0))
  }

  public func judge(reply exchange: ReplyExchange) -> Judgement? { exchange.judge(addressesOf: self) }

  public func judge(quote exchange: QuoteExchange) -> Judgement? { exchange.judge(addressesOf: self) }

  public func freed(before next: Announcement) -> Self {
    var copy = self
    copy.version = .auto
    copy.headerLength = .auto
    copy.totalLength = .auto
    copy.checksum = .auto
    if next.ipv4Protocol != nil { copy.protocol = .auto }
    return copy
  }
}
