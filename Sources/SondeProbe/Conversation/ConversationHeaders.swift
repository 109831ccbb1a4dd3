internal import SondeHeaders
internal import SondeLink

/// How segments are put together.
extension Conversation {
  /// A segment of the stream: data, a FIN, or both.
  mutating func send(_ range: Range<Int64>, _ purpose: Segment.Purpose) {
    let payload = sending.queue.copy(range)
    var flags: TCP.Flags = .ack
    if let push = sending.pushes.first(after: range.lowerBound), push <= range.upperBound { flags.insert(.psh) }
    if let finish = sending.finish, range.contains(finish) { flags.insert(.fin) }
    put(header(flags, at: range.lowerBound, carrying: payload.count), payload, range, purpose)
  }

  /// The SYN, or its answer (RFC 9293 §3.5).
  mutating func sendOpening() {
    let isAnswer = state == .synReceived
    receiving.edge = receiving.possibleEdge
    receiving.promised = max(receiving.promised, receiving.edge)
    let header = TCP(
      from: localPort, to: remotePort ?? 0, flags: isAnswer ? [.syn, .ack] : .syn,
      sequenceNumber: sending.line.number(at: 0),
      acknowledgmentNumber: isAnswer ? receiving.line.number(at: receiving.next) : 0,
      window: receiving.field(isScaled: false), options: openingOptions(isAnswer: isAnswer))
    // The answer acknowledges the peer's SYN (Last.ACK.sent of RFC 7323 §4.3); a SYN acknowledges nothing.
    receiving.acknowledged = receiving.next
    put(header, [], 0..<1, .opening)
  }

  mutating func sendAcknowledgment(_ purpose: Segment.Purpose) { sendBare(.ack, at: sending.next, purpose) }

  /// A reset of the connection, with the number that the peer expects where nothing was lost (RFC 5961 §3).
  mutating func sendReset() { sendBare([.rst, .ack], at: sending.next, .reset) }

  /// A segment without data.
  mutating func sendBare(_ flags: TCP.Flags, at position: Int64, _ purpose: Segment.Purpose) {
    put(header(flags, at: position, carrying: 0), [], position..<position, purpose)
  }

  /// A reset for a segment of no connection (RFC 9293 §3.10.7.1).
  mutating func refuse(_ arrival: Arrival) {
    let asked = arrival.header
    let isAcknowledging = asked.flags.contains(.ack)
    let header = TCP(
      from: localPort, to: asked.sourcePort, flags: isAcknowledging ? .rst : [.rst, .ack],
      sequenceNumber: isAcknowledging ? asked.acknowledgmentNumber : 0,
      acknowledgmentNumber: isAcknowledging
        ? 0 : asked.sequenceNumber &+ UInt32(truncatingIfNeeded: arrival.length),
      window: 0)
    put(header, [], 0..<0, .reset)
  }

  private mutating func put(_ header: TCP, _ payload: [UInt8], _ range: Range<Int64>, _ purpose: Segment.Purpose) {
    sentCount += 1
    segments.append(Segment(header: header, payload: payload, place: sending.place(range), purpose: purpose))
  }

  /// The header of a segment of a connection that stands; it acknowledges all that came.
  private mutating func header(_ flags: TCP.Flags, at position: Int64, carrying count: Int) -> TCP {
    receiving.moveEdge(segment: segmentSize)
    receiving.isAcknowledgmentDue = false
    receiving.acknowledgeAt = nil
    receiving.unacknowledged = 0
    receiving.acknowledged = receiving.next
    var header = TCP(
      from: localPort, to: remotePort ?? 0, flags: flags, sequenceNumber: sending.line.number(at: position),
      acknowledgmentNumber: receiving.line.number(at: receiving.next),
      window: receiving.field(isScaled: usesScale), options: usualOptions(carrying: count))
    if let urgent = sending.urgent, urgent > position, !flags.contains(.rst) {
      header.flags.insert(.urg)
      let distance = urgent - position - (options.urgentReading == .following ? 0 : 1)
      header.urgentPointer = UInt16(clamping: distance)
      sending.isUrgentNew = false
    }
    return header
  }

  /// The options of a SYN, in Linux's order.
  private func openingOptions(isAnswer: Bool) -> [TCPOption] {
    var list: [TCPOption] = options.mss.map { [.mss($0)] } ?? []
    let isSACK = isAnswer ? usesSACK : options.sackPermitted
    if isAnswer ? usesTimestamps : options.timestamps {
      list += isSACK ? [.sackPermitted] : [.noOperation, .noOperation]
      list.append(.timestamps(value: timestamp, echoReply: receiving.timestamp?.value ?? 0))
    } else if isSACK {
      list += [.noOperation, .noOperation, .sackPermitted]
    }
    if let shift = options.windowScale, !isAnswer || usesScale { list += [.noOperation, .windowScale(min(shift, 14))] }
    return list
  }

  private func usualOptions(carrying count: Int) -> [TCPOption] {
    var list: [TCPOption] = []
    var room = min(sending.peerSegment, options.largestSegment) - count
    if usesTimestamps {
      list = [
        .noOperation, .noOperation,
        .timestamps(value: timestamp, echoReply: receiving.timestamp?.value ?? 0),
      ]
      room -= 12
    }
    guard usesSACK, !receiving.reassembly.isEmpty, room >= 12 else { return list }
    let blocks = receiving.reassembly.blocks(min(usesTimestamps ? 3 : 4, (room - 4) / 8)).map {
      TCPOption.SACKBlock(
        left: receiving.line.number(at: $0.lowerBound), right: receiving.line.number(at: $0.upperBound))
    }
    return list + [.noOperation, .noOperation, .sack(blocks)]
  }

  /// The clock of timestamps: milliseconds (RFC 7323 §5.4).
  var timestamp: UInt32 {
    UInt32(truncatingIfNeeded: now.nanoseconds / 1_000_000) &+ options.timestampOffset
  }

  /// Tells of a window that has grown so much that the peer may be waiting for it.
  mutating func updateWindow() {
    guard state.canReceive, receiving.pinned == nil else { return }
    let gain = receiving.possibleEdge - receiving.edge
    let isWaiting = receiving.window < 2 * segmentSize && gain >= Int64(min(receiving.capacity / 2, segmentSize))
    if gain > 0, isWaiting || gain >= Int64(receiving.capacity / 2) { receiving.isAcknowledgmentDue = true }
  }
}
