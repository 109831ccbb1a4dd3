internal import SondeHeaders
internal import SondeLink

/// What a segment does on a connection that stands, or is about to (RFC 9293 §3.10.7.4), in the RFC's order.
extension Conversation {
  mutating func receiveConnected(_ arrival: Arrival) {
    let start = receiving.line.position(of: arrival.header.sequenceNumber, near: receiving.next)
    guard passesTimestamp(arrival) else { return }
    // Both ends have sent a SYN, and this is the peer's once more, with its acknowledgment (§3.5, figure 8).
    let isCrossing = state == .synReceived && start == 0 && arrival.flags.contains([.syn, .ack])
    guard isCrossing || isAcceptable(start, arrival.length) else { return refuseOutsider(arrival, from: start) }
    if arrival.flags.contains(.rst) { return receiveReset(at: start) }
    if arrival.flags.contains(.syn), !isCrossing { return challenge(.syn) }
    guard arrival.flags.contains(.ack) else { return emit(.ignored(.missingAcknowledgment)) }
    guard passesAcknowledgment(arrival) else { return }
    noteTimestamp(arrival, from: start)
    let acknowledged = sending.line.position(
      of: arrival.header.acknowledgmentNumber, near: sending.unacknowledged)
    takeAcknowledgment(arrival, acknowledged, from: start)
    if state == .synReceived { establish() }
    if sending.isFinishAcknowledged { takeFinishAcknowledgment() }
    guard state != .closed else { return }
    take(arrival, from: isCrossing ? 1 : start)
  }

  /// Protection against wrapped sequence numbers (RFC 7323 §5.3, R1); a reset needs no timestamp.
  private mutating func passesTimestamp(_ arrival: Arrival) -> Bool {
    guard usesTimestamps, !arrival.flags.contains(.rst) else { return true }
    guard let timestamps = arrival.timestamps else {
      emit(.ignored(.missingTimestamp))
      return false
    }
    guard let recent = receiving.timestamp, Int32(bitPattern: timestamps.value &- recent.value) < 0 else { return true }
    // After 24 days the peer's clock may have wrapped, and the memory is worth nothing (§5.5).
    guard now - recent.at < .seconds(24 * 86_400) else { return true }
    emit(.ignored(.oldTimestamp))
    answer(arrival)
    return false
  }

  /// TS.Recent follows segments that do not lie behind the last acknowledgment (RFC 7323 §4.3).
  private mutating func noteTimestamp(_ arrival: Arrival, from start: Int64) {
    guard usesTimestamps, let value = arrival.timestamps?.value, start <= receiving.acknowledged else { return }
    if let recent = receiving.timestamp, Int32(bitPattern: value &- recent.value) < 0,
      now - recent.at < .seconds(24 * 86_400)
    {
      return
    }
    receiving.timestamp = (value, now)
  }

  /// Whether any of it lies in the window (table 6 of §3.10.7.4). A closed window still takes what stands at its very
  /// edge, for the acknowledgment in it; and one that was shrunk by hand takes the peer's numbers up to the old edge.
  private func isAcceptable(_ start: Int64, _ length: Int64) -> Bool {
    let edge = max(receiving.promised, receiving.edge)
    if length == 0 { return start >= receiving.next && start <= edge }
    return start == receiving.next || start < edge && start + length > receiving.next
  }

  private mutating func refuseOutsider(_ arrival: Arrival, from start: Int64) {
    if arrival.flags.contains(.rst) { return emit(.ignored(.foreignReset)) }
    if state == .synReceived, arrival.flags.contains(.syn), start == 0 {
      // The peer has not heard our answer to its SYN.
      return sendOpening()
    }
    if arrival.flags.contains(.syn) { return challenge(.syn) }
    emit(.ignored(start + arrival.length <= receiving.next && arrival.length > 0 ? .duplicate : .outsideWindow))
    // Our last acknowledgment was lost: the peer needs it, and we wait anew (§3.10.7.4, "eighth").
    if state == .timeWait, arrival.flags.contains(.fin) { overAt = now + options.timeWait }
    answer(arrival)
  }

  /// Acknowledges at once what cannot be used; what holds nothing draws few answers.
  private mutating func answer(_ arrival: Arrival) {
    if arrival.length > 0 || courtesy.allows(at: now) { sendAcknowledgment(.acknowledgment) }
  }

  /// RFC 5961 §3.2, and §3.10.7.4 "second".
  private mutating func receiveReset(at start: Int64) {
    guard start == receiving.next else { return challenge(.reset) }
    switch state {
    case .synReceived where isPassive: listenAgain()
    case .synReceived: end(.refused)
    case .timeWait: end(.closed)
    case .closed, .listen, .synSent, .established, .finWait1, .finWait2, .closeWait, .closing, .lastAck: end(.reset)
    }
  }

  private mutating func challenge(_ reason: ChallengeReason) {
    emit(.challenged(reason))
    if courtesy.allows(at: now) { sendAcknowledgment(.challenge) }
  }

  /// RFC 5961 §5.2, and §3.10.7.4 "fifth".
  private mutating func passesAcknowledgment(_ arrival: Arrival) -> Bool {
    let position = sending.line.position(of: arrival.header.acknowledgmentNumber, near: sending.unacknowledged)
    if state == .synReceived {
      if position > sending.unacknowledged, position <= sending.highest { return true }
      emit(.ignored(.unsentAcknowledged))
      refuse(arrival)
      return false
    }
    if position > sending.highest {
      emit(.ignored(.unsentAcknowledged))
      challenge(.acknowledgment)
      return false
    }
    if position < sending.unacknowledged - Int64(sending.largestWindow) {
      emit(.ignored(.oldAcknowledgment))
      challenge(.acknowledgment)
      return false
    }
    return true
  }

  private mutating func takeFinishAcknowledgment() {
    switch state {
    case .finWait1:
      enter(.finWait2)
      if isClosed { overAt = now + options.finWait }
    case .closing: waitOut()
    case .lastAck: end(.closed)
    case .closed, .listen, .synSent, .synReceived, .established, .finWait2, .closeWait, .timeWait: break
    }
  }

  /// TIME-WAIT begins.
  mutating func waitOut() {
    enter(.timeWait)
    sending.timeoutAt = nil
    sending.probeAt = nil
    overAt = now + options.timeWait
  }
}
