internal import SondeLink

/// How often a host sends ICMP errors in the long run, measured by its answers.
///
/// Hosts let some errors go at once and then one in a while (Linux, icmp_ratelimit: six, then one a second over IPv4),
/// so neither the first errors nor those that were asked for slowly say anything of the limit. A measurement is of
/// questions that come faster than their errors: from the first error that follows a question without one to a later
/// error of which that is true, the host sent as many as it could.
public struct ErrorRate: Hashable, Sendable {
  /// How many errors came.
  public private(set) var errors = 0
  /// Between two errors; nil as long as no limit was measured.
  public private(set) var interval: Duration?
  private(set) var isMeasuring = false
  /// Questions of this measurement that have no answer, by the time they left; none is older than the latest error.
  private var unmet: [Instant] = []
  /// The first error that came after questions in vain, and how many came since.
  private var start: Instant?
  private var sinceStart = 0
  private var rounds = 0
  private var inARow = 0

  /// After this many errors in a row without a question in vain there is no limit to be seen.
  private static let endless = 256
  /// What a measurement takes at least, so that the time between two questions matters little.
  private static let span = Duration.milliseconds(100)

  public init() {}

  /// How long to wait between two questions: a little longer than the host needs between two errors.
  public var pause: Duration? { interval.map { $0 + $0 / 50 } }

  /// Begins a measurement; what was measured before holds until it ends.
  mutating func measure() {
    isMeasuring = true
    unmet = []
    start = nil
    sinceStart = 0
    rounds = 0
    inARow = 0
  }

  mutating func asked(at now: Instant) {
    if isMeasuring { unmet.append(now) }
  }

  /// A question was answered by something else than an error, which no limit concerns.
  mutating func answered(askedAt: Instant) { unmet.removeAll { $0 == askedAt } }

  /// An error came to the question that was asked then.
  mutating func error(askedAt: Instant) {
    errors += 1
    guard isMeasuring else { return }
    let wasInVain = unmet.contains { $0 < askedAt }
    unmet.removeAll { $0 <= askedAt }
    sinceStart += 1
    inARow = wasInVain ? 0 : inARow + 1
    if inARow >= Self.endless {
      interval = nil
      isMeasuring = false
    }
    guard wasInVain else { return }
    guard let start else {
      self.start = askedAt
      sinceStart = 0
      return
    }
    rounds += 1
    let elapsed = askedAt - start
    guard rounds >= 2, elapsed >= Self.span else { return }
    interval = elapsed / sinceStart
    isMeasuring = false
  }

  /// Says that questions paced by it were in vain again and again.
  mutating func slow() { interval = interval.map { $0 + $0 / 32 } }

  /// Says that the host sends whatever it is asked for.
  mutating func lift() { interval = nil }

  /// "1 ICMP error a second", "10 ICMP errors a second", "1 ICMP error in 2.0 s"; nil as long as no limit was measured.
  public var words: String? {
    guard let nanoseconds = interval?.nanoseconds, nanoseconds > 0 else { return nil }
    if nanoseconds > 1_150_000_000 {
      let tenths = (nanoseconds + 50_000_000) / 100_000_000
      return "1 ICMP error in \(tenths / 10).\(tenths % 10) s"
    }
    let perSecond = max(1, (1_000_000_000 + nanoseconds / 2) / nanoseconds)
    return perSecond == 1 ? "1 ICMP error a second" : "\(perSecond) ICMP errors a second"
  }
}
