internal import SondeHeaders

/// What a segment does before the connection stands (RFC 9293 §3.10.7.1 to §3.10.7.3).
extension Conversation {
  mutating func receiveClosed(_ arrival: Arrival) {
    emit(.ignored(.noConnection))
    if !arrival.flags.contains(.rst) { refuse(arrival) }
  }

  mutating func receiveListening(_ arrival: Arrival) {
    if arrival.flags.contains(.rst) { return emit(.ignored(.foreignReset)) }
    if arrival.flags.contains(.ack) {
      emit(.ignored(.unsentAcknowledged))
      return refuse(arrival)
    }
    guard arrival.flags.contains(.syn) else { return emit(.ignored(.beforeSYN)) }
    // Data and a FIN on the SYN are left to be sent again: nobody has proved to be there.
    remotePort = arrival.header.sourcePort
    meet(arrival)
    enter(.synReceived)
  }

  mutating func receiveConnecting(_ arrival: Arrival) {
    let acknowledged = sending.line.position(of: arrival.header.acknowledgmentNumber, near: 0)
    let isAcknowledging = arrival.flags.contains(.ack)
    if isAcknowledging, acknowledged <= 0 || acknowledged > sending.highest {
      emit(.ignored(.unsentAcknowledged))
      if !arrival.flags.contains(.rst) { refuse(arrival) }
      return
    }
    if arrival.flags.contains(.rst) {
      return isAcknowledging ? end(.refused) : emit(.ignored(.foreignReset))
    }
    guard arrival.flags.contains(.syn) else { return emit(.ignored(.beforeSYN)) }
    meet(arrival)
    guard isAcknowledging else {
      // Both ends have sent a SYN (§3.5, figure 8): ours goes again, with an acknowledgment.
      enter(.synReceived)
      return sendOpening()
    }
    receiving.isAcknowledgmentDue = true
    takeAcknowledgment(arrival, acknowledged, from: 0)
    establish()
    take(arrival, from: 1)
  }

  /// Takes what the peer's SYN tells: its number, and what it can do.
  private mutating func meet(_ arrival: Arrival) {
    receiving.line = SequenceLine(initial: arrival.header.sequenceNumber)
    receiving.next = 1
    sending.peerSegment = max(Int(arrival.mss ?? Self.silentSegment), Self.leastSegment)
    usesTimestamps = options.timestamps && arrival.timestamps != nil
    usesSACK = options.sackPermitted && arrival.isSACKPermitted
    if let ours = options.windowScale, let theirs = arrival.windowScale {
      usesScale = true
      receiving.scale = min(ours, 14)
      sending.scale = theirs
    }
    if let timestamps = arrival.timestamps { receiving.timestamp = (timestamps.value, now) }
    receiving.edge = receiving.possibleEdge
    receiving.promised = receiving.edge
    sending.congestion = CongestionWindow(segment: segmentSize)
    sending.window = Int(arrival.header.window)
    sending.largestWindow = sending.window
  }

  mutating func establish() {
    sending.timeout.opened(afterRetransmission: sending.hasRepeatedSYN)
    enter(.established)
    if sending.finish != nil { enter(.finWait1) }
  }

  /// A passive opening that came to nothing: whoever calls next is heard (§3.10.7.4, "second").
  mutating func listenAgain() {
    if isClosed { return end(.aborted) }
    var fresh = SendSide(sending.line.initial, options)
    fresh.queue = sending.queue
    fresh.pushes = sending.pushes
    fresh.cuts = sending.cuts
    fresh.finish = sending.finish
    sending = fresh
    let former = receiving
    receiving = ReceiveSide(capacity: former.capacity)
    receiving.pinned = former.pinned
    receiving.isDiscarding = former.isDiscarding
    usesTimestamps = false
    usesSACK = false
    usesScale = false
    remotePort = nil
    enter(.listen)
  }

  /// What a peer takes that says nothing (RFC 9293 §3.7.1).
  private static var silentSegment: UInt16 { 536 }
  /// Less than this nobody means: a few octets a segment would be all header.
  static var leastSegment: Int { 64 }

  /// The most data that one segment holds.
  var segmentSize: Int {
    max(1, min(sending.peerSegment, options.largestSegment) - (usesTimestamps ? 12 : 0))
  }
}
