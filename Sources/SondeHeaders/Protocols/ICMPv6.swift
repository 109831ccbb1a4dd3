public import SondeOctets

/// The Internet Control Message Protocol for IPv6 (RFC 4443 §2.1).
///
///      0                   1                   2                   3
///      0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
///     +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
///     |     Type      |     Code      |          Checksum             |
///     |             Second word: its meaning is the type's            |
@frozen
public struct ICMPv6: Header {
  public var type: Kind
  public var code: UInt8
  /// Over pseudo-header and message.
  public var checksum: Field<UInt16>
  /// The second word, whose meaning the type decides: identifier and sequence number, MTU, pointer, or
  /// unused.
  public var restOfHeader: UInt32

  /// What the fixed part of some types has behind the second word: times, addresses; empty elsewhere.
  public var body: [UInt8]
  /// Whether the header ends with the checksum, so that no second word is sent (RFC 4286 §4).
  public var isBare: Bool

  @inlinable
  public init(
    type: Kind, code: UInt8 = 0, restOfHeader: UInt32 = 0, body: [UInt8] = [], isBare: Bool = false,
    checksum: Field<UInt16> = .auto
  ) {
    self.type = type
    self.code = code
    self.checksum = checksum
    self.restOfHeader = restOfHeader
    self.body = body
    self.isBare = isBare
  }

  /// The Type field (IANA "ICMPv6 type Numbers"): below 128 errors, from 128 on informational.
  @frozen
  public struct Kind: RawRepresentable, Hashable, Sendable, ExpressibleByIntegerLiteral {
    public var rawValue: UInt8
    @inlinable
    public init(rawValue: UInt8) { self.rawValue = rawValue }
    @inlinable
    public init(integerLiteral value: UInt8) { self.init(rawValue: value) }

    public static let destinationUnreachable: Kind = 1
    public static let packetTooBig: Kind = 2
    public static let timeExceeded: Kind = 3
    public static let parameterProblem: Kind = 4
    public static let echoRequest: Kind = 128
    public static let echoReply: Kind = 129
    public static let multicastListenerQuery: Kind = 130
    public static let multicastListenerReport: Kind = 131
    public static let multicastListenerDone: Kind = 132
    public static let routerSolicitation: Kind = 133
    public static let routerAdvertisement: Kind = 134
    public static let neighborSolicitation: Kind = 135
    public static let neighborAdvertisement: Kind = 136
    public static let redirect: Kind = 137
    public static let inverseNeighborSolicitation: Kind = 141
    public static let inverseNeighborAdvertisement: Kind = 142
    public static let multicastListenerReportVersion2: Kind = 143
    public static let extendedEchoRequest: Kind = 160
    public static let extendedEchoReply: Kind = 161

    /// Whether the message is an error, which quotes the packet that it is about (RFC 4443 §2.1).
    public var isError: Bool { rawValue < 128 }
  }

  /// The Identifier of an echo message: the high half of the second word.
  @inlinable
  public var identifier: UInt16 {
    get { UInt16(truncatingIfNeeded: restOfHeader >> 16) }
    set { restOfHeader = UInt32(newValue) << 16 | restOfHeader & 0xffff }
  }

  /// The Sequence Number of an echo message: the low half of the second word.
  @inlinable
  public var sequenceNumber: UInt16 {
    get { UInt16(truncatingIfNeeded: restOfHeader) }
    set { restOfHeader = restOfHeader & 0xffff_0000 | UInt32(newValue) }
  }

  public static var name: Name { "icmpv6" }
  @inlinable
  public static var announced: Announcement { Announcement(ipProtocol: 58, ipVersion: 6) }
  @inlinable
  public static var sumRule: SumRule? { SumRule(offset: 2, coverage: .pseudoHeader(58)) }

  @inlinable
  public var byteCount: Int { isBare ? 4 : 8 + body.count }

  @inlinable
  public func write(into output: inout OutputRawSpan, _ around: Surroundings) throws(CraftError) {
    output.append(type.rawValue)
    output.append(code)
    output.append(bigEndian: UInt16(0))
    if isBare { return }
    output.append(bigEndian: restOfHeader)
    if !body.isEmpty { output.append(octets: body) }
  }

  @inlinable
  @_lifetime(bytes: copy bytes)
  public func seal(_ bytes: inout MutableRawSpan, _ around: Surroundings) throws(CraftError) {
    SumRule(offset: 2, coverage: .pseudoHeader(58)).seal(checksum, in: &bytes, headerByteCount: byteCount, around)
  }

  @inlinable
  public func pseudoHeader(within outer: PseudoHeader?) -> PseudoHeader? { nil }

  public init(from reader: inout Reader) throws(ParseError) {
    try reader.require(4)
    let kind = Kind(rawValue: reader.bytes[reader.offset])
    let layout = Self.layouts[Int(kind.rawValue)]?.1
    // Only errors and types with fields of their own need a second word.
    isBare = layout == nil && !kind.isError && reader.remaining < 8
    if !isBare { try reader.require(8) }
    type = Kind(rawValue: try reader.read())
    code = try reader.read()
    checksum = .set(try reader.read())
    restOfHeader = isBare ? 0 : try reader.read()
    // A message too short for its fields keeps what it has as payload.
    let count = layout?.bodyByteCount ?? 0
    body = count > 0 && reader.remaining >= count ? try reader.read(count: count) : []
  }

  public var following: Following { Self.following(type, restOfHeader, isWhole: layout != nil) }

  /// `isWhole` says that all of the type's fields are there.
  private static func following(_ type: Kind, _ restOfHeader: UInt32, isWhole: Bool) -> Following {
    switch type {
    case .destinationUnreachable, .timeExceeded:
      // The length attribute counts 64-bit words (RFC 4884 §4.4).
      Following(.quote(.extensible(stated: Int(restOfHeader >> 24) * 8)))
    case _ where type.isError: Following(.quote(.whole))
    case .extendedEchoRequest: Following(.layer(ExtensionStructure.self))
    case _ where isWhole && layouts[Int(type.rawValue)]?.1.holdsOptions == true:
      Following(.layer(NeighborDiscoveryOption.self))
    default: .payload
    }
  }

  public static func extent(
    of bytes: RawSpan, at offset: Int, within outer: PseudoHeader?
  ) throws(ParseError) -> Extent {
    let reader = Reader(bytes, at: offset)
    try reader.require(4)
    let type = Kind(rawValue: bytes[offset])
    if type == .echoRequest || type == .echoReply {
      try reader.require(8)
      return Extent(byteCount: 8, following: .payload)
    }
    let layout = layouts[Int(type.rawValue)]?.1
    if layout == nil, !type.isError, reader.remaining < 8 { return Extent(byteCount: 4, following: .payload) }
    try reader.require(8)
    let body = layout?.bodyByteCount ?? 0
    let isWhole = layout != nil && reader.remaining >= 8 + body
    return Extent(
      byteCount: isWhole ? 8 + body : 8,
      following: following(type, bytes.bigEndian(at: offset + 4), isWhole: isWhole))
  }

  public static func token(in bytes: RawSpan, _ side: Side) throws(ParseError) -> FlowToken? {
    if let token = try neighborToken(in: bytes, side) { return token }
    return try FlowToken(
      queryIn: bytes, protocol: 58, side, replyType: { [128: 129, 160: 161][$0] }, isReply: { $0 == 129 || $0 == 161 })
  }

  public func judge(reply exchange: ReplyExchange) -> Judgement? {
    guard let reply = exchange.reply.first(ICMPv6.self) else { return nil }
    switch (type, reply.type) {
    case (.echoRequest, .echoRequest), (.extendedEchoRequest, .extendedEchoRequest):
      return refusal(ofReflected: restOfHeader, reply.restOfHeader, "echo request")
    case (.echoRequest, .echoReply):
      return judgeQuery(restOfHeader, reply: reply.restOfHeader, code: reply.code, .echoReply, echoes: true)
    case (.extendedEchoRequest, .extendedEchoReply):
      return judgeExtendedEcho(restOfHeader, reply: reply.restOfHeader, code: reply.code)
    case (.neighborSolicitation, .neighborAdvertisement):
      return judge(advertisement: reply, exchange)
    case (.neighborSolicitation, .neighborSolicitation):
      return judge(solicitation: reply, exchange)
    default: return nil
    }
  }

  public func judge(quote exchange: QuoteExchange) -> Judgement? {
    judgeQuery(ICMPv6.self, type.rawValue, restOfHeader, exchange)
  }

  public var silence: Verdict? { .timeout }

  public func freed(before next: Announcement) -> Self {
    var copy = self
    copy.checksum = .auto
    return copy
  }
}
