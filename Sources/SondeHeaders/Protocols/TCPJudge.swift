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

  public func judge(reply exchange: ReplyExchange) -> Judgement? {
    guard let reply = exchange.reply.first(TCP.self) else { return exchange.refusal(ofDamaged: TCP.self) }
    // The middle of a conversation on another port of this machine is another program's: no near miss.
    let speaksToUs = reply.destinationPort == sourcePort
    guard speaksToUs || reply.flags.contains(.syn) || reply.flags.contains(.rst) else { return nil }
    if let refusal = refusal(ports: sourcePort, destinationPort, reply: reply.sourcePort, reply.destinationPort) {
      return refusal
    }
    // SYN, FIN and each octet of data take one sequence number (RFC 9293 §3.4).
    let data = exchange.asked.layer(of: TCP.self).map { max(0, $0.end - $0.offset - byteCount) } ?? 0
    let length = UInt32(truncatingIfNeeded: data) &+ (flags.contains(.syn) ? 1 : 0) &+ (flags.contains(.fin) ? 1 : 0)
    if reply.flags == flags, reply.sequenceNumber == sequenceNumber,
      reply.acknowledgmentNumber == acknowledgmentNumber
    {
      let name = flags == .syn ? "SYN" : "segment"
      return .refused(why: "is our own \(name) sent back, sequence number \(sequenceNumber)")
    }
    if reply.flags.contains(.rst) { return judge(reset: reply, length: length).with(reply.contradiction) }
    let found = reply.flags.letters.isEmpty ? "no flags" : "flags \(reply.flags.letters)"
    guard manner == .opening else {
      return .refused(why: "has \(found), is no RST, and our segment opens no connection")
    }
    guard reply.flags.contains(.syn) else { return .refused(why: "has \(found), neither SYN nor RST") }
    guard reply.flags.contains(.ack) else {
      return Judgement.answers(.open, by: .tcpSYN, why: "a SYN without ACK: simultaneous open")
        .with(reply.contradiction)
    }
    // Linux acknowledges only the SYN, TCP Fast Open the data too.
    let acknowledged = reply.acknowledgmentNumber &- sequenceNumber
    guard acknowledged >= 1, acknowledged <= length else {
      return .refused(
        why: "acknowledges \(reply.acknowledgmentNumber), not our \(sequenceNumber &+ 1)"
          + (length > 1 ? " to \(sequenceNumber &+ length)" : "")
          + swapRemark(sequenceNumber &+ 1, reply.acknowledgmentNumber))
    }
    let isShut = reply.window == 0
    return Judgement.answers(.open, by: .tcpSYNACK, why: "SYN-ACK that acknowledges our SYN")
      .with(reply.contradiction)
      .with(isShut ? Oddity(.zeroWindow, "its window is 0: it takes no data yet (RFC 9293 §3.8.6.1)") : nil)
  }

  /// Control bits that no honest segment has together; what counts of them is what a receiver comes to first:
  /// RST before SYN before FIN (RFC 9293 §3.10.7.3).
  private var contradiction: Oddity? {
    let bits: [(Flags, String)] = [(.rst, "RST"), (.syn, "SYN"), (.fin, "FIN")]
    let found = bits.filter { flags.contains($0.0) }.map(\.1)
    guard found.count > 1 else { return nil }
    return Oddity(.inconsistent, "it has \(found.joined(separator: " and ")) at once")
  }

  private func judge(reset reply: TCP, length: UInt32) -> Judgement {
    let verdict: Verdict = manner == .acknowledging ? .unfiltered : .closed
    if flags.contains(.ack) {
      guard reply.sequenceNumber == acknowledgmentNumber else {
        return .refused(
          why: "RST has sequence number \(reply.sequenceNumber), not the \(acknowledgmentNumber) that we acknowledged"
            + swapRemark(acknowledgmentNumber, reply.sequenceNumber))
      }
      return .answers(
        verdict, by: .tcpReset,
        why: "RST at the sequence number that we acknowledged"
          + (flags.contains(.fin) && !flags.contains(.syn) ? " (Linux sends it from open ports too)" : ""))
    }
    let next = sequenceNumber &+ length
    guard reply.flags.contains(.ack) else {
      return .refused(why: "RST without ACK acknowledges nothing, not our \(next)")
    }
    guard reply.acknowledgmentNumber == next else {
      return .refused(
        why: "RST acknowledges \(reply.acknowledgmentNumber), not our \(next)"
          + swapRemark(next, reply.acknowledgmentNumber))
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
        return .refused(
          why: "quotes sequence number \(quoted), not our \(sequenceNumber)\(swapRemark(sequenceNumber, quoted))")
      }
    } else {
      flags.append(.weakMatch)
    }
    // TCP says "closed" by RST: a port unreachable is a filter's word (RFC 1122 §4.2.3.9).
    return exchange.answer(unreachable: .filtered, flags: flags, why: "quoting our segment")
  }

  public var silence: Verdict? { manner == .stray ? .openOrFiltered : .filtered }
}

extension TCP.Flags {
  /// The bits by their letters, as recipes write them.
  fileprivate var letters: String {
    TCP.flagNames.enumerated().filter { rawValue >> UInt16($0.offset) & 1 == 1 }.map(\.element).joined()
  }
}
