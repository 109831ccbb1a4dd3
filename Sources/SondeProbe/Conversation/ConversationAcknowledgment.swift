internal import SondeHeaders
internal import SondeLink

/// What an acknowledgment tells of our own stream: what arrived, what was lost, and how much more may come.
extension Conversation {
  mutating func takeAcknowledgment(_ arrival: Arrival, _ acknowledged: Int64, from start: Int64) {
    let isFresh = acknowledged > sending.unacknowledged
    let before = sending.window
    let isWindowNews = takeWindow(arrival, acknowledged, from: start)
    if isFresh || before == 0 || sending.window == 0 {
      sending.silences = 0
      hint = nil
    }
    let isSelectionNews = takeSelections(arrival)
    if isFresh {
      advance(to: acknowledged, arrival)
    } else if acknowledged == sending.unacknowledged, !sending.flight.isEmpty, arrival.length == 0 {
      // RFC 5681 §2: only what says nothing else is a duplicate; with SACK it must tell of something that arrived.
      if usesSACK ? isSelectionNews : !isWindowNews { sending.duplicates += 1 }
    }
    if isSelectionNews || sending.duplicates >= 3 { recover() }
  }

  /// SND.WND, unless the segment is older than the one that told it last, or acknowledges less than is known
  /// (§3.10.7.4, "fifth"); says whether it changed.
  private mutating func takeWindow(_ arrival: Arrival, _ acknowledged: Int64, from start: Int64) -> Bool {
    guard acknowledged >= sending.unacknowledged,
      start > sending.windowSequence
        || start == sending.windowSequence && acknowledged >= sending.windowAcknowledgment
    else { return false }
    sending.windowSequence = start
    sending.windowAcknowledgment = acknowledged
    // The window of a SYN is never scaled (RFC 7323 §2.2).
    let shift = arrival.flags.contains(.syn) ? 0 : sending.scale
    let window = Int(arrival.header.window) << Int(shift)
    defer { sending.window = window }
    sending.largestWindow = max(sending.largestWindow, window)
    if window > 0 {
      if sending.isWindowClosed { emit(.windowOpened(window)) }
      sending.isWindowClosed = false
      if window > sending.window {
        sending.probeAt = nil
        sending.probes = 0
      }
    }
    return window != sending.window
  }

  private mutating func takeSelections(_ arrival: Arrival) -> Bool {
    guard usesSACK else { return false }
    var isNews = false
    for block in arrival.selected {
      let left = sending.line.position(of: block.left, near: sending.unacknowledged)
      let right = sending.line.position(of: block.right, near: sending.unacknowledged)
      guard left >= sending.unacknowledged, left < right, right <= sending.next else { continue }
      if sending.flight.select(left..<right) { isNews = true }
    }
    return isNews
  }

  private mutating func advance(to acknowledged: Int64, _ arrival: Arrival) {
    let count = Int(acknowledged - sending.unacknowledged)
    let sentAt = sending.flight.acknowledge(through: acknowledged)
    let wasFinished = sending.isFinishAcknowledged
    sending.unacknowledged = acknowledged
    sending.next = max(sending.next, acknowledged)
    sending.queue.drop(before: acknowledged)
    sending.pushes.drop(through: acknowledged)
    sending.cuts.drop(through: acknowledged)
    if let urgent = sending.urgent, urgent <= acknowledged { sending.urgent = nil }
    if let sentAt {
      sending.timeout.measured(now - sentAt)
    } else if usesTimestamps, let echo = arrival.timestamps?.echo, echo != 0 {
      // Timestamps tell which of several transmissions arrived (RFC 7323 §4.1); nothing is older than a quarter of
      // their circle.
      let elapsed = timestamp &- echo
      if elapsed < 1 << 30 { sending.timeout.measured(.milliseconds(Int64(elapsed))) }
    }
    sending.duplicates = 0
    sending.congestion.acknowledged(count, upTo: acknowledged, segment: segmentSize, wasFull: sending.wasFull)
    if sending.congestion.isRecovering, !usesSACK {
      // A partial acknowledgment: the next segment was lost too (RFC 6582 §3.2).
      _ = sending.flight.loseFirst(.duplicateAcknowledgments)
    }
    sending.timeoutAt = sending.flight.isEmpty ? nil : now + sending.timeout.current
    let place = sending.place(0..<acknowledged).upperBound
    if place > sending.acknowledgedPlace {
      sending.acknowledgedPlace = place
      emit(.acknowledged(place))
    }
    if sending.isFinishAcknowledged, !wasFinished { emit(.finishAcknowledged) }
  }

  /// Three later segments have arrived: the ones before them are believed lost (RFC 5681 §3.2, RFC 6675 §5).
  private mutating func recover() {
    let isLoss =
      usesSACK
      ? sending.flight.inferLosses()
      : !sending.congestion.isRecovering && sending.flight.loseFirst(.duplicateAcknowledgments)
    guard isLoss else { return }
    // The first goes at once, whatever the window says (RFC 6675 §5, step 4.3).
    if sending.congestion.recoversUntil == nil { sending.isForced = true }
    sending.congestion.lost(
      flight: Int(sending.next - sending.unacknowledged), until: sending.next, segment: segmentSize)
  }
}
