public import SondeLink

extension Conversation {
  /// Opens actively: the next `step` sends a SYN (RFC 9293 §3.10.1).
  ///
  /// - Throws: `.wrongState` unless nothing was opened yet, `.ended` after the end.
  public mutating func connect(to remotePort: UInt16, at now: Instant) throws(ConversationError) {
    try requireUnopened()
    self.now = max(self.now, now)
    self.remotePort = remotePort
    enter(.synSent)
  }

  /// Opens passively: waits for a SYN.
  ///
  /// - Throws: `.wrongState` unless nothing was opened yet, `.ended` after the end.
  public mutating func listen() throws(ConversationError) {
    try requireUnopened()
    isPassive = true
    enter(.listen)
  }

  private func requireUnopened() throws(ConversationError) {
    if let ending { throw .ended(ending) }
    if state != .closed { throw .wrongState(state) }
  }

  /// Takes octets to be sent, and says which places of the stream they have; fewer than were given where the
  /// buffer is full. Before the connection is established they wait.
  ///
  /// - Parameter isApart: Whether segments end where these octets begin and end, so that none of them shares a
  ///   segment with others.
  /// - Throws: `.wrongState` before an opening, `.finished` after `shutdownWrite`, `.ended` after the end.
  public mutating func write(
    _ octets: [UInt8], isApart: Bool = false, at now: Instant
  ) throws(ConversationError) -> Range<UInt64> {
    if let ending { throw .ended(ending) }
    if state == .closed { throw .wrongState(state) }
    if sending.finish != nil { throw .finished }
    self.now = max(self.now, now)
    let start = sending.queue.end
    if isApart { sending.cuts.append(start) }
    let count = min(octets.count, writableCount)
    sending.queue.append(count == octets.count ? octets : Array(octets[..<count]))
    let end = sending.queue.end
    if end > start {
      sending.pushes.append(end)
      if isApart { sending.cuts.append(end) }
    }
    return sending.place(start..<end)
  }

  /// As `write`, and the last of these octets is urgent: the pointer to it goes ahead of the data
  /// (RFC 9293 §3.8.5).
  public mutating func writeUrgent(
    _ octets: [UInt8], isApart: Bool = false, at now: Instant
  ) throws(ConversationError) -> Range<UInt64> {
    let place = try write(octets, isApart: isApart, at: now)
    if !place.isEmpty {
      sending.urgent = sending.queue.end
      sending.isUrgentNew = true
    }
    return place
  }

  /// Takes out at most `limit` octets that came in order; the window follows at the next `step`.
  public mutating func read(_ limit: Int = .max) -> [UInt8] { receiving.queue.take(limit) }

  /// The latest urgent octet of the peer, once it has come; nil if there is none or it was taken. It also stands in
  /// the stream: TCP has one stream and a pointer, no second queue.
  public mutating func takeUrgent() -> UInt8? {
    defer { receiving.urgentOctet = nil }
    return receiving.urgentOctet
  }

  /// Ends the stream to the peer: a FIN follows the last octet. What the peer sends can still be read.
  ///
  /// - Throws: `.wrongState` before an opening, `.finished` the second time, `.ended` after the end.
  public mutating func shutdownWrite(at now: Instant) throws(ConversationError) {
    if let ending { throw .ended(ending) }
    if sending.finish != nil { throw .finished }
    if state == .closed || state == .listen { throw .wrongState(state) }
    self.now = max(self.now, now)
    finish()
  }

  /// The FIN stands behind what was written; before the connection is established it waits.
  private mutating func finish() {
    sending.finish = sending.queue.end
    if state == .established { enter(.finWait1) }
    if state == .closeWait { enter(.lastAck) }
  }

  /// Nothing of the peer will be read any more: it is acknowledged and thrown away.
  public mutating func shutdownRead() {
    receiving.isDiscarding = true
    _ = receiving.queue.take(.max)
  }

  /// Ends both directions. Data that was not read, or comes afterwards, is answered by a reset, for the peer must
  /// know that it is lost (RFC 9293 §3.6.1).
  ///
  /// Before the connection is established it is given up (§3.10.4).
  ///
  /// - Throws: `.wrongState` before an opening, `.ended` after the end.
  public mutating func close(at now: Instant) throws(ConversationError) {
    if let ending { throw .ended(ending) }
    if state == .closed { throw .wrongState(state) }
    self.now = max(self.now, now)
    if state == .listen || state == .synSent { return end(.aborted) }
    if !receiving.queue.isEmpty { return abort(at: now) }
    isClosed = true
    if sending.finish == nil { finish() }
    if state == .finWait2 { overAt = self.now + options.finWait }
  }

  /// Gives the connection up at once: a reset is sent where there is a peer to be told (RFC 9293 §3.10.5).
  public mutating func abort(at now: Instant) {
    self.now = max(self.now, now)
    switch state {
    case .closed where ending != nil: return
    case .closed, .listen, .synSent, .closing, .lastAck, .timeWait: break
    case .synReceived, .established, .finWait1, .finWait2, .closeWait: sendReset()
    }
    end(.aborted)
  }

  /// Announces a window of this many octets from now on, whatever the buffer holds, even one smaller than was
  /// promised; nil returns to the buffer's. An acknowledgment tells the peer at the next `step`.
  public mutating func pinWindow(_ octets: Int?) {
    receiving.pinned = octets.map { min(max($0, 0), 65_535 << 14) }
    receiving.moveEdge(segment: segmentSize)
    acknowledge()
  }

  /// How many octets may wait to be read.
  public mutating func setReceiveBuffer(_ octets: Int) { receiving.capacity = min(max(octets, 0), 65_535 << 14) }

  /// Sends an acknowledgment at the next `step`, needed or not.
  public mutating func acknowledge() {
    if state.isSynchronized { receiving.isAcknowledgmentDue = true }
  }

  /// Sends segments of at most this many octets of options and data from now on, those on their way too
  /// (RFC 9293 §3.7.2).
  public mutating func setLargestSegment(_ octets: Int, at now: Instant) {
    self.now = max(self.now, now)
    let isSmaller = octets < options.largestSegment
    options.largestSegment = max(octets, Self.leastSegment)
    if isSmaller, state.isSynchronized { sending.flight.loseAll(.tooBig) }
  }

  /// Takes in an ICMP error about a segment of ours.
  ///
  /// - Parameters:
  ///   - sequenceNumber: As the error quotes it; one that is not on its way is no error of ours (RFC 5927 §4.1).
  ///   - why: What to say of it, where the connection ends by it or in spite of patience.
  ///   - isHard: Whether the peer can never be reached; before the connection stands that ends it, afterwards it
  ///     is the reason given if the peer stays silent (RFC 9293 §3.9.2.2).
  public mutating func unreachable(quoting sequenceNumber: UInt32, why: String, isHard: Bool, at now: Instant) {
    self.now = max(self.now, now)
    let position = sending.line.position(of: sequenceNumber, near: sending.unacknowledged)
    guard ending == nil, position >= sending.unacknowledged, position < sending.highest else { return }
    if isHard, state == .synSent { return end(.unreachable(why)) }
    hint = why
  }
}
