internal import SondeHeaders
internal import SondeLink
internal import SondeOctets

/// The half of a sweep that hears: it books answers and other packets.
///
/// It is no generic type: what serves each packet is then made for it.
struct SweepListener: Sendable {
  let plan: SweepPlan
  let book: SweepBook
  let began: Instant
  /// What earlier runs counted.
  let base: SweepCounts
  /// What this half of this run counted, without the verdicts.
  var counts = SweepCounts()
  var verdicts: VerdictTally
  var roundTrip = RoundTrip()
  var answeredAtOnce: UInt64 = 0
  var lastAnswered: Instant?
  /// When the last packet that was taken came.
  var latest: Instant
  /// Places before this one have their verdicts.
  var settled: UInt64
  /// Places before this one may be answered, as it was seen last.
  var head: UInt64
  /// How far the questions were, at some moments of the last second.
  var trail: [(at: Instant, head: UInt64)] = []
  let resumedHead: UInt64
  /// Questions of an earlier run that are waited for.
  let awaited: UInt64

  init(_ plan: SweepPlan, _ book: SweepBook, began: Instant) {
    self.plan = plan
    self.book = book
    self.began = began
    base = plan.resumed?.counts ?? SweepCounts()
    verdicts = VerdictTally(base.verdicts)
    settled = book[.settled]
    head = book[.head]
    resumedHead = head
    awaited = plan.resumed?.pending ?? 0
    latest = began
  }

  /// Books a packet that came, and tells of it.
  mutating func take(
    _ finding: SweepFinding, _ packet: RawSpan, _ facts: BulkFacts, _ onEvent: (SweepEvent, RawSpan) -> Void
  ) {
    switch finding {
    case .noise(let from, let why): hear(noise: why, from, facts, packet, onEvent)
    case .answer(let answer):
      guard let number = plan.space.number(of: answer.target) else {
        return hear(noise: .unknownTarget, answer.from, facts, packet, onEvent)
      }
      guard let place = plan.order.place(of: number) else {
        return hear(noise: .anotherShard, answer.from, facts, packet, onEvent)
      }
      if place >= head { head = book.observe(.head) }
      guard place < head else { return hear(noise: .notAsked, answer.from, facts, packet, onEvent) }
      hear(answer, place, facts, packet, onEvent)
    }
  }

  private mutating func hear(
    noise why: SweepNoise, _ from: IPAddress?, _ facts: BulkFacts, _ packet: RawSpan,
    _ onEvent: (SweepEvent, RawSpan) -> Void
  ) {
    counts.noise &+= 1
    onEvent(.noise(from: from, why: why, at: facts.at, wall: facts.wall), packet)
  }

  private mutating func hear(
    _ answer: SweepAnswer, _ place: UInt64, _ facts: BulkFacts, _ packet: RawSpan,
    _ onEvent: (SweepEvent, RawSpan) -> Void
  ) {
    let standing: UInt64 =
      answer.verdict == .open || answer.verdict == .reply ? SweepBook.Standing.open : SweepBook.Standing.other
    var result = SweepResult(
      target: answer.target, number: place &+ 1, verdict: answer.verdict, attempts: attempts(of: place, answer),
      at: facts.at, wall: facts.wall, flags: answer.flags)
    result.rtt = rtt(of: place, answer, result.attempts, at: facts.at)
    guard place >= settled else {
      return hear(late: &result, answer, standing, place, packet, onEvent)
    }
    var before = book.standing(of: place)
    if before == SweepBook.Standing.none { before = book.note(standing, place) }
    switch before {
    case SweepBook.Standing.none:
      counts.answered &+= 1
      if answer.icmp != nil { counts.errors &+= 1 }
      verdicts.add(answer.verdict)
      if result.attempts == 1 { answeredAtOnce &+= 1 }
      if let rtt = result.rtt { roundTrip.add(rtt) }
      lastAnswered = max(facts.at, lastAnswered ?? facts.at)
      onEvent(.answered(result, answer), packet)
    case SweepBook.Standing.failed: hear(noise: .notSent, answer.from, facts, packet, onEvent)
    default:
      counts.duplicates &+= 1
      result.flags.append(.duplicate)
      if before != standing { result.flags.append(.conflict) }
      onEvent(.repeated(result, answer), packet)
    }
  }

  /// An answer to a question that has its verdict: one more, or the first after the silence.
  private mutating func hear(
    late result: inout SweepResult, _ answer: SweepAnswer, _ standing: UInt64, _ place: UInt64, _ packet: RawSpan,
    _ onEvent: (SweepEvent, RawSpan) -> Void
  ) {
    head = book.observe(.head)
    // The other half may have given its memory to another place by now; then nothing is known of it but that it is late.
    let before = place &+ book.window > (head &+ 31) & ~31 ? book.standing(of: place) : SweepBook.Standing.none
    if before == SweepBook.Standing.open || before == SweepBook.Standing.other {
      counts.duplicates &+= 1
      result.flags.append(.duplicate)
      if before != standing { result.flags.append(.conflict) }
    } else {
      counts.late &+= 1
      result.flags.append(.late)
    }
    onEvent(.repeated(result, answer), packet)
  }

  /// How often a question was asked when its answer came.
  private func attempts(of place: UInt64, _ answer: SweepAnswer) -> Int {
    guard book.retries > 0 else { return 1 }
    // The answer to a retry may come before the other half told of the retry.
    return max(madeAttempts(of: place), min(Int(answer.attempt ?? 0), book.retries) + 1)
  }

  /// How often a question was asked, as far as the other half has told.
  func madeAttempts(of place: UInt64) -> Int {
    var attempts = 1
    while attempts <= book.retries, book.through(attempts) > place { attempts += 1 }
    return attempts
  }

  private func rtt(of place: UInt64, _ answer: SweepAnswer, _ attempts: Int, at now: Instant) -> Duration? {
    // Who answers may change the time that it gives back: one from outside the run is not believed.
    if let asked = answer.asked, asked >= began, asked <= now { return now - asked }
    let attempt = min(Int(answer.attempt ?? UInt8(truncatingIfNeeded: attempts - 1)), book.retries)
    return book.age(of: place, attempt: attempt, at: now).map { max(.zero, $0) }
  }
}

extension SweepNoise {
  static let unknownTarget = SweepNoise(rawValue: "nobody asked that address and port")
  static let anotherShard = SweepNoise(rawValue: "it answers a question of another shard")
  static let notAsked = SweepNoise(rawValue: "it answers a question that was not asked yet")
  static let notSent = SweepNoise(rawValue: "it answers a question that could not be sent")
}

/// Questions by verdict: a handful, counted without hashing.
struct VerdictTally: Sendable {
  private var rows: [(verdict: Verdict, count: UInt64)]
  private var last = 0

  init(_ counts: [Verdict: UInt64]) { rows = counts.map { ($0.key, $0.value) } }

  mutating func add(_ verdict: Verdict, _ count: UInt64 = 1) {
    if last >= rows.count || rows[last].verdict != verdict {
      last = rows.firstIndex { $0.verdict == verdict } ?? rows.count
      if last == rows.count { rows.append((verdict, 0)) }
    }
    rows[last].count &+= count
  }

  var counts: [Verdict: UInt64] {
    Dictionary(rows.map { ($0.verdict, $0.count) }, uniquingKeysWith: { $0 &+ $1 })
  }
}
