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
  /// The 32-bit numbers of a timestamp (three) or an address mask message (one); empty elsewhere.
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

    /// The type of the reply to a query; nil for all that is no query.
    public var reply: Kind? {
      switch self {
      case .echoRequest: .echoReply
      case .timestampRequest: .timestampReply
      case .informationRequest: .informationReply
      case .addressMaskRequest: .addressMaskReply
      default: nil
      }
    }

    /// Whether the second word is an identifier and a sequence number.
    public var isQueryOrReply: Bool { [0, 8, 13, 14, 15, 16, 17, 18].contains(rawValue) }

    /// Whether the message quotes the packet that it is about.
    public var isError: Bool { [3, 4, 5, 11, 12].contains(rawValue) }

    /// How many numbers stand behind the second word.
    var numberCount: Int {
      switch self {
      case .timestampRequest, .timestampReply: 3
      case .addressMaskRequest, .addressMaskReply: 1
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
  public static var announced: Announcement { Announcement(ipProtocol: 1) }
  @inlinable
  public static var sumRule: SumRule? { SumRule(offset: 2, coverage: .segment) }

  public var fields: [FieldSpec] {
    let second: [FieldSpec]
    switch type {
    case _ where type.isQueryOrReply: second = [.init("identifier", 16), .init("sequenceNumber", 16)]
    case .redirect: second = [.init("gateway", 32)]
    // The length, in words, is that of a quote with extensions behind it (RFC 4884 §4).
    case .parameterProblem: second = [.init("pointer", 8), .init("length", 8), .init("unused", 16)]
    case .timeExceeded: second = [.init("reserved", 8), .init("length", 8), .init("unused", 16)]
    case .destinationUnreachable: second = [.init("reserved", 8), .init("length", 8), .init("nextHopMTU", 16)]
    case .routerAdvertisement:
      second = [.init("numberOfAddresses", 8), .init("addressEntrySize", 8), .init("lifetime", 16)]
    default: second = [.init("restOfHeader", 32)]
    }
    let names: [String] =
      switch (type.numberCount, numbers.count) {
      case (3, 3): ["originateTimestamp", "receiveTimestamp", "transmitTimestamp"]
      case (1, 1): ["addressMask"]
      default: numbers.indices.map { "number\($0)" }
      }
    return .consecutive(
      [.init("type", 8), .init("code", 8), .init("checksum", 16)] + second + names.map { FieldSpec($0, 32) })
  }

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
    type = Kind(rawValue: try reader.read())
    code = try reader.read()
    checksum = .set(try reader.read())
    restOfHeader = try reader.read()
    numbers = []
    // A timestamp or mask message too short for its numbers keeps what it has as payload.
    guard reader.remaining >= 4 * type.numberCount else { return }
    for _ in 0..<type.numberCount { numbers.append(try reader.read()) }
  }

  public var following: Following {
    switch type {
    case .destinationUnreachable, .timeExceeded, .parameterProblem:
      // The length attribute counts 32-bit words (RFC 4884 §4.1).
      Following(.quote(.extensible(stated: Int(restOfHeader >> 16 & 0xff) * 4)))
    case _ where type.isError: Following(.quote(.whole))
    default: .payload
    }
  }

  public static func token(in bytes: RawSpan, _ side: Side) throws(ParseError) -> FlowToken? {
    try FlowToken(
      queryIn: bytes, protocol: 1, side, replyType: { Kind(rawValue: $0).reply?.rawValue },
      isReply: { [0, 14, 16, 18].contains($0) })
  }

  public func judge(reply exchange: Exchange) -> Judgement? {
    guard let reply = exchange.reply.first(ICMPv4.self) else { return nil }
    guard let kind = type.reply, reply.type == kind else { return nil }
    let basis: Basis =
      switch kind {
      case .timestampReply: .timestampReply
      case .informationReply: .informationReply
      case .addressMaskReply: .addressMaskReply
      default: .echoReply
      }
    return judgeQuery(
      restOfHeader, reply: reply.restOfHeader, code: reply.code, basis, echoes: type == .echoRequest)
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

extension ICMPv4 {
  /// An echo request (RFC 792, page 14).
  @inlinable
  public static func echoRequest(
    identifier: UInt16 = 0, sequenceNumber: UInt16 = 0, code: UInt8 = 0, checksum: Field<UInt16> = .auto
  ) -> ICMPv4 {
    ICMPv4(
      type: .echoRequest, code: code, restOfHeader: UInt32(identifier) << 16 | UInt32(sequenceNumber),
      checksum: checksum)
  }

  /// An echo reply (RFC 792, page 14).
  @inlinable
  public static func echoReply(identifier: UInt16 = 0, sequenceNumber: UInt16 = 0) -> ICMPv4 {
    ICMPv4(type: .echoReply, restOfHeader: UInt32(identifier) << 16 | UInt32(sequenceNumber))
  }

  /// A timestamp request; times are milliseconds since midnight UT (RFC 792, page 16).
  public static func timestampRequest(
    identifier: UInt16 = 0, sequenceNumber: UInt16 = 0, originate: UInt32 = 0, receive: UInt32 = 0,
    transmit: UInt32 = 0
  ) -> ICMPv4 {
    ICMPv4(
      type: .timestampRequest, restOfHeader: UInt32(identifier) << 16 | UInt32(sequenceNumber),
      numbers: [originate, receive, transmit])
  }

  /// Destination unreachable; `nextHopMTU` belongs to code 4 alone (RFC 792, page 4; RFC 1191 §4).
  public static func destinationUnreachable(code: UInt8, nextHopMTU: UInt16 = 0) -> ICMPv4 {
    ICMPv4(type: .destinationUnreachable, code: code, restOfHeader: UInt32(nextHopMTU))
  }

  /// Time exceeded: code 0 in transit, 1 in reassembly (RFC 792, page 6).
  public static func timeExceeded(code: UInt8 = 0) -> ICMPv4 { ICMPv4(type: .timeExceeded, code: code) }

  /// Parameter problem; `pointer` counts octets of the quoted packet (RFC 792, page 8).
  public static func parameterProblem(code: UInt8 = 0, pointer: UInt8 = 0) -> ICMPv4 {
    ICMPv4(type: .parameterProblem, code: code, restOfHeader: UInt32(pointer) << 24)
  }

  /// Redirect (RFC 792, page 12).
  public static func redirect(code: UInt8 = 1, gateway: IPv4Address) -> ICMPv4 {
    ICMPv4(type: .redirect, code: code, restOfHeader: gateway.rawValue)
  }
}
