internal import SondeLink

/// How often a host answers: a bucket of tokens, full at first, one token an answer.
public struct RateLimit: Hashable, Sendable {
  /// How many answers may go at once after a long rest.
  public var burst: Int
  /// How long one token takes to come, or all of them where they come at once.
  public var interval: Duration
  /// Whether answers are counted in each interval anew, as in FreeBSD, rather than by a token now and then.
  public var refillsAtOnce: Bool

  public init(burst: Int, interval: Duration, refillsAtOnce: Bool = false) {
    self.burst = burst
    self.interval = interval
    self.refillsAtOnce = refillsAtOnce
  }

  /// What Linux does to ICMP errors by default, for each address that asks: six at once, then one a
  /// second (icmp(7), icmp_ratelimit).
  public static let linuxIPv4 = RateLimit(burst: 6, interval: .seconds(1))
  /// What Linux does to ICMPv6 errors: six at once, then ten a second.
  public static let linuxIPv6 = RateLimit(burst: 6, interval: .milliseconds(100))
  /// What FreeBSD does to ICMP errors: two hundred in each second (icmp(4), net.inet.icmp.icmplim).
  public static let freeBSD = RateLimit(burst: 200, interval: .seconds(1), refillsAtOnce: true)
}

/// One bucket of a rate limit.
struct TokenBucket {
  /// The tokens, as the time that they take to come.
  private var credit: Duration
  private var last: Instant

  init(_ limit: RateLimit, at now: Instant) {
    credit = Self.full(limit)
    last = now
  }

  private static func full(_ limit: RateLimit) -> Duration { limit.interval * max(limit.burst, 0) }

  /// Takes a token at `now`, if there is one.
  mutating func take(_ limit: RateLimit, at now: Instant) -> Bool {
    if limit.refillsAtOnce {
      if now - last >= limit.interval {
        credit = Self.full(limit)
        last = now
      }
    } else {
      credit = min(credit + max(now - last, .zero), Self.full(limit))
      last = max(last, now)
    }
    guard credit >= limit.interval, limit.burst > 0 else { return false }
    credit -= limit.interval
    return true
  }
}
