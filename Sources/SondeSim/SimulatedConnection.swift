internal import SondeHeaders
internal import SondeOctets

/// The far end of one TCP connection, which sends back what it gets (RFC 9293 §3.10.7, a few states of it).
///
/// It has no timers: what was lost is sent again when the near end says something old once more. It knows no
/// window but its own.
struct SimulatedConnection: Sendable {
  struct Key: Hashable {
    var local: IPAddress
    var localPort: UInt16
    var remote: IPAddress
    var remotePort: UInt16
  }

  private enum State {
    case synReceived
    case established
    /// Our FIN went; its acknowledgment ends the connection.
    case lastAck
    case closed
  }

  /// The answer to the SYN; what follows takes ports and window from it.
  private let synAck: TCP
  private var state = State.synReceived
  /// What we expect next of the peer (RCV.NXT).
  private var receiveNext: UInt32
  /// The first octet of ours that is not acknowledged (SND.UNA).
  private var unacknowledged: UInt32
  /// What was sent and is not acknowledged, the FIN left out.
  private var pending: [UInt8] = []
  private var sentFIN = false

  init(accepting synAck: TCP) {
    self.synAck = synAck
    receiveNext = synAck.acknowledgmentNumber
    unacknowledged = synAck.sequenceNumber &+ 1
  }

  var isClosed: Bool { state == .closed }

  /// What will be sent next (SND.NXT).
  private var sendNext: UInt32 { unacknowledged &+ UInt32(truncatingIfNeeded: pending.count) &+ (sentFIN ? 1 : 0) }

  /// What it says to a segment of its connection.
  mutating func receive(_ segment: TCP, _ data: [UInt8]) -> [any Header] {
    let isExpected = segment.sequenceNumber == receiveNext
    if segment.flags.contains(.rst) {
      // Another number within the window draws a challenge (RFC 5961 §3.2); outside it, nothing.
      if isExpected { state = .closed }
      return isExpected || segment.sequenceNumber &- receiveNext >= UInt32(synAck.window) ? [] : reply(from: sendNext)
    }
    if segment.flags.contains(.syn) {
      let isRepeated = state == .synReceived && segment.sequenceNumber &+ 1 == receiveNext
      return isRepeated ? [synAck] : reply(from: sendNext)
    }
    guard segment.flags.contains(.ack) else { return [] }
    let acknowledged = segment.acknowledgmentNumber &- unacknowledged
    if state == .synReceived {
      guard acknowledged == 0 else {
        return [
          TCP(
            from: synAck.sourcePort, to: synAck.destinationPort, flags: .rst,
            sequenceNumber: segment.acknowledgmentNumber, window: 0)
        ]
      }
      state = .established
    }
    // The distance to an acknowledgment of old data is nearly 2^32; one of what was never sent is larger than
    // all that was.
    if acknowledged <= sendNext &- unacknowledged {
      if sentFIN, acknowledged == sendNext &- unacknowledged {
        state = .closed
        return []
      }
      pending.removeFirst(Int(acknowledged))
      unacknowledged &+= acknowledged
    } else if acknowledged < 0x8000_0000 {
      return reply(from: sendNext)
    }
    let isFinishing = segment.flags.contains(.fin)
    guard !data.isEmpty || isFinishing else { return [] }
    guard isExpected, !sentFIN else {
      let again = Array(pending.prefix(1400))
      return reply(from: unacknowledged, again, isFinishing: sentFIN && again.count == pending.count)
    }
    let start = sendNext
    receiveNext &+= UInt32(truncatingIfNeeded: data.count) &+ (isFinishing ? 1 : 0)
    pending += data
    sentFIN = isFinishing
    if isFinishing { state = .lastAck }
    return reply(from: start, data, isFinishing: isFinishing)
  }

  private func reply(from sequenceNumber: UInt32, _ data: [UInt8] = [], isFinishing: Bool = false) -> [any Header] {
    var flags: TCP.Flags = .ack
    if !data.isEmpty { flags.insert(.psh) }
    if isFinishing { flags.insert(.fin) }
    let segment = TCP(
      from: synAck.sourcePort, to: synAck.destinationPort, flags: flags, sequenceNumber: sequenceNumber,
      acknowledgmentNumber: receiveNext, window: synAck.window)
    return data.isEmpty ? [segment] : [segment, Payload(octets: data)]
  }
}
