internal import SondeHeaders
internal import SondeLink

/// What a connection knows of its stream to the peer; positions are those of a `SequenceLine`.
struct SendSide: Sendable {
  var line: SequenceLine
  /// SND.UNA.
  var unacknowledged: Int64 = 0
  /// SND.NXT.
  var next: Int64 = 0
  /// The position behind everything that was ever sent, window probes included.
  var highest: Int64 = 0
  /// What was written and is not acknowledged.
  var queue = OctetQueue(start: 1)
  /// Where the FIN stands; nil while the user may write.
  var finish: Int64?
  /// The ends of writes: segments that reach one are pushed (RFC 9293 §3.9.1.2).
  var pushes = StreamMarks()
  /// Where one segment must end and another begin.
  var cuts = StreamMarks()

  /// SND.WND, in octets.
  var window = 0
  /// SND.WL1 and SND.WL2: which segment told the window.
  var windowSequence: Int64 = 0
  var windowAcknowledgment: Int64 = 0
  /// The largest window that the peer ever offered (MAX.SND.WND of RFC 5961 §5).
  var largestWindow = 0
  /// The shift of the peer's windows.
  var scale: UInt8 = 0
  /// The most octets of options and data that the peer takes in a segment.
  var peerSegment: Int

  var flight = Flight()
  var timeout: RetransmissionTimeout
  var congestion: CongestionWindow
  /// When the first of the flight counts as lost.
  var timeoutAt: Instant?
  /// Timeouts and probes without a sign of the peer since.
  var silences = 0
  /// What the timer found lost goes even where the window would not have it.
  var isForced = false
  /// The SYN was sent more than once.
  var hasRepeatedSYN = false
  /// How far the user was told that octets arrived.
  var acknowledgedPlace: UInt64 = 0
  var duplicates = 0
  /// Whether the congestion window held something back.
  var wasFull = false
  var latest: Instant?

  /// When a window that is closed, or too small, is probed; nil where none is.
  var probeAt: Instant?
  var probes = 0
  /// Whether the user was told that the window is closed.
  var isWindowClosed = false

  /// SND.UP: the position behind the last urgent octet; nil where all urgent octets have arrived.
  var urgent: Int64?
  /// The pointer was not sent yet.
  var isUrgentNew = false

  init(_ initial: UInt32, _ options: Conversation.Options) {
    line = SequenceLine(initial: initial)
    peerSegment = options.largestSegment
    timeout = RetransmissionTimeout(
      initial: options.initialTimeout, least: options.leastTimeout, greatest: options.greatestTimeout)
    congestion = CongestionWindow(segment: options.largestSegment)
  }

  /// The position behind what is to be sent, the FIN included.
  var end: Int64 { finish.map { $0 + 1 } ?? queue.end }
  var isFinishAcknowledged: Bool { finish.map { unacknowledged > $0 } ?? false }
  /// The octets of the user's among these positions.
  func place(_ range: Range<Int64>) -> Range<UInt64> {
    let data = range.clamped(to: 1..<max(1, queue.end))
    return UInt64(clamping: data.lowerBound - 1)..<UInt64(clamping: data.upperBound - 1)
  }
}
