internal import SondeOctets

// What ICMP's and ICMPv6's queries share: type, code, checksum, identifier, sequence number.

extension FlowToken {
  /// The token of a query or of its reply. `replyType` gives the type of the reply to a query type;
  /// `isReply` says whether a type is one. Nil for any other type, and for a reply where a query is looked for.
  ///
  /// - Throws: `ParseError` with reason `short` where identifier and sequence number are cut off.
  init?(
    queryIn bytes: RawSpan, protocol: UInt8, _ side: Side, replyType: (UInt8) -> UInt8?, isReply: (UInt8) -> Bool
  ) throws(ParseError) {
    var reader = Reader(bytes)
    let first: UInt32 = try reader.read()
    var second: UInt32 = try reader.read()
    let type = UInt8(first >> 24)
    // A request that comes may be our own, sent back.
    guard let reply = side == .reply && isReply(type) ? type : replyType(type) else { return nil }
    if `protocol` == 1 ? reply == 43 : reply == 161 { second = queryWord(ofExtendedEcho: second) }
    self.init(
      kind: UInt16(reply) << 8 | UInt16(`protocol`), ours: UInt16(second >> 16),
      theirs: UInt16(truncatingIfNeeded: second))
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
func judgeQuery<H: Header>(_ layer: H.Type, _ type: UInt8, _ sent: UInt32, _ exchange: QuoteExchange) -> Judgement? {
  guard let offset = exchange.quoted.offset(of: layer) else { return exchange.refusal(ofCut: layer) }
  let bytes = exchange.quoted.bytes.rawSpan
  guard bytes.byteCount >= offset + 8 else {
    return exchange.refusal(ofCut: layer)
  }
  guard bytes[offset] == type else { return .refused(why: "quotes type \(bytes[offset]), not our \(type)") }
  if let why = difference(sent, bytes.bigEndian(at: offset + 4)) { return .refused(why: "quotes \(why)") }
  return exchange.answer(unreachable: .unreachable, why: "quoting our query")
}

/// The refusal of a query that comes back as it was sent, from whom it was sent to; nil for any other, which is the
/// peer's own.
func refusal(ofReflected sent: UInt32, _ other: UInt32, _ name: String) -> Judgement? {
  guard sent == other else { return nil }
  return .refused(why: "is our own \(name) sent back, id \(sent >> 16) and sequence number \(sent & 0xffff), no reply")
}

/// In which half two second words differ, as the end of a sentence.
private func difference(_ sent: UInt32, _ other: UInt32) -> String? {
  let (ours, theirs) = (UInt16(truncatingIfNeeded: sent >> 16), UInt16(truncatingIfNeeded: other >> 16))
  if ours != theirs { return "id \(theirs), not our \(ours)\(swapRemark(ours, theirs))" }
  let (turn, found) = (UInt16(truncatingIfNeeded: sent), UInt16(truncatingIfNeeded: other))
  if turn != found { return "sequence number \(found), not our \(turn)\(swapRemark(turn, found))" }
  return nil
}

/// Says of a number that differs from ours that it is ours in the other byte order.
func swapRemark<Number: FixedWidthInteger>(_ ours: Number, _ theirs: Number) -> String {
  ours.byteSwapped == theirs ? " (byte-swapped)" : ""
}

/// The second word of an extended echo as that of other queries: its sequence number has eight bits, and the last
/// eight, which are flags and the state, are not the same in the reply (RFC 8335 §2, §3).
func queryWord(ofExtendedEcho word: UInt32) -> UInt32 { word & 0xffff_0000 | word >> 8 & 0xff }

/// The strict half for a reply to an extended echo; codes 1 to 4 say why no state is told (RFC 8335 §3).
func judgeExtendedEcho(_ sent: UInt32, reply: UInt32, code: UInt8) -> Judgement {
  judgeQuery(
    queryWord(ofExtendedEcho: sent), reply: queryWord(ofExtendedEcho: reply), code: code <= 4 ? 0 : code,
    .extendedEchoReply, echoes: false)
}
