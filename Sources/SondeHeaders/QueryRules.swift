internal import SondeOctets

// What ICMP's and ICMPv6's queries share: type, code, checksum, identifier, sequence number.

extension FlowToken {
  /// The token of a query or of its reply; `replies` maps each query's type to its reply's. Nil for any
  /// other type, and for a query where a reply is looked for or the other way round.
  ///
  /// - Throws: `ParseError` with reason `short` where identifier and sequence number are cut off.
  init?(queryIn bytes: RawSpan, protocol: UInt8, _ side: Side, replies: [UInt8: UInt8]) throws(ParseError) {
    var reader = Reader(bytes)
    let type: UInt8 = try reader.read()
    _ = try reader.read(count: 3)
    let identifier: UInt16 = try reader.read()
    let sequenceNumber: UInt16 = try reader.read()
    guard let reply = side == .reply ? replies.values.first(where: { $0 == type }) : replies[type] else { return nil }
    self.init(kind: UInt16(reply) << 8 | UInt16(`protocol`), ours: identifier, theirs: sequenceNumber)
  }
}

/// The strict half for a reply to a query: both halves of the second word are the same.
func judgeQuery(_ sent: UInt32, reply: UInt32, code: UInt8, _ basis: Basis, echoes: Bool) -> Judgement {
  if let why = difference(sent, reply) { return .refused(why: "carries \(why)") }
  return .answers(
    .reply, by: basis, flags: code == 0 ? [] : [.oddCode], echoes: echoes,
    why: "same id \(sent >> 16) and sequence number \(sent & 0xffff)")
}

/// The strict half for an error that quotes a query: our type, identifier and sequence number.
func judgeQuery(_ type: UInt8, _ sent: UInt32, quoteAt offset: Int, _ exchange: QuoteExchange) -> Judgement {
  let bytes = exchange.quoted.bytes.rawSpan
  guard bytes.byteCount >= offset + 8 else {
    return .refused(why: "quotes only \(bytes.byteCount - offset) octets of the message, not its id")
  }
  guard bytes[offset] == type else { return .refused(why: "quotes type \(bytes[offset]), not our \(type)") }
  if let why = difference(sent, bytes.bigEndian(at: offset + 4)) { return .refused(why: "quotes \(why)") }
  let flags: [Flag] = exchange.report.isOddCode ? [.oddCode] : []
  return .answers(
    exchange.report.verdict, by: .icmpError, flags: flags, why: "\(exchange.report.name), quoting our query")
}

/// In which half two second words differ, as the end of a sentence.
private func difference(_ sent: UInt32, _ other: UInt32) -> String? {
  if sent >> 16 != other >> 16 { return "id \(other >> 16), not our \(sent >> 16)" }
  if sent != other { return "sequence number \(other & 0xffff), not our \(sent & 0xffff)" }
  return nil
}
