internal import SondeOctets

// What counts as an answer to a TCP segment (RFC 9293 §3.5.2, §3.10.7; RFC 5927 for errors).
extension TCP {
  /// How the segment asks, which decides what an answer means.
  private enum Manner {
    /// SYN without ACK: opens.
    case opening
    /// ACK without FIN: belongs to no connection, so that only a filter keeps the RST away.
    case acknowledging
    /// No SYN, and FIN or no ACK: draws a RST from a closed port and nothing from an open one.
    case stray
  }

  private var manner: Manner {
    if flags.contains(.syn), !flags.contains(.ack) { return .opening }
    if flags.contains(.ack), !flags.contains(.fin) { return .acknowledging }
    return .stray
  }

  public func judge(reply exchange: Exchange) -> Judgement? {
    guard let reply = exchange.reply.first(TCP.self) else { return nil }
    // The middle of a conversation on another port of this machine is another program's: no near miss.
    let speaksToUs = reply.destinationPort == sourcePort
    guard speaksToUs || reply.flags.contains(.syn) || reply.flags.contains(.rst) else { return nil }
    if let refusal = refusal(ports: sourcePort, destinationPort, reply: reply.sourcePort, reply.destinationPort) {
      return refusal
    }
    // SYN, FIN and each octet of data take one sequence number (RFC 9293 §3.4).
    let data = exchange.asked.layer(of: TCP.self).map { max(0, $0.end - $0.offset - byteCount) } ?? 0
    let length = UInt32(truncatingIfNeeded: data) &+ (flags.contains(.syn) ? 1 : 0) &+ (flags.contains(.fin) ? 1 : 0)
    if reply.flags.contains(.rst) { return judge(reset: reply, length: length) }
    guard manner == .opening else {
      return .refused(why: "is no RST, and our segment opens no connection")
    }
    guard reply.flags.contains(.syn) else { return .refused(why: "has neither SYN nor RST") }
    guard reply.flags.contains(.ack) else {
      return .answers(.open, by: .tcpSYN, why: "a SYN without ACK: simultaneous open")
    }
    // Linux acknowledges only the SYN, TCP Fast Open the data too.
    let acknowledged = reply.acknowledgmentNumber &- sequenceNumber
    guard acknowledged >= 1, acknowledged <= length else {
      return .refused(
        why: "acknowledges \(reply.acknowledgmentNumber), not our \(sequenceNumber &+ 1)"
          + (length > 1 ? " to \(sequenceNumber &+ length)" : ""))
    }
    return .answers(.open, by: .tcpSYNACK, why: "SYN-ACK that acknowledges our SYN")
  }

  private func judge(reset reply: TCP, length: UInt32) -> Judgement {
    let verdict: Verdict = manner == .acknowledging ? .unfiltered : .closed
    if flags.contains(.ack) {
      guard reply.sequenceNumber == acknowledgmentNumber else {
        return .refused(
          why: "RST has sequence number \(reply.sequenceNumber), not the \(acknowledgmentNumber) that we acknowledged")
      }
      return .answers(
        verdict, by: .tcpReset,
        why: "RST at the sequence number that we acknowledged"
          + (flags.contains(.fin) && !flags.contains(.syn) ? " (Linux sends it from open ports too)" : ""))
    }
    guard reply.flags.contains(.ack) else { return .refused(why: "RST without ACK acknowledges nothing of ours") }
    let next = sequenceNumber &+ length
    guard reply.acknowledgmentNumber == next else {
      return .refused(why: "RST acknowledges \(reply.acknowledgmentNumber), not our \(next)")
    }
    return .answers(verdict, by: .tcpReset, why: "RST that acknowledges our segment")
  }

  public func judge(quote exchange: QuoteExchange) -> Judgement? {
    guard let offset = exchange.quoted.offset(of: TCP.self),
      let token = exchange.quoted.token(of: TCP.self, .quote)
    else { return exchange.refusal(ofCut: TCP.self) }
    if let refusal = refusal(ports: sourcePort, destinationPort, quote: token) { return refusal }
    var flags: [AnswerFlag] = []
    let bytes = exchange.quoted.bytes.rawSpan
    if bytes.byteCount >= offset + 8 {
      let quoted: UInt32 = bytes.bigEndian(at: offset + 4)
      // A blind attacker knows the ports but not the sequence number (RFC 5927 §4.1).
      guard quoted == sequenceNumber else {
        return .refused(why: "quotes sequence number \(quoted), not our \(sequenceNumber)")
      }
    } else {
      flags.append(.weakMatch)
    }
    // TCP says "closed" by RST: a port unreachable is a filter's word (RFC 1122 §4.2.3.9).
    return exchange.answer(unreachable: .filtered, flags: flags, why: "quoting our segment")
  }

  public var silence: Verdict? { manner == .stray ? .openOrFiltered : .filtered }
}
