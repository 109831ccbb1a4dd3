internal import SondeLink

/// The pacer of a sweep, and what changes its rate by what is heard.
struct SweepPacing: Sendable {
  private var pacer: Pacer
  private var adaptive: AdaptivePace?
  private var observed = Instant(nanoseconds: .min)

  /// Between two looks at what is heard.
  private static let every = Duration.milliseconds(5)

  init(_ pacer: Pacer, _ adaptive: AdaptivePace?) {
    self.pacer = pacer
    self.adaptive = adaptive
  }

  var rate: Double { pacer.rate }

  mutating func allowance(at now: Instant, _ book: SweepBook) -> (count: Int, next: Instant) {
    if adaptive != nil, now >= observed { adapt(at: now, book) }
    return pacer.allowance(at: now)
  }

  private mutating func adapt(at now: Instant, _ book: SweepBook) {
    observed = now + Self.every
    let roundTrip = book[.roundTrip]
    let tally = PaceTally(
      sent: book[.asked], retried: book[.outrun], answered: book[.answeredAtOnce], recovered: book[.recovered],
      ownDrops: book[.ownDrops],
      full: book[.full], roundTrip: roundTrip == 0 ? nil : .nanoseconds(Int64(clamping: roundTrip)))
    if let rate = adaptive?.observe(tally, at: now) { pacer.change(rate: rate, at: now) }
  }

  mutating func sent(_ count: Int, octets: Int, at now: Instant) { pacer.sent(count, octets: octets, at: now) }

  mutating func rested(at now: Instant) { pacer.rested(at: now) }
}
