internal import SondeLink

/// What a connection knows of the peer's stream; positions are those of a `SequenceLine`.
struct ReceiveSide: Sendable {
  var line = SequenceLine(initial: 0)
  /// RCV.NXT.
  var next: Int64 = 0
  /// The right edge of the window as it was promised: RCV.NXT + RCV.WND.
  var edge: Int64 = 0
  /// The furthest that the edge ever was: a window shrunk by hand leaves it behind.
  var promised: Int64 = 0
  /// Octets that came in order.
  var count: UInt64 = 0
  /// What came in order and was not read.
  var queue = OctetQueue(start: 1)
  var reassembly = ReassemblyQueue()
  /// Where the peer's FIN stands, once it was seen.
  var finish: Int64?
  /// How many octets may wait to be read.
  var capacity: Int
  /// The window that the user has set by hand.
  var pinned: Int?
  /// The shift of our windows.
  var scale: UInt8 = 0
  /// Nobody reads any more: what comes is acknowledged and thrown away.
  var isDiscarding = false

  /// The position behind the latest urgent octet (RCV.UP).
  var urgent: Int64 = 0
  var urgentOctet: UInt8?

  /// An acknowledgment is owed at this instant.
  var acknowledgeAt: Instant?
  /// An acknowledgment is owed at the next step.
  var isAcknowledgmentDue = false
  /// Octets that came since the last acknowledgment left.
  var unacknowledged = 0
  /// RCV.NXT as last told to the peer (Last.ACK.sent of RFC 7323 §4.3).
  var acknowledged: Int64 = 0
  /// TS.Recent, and when it was taken; nil before the first timestamp.
  var timestamp: (value: UInt32, at: Instant)?

  init(capacity: Int) { self.capacity = max(0, capacity) }

  /// RCV.WND.
  var window: Int { Int(max(0, edge - next)) }
  var hasEnded: Bool { finish.map { next > $0 } ?? false }

  /// Where the right edge would be if it were drawn now.
  var possibleEdge: Int64 {
    if let pinned { return next + Int64(pinned) }
    return next + Int64(isDiscarding ? capacity : max(0, capacity - queue.count))
  }

  /// Moves the right edge: never back, and not by little (silly window avoidance, RFC 9293 §3.8.6.2.2), unless the
  /// window is set by hand.
  mutating func moveEdge(segment: Int) {
    let possible = possibleEdge
    if pinned != nil {
      edge = possible
    } else if possible - edge >= Int64(min(capacity / 2, segment)) {
      edge = max(edge, possible)
    }
    promised = max(promised, edge)
  }

  /// The window field that tells the window now; on a SYN it is never scaled (RFC 7323 §2.2).
  func field(isScaled: Bool) -> UInt16 {
    let shift = isScaled ? scale : 0
    let octets = window
    // Rounded down, or the edge would creep; but a little is not said to be nothing where all of it can be taken.
    let isLittle = octets > 0 && octets >> shift == 0 && (pinned != nil || queue.isEmpty)
    return isLittle ? 1 : UInt16(clamping: octets >> shift)
  }
}
