internal import SondeLink
internal import SondeOctets

/// What the sending and the listening half of a sweep know in common: words that either reads while the other writes.
///
/// A *place* is where a question stands in the shard's order. The book holds a window of places; a place that comes
/// into it takes the memory of one that has its verdict.
final class SweepBook: Sendable {
  /// How many places the window holds: a power of two from 64 on.
  let window: UInt64
  /// How many places there are.
  let count: UInt64
  let retries: Int
  /// Places before this one may have been asked in an earlier run.
  let resumedTop: UInt64
  /// Two bits for each place of the window.
  private let standings: AtomicWords
  /// For each attempt and each block of 64 places, when the last of them was asked, in nanoseconds.
  private let blocks: AtomicWords
  /// When each of the latest questions was asked.
  private let moments: AtomicWords
  private let words: AtomicWords

  /// How a question stands: no answer yet, an answer, one that says open or alive, or it could not be sent.
  enum Standing {
    static let none: UInt64 = 0
    static let other: UInt64 = 1
    static let open: UInt64 = 2
    static let failed: UInt64 = 3
  }

  /// Numbers that one half writes and the other reads. Those of one half lie apart from those of the other, so that the
  /// processors' caches do not fight for them.
  enum Word: Int {
    /// Places before this one may be answered. Published before they are offered to the door.
    case head = 0
    /// Not 0 when nothing more will be sent.
    case finished
    case sent
    case sendFailed
    /// Attempts without an answer that were followed by another.
    case outrun
    /// What the door took.
    case left
    case full
    case lastAsked
    /// First questions that left.
    case asked
    /// The bits of a Double.
    case rate
    /// Places before this one are through with the first attempt; the words behind it are those of the retries.
    /// Published when they were offered.
    case through
    /// Places before this one have their verdict.
    case settled = 32
    case wish
    case answeredAtOnce
    case recovered
    case ownDrops
    /// In nanoseconds; 0 for none.
    case roundTrip
    /// What the door had taken when all that had come was read, and when that was.
    case caughtUp
    case caughtUpAt
  }

  init(_ plan: SweepPlan, at now: Instant) {
    count = plan.order.count
    retries = min(max(0, plan.retries), SweepPlan.mostRetries)
    let wanted = Self.power(atLeast: UInt64(max(plan.window, 64)))
    // A small sweep is made ready sooner; from 2^16 questions on the memory is the same.
    window = count < 1 << 16 ? min(wanted, Self.power(atLeast: max(count, 64))) : wanted
    standings = AtomicWords(count: Int(window / 32))
    blocks = AtomicWords(count: Int(window / 64) * (retries + 1))
    moments = AtomicWords(count: Int(min(window, 1 << 16)))
    words = AtomicWords(count: 48)
    words[Word.lastAsked.rawValue] = UInt64(bitPattern: now.nanoseconds)
    words[Word.caughtUpAt.rawValue] = UInt64(bitPattern: now.nanoseconds)
    guard let state = plan.resumed?.fitted(to: count, window: window) else {
      resumedTop = 0
      return
    }
    resumedTop = min(count, max(state.head, state.start + UInt64(state.standings.count) * 32))
    self[.settled] = state.settled
    self[.head] = state.head
    for attempt in 0...retries { words[Word.through.rawValue + attempt] = attempt == 0 ? state.head : state.settled }
    for (index, word) in state.standings.enumerated() { standings[slot(state.start + UInt64(index) * 32)] = word }
    // What waits for its answer waits anew.
    var place = state.settled & ~63
    while place < state.head {
      blocks[block(place, attempt: 0)] = UInt64(bitPattern: now.nanoseconds)
      place += 64
    }
  }

  private static func power(atLeast number: UInt64) -> UInt64 {
    number <= 1 ? 1 : 1 << UInt64(64 - (number - 1).leadingZeroBitCount)
  }

  subscript(word: Word) -> UInt64 {
    get { words[word.rawValue] }
    set { words[word.rawValue] = newValue }
  }

  func publish(_ value: UInt64, _ word: Word) { words.publish(value, at: word.rawValue) }

  func observe(_ word: Word) -> UInt64 { words.observe(at: word.rawValue) }

  /// Places before it are through with an attempt: each was sent, or could not be, or has its answer.
  func through(_ attempt: Int) -> UInt64 { words.observe(at: Word.through.rawValue + attempt) }

  func publish(through place: UInt64, attempt: Int) { words.publish(place, at: Word.through.rawValue + attempt) }

  // MARK: how questions stand

  private func slot(_ place: UInt64) -> Int { Int(truncatingIfNeeded: (place & (window &- 1)) &>> 5) }

  /// The standings of 32 places together, the one at a multiple of 32 in the lowest bits.
  func standings(around place: UInt64) -> UInt64 { standings[slot(place)] }

  func standing(of place: UInt64) -> UInt64 { standings[slot(place)] &>> ((place & 31) &* 2) & 3 }

  /// Notes an answer, or that a question could not be sent.
  ///
  /// - Returns: how it stood before. Where it stood otherwise than without an answer, nothing has changed.
  func note(_ standing: UInt64, _ place: UInt64) -> UInt64 {
    let shift = (place & 31) &* 2
    let before = standings.insert(standing &<< shift, at: slot(place)) &>> shift & 3
    // Both halves may note at once: the first one's word stands.
    if before != Standing.none { standings.remove((standing & ~before) &<< shift, at: slot(place)) }
    return before
  }

  /// Forgets the 32 places that stood where these will stand.
  func clear(around place: UInt64) { standings[slot(place)] = 0 }

  /// The places of one word that have no answer, as a bit each at an even place.
  static func unanswered(_ word: UInt64) -> UInt64 { ~(word | word &>> 1) & 0x5555_5555_5555_5555 }

  // MARK: when questions were asked

  private func block(_ place: UInt64, attempt: Int) -> Int {
    Int(truncatingIfNeeded: (place & (window &- 1)) &>> 6) &+ attempt &* Int(truncatingIfNeeded: window &>> 6)
  }

  /// The place and the attempt in 24 bits, never 0, and 40 bits of nanoseconds, which come round after 18 minutes.
  private func tag(_ place: UInt64, _ attempt: Int) -> UInt64 {
    (place &>> 16) &<< 44 | UInt64(truncatingIfNeeded: attempt &+ 1) &<< 40
  }

  private func moment(_ place: UInt64, _ attempt: Int) -> Int {
    Int(truncatingIfNeeded: place &+ UInt64(truncatingIfNeeded: attempt) &* 40_503) & (moments.count &- 1)
  }

  private static let clock: UInt64 = 1 << 40 - 1

  func note(asked place: UInt64, attempt: Int, at now: Instant) {
    let now = UInt64(bitPattern: now.nanoseconds)
    moments[moment(place, attempt)] = tag(place, attempt) | now & Self.clock
    blocks[block(place, attempt: attempt)] = now
  }

  /// How long ago an attempt was made, by `now`; nil where that is not known exactly any more. Less than 0 for a moment
  /// after `now`.
  func age(of place: UInt64, attempt: Int, at now: Instant) -> Duration? {
    let word = moments[moment(place, attempt)]
    guard word & ~Self.clock == tag(place, attempt) else { return nil }
    let passed = (UInt64(bitPattern: now.nanoseconds) &- word) & Self.clock
    return .nanoseconds(Int64(passed) - (passed > Self.clock / 2 ? 1 << 40 : 0))
  }

  /// When the last of its block was asked.
  func askedBlock(_ place: UInt64, attempt: Int) -> Instant {
    Instant(nanoseconds: Int64(bitPattern: blocks[block(place, attempt: attempt)]))
  }

  /// When an attempt was made: exactly, or when the last of its block was made.
  func asked(_ place: UInt64, attempt: Int, by now: Instant) -> Instant {
    let last = askedBlock(place, attempt: attempt)
    guard let age = age(of: place, attempt: attempt, at: now), age > .zero else { return last }
    return min(now + (.zero - age), last)
  }
}

extension SweepState {
  /// What of it is possible: it may come from a file.
  func fitted(to count: UInt64, window: UInt64) -> SweepState {
    var state = self
    state.settled = min(settled, count)
    let most = state.start + window
    state.head = min(max(head, state.settled), count, most)
    state.standings = Array(standings.prefix(Int(window / 32)))
    return state
  }
}
