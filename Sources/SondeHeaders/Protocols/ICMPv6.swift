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

  @inlinable
  public init(type: Kind, code: UInt8 = 0, restOfHeader: UInt32 = 0, checksum: Field<UInt16> = .auto) {
    self.type = type
    self.code = code
    self.checksum = checksum
    self.restOfHeader = restOfHeader
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
  public static var announced: Announcement { Announcement(ipProtocol: 58) }
  @inlinable
  public static var sumRule: SumRule? { SumRule(offset: 2, coverage: .pseudoHeader(58)) }

  public var fields: [FieldSpec] {
    let second: [FieldSpec]
    switch type {
    case .echoRequest, .echoReply: second = [.init("identifier", 16), .init("sequenceNumber", 16)]
    case .packetTooBig: second = [.init("mtu", 32)]
    case .parameterProblem: second = [.init("pointer", 32)]
    // The length, in 64-bit words, is that of a quote with extensions behind it (RFC 4884 §4).
    case .destinationUnreachable, .timeExceeded: second = [.init("length", 8), .init("unused", 24)]
    default: second = [.init("restOfHeader", 32)]
    }
    return .consecutive([.init("type", 8), .init("code", 8), .init("checksum", 16)] + second)
  }

  @inlinable
  public var byteCount: Int { 8 }

  @inlinable
  public func write(into output: inout OutputRawSpan, _ around: Surroundings) throws(CraftError) {
    output.append(type.rawValue)
    output.append(code)
    output.append(bigEndian: UInt16(0))
    output.append(bigEndian: restOfHeader)
  }

  @inlinable
  @_lifetime(bytes: copy bytes)
  public func seal(_ bytes: inout MutableRawSpan, _ around: Surroundings) throws(CraftError) {
    SumRule(offset: 2, coverage: .pseudoHeader(58)).seal(checksum, in: &bytes, headerByteCount: 8, around)
  }

  @inlinable
  public func pseudoHeader(within outer: PseudoHeader?) -> PseudoHeader? { nil }

  public init(from reader: inout Reader) throws(ParseError) {
    type = Kind(rawValue: try reader.read())
    code = try reader.read()
    checksum = .set(try reader.read())
    restOfHeader = try reader.read()
  }

  public var following: Following {
    switch type {
    case .destinationUnreachable, .timeExceeded:
      // The length attribute counts 64-bit words (RFC 4884 §4.4).
      Following(.quote(.extensible(stated: Int(restOfHeader >> 24) * 8)))
    case _ where type.isError: Following(.quote(.whole))
    default: .payload
    }
  }

  public static func token(in bytes: RawSpan, _ side: Side) throws(ParseError) -> FlowToken? {
    try FlowToken(
      queryIn: bytes, protocol: 58, side, replyType: { $0 == 128 ? 129 : nil }, isReply: { $0 == 129 })
  }

  public func judge(reply exchange: Exchange) -> Judgement? {
    guard let reply = exchange.reply.first(ICMPv6.self), type == .echoRequest, reply.type == .echoReply else {
      return nil
    }
    return judgeQuery(restOfHeader, reply: reply.restOfHeader, code: reply.code, .echoReply, echoes: true)
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

extension ICMPv6 {
  /// An echo request (RFC 4443 §4.1).
  @inlinable
  public static func echoRequest(
    identifier: UInt16 = 0, sequenceNumber: UInt16 = 0, code: UInt8 = 0, checksum: Field<UInt16> = .auto
  ) -> ICMPv6 {
    ICMPv6(
      type: .echoRequest, code: code, restOfHeader: UInt32(identifier) << 16 | UInt32(sequenceNumber),
      checksum: checksum)
  }

  /// An echo reply (RFC 4443 §4.2).
  @inlinable
  public static func echoReply(identifier: UInt16 = 0, sequenceNumber: UInt16 = 0) -> ICMPv6 {
    ICMPv6(type: .echoReply, restOfHeader: UInt32(identifier) << 16 | UInt32(sequenceNumber))
  }

  /// Destination unreachable (RFC 4443 §3.1).
  public static func destinationUnreachable(code: UInt8) -> ICMPv6 {
    ICMPv6(type: .destinationUnreachable, code: code)
  }

  /// Packet too big (RFC 4443 §3.2).
  public static func packetTooBig(mtu: UInt32) -> ICMPv6 { ICMPv6(type: .packetTooBig, restOfHeader: mtu) }

  /// Time exceeded: code 0 in transit, 1 in reassembly (RFC 4443 §3.3).
  public static func timeExceeded(code: UInt8 = 0) -> ICMPv6 { ICMPv6(type: .timeExceeded, code: code) }

  /// Parameter problem; `pointer` counts octets of the quoted packet (RFC 4443 §3.4).
  public static func parameterProblem(code: UInt8 = 0, pointer: UInt32 = 0) -> ICMPv6 {
    ICMPv6(type: .parameterProblem, code: code, restOfHeader: pointer)
  }
}

// What ICMPv6 errors say (IANA "ICMPv6 Code Fields").
extension ICMPv6 {
  public var errorReport: ErrorReport? {
    switch type {
    case .destinationUnreachable:
      var report = report(
        "destination-unreachable",
        [
          "no-route", "administratively-prohibited", "beyond-scope", "address-unreachable", "port-unreachable",
          "source-address-failed-policy", "reject-route", "source-routing-error", "headers-too-long",
        ], .unreachable)
      report.isPortUnreachable = code == 4
      return report
    case .packetTooBig:
      var report = report("packet-too-big", ["packet-too-big"], .tooBig)
      report.mtu = restOfHeader
      return report
    case .timeExceeded:
      return report("time-exceeded", ["hop-limit-exceeded", "reassembly-time-exceeded"], .timeExceeded)
    case .parameterProblem:
      var report = report(
        "parameter-problem",
        [
          "erroneous-header-field", "unrecognized-next-header", "unrecognized-option", "incomplete-header-chain",
          "upper-layer-header-error", "unrecognized-next-header-by-node", "extension-header-too-big",
          "extension-header-chain-too-long", "too-many-extension-headers", "too-many-options", "option-too-big",
        ], .parameterProblem)
      report.pointer = restOfHeader
      return report
    // A nameless error type must still be passed on to the upper layer (RFC 4443 §2.4 a).
    case _ where type.isError:
      var report = report("error-type-\(type.rawValue)", [], .unreachable)
      report.isOddCode = true
      return report
    default: return nil
    }
  }

  private func report(_ name: String, _ codes: [String], _ verdict: Verdict) -> ErrorReport {
    let known = codes.indices.contains(Int(code))
    return ErrorReport(
      version: 6, type: type.rawValue, code: code, name: known ? codes[Int(code)] : "\(name)-code-\(code)",
      verdict: verdict, isOddCode: !known)
  }
}
