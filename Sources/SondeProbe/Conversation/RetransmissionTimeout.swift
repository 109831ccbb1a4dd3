internal import SondeLink

/// How long an acknowledgment is waited for (RFC 6298).
struct RetransmissionTimeout: Hashable, Sendable {
  /// The smoothed round-trip time and its variation; nil before the first measurement.
  private(set) var smoothed: Duration?
  private var variation: Duration = .zero
  /// Before back-off.
  private var base: Duration
  private var backOffs = 0
  private let least: Duration
  private let greatest: Duration

  init(initial: Duration, least: Duration, greatest: Duration) {
    base = initial
    self.least = least
    self.greatest = max(greatest, least)
  }

  var current: Duration {
    var timeout = base
    for _ in 0..<backOffs where timeout < greatest { timeout = timeout * 2 }
    return min(timeout, greatest)
  }

  /// Takes in one round trip of something sent once (§3, Karn's rule).
  mutating func measured(_ roundTrip: Duration) {
    let roundTrip = max(roundTrip, .zero)
    if let before = smoothed {
      let distance = before > roundTrip ? before - roundTrip : roundTrip - before
      variation = (variation * 3 + distance) / 4
      smoothed = (before * 7 + roundTrip) / 8
    } else {
      smoothed = roundTrip
      variation = roundTrip / 2
    }
    // The clock is finer than a microsecond, so its granularity (§2.3) does not matter beside the least timeout.
    base = min(max((smoothed ?? .zero) + variation * 4, least), greatest)
    backOffs = 0
  }

  /// The timer ran out (§5.5).
  mutating func backOff() {
    if backOffs < 32 { backOffs += 1 }
  }

  /// The connection stands, and its SYN had to be sent again: nothing is known of the path but that it is slow or
  /// loses much (§5.7).
  mutating func opened(afterRetransmission: Bool) {
    backOffs = 0
    if afterRetransmission, smoothed == nil { base = min(max(base, .seconds(3)), greatest) }
  }
}
