internal import SondeHeaders
internal import SondeLink

/// What is sent, and when (RFC 9293 §3.8.6.2.1 for small segments, RFC 5681 for the network's sake).
extension Conversation {
  /// Sends all that may go now.
  mutating func transmit() {
    guard state != .closed, state != .listen, state != .timeWait else { return }
    if sending.next == 0 {
      sending.flight.append(Flight.Item(start: 0, end: 1, sentAt: now))
      sending.next = 1
      sending.highest = 1
      sending.timeoutAt = now + sending.timeout.current
      return sendOpening()
    }
    repeatLost()
    guard state.isSynchronized else { return }
    if sending.flight.isEmpty, let latest = sending.latest, now - latest > sending.timeout.current {
      sending.congestion.idled(segment: segmentSize)
    }
    sending.wasFull = sending.wasFull && !sending.flight.isEmpty
    while let end = nextEnd() { sendNew(to: end) }
    if sending.isUrgentNew, sending.urgent != nil {
      // The pointer goes ahead of the data that cannot go yet (§3.8.5).
      sendAcknowledgment(.acknowledgment)
    }
    watchWindow()
  }

  private mutating func repeatLost() {
    while let (index, item) = sending.flight.firstLost {
      let isWithin = item.end <= sending.unacknowledged + Int64(sending.window) || item.start == 0
      guard sending.isForced || isWithin && hasRoom(for: item.length) else { break }
      let data = Int(min(item.end, sending.finish ?? .max) - item.start)
      if item.start > 0, data > segmentSize { sending.flight.split(index, after: segmentSize) }
      sending.isForced = false
      sending.flight.resent(index, at: now)
      retransmissionCount += 1
      if sending.timeoutAt == nil { sending.timeoutAt = now + sending.timeout.current }
      let end = item.start > 0 && data > segmentSize ? item.start + Int64(segmentSize) : item.end
      emit(.retransmitted(place: sending.place(item.start..<end), item.why))
      if item.start == 0 {
        sending.hasRepeatedSYN = true
        sendOpening()
      } else {
        send(item.start..<end, .retransmission)
      }
    }
    sending.isForced = false
  }

  /// Whether the network is believed to bear so much more. What a duplicate acknowledgment tells of has left it
  /// (RFC 5681 §3.2, RFC 3042); with SACK that is counted already.
  private func hasRoom(for count: Int) -> Bool {
    let left = usesSACK ? 0 : sending.duplicates * segmentSize
    let pipe = max(0, sending.flight.pipe - left)
    return pipe == 0 || pipe + count <= sending.congestion.size
  }

  /// Up to where the next new segment may reach; nil where none may be sent now.
  private mutating func nextEnd() -> Int64? {
    let start = sending.next
    guard start < sending.end else { return nil }
    let edge = sending.unacknowledged + Int64(sending.window)
    let whole = min(start + Int64(segmentSize), sending.queue.end, sending.cuts.first(after: start) ?? .max)
    var end = min(whole, edge)
    // The FIN takes a place of its own in the window.
    if end == sending.queue.end, let finish = sending.finish, finish < edge { end = finish + 1 }
    guard end > start else { return nil }
    let size = Int(end - start)
    if size < segmentSize {
      // Not a whole segment: all that there is, up to where one must end, or half of what the peer ever took.
      let isRest = end >= whole && (!options.isNagle || sending.flight.isEmpty || sending.finish != nil)
      guard isRest || size >= max(1, sending.largestWindow / 2) else { return nil }
    }
    guard hasRoom(for: size) else {
      sending.wasFull = true
      return nil
    }
    return end
  }

  mutating func sendNew(to end: Int64) {
    let range = sending.next..<end
    sending.flight.append(Flight.Item(start: range.lowerBound, end: end, sentAt: now))
    sending.next = end
    sending.highest = max(sending.highest, end)
    sending.latest = now
    if sending.timeoutAt == nil { sending.timeoutAt = now + sending.timeout.current }
    send(range, range.lowerBound == sending.finish ? .finish : .data)
  }

  /// Sets the timer that asks whether a window has opened, where only the window stands in the way (§3.8.6.1).
  private mutating func watchWindow() {
    guard sending.flight.isEmpty, sending.next < sending.end else {
      sending.probeAt = nil
      return
    }
    if sending.window == 0, !sending.isWindowClosed {
      sending.isWindowClosed = true
      emit(.windowClosed)
    }
    if sending.probeAt == nil { sending.probeAt = now + probeInterval }
  }

  var probeInterval: Duration {
    var interval = sending.timeout.current
    for _ in 0..<min(sending.probes, 16) where interval < options.greatestTimeout { interval = interval * 2 }
    return min(interval, options.greatestTimeout)
  }
}
