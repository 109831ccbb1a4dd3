internal import SondeHeaders
internal import SondeLink

/// What is done when nothing was heard for too long (RFC 6298 §5, RFC 9293 §3.8.3 and §3.8.6.1).
extension Conversation {
  mutating func expire() {
    if let overAt, overAt <= now { return end(state == .timeWait ? .closed : .timedOut) }
    if let timeoutAt = sending.timeoutAt, timeoutAt <= now { timeOut() }
    if let probeAt = sending.probeAt, probeAt <= now { probe() }
  }

  /// Counts a silence; after too many the connection is given up, and false is said.
  private mutating func isPatient() -> Bool {
    sending.silences += 1
    let limit = state.isSynchronized ? options.attempts : options.connectAttempts
    if sending.silences < limit { return true }
    if state == .synReceived, isPassive {
      listenAgain()
    } else {
      end(hint.map { .unreachable($0) } ?? .timedOut)
    }
    return false
  }

  /// RFC 6298 §5.4 to §5.6.
  private mutating func timeOut() {
    guard isPatient() else { return }
    sending.timeout.backOff()
    sending.congestion.timedOut(
      flight: Int(sending.next - sending.unacknowledged), until: sending.next, segment: segmentSize,
      isFirst: sending.silences == 1)
    sending.flight.loseAll(.timeout)
    sending.duplicates = 0
    sending.isForced = true
    sending.timeoutAt = now + sending.timeout.current
  }

  /// Asks whether a window has opened, or sends little where little is taken.
  private mutating func probe() {
    guard isPatient() else { return }
    let start = sending.next
    if sending.window > 0 {
      // Long enough was waited for a window that is worth a segment (RFC 9293 §3.8.6.2.1, the override).
      sending.probeAt = nil
      let edge = sending.unacknowledged + Int64(sending.window)
      let end = min(start + Int64(segmentSize), sending.end, edge)
      if start < end { sendNew(to: end) }
      return
    }
    sending.probes += 1
    sending.probeAt = now + probeInterval
    switch options.windowProbe {
    case .octet:
      sending.highest = max(sending.highest, start + 1)
      send(start..<start + 1, .probe)
    case .old:
      sendBare([.ack], at: sending.unacknowledged - 1, .probe)
    }
  }
}
