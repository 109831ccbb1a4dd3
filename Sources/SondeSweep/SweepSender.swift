internal import SondeHeaders
internal import SondeLink
internal import SondeOctets

/// A packet of the batch: the place and the attempt of its question.
struct SweepEntry: Sendable {
  var place: UInt64
  var attempt: UInt8

  /// A packet of the hops' own.
  static let none = SweepEntry(place: .max, attempt: 0)

  var isQuestion: Bool { place != .max }
}

/// The half of a sweep that asks: new questions in their order, and again those that got no answer in time.
///
/// It never waits and never loses a packet: what the door has no room for is offered again.
struct SweepSender<Form: SweepForm, Door: BulkDoor & ~Copyable, Hops: SweepHops & ~Copyable>: ~Copyable, Sendable {
  /// What is to be done next.
  enum Step {
    /// To be called again, then.
    case again(at: Instant)
    /// The door has no room.
    case full
    /// Nothing more will be sent.
    case finished
  }

  let plan: SweepPlan
  let book: SweepBook
  var form: Form
  var door: Door
  var hops: Hops
  var pacing: SweepPacing
  let began: Instant

  var batch: PacketBatch
  var entries: [SweepEntry]
  /// The first packet of the batch that was not offered yet.
  var offered = 0
  /// The next place of each attempt.
  var next: [UInt64]
  var foresight: SweepForesight
  /// Places before this one have their memory.
  var cleared: UInt64
  var parking: SweepParking
  /// When the parked are looked at again.
  var look = Instant(nanoseconds: .min)
  /// No new question and no retry is begun.
  var isStopping = false
  var isFinished = false

  var sent: UInt64 = 0
  var sendFailed: UInt64 = 0
  var outrun: UInt64 = 0
  var asked: UInt64 = 0
  var left: UInt64 = 0
  var full: UInt64 = 0
  var firstLeft: Instant?
  var lastLeft: Instant?
  var refusals: [LinkError] = []

  init(
    _ plan: SweepPlan, _ book: SweepBook, form: Form, door: consuming Door, hops: consuming Hops, pacer: Pacer,
    began: Instant
  ) {
    self.plan = plan
    self.book = book
    self.form = form
    self.door = door
    self.hops = hops
    pacing = SweepPacing(pacer, plan.adaptive)
    self.began = began
    // Requests for link addresses are longer than some questions.
    batch = PacketBatch(stride: max(form.longest, 128))
    entries = Array(repeating: .none, count: batch.capacity)
    next = (0...book.retries).map { book.through($0) }
    foresight = SweepForesight(plan.order)
    cleared = (max(book[.head], book.resumedTop) + 31) & ~31
    parking = SweepParking(capacity: 16_384, attempts: book.retries + 1)
  }

  /// Sends a batch, as far as pace, window and door allow.
  mutating func step() -> Step {
    if isFinished { return .finished }
    let wish = SweepWish(rawValue: book.observe(.wish)) ?? .end
    if wish == .end { return finish() }
    let now = door.now
    if wish == .stop || now - began >= plan.limit ?? .seconds(Int64.max) { isStopping = true }
    if outruns(at: now) { return .again(at: now + .microseconds(200)) }
    if offered < batch.count { return offer() ? .again(at: now) : .full }
    let (granted, due) = pacing.allowance(at: now, book)
    let room = min(granted, batch.capacity)
    let called = hops.attend(&batch, room: room, at: now)
    for index in 0..<batch.count { entries[index] = .none }
    let wake = min(fill(to: room, at: now), called)
    if isFinished { return .finished }
    // Not before there was something to send does the time count that was not used.
    if batch.count == 0 {
      if granted > 0 { pacing.rested(at: now) }
      publish()
      return .again(at: granted > 0 ? wake : max(wake, due))
    }
    guard offer() else { return .full }
    return .again(at: max(wake, due))
  }

  /// Whether so much has left since what came was last read that the ear's room may be needed for its answers, or
  /// nobody has read for so long. A listener that gets no processor thus slows the questions; it loses no answers.
  private func outruns(at now: Instant) -> Bool {
    let read = book[.caughtUp]
    guard left != read else { return false }
    if left &- read > plan.ahead { return true }
    return now - Instant(nanoseconds: Int64(bitPattern: book[.caughtUpAt])) > .milliseconds(200)
  }

  mutating func finish() -> Step {
    isFinished = true
    // What has waited for room in vain was not asked.
    for entry in entries[offered..<max(offered, batch.count)] where entry.isQuestion {
      next[Int(entry.attempt)] = min(next[Int(entry.attempt)], entry.place)
    }
    publish()
    book.publish(1, .finished)
    return .finished
  }

  /// Fills the batch up to so many packets: retries that are due, then questions whose next hop was waited for, then
  /// new ones.
  ///
  /// - Returns: when there may be more to send: at once if it stopped for want of room.
  private mutating func fill(to room: Int, at now: Instant) -> Instant {
    var wake = Instant.distantFuture
    if !isStopping, book.retries > 0 {
      for attempt in stride(from: book.retries, to: 0, by: -1) {
        wake = min(wake, again(attempt, to: room, at: now))
      }
    }
    wake = min(wake, unpark(to: room, at: now))
    if !isStopping { wake = min(wake, new(to: room, at: now)) }
    // Some may have been parked just now.
    if !parking.isEmpty { wake = min(wake, look) }
    if wake == .distantFuture, batch.count == 0 { _ = finish() }
    return wake
  }

  /// Questions that were not asked yet.
  private mutating func new(to room: Int, at now: Instant) -> Instant {
    let end = min(book.count, (book.observe(.settled) & ~63) &+ book.window)
    // Questions that cannot be sent are many at times, and the other half is to hear of them in between.
    let most = next[0] &+ 1024
    while batch.count < room, next[0] < end {
      let place = next[0]
      guard place < most else { return now }
      if place >= cleared {
        book.clear(around: place)
        cleared = (place & ~31) &+ 32
      }
      if place < book.resumedTop, book.standing(of: place) != SweepBook.Standing.none {
        next[0] &+= 1
        continue
      }
      guard write(place, foresight.number(at: place), attempt: 0, at: now) else { return now + Self.pause }
      next[0] &+= 1
    }
    if next[0] == book.count { return .distantFuture }
    // At the end of the window the other half is waited for.
    return next[0] == end ? now + Self.pause : now
  }

  /// Questions whose attempt before this one was made long enough ago.
  private mutating func again(_ attempt: Int, to room: Int, at now: Instant) -> Instant {
    let end = book.through(attempt &- 1)
    while batch.count < room, next[attempt] < end {
      let place = next[attempt]
      let word = SweepBook.unanswered(book.standings(around: place)) &>> ((place & 31) &* 2)
      guard word != 0 else {
        next[attempt] = min((place & ~31) &+ 32, end)
        continue
      }
      let skipped = UInt64(word.trailingZeroBitCount / 2)
      guard skipped == 0 else {
        next[attempt] = min(place &+ skipped, end)
        continue
      }
      let due = book.asked(place, attempt: attempt &- 1, by: now) + plan.timeout
      guard due <= now else { return due }
      guard write(place, attempt: UInt8(truncatingIfNeeded: attempt), at: now) else { return now + Self.pause }
      next[attempt] = place &+ 1
    }
    if next[attempt] < end { return now }
    // The others are not through with the attempt before yet.
    return end == book.count ? .distantFuture : now + Self.pause
  }

  /// Looks again where parked questions go, at each in a while.
  private mutating func unpark(to room: Int, at now: Instant) -> Instant {
    guard !parking.isEmpty else { return .distantFuture }
    guard now >= look else { return look }
    for _ in 0..<parking.count {
      guard batch.count < room else { return now }
      let (place, attempt) = parking.take()
      // A retry is dropped where it is not worth it any more; a first question counts as asked.
      if attempt == 0 || !isStopping && book.standing(of: place) == SweepBook.Standing.none {
        _ = write(place, attempt: attempt, at: now)
      }
      parking.rise()
    }
    look = now + Self.pause + .microseconds(parking.count)
    return parking.isEmpty ? .distantFuture : look
  }

  /// Puts a question into the batch, or among the parked.
  ///
  /// - Returns: false if there is room in neither.
  private mutating func write(_ place: UInt64, attempt: UInt8, at now: Instant) -> Bool {
    write(place, plan.order.number(at: place), attempt: attempt, at: now)
  }

  /// The same for a place whose number is known.
  private mutating func write(_ place: UInt64, _ number: UInt64, attempt: UInt8, at now: Instant) -> Bool {
    let target = plan.space.target(at: number)
    switch hops.hop(to: target.address, at: now) {
    case .ready(let hop):
      entries[batch.count] = SweepEntry(place: place, attempt: attempt)
      appendQuestion(of: &form, target, attempt, at: now, to: &batch, hop)
    case .wait:
      guard !parking.isFull else { return false }
      parking.park(place, attempt: attempt)
    case .never(let why):
      note(why)
      fail(place, attempt: attempt, at: now)
    }
    return true
  }

  /// How long it waits for the other half and for hops.
  private static var pause: Duration { .milliseconds(1) }
}

private func appendQuestion<Form: SweepForm>(
  of form: inout Form, _ target: SweepTarget, _ attempt: UInt8, at now: Instant, to batch: inout PacketBatch,
  _ hop: NextHop
) {
  form.write(target, attempt: attempt, at: now) { batch.append($0, to: hop) }
}
