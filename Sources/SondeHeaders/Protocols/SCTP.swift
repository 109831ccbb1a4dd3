public import SondeOctets

/// The Stream Control Transmission Protocol's common header (RFC 9260 §3.1); its chunks are data here.
///
///      0                   1                   2                   3
///      0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
///     +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
///     |     Source Port Number        |     Destination Port Number   |
///     |                      Verification Tag                         |
///     |                           Checksum                            |
public struct SCTP: Header {
  public var sourcePort: UInt16
  public var destinationPort: UInt16
  public var verificationTag: UInt32
  /// The CRC-32C of header and chunks, its least significant octet first on the wire.
  public var checksum: Field<UInt32>

  public init(
    from sourcePort: UInt16 = 0, to destinationPort: UInt16 = 0, verificationTag: UInt32 = 0,
    checksum: Field<UInt32> = .auto
  ) {
    self.sourcePort = sourcePort
    self.destinationPort = destinationPort
    self.verificationTag = verificationTag
    self.checksum = checksum
  }

  public static var name: Name { "sctp" }
  public static var announced: Announcement { Announcement(ipProtocol: 132) }
  public static var sumRule: SumRule? { SumRule(offset: 8, coverage: .segment, algorithm: .crc32c) }

  public var fields: [FieldSpec] {
    .consecutive([
      .init("sourcePort", 16, alias: "sport", usual: 0), .init("destinationPort", 16, alias: "dport", usual: 0),
      .init("verificationTag", 32, alias: "tag", .hexadecimal, usual: 0),
      .init("checksum", 32, alias: "chksum", .hexadecimal, isDerived: true),
    ])
  }

  public static var recipeNames: [String] { ["SCTP"] }
  public static func blank(_ recipeName: String) -> SCTP? { SCTP() }

  public mutating func set(_ field: String, to value: FieldValue) throws(FieldError) {
    switch field {
    case "sourcePort", "sport": sourcePort = try value.number(field)
    case "destinationPort", "dport": destinationPort = try value.number(field)
    case "verificationTag", "tag": verificationTag = try value.number(field)
    case "checksum", "chksum": checksum = try value.derived(field)
    default: throw .unknown(field)
    }
  }

  public var byteCount: Int { 12 }

  public func write(into output: inout OutputRawSpan, _ around: Surroundings) throws(CraftError) {
    output.append(bigEndian: sourcePort)
    output.append(bigEndian: destinationPort)
    output.append(bigEndian: verificationTag)
    output.append(bigEndian: UInt32(0))
  }

  @_lifetime(bytes: copy bytes)
  public func seal(_ bytes: inout MutableRawSpan, _ around: Surroundings) throws(CraftError) {
    Self.sumRule?.seal(checksum, in: &bytes, headerByteCount: 12, around)
  }

  public func pseudoHeader(within outer: PseudoHeader?) -> PseudoHeader? { nil }

  public init(from reader: inout Reader) throws(ParseError) {
    try reader.require(12)
    sourcePort = try reader.read()
    destinationPort = try reader.read()
    verificationTag = try reader.read()
    checksum = .set(try reader.read())
  }

  public static func extent(
    of bytes: RawSpan, at offset: Int, within outer: PseudoHeader?
  ) throws(ParseError) -> Extent {
    try Reader(bytes, at: offset).require(12)
    return Extent(byteCount: 12, following: .payload)
  }

  public static func token(in bytes: RawSpan, _ side: Side) throws(ParseError) -> FlowToken? {
    try FlowToken(portsIn: bytes, protocol: 132, side)
  }

  public func judge(reply exchange: ReplyExchange) -> Judgement? {
    guard let reply = exchange.reply.first(SCTP.self) else { return nil }
    if let refusal = refusal(ports: sourcePort, destinationPort, reply: reply.sourcePort, reply.destinationPort) {
      return refusal
    }
    let chunks = exchange.reply.payload.rawSpan
    let length = chunks.byteCount < 4 ? 0 : min(Int(chunks.bigEndian(at: 2, as: UInt16.self)), chunks.byteCount)
    guard length >= 4 else { return .refused(why: "has no whole chunk") }
    // Whoever knows no association reflects the tag of what it answers, and sets the T bit (RFC 9260 §8.4, §8.5.1). Of
    // an INIT that tag is zero, which anybody could guess.
    let isReflected = (chunks[0] == Self.abort || chunks[0] == Self.shutdownComplete) && chunks[1] & 1 == 1
    let tag = isReflected ? verificationTag : Self.initiateTag(exchange.asked.payload) ?? 0
    guard tag != 0 else { return .refused(why: "carries a verification tag, and we gave none") }
    guard reply.verificationTag == tag else {
      return .refused(why: "carries verification tag \(reply.verificationTag), not \(tag)")
    }
    switch chunks[0] {
    case Self.initACK where length < 20: return .refused(why: "has an INIT ACK of \(length) octets, not of 20 or more")
    case Self.initACK: return .answers(.open, by: .sctpInitACK, why: "port \(destinationPort) acknowledged our INIT")
    case Self.abort: return .answers(.closed, by: .sctpAbort, why: "port \(destinationPort) aborted the association")
    default: return .answers(.reply, by: .sctp, why: "an SCTP packet came from port \(destinationPort)")
    }
  }

  public func judge(quote exchange: QuoteExchange) -> Judgement? {
    guard let token = exchange.quoted.token(of: SCTP.self, .quote) else { return exchange.refusal(ofCut: SCTP.self) }
    if let refusal = refusal(ports: sourcePort, destinationPort, quote: token) { return refusal }
    return exchange.answer(unreachable: .filtered, why: "quoting our SCTP packet")
  }

  public var silence: Verdict? { .filtered }

  public func freed(before next: Announcement) -> Self {
    SCTP(from: sourcePort, to: destinationPort, verificationTag: verificationTag)
  }

  /// The tag that an INIT asks to be answered with (RFC 9260 §3.3.2); nil where the first chunk is no INIT.
  private static func initiateTag(_ chunks: [UInt8]) -> UInt32? {
    guard chunks.count >= 8, chunks[0] == initiation else { return nil }
    return chunks.rawSpan.bigEndian(at: 4)
  }

  // Types of chunks (RFC 9260 §3.2).
  private static let initiation: UInt8 = 1
  private static let initACK: UInt8 = 2
  private static let abort: UInt8 = 6
  private static let shutdownComplete: UInt8 = 14
}

extension Basis {
  public static let sctp = Basis(rawValue: "sctp")
  public static let sctpInitACK = Basis(rawValue: "sctp-init-ack")
  public static let sctpAbort = Basis(rawValue: "sctp-abort")
}
