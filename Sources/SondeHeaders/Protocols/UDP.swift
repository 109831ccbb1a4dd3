public import SondeOctets

/// The User Datagram Protocol (RFC 768).
///
///      0      7 8     15 16    23 24    31
///     +--------+--------+--------+--------+
///     |   Source Port   | Destination Port|
///     |     Length      |    Checksum     |
@frozen
public struct UDP: Header {
  public var sourcePort: UInt16
  public var destinationPort: UInt16
  /// Header and data, in octets.
  public var length: Field<UInt16>
  /// Over pseudo-header, header and data. A computed zero is sent as 0xffff; a set zero means none.
  public var checksum: Field<UInt16>

  @inlinable
  public init(
    from sourcePort: UInt16 = 53, to destinationPort: UInt16 = 53, length: Field<UInt16> = .auto,
    checksum: Field<UInt16> = .auto
  ) {
    self.sourcePort = sourcePort
    self.destinationPort = destinationPort
    self.length = length
    self.checksum = checksum
  }

  public static var name: Name { "udp" }
  @inlinable
  public static var announced: Announcement { Announcement(ipProtocol: 17) }
  @inlinable
  public static var sumRule: SumRule? { SumRule(offset: 6, coverage: .pseudoHeader(17), zeroMeansNone: true) }

  public var fields: [FieldSpec] { Self.fixedFields }

  private static let fixedFields: [FieldSpec] = .consecutive([
    .init("sourcePort", 16, alias: "sport", usual: 53), .init("destinationPort", 16, alias: "dport", usual: 53),
    .init("length", 16, alias: "len", isDerived: true),
    .init("checksum", 16, alias: "chksum", .hexadecimal, isDerived: true),
  ])

  public static var recipeNames: [String] { ["UDP", "UDPerror"] }
  public static func blank(_ recipeName: String) -> UDP? { UDP() }

  public mutating func set(_ field: String, to value: FieldValue) throws(FieldError) {
    switch field {
    case "sourcePort", "sport": sourcePort = try value.number(field)
    case "destinationPort", "dport": destinationPort = try value.number(field)
    case "length", "len": length = try value.derived(field)
    case "checksum", "chksum": checksum = try value.derived(field)
    default: throw .unknown(field)
    }
  }

  @inlinable @inline(__always)
  public var byteCount: Int { 8 }

  @inlinable @inline(__always)
  public func write(into output: inout OutputRawSpan, _ around: Surroundings) throws(CraftError) {
    let count = 8 + around.innerByteCount
    guard let computedLength = UInt16(exactly: count) ?? length.hand else {
      throw CraftError(layer: Self.name, field: "length", reason: "is at most 65535, the datagram has \(count)")
    }
    output.append(bigEndian: sourcePort)
    output.append(bigEndian: destinationPort)
    output.append(bigEndian: length.value(or: computedLength))
    output.append(bigEndian: UInt16(0))
  }

  @inlinable @inline(__always)
  @_lifetime(bytes: copy bytes)
  public func seal(_ bytes: inout MutableRawSpan, _ around: Surroundings) throws(CraftError) {
    SumRule(offset: 6, coverage: .pseudoHeader(17), zeroMeansNone: true)
      .seal(checksum, in: &bytes, headerByteCount: 8, around)
  }

  @inlinable
  public func pseudoHeader(within outer: PseudoHeader?) -> PseudoHeader? { nil }

  public init(from reader: inout Reader) throws(ParseError) {
    try reader.require(8)
    sourcePort = try reader.read()
    destinationPort = try reader.read()
    length = .set(try reader.read())
    checksum = .set(try reader.read())
  }

  public var following: Following {
    Following(.payload, stated: length.hand.map { Int($0) }, headerByteCount: 8)
  }

  public static func extent(
    of bytes: RawSpan, at offset: Int, within outer: PseudoHeader?
  ) throws(ParseError) -> Extent {
    try Reader(bytes, at: offset).require(8)
    return Extent(
      byteCount: 8,
      following: Following(
        .payload, stated: Int(bytes.bigEndian(at: offset + 4, as: UInt16.self)), headerByteCount: 8))
  }

  public static func token(in bytes: RawSpan, _ side: Side) throws(ParseError) -> FlowToken? {
    try FlowToken(portsIn: bytes, protocol: 17, side)
  }

  public func judge(reply exchange: ReplyExchange) -> Judgement? {
    guard let reply = exchange.reply.first(UDP.self) else { return exchange.refusal(ofDamaged: UDP.self) }
    if let refusal = refusal(ports: sourcePort, destinationPort, reply: reply.sourcePort, reply.destinationPort) {
      return refusal
    }
    return .answers(.open, by: .udp, why: "a UDP datagram came from port \(destinationPort)")
  }

  public func judge(quote exchange: QuoteExchange) -> Judgement? {
    guard let token = exchange.quoted.token(of: UDP.self, .quote) else { return exchange.refusal(ofCut: UDP.self) }
    if let refusal = refusal(ports: sourcePort, destinationPort, quote: token) { return refusal }
    // Only the host itself knows its ports: a filter on the way that rejects says so in the same words.
    let isHostsWord = exchange.report.isPortUnreachable && exchange.isFromAskedHost
    return exchange.answer(unreachable: isHostsWord ? .closed : .filtered, why: "quoting our datagram")
  }

  public var silence: Verdict? { .openOrFiltered }

  public func freed(before next: Announcement) -> Self { UDP(from: sourcePort, to: destinationPort) }
}
