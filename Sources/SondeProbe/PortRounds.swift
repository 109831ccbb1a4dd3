internal import SondeLink

/// How many of the questions that were asked again were answered.
struct PortYield: Hashable, Sendable {
  private var asked: Int64 = 0
  private(set) var answered: Int64 = 0

  mutating func add(isAnswered: Bool) {
    asked += 1
    if isAnswered { answered += 1 }
  }

  /// Whether silence was no answer: one in a hundred spoke when asked again.
  var isFruitful: Bool { answered > 0 && answered * 100 >= asked }

  /// The gap at which four in five would be answered by a host that answers so many a second, at most four times as
  /// long.
  func slowed(_ gap: Duration) -> Duration {
    let nanoseconds = gap.nanoseconds
    let wanted = nanoseconds * asked * 4 / max(answered * 5, 1)
    return .nanoseconds(min(max(wanted, nanoseconds), nanoseconds * 4))
  }
}

/// The ports of a host that kept silent, asked again round by round for as long as a round finds some that answer.
///
/// Hosts send only so many resets a second (FreeBSD's `net.inet.icmp.icmplim`: 200), and the port whose reset was
/// withheld looks filtered. Each round is slower by as much as the one before was answered too little; one in which
/// hardly a port answers is the last.
struct PortRounds: Sendable {
  /// Losses that no slower pace ends are not chased for ever.
  private static let most = 12

  private var gap: Duration
  private var queue = Queue<Int>()
  private var waiting: [Int] = []
  private var yield: PortYield
  private var count = 0
  private var nextAt: Instant?
  private(set) var isOver = false

  /// - Parameter yield: what came of the questions that were asked again before.
  init(gap: Duration, after yield: PortYield) {
    self.gap = gap
    self.yield = yield
  }

  /// A port that is to be asked in the next round.
  mutating func add(_ port: Int) { waiting.append(port) }

  /// What became of a question of this round.
  mutating func heard(isAnswered: Bool) { yield.add(isAnswered: isAnswered) }

  /// Begins the next round when all questions of this one have come to something, or ends with it.
  mutating func turn() {
    guard queue.isEmpty, !waiting.isEmpty, !isOver else { return }
    guard count < Self.most, yield.isFruitful else {
      isOver = true
      return
    }
    gap = yield.slowed(gap)
    yield = PortYield()
    count += 1
    for port in waiting { queue.append(port) }
    waiting.removeAll(keepingCapacity: true)
  }

  /// The next port, or when it is its turn; nil where the round has asked all of its ports.
  mutating func next(at now: Instant, isDone: (Int) -> Bool) -> Lane.Order? {
    queue.removeFirst(while: isDone)
    guard let port = queue.first else { return nil }
    if let nextAt, nextAt > now { return .wait(until: nextAt) }
    queue.removeFirst()
    nextAt = max(nextAt ?? now, now + .milliseconds(-2)) + gap
    return .ask(port)
  }

  /// A port that is asked no more, once all is over.
  mutating func abandon() -> Int? { isOver ? waiting.popLast() : nil }
}
