internal import SondeHeaders
internal import SondeLink
internal import SondeOctets

extension SweepListener {
  /// Gives questions without an answer their verdict, in order, as far as their time is up.
  ///
  /// - Parameter all: Nothing is waited for any more.
  mutating func settle(at now: Instant, all: Bool, _ onEvent: (SweepEvent, RawSpan) -> Void) {
    let isFinished = book.observe(.finished) != 0
    // While questions are asked nothing presses: the round trips seen so far may not be the longest, and a short wait
    // at the end is none for all others.
    let wait = max(plan.coolDown.wait(asked: 1, answered: 0, largest: nil), min(plan.timeout, CoolDown.longest))
    let limit = isFinished ? book.observe(.head) : book.through(book.retries)
    while settled < limit {
      let word = book.standings(around: settled)
      let start = settled & ~31
      let end = min(limit, start &+ 32)
      let mask = Self.mask(settled &- start, end &- start)
      let unanswered = SweepBook.unanswered(word) & mask
      let failed = word & word &>> 1 & mask & 0x5555_5555_5555_5555
      if unanswered | failed == 0 {
        settled = end
      } else if failed == 0, !plan.tellsSilence, all || isOver(end &- 1, wait, at: now, wholeBlock: true) {
        let count = UInt64(unanswered.nonzeroBitCount)
        counts.silent &+= count
        verdicts.add(plan.silence, count)
        settled = end
      } else {
        guard settle(until: end, wait, at: now, all: all, onEvent) else { break }
      }
    }
    book.publish(settled, .settled)
  }

  /// The lowest bits of the places from one to before another, of a word of 32.
  private static func mask(_ from: UInt64, _ to: UInt64) -> UInt64 {
    (to == 32 ? UInt64.max : 1 &<< (to &* 2) &- 1) & ~(1 &<< (from &* 2) &- 1)
  }

  /// The same one by one.
  ///
  /// - Returns: false at the first whose time is not up.
  private mutating func settle(
    until end: UInt64, _ wait: Duration, at now: Instant, all: Bool, _ onEvent: (SweepEvent, RawSpan) -> Void
  ) -> Bool {
    while settled < end {
      let place = settled
      switch book.standing(of: place) {
      case SweepBook.Standing.none:
        guard all || isOver(place, wait, at: now, wholeBlock: false) else { return false }
        counts.silent &+= 1
        tell(place, plan.silence, attempts: madeAttempts(of: place), at: now, onEvent)
      case SweepBook.Standing.failed: tell(place, .sendFailed, attempts: 1, at: now, onEvent)
      default: break
      }
      settled = place &+ 1
    }
    return true
  }

  /// Whether the wait after the last attempt is over.
  private func isOver(_ place: UInt64, _ wait: Duration, at now: Instant, wholeBlock: Bool) -> Bool {
    let attempt = madeAttempts(of: place) - 1
    if book.askedBlock(place, attempt: attempt) + wait <= now { return true }
    return !wholeBlock && book.asked(place, attempt: attempt, by: now) + wait <= now
  }

  private mutating func tell(
    _ place: UInt64, _ verdict: Verdict, attempts: Int, at now: Instant, _ onEvent: (SweepEvent, RawSpan) -> Void
  ) {
    verdicts.add(verdict)
    guard plan.tellsSilence || verdict == .sendFailed else { return }
    let target = plan.space.target(at: plan.order.number(at: place))
    let result = SweepResult(target: target, number: place &+ 1, verdict: verdict, attempts: attempts, at: now)
    let none: [UInt8] = []
    onEvent(.silent(result), none.rawSpan)
  }

  // MARK: what is told of the run

  /// All that was counted up to now, with earlier runs.
  func total() -> SweepCounts {
    var total = base
    total.sent &+= book[.sent]
    total.sendFailed &+= book[.sendFailed]
    total.answered &+= counts.answered
    total.silent &+= counts.silent &+ book[.outrun]
    total.duplicates &+= counts.duplicates
    total.late &+= counts.late
    total.noise &+= counts.noise
    total.errors &+= counts.errors
    total.ownDrops &+= counts.ownDrops
    total.frames &+= counts.frames
    total.verdicts = verdicts.counts
    return total
  }

  /// When the last answer has been waited for, once nothing more is sent.
  func ending() -> Instant {
    return plan.coolDown.end(
      lastAsked: Instant(nanoseconds: Int64(bitPattern: book[.lastAsked])), lastAnswered: lastAnswered,
      asked: book[.asked] &+ awaited, answered: counts.answered, largest: roundTrip.largest)
  }

  /// Tells the sending half what was heard.
  func publish() {
    book[.answeredAtOnce] = answeredAtOnce
    book[.recovered] = counts.answered &- answeredAtOnce
    book[.ownDrops] = counts.ownDrops
    book[.roundTrip] = UInt64(max(0, roundTrip.usual?.nanoseconds ?? 0))
  }

  /// Remembers how far the questions are.
  mutating func leaveTrail(at now: Instant) {
    if let last = trail.last, now - last.at < .milliseconds(100) { return }
    if trail.count == 8 { trail.removeFirst() }
    trail.append((now, book.through(0)))
  }

  /// Places before it were asked so long ago that their answers were heard, if they came.
  func asked(at now: Instant) -> UInt64 {
    let head = trail.last { now - $0.at >= .milliseconds(500) }?.head ?? resumedHead
    return max(head, settled)
  }
}
