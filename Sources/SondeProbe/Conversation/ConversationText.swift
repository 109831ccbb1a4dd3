internal import SondeHeaders
internal import SondeLink

/// What a segment brings: urgent pointer, data, FIN (RFC 9293 §3.10.7.4, "sixth" to "eighth").
extension Conversation {
  mutating func take(_ arrival: Arrival, from start: Int64) {
    guard state.canReceive else {
      if !arrival.payload.isEmpty { emit(.ignored(.afterFinish)) }
      return
    }
    takeUrgentPointer(arrival, from: start)
    let end = start + Int64(arrival.payload.count)
    if arrival.flags.contains(.fin), receiving.finish == nil, end >= receiving.next, end <= receiving.edge {
      receiving.finish = end
      receiving.reassembly.cut(at: end)
    }
    if !arrival.payload.isEmpty { takeData(arrival.payload, start..<end) }
    guard state != .closed else { return }
    if arrival.flags.contains(.fin), receiving.next < end, arrival.payload.isEmpty {
      // A FIN ahead of its data: the peer learns what is missing.
      return sendAcknowledgment(.acknowledgment)
    }
    if receiving.finish == receiving.next { takeFinish() }
  }

  private mutating func takeUrgentPointer(_ arrival: Arrival, from start: Int64) {
    guard arrival.flags.contains(.urg) else { return }
    let behind = options.urgentReading == .following ? 0 : 1
    let position = start + Int64(arrival.header.urgentPointer) + Int64(behind)
    guard position > receiving.urgent, position > receiving.next else { return }
    receiving.urgent = position
    receiving.urgentOctet = nil
    emit(.urgent(place: UInt64(clamping: position - 2)))
  }

  private mutating func takeData(_ payload: [UInt8], _ range: Range<Int64>) {
    let low = max(range.lowerBound, receiving.next)
    let high = min(range.upperBound, receiving.edge, receiving.finish ?? .max)
    guard low < high else {
      let isOld = range.upperBound <= receiving.next
      emit(.ignored(isOld ? .duplicate : high == receiving.finish ? .afterFinish : .outsideWindow))
      return sendAcknowledgment(.acknowledgment)
    }
    if isClosed {
      sendReset()
      return end(.aborted)
    }
    let isWhole = low == range.lowerBound && high == range.upperBound
    let octets = isWhole ? payload : Array(payload[Int(low - range.lowerBound)..<Int(high - range.lowerBound)])
    guard low == receiving.next else {
      receiving.reassembly.insert(octets, at: low)
      // At once, and one for each: three of them tell the peer of a loss (RFC 5681 §4.2).
      return sendAcknowledgment(.acknowledgment)
    }
    deliver(octets)
    let hadHole = !receiving.reassembly.isEmpty
    for piece in receiving.reassembly.take(from: receiving.next) { deliver(piece) }
    oweAcknowledgment(isUrgent: hadHole || !isWhole)
  }

  private mutating func deliver(_ octets: [UInt8]) {
    let start = receiving.next
    receiving.next += Int64(octets.count)
    receiving.unacknowledged += octets.count
    if receiving.urgent > start, receiving.urgent <= receiving.next {
      receiving.urgentOctet = octets[Int(receiving.urgent - 1 - start)]
    }
    receiving.count += UInt64(octets.count)
    if receiving.isDiscarding {
      receiving.queue = OctetQueue(start: receiving.next)
    } else {
      receiving.queue.append(octets)
      emit(.readable(octets.count))
    }
  }

  /// An acknowledgment may wait for a while, but not where a hole was filled, nor for two whole segments
  /// (RFC 5681 §4.2).
  private mutating func oweAcknowledgment(isUrgent: Bool) {
    let isEnough = receiving.unacknowledged >= 2 * segmentSize
    if isUrgent || isEnough || options.acknowledgmentDelay <= .zero {
      receiving.isAcknowledgmentDue = true
    } else if receiving.acknowledgeAt == nil {
      receiving.acknowledgeAt = now + options.acknowledgmentDelay
    }
  }

  private mutating func takeFinish() {
    receiving.next += 1
    receiving.isAcknowledgmentDue = true
    emit(.peerFinished)
    switch state {
    case .established: enter(.closeWait)
    case .finWait1: enter(.closing)
    case .finWait2: waitOut()
    case .closed, .listen, .synSent, .synReceived, .closeWait, .closing, .lastAck, .timeWait: break
    }
  }
}
