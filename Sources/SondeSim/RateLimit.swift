internal import SondeLink

/// How often a host answers: a bucket of tokens, full at first, one token an answer.
public struct RateLimit: Hashable, Sendable {
  /// How many answers may go at once after a long rest.
  public var burst: Int
  /// How long one token takes to come.
  public var interval: Duration

  public init(burst: Int, interval: Duration) {
    self.burst = burst
    self.interval = interval
  }

  /// What Linux does to ICMP errors by default, for each address that asks: six at once, then one a
  /// second (icmp(7), icmp_ratelimit).
  public static let linuxIPv4 = RateLimit(burst: 6, interval: .seconds(1))
  /// What Linux does to ICMPv6 errors: six at once, then ten a second.
  public static let linuxIPv6 = RateLimit(burst: 6, interval: .milliseconds(100))
}

/// One bucket of a rate limit.
struct TokenBucket {
  /// The tokens, as the time that they take to come.
  private var credit: Duration
  private var last: Instant

  init(_ limit: RateLimit, at now: Instant) {
    credit = limit.interval * max(limit.burst, 0)
    last = now
  }

  /// Takes a token at `now`, if there is one.
  mutating func take(_ limit: RateLimit, at now: Instant) -> Bool {
    credit = min(credit + max(now - last, .zero), limit.interval * max(limit.burst, 0))
    last = max(last, now)
    guard credit >= limit.interval, limit.burst > 0 else { return false }
    credit -= limit.interval
    return true
  }
}
