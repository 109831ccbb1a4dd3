/// Judges one segment by what both directions showed before it.
struct TCPAnalysis {
  let segment: TCPSegment
  /// Nanoseconds from the SYN to the first acknowledgment of the other end's; nil where they are not in the capture.
  let roundTrip: Int64?

  /// How long a segment may come after the one behind it and count as overtaken, not sent again, where the round trip
  /// is not known: 3 ms.
  private static let usualReordering: Int64 = 3_000_000
  /// How long after the last duplicate acknowledgment a segment counts as sent again because of it: 20 ms.
  private static let fastLimit: Int64 = 20_000_000

  private static func isAfter(_ left: UInt32, _ right: UInt32) -> Bool { Int32(bitPattern: left &- right) > 0 }

  func judge(_ near: inout TCPFlow.Side, _ far: inout TCPFlow.Side, _ standing: inout TCPStanding) {
    judgeWindow(&near, far, &standing)
    if segment.acknowledgment != near.acknowledgment ?? 0 {
      near.lastFreshFrame = segment.frame
      near.duplicates = 0
    }
    judgeAcknowledgment(&far, &standing)
    judgeRepetition(near, far, &standing)
    move(&near, standing.remarks)
  }

  private var carriesControl: Bool { segment.has(TCPSegment.syn | TCPSegment.fin | TCPSegment.rst) }

  /// Keep-alives, probes, windows and duplicates: what a segment that brings nothing new is for.
  private func judgeWindow(_ near: inout TCPFlow.Side, _ far: TCPFlow.Side, _ standing: inout TCPStanding) {
    if segment.length == 1, segment.sequence == near.next, far.window == 0 {
      standing.remarks.insert(.zeroWindowProbe)
      return
    }
    if segment.window == 0, !carriesControl { standing.remarks.insert(.zeroWindow) }
    if segment.length > 0, !carriesControl, far.tellsScale, let acknowledged = far.acknowledgment,
      segment.sequence &+ segment.length == acknowledged &+ far.windowByteCount
    {
      standing.remarks.insert(.windowFull)
    }
    guard let next = near.next else { return }
    if Self.isAfter(segment.sequence, next), !segment.has(TCPSegment.rst) { standing.remarks.insert(.lost) }
    guard !carriesControl else { return }
    if segment.length <= 1, segment.sequence == next &- 1 { standing.remarks.insert(.keepAlive) }
    guard segment.length == 0, segment.sequence == next, segment.acknowledgment == near.acknowledgment else { return }
    if segment.window != near.window {
      if segment.window != 0 { standing.remarks.insert(.windowUpdate) }
    } else if segment.window == 0 {
      if far.remarks.contains(.zeroWindowProbe) { standing.remarks.insert(.zeroWindowProbeAck) }
    } else if far.remarks.contains(.keepAlive) {
      standing.remarks.insert(.keepAliveAck)
    } else {
      near.duplicates = max(near.duplicates, 0) + 1
      standing.remarks.insert(.duplicateAck)
      standing.duplicateCount = near.duplicates
      standing.duplicateOf = near.lastFreshFrame
    }
  }

  /// Whether it acknowledges what the capture does not hold.
  private func judgeAcknowledgment(_ far: inout TCPFlow.Side, _ standing: inout TCPStanding) {
    guard segment.has(TCPSegment.ack), let most = far.mostToBeAcknowledged,
      Self.isAfter(segment.acknowledgment, most)
    else { return }
    if let next = far.next, Self.isAfter(next, most) {
      far.mostToBeAcknowledged = next
      standing.remarks.insert(.acknowledgedLost)
    } else {
      // Said once, and not to an end that tells already that it misses something.
      if far.duplicates == 0 { standing.remarks.insert(.acknowledgedLost) }
      far.duplicates = -1
    }
  }

  /// Whether it brings again what was there already, and why.
  private func judgeRepetition(_ near: TCPFlow.Side, _ far: TCPFlow.Side, _ standing: inout TCPStanding) {
    guard segment.length > 0 || segment.has(TCPSegment.syn | TCPSegment.fin),
      !standing.remarks.contains(.keepAlive)
    else { return }
    let end = segment.sequence &+ segment.length
    let control: UInt32 = segment.has(TCPSegment.syn | TCPSegment.fin) ? 1 : 0
    // More than one octet from one before what comes next follows a probe, which brought that octet.
    let isBehind =
      near.next.map {
        Self.isAfter($0, segment.sequence) && !(segment.length > 1 && $0 &- 1 == segment.sequence)
      } ?? false
    if segment.length > 0, let acknowledged = far.acknowledgment, !Self.isAfter(end, acknowledged) {
      standing.remarks.insert(.spuriousRetransmission)
    } else if isBehind, far.duplicates >= 2, far.acknowledgment == segment.sequence,
      segment.time &- far.acknowledgmentTime < Self.fastLimit
    {
      standing.remarks.insert(.fastRetransmission)
    } else if isBehind, segment.time &- near.nextTime < roundTrip ?? Self.usualReordering,
      near.next != end &+ control
    {
      standing.remarks.insert(.outOfOrder)
    } else if isBehind {
      standing.remarks.insert(.retransmission)
    }
  }

  /// Remembers what the next segments are judged by.
  private func move(_ near: inout TCPFlow.Side, _ remarks: TCPStanding.Remarks) {
    let end = segment.sequence &+ segment.length &+ (segment.has(TCPSegment.syn | TCPSegment.fin) ? 1 : 0)
    if !remarks.contains(.zeroWindowProbe) {
      if near.next.map({ Self.isAfter(end, $0) }) ?? true {
        near.next = end
        near.nextTime = segment.time
      }
      if near.mostToBeAcknowledged.map({ $0 == segment.sequence }) ?? true { near.mostToBeAcknowledged = near.next }
    }
    near.window = segment.window
    // Zero in a segment without ACK is no number.
    near.acknowledgment =
      segment.has(TCPSegment.ack) || segment.acknowledgment != 0 ? segment.acknowledgment : nil
    near.acknowledgmentTime = segment.time
    near.remarks = remarks
  }
}
