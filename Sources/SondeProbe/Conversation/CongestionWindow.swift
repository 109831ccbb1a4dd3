/// How much may be on its way before the network is believed to be full (RFC 5681, recovery as in RFC 6582 and 6675).
struct CongestionWindow: Hashable, Sendable {
  /// In octets.
  private(set) var size: Int
  /// Below it the window doubles each round trip (slow start), above it grows by a segment; nil for no limit.
  private(set) var threshold: Int?
  /// Recovery lasts until this position is acknowledged; nil where nothing is being recovered.
  private(set) var recoversUntil: Int64?
  private var isAfterTimeout = false
  private var counted = 0

  /// Ten segments to begin with (RFC 6928).
  init(segment: Int) { size = 10 * segment }

  /// Whether a loss was told by duplicate acknowledgments and is not yet mended.
  var isRecovering: Bool { recoversUntil != nil && !isAfterTimeout }

  var isSlowStart: Bool { threshold.map { size < $0 } ?? true }

  /// The peer acknowledged `count` new octets up to `position`.
  mutating func acknowledged(_ count: Int, upTo position: Int64, segment: Int, wasFull: Bool) {
    if let end = recoversUntil, position >= end {
      if !isAfterTimeout { size = threshold ?? size }
      recoversUntil = nil
      isAfterTimeout = false
      return
    }
    guard wasFull, !isRecovering else { return }
    if isSlowStart {
      size += min(count, 2 * segment)
    } else {
      counted += count
      guard counted >= size else { return }
      counted -= size
      size += segment
    }
    size = min(size, 1 << 30)
  }

  /// A segment is believed lost because later ones arrived; everything up to `end` is on its way.
  mutating func lost(flight: Int, until end: Int64, segment: Int) {
    guard recoversUntil == nil else { return }
    threshold = max(flight / 2, 2 * segment)
    size = threshold ?? size
    recoversUntil = end
    isAfterTimeout = false
    counted = 0
  }

  /// The retransmission timer ran out (RFC 5681 §3.1).
  mutating func timedOut(flight: Int, until end: Int64, segment: Int, isFirst: Bool) {
    if isFirst { threshold = max(flight / 2, 2 * segment) }
    size = segment
    recoversUntil = end
    isAfterTimeout = true
    counted = 0
  }

  /// Nothing was sent for a retransmission timeout: what was learned is old (RFC 5681 §4.1).
  mutating func idled(segment: Int) { size = min(size, 10 * segment) }
}
