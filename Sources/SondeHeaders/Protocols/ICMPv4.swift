public import SondeOctets

/// The Internet Control Message Protocol (RFC 792).
///
///      0                   1                   2                   3
///      0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
///     +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
///     |     Type      |     Code      |          Checksum             |
///     |                       Rest of Header                          |
///     |       Timestamps or Address Mask, of those types alone        |
@frozen
public struct ICMPv4: Header {
  public var type: Kind
  public var code: UInt8
  /// Over the whole message.
  public var checksum: Field<UInt16>
  /// The second word, whose meaning the type decides: identifier and sequence number, gateway
  /// address, next-hop MTU, pointer, or unused.
  public var restOfHeader: UInt32
  /// The 32-bit numbers of a timestamp (three), an address mask or a domain name message (one); empty elsewhere.
  public var numbers: [UInt32]

  @inlinable
  public init(
    type: Kind, code: UInt8 = 0, restOfHeader: UInt32 = 0, numbers: [UInt32] = [],
    checksum: Field<UInt16> = .auto
  ) {
    self.type = type
    self.code = code
    self.checksum = checksum
    self.restOfHeader = restOfHeader
    self.numbers = numbers
  }

  /// The Type field (IANA "ICMP Type Numbers").
  @frozen
  public struct Kind: RawRepresentable, Hashable, Sendable, ExpressibleByIntegerLiteral {
    public var rawValue: UInt8
    @inlinable
    public init(rawValue: UInt8) { self.rawValue = rawValue }
    @inlinable
    public init(integerLiteral value: UInt8) { self.init(rawValue: value) }

    public static let echoReply: Kind = 0
    public static let destinationUnreachable: Kind = 3
    public static let sourceQuench: Kind = 4
    public static let redirect: Kind = 5
    public static let echoRequest: Kind = 8
    public static let routerAdvertisement: Kind = 9
    public static let routerSolicitation: Kind = 10
    public static let timeExceeded: Kind = 11
    public static let parameterProblem: Kind = 12
    public static let timestampRequest: Kind = 13
    public static let timestampReply: Kind = 14
    public static let informationRequest: Kind = 15
    public static let informationReply: Kind = 16
    public static let addressMaskRequest: Kind = 17
    public static let addressMaskReply: Kind = 18
    public static let traceroute: Kind = 30
    public static let domainNameRequest: Kind = 37
    public static let domainNameReply: Kind = 38
    public static let photuris: Kind = 40
    public static let extendedEchoRequest: Kind = 42
    public static let extendedEchoReply: Kind = 43

    /// The type of the reply to a query; nil for all that is no query.
    public var reply: Kind? {
      switch self {
      case .echoRequest: .echoReply
      case .timestampRequest: .timestampReply
      case .informationRequest: .informationReply
      case .addressMaskRequest: .addressMaskReply
      case .extendedEchoRequest: .extendedEchoReply
      default: nil
      }
    }

    /// Whether the second word is an identifier and a sequence number.
    public var isQueryOrReply: Bool { [0, 8, 13, 14, 15, 16, 17, 18, 37, 38].contains(rawValue) }

    /// Whether the message quotes the packet that it is about.
    public var isError: Bool { [3, 4, 5, 11, 12].contains(rawValue) }

    /// How many numbers stand behind the second word.
    var numberCount: Int {
      switch self {
      case .timestampRequest, .timestampReply: 3
      case .addressMaskRequest, .addressMaskReply, .domainNameRequest, .domainNameReply: 1
      default: 0
      }
    }
  }

  /// The Identifier of a query or a reply: the high half of the second word.
  @inlinable
  public var identifier: UInt16 {
    get { UInt16(truncatingIfNeeded: restOfHeader >> 16) }
    set { restOfHeader = UInt32(newValue) << 16 | restOfHeader & 0xffff }
  }

  /// The Sequence Number of a query or a reply, or the next-hop MTU of fragmentation needed
  /// (RFC 1191 §4): the low half of the second word.
  @inlinable
  public var sequenceNumber: UInt16 {
    get { UInt16(truncatingIfNeeded: restOfHeader) }
    set { restOfHeader = restOfHeader & 0xffff_0000 | UInt32(newValue) }
  }

  public static var name: Name { "icmp" }
  @inlinable
  public static var announced: Announcement { Announcement(ipProtocol: 1, ipVersion: 4) }
  @inlinable
  public static var sumRule: SumRule? { SumRule(offset: 2, coverage: .segment) }

  @inlinable
  public var byteCount: Int { 8 + 4 * numbers.count }

  @inlinable
  public func write(into output: inout OutputRawSpan, _ around: Surroundings) throws(CraftError) {
    output.append(type.rawValue)
    output.append(code)
    output.append(bigEndian: UInt16(0))
    output.append(bigEndian: restOfHeader)
    for number in numbers { output.append(bigEndian: number) }
  }

  @inlinable
  @_lifetime(bytes: copy bytes)
  public func seal(_ bytes: inout MutableRawSpan, _ around: Surroundings) throws(CraftError) {
    SumRule(offset: 2, coverage: .segment).seal(checksum, in: &bytes, headerByteCount: byteCount, around)
  }

  @inlinable
  public func pseudoHeader(within outer: PseudoHeader?) -> PseudoHeader? { nil }

  public init(from reader: inout Reader) throws(ParseError) {
    try reader.require(8)
    type = Kind(rawValue: try reader.read())
    code = try reader.read()
    checksum = .set(try reader.read())
    restOfHeader = try reader.read()
    numbers = []
    // A timestamp or mask message too short for its numbers keeps what it has as payload.
    guard reader.remaining >= 4 * type.numberCount else { return }
    for _ in 0..<type.numberCount { numbers.append(try reader.read()) }
  }

  public var following: Following { Self.following(type, restOfHeader) }

  private static func following(_ type: Kind, _ restOfHeader: UInt32) -> Following {
    switch type {
    case .destinationUnreachable, .timeExceeded, .parameterProblem:
      // The length attribute counts 32-bit words (RFC 4884 §4.1).
      Following(.quote(.extensible(stated: Int(restOfHeader >> 16 & 0xff) * 4)))
    case _ where type.isError: Following(.quote(.whole))
    // Two words an address; entries of another size are no addresses of RFC 1256 §3.
    case .routerAdvertisement where restOfHeader >> 24 > 0 && restOfHeader >> 16 & 0xff == 2:
      Following(.layer(RouterAddress.self))
    case .extendedEchoRequest: Following(.layer(ExtensionStructure.self))
    default: .payload
    }
  }

  public static func extent(
    of bytes: RawSpan, at offset: Int, within outer: PseudoHeader?
  ) throws(ParseError) -> Extent {
    let reader = Reader(bytes, at: offset)
    try reader.require(8)
    let type = Kind(rawValue: bytes[offset])
    let whole = 8 + 4 * type.numberCount
    return Extent(
      byteCount: reader.remaining >= whole ? whole : 8,
      following: following(type, bytes.bigEndian(at: offset + 4)))
  }

  public static func token(in bytes: RawSpan, _ side: Side) throws(ParseError) -> FlowToken? {
    try FlowToken(
      queryIn: bytes, protocol: 1, side, replyType: { Kind(rawValue: $0).reply?.rawValue },
      isReply: { [0, 14, 16, 18, 43].contains($0) })
  }

  public func judge(reply exchange: ReplyExchange) -> Judgement? {
    guard let reply = exchange.reply.first(ICMPv4.self) else { return nil }
    if type.reply != nil, reply.type == type {
      return refusal(ofReflected: restOfHeader, reply.restOfHeader, type == .echoRequest ? "echo request" : "query")
    }
    guard let kind = type.reply, reply.type == kind else { return nil }
    if kind == .extendedEchoReply {
      return judgeExtendedEcho(restOfHeader, reply: reply.restOfHeader, code: reply.code)
    }
    let basis: Basis =
      switch kind {
      case .timestampReply: .timestampReply
      case .informationReply: .informationReply
      case .addressMaskReply: .addressMaskReply
      default: .echoReply
      }
    let judgement = judgeQuery(
      restOfHeader, reply: reply.restOfHeader, code: reply.code, basis, echoes: type == .echoRequest)
    guard kind == .timestampReply else { return judgement }
    return judgement.with(originateTimestamp(reply))
  }

  /// The sender's own time comes back as it was sent (RFC 792, page 17).
  private func originateTimestamp(_ reply: ICMPv4) -> Oddity? {
    guard let sent = numbers.first, let returned = reply.numbers.first, sent != returned else { return nil }
    return Oddity(.dataMismatch, "originate timestamp \(returned), not our \(sent)")
  }

  public func judge(quote exchange: QuoteExchange) -> Judgement? {
    judgeQuery(ICMPv4.self, type.rawValue, restOfHeader, exchange)
  }

  public var silence: Verdict? { .timeout }

  public func freed(before next: Announcement) -> Self {
    var copy = self
    copy.checksum = .auto
    return copy
  }
}
