internal import SondeHeaders
public import SondeLink
internal import SondeOctets
internal import Synchronization

/// A sweep that is ready to run: what sends, what listens, and the book that they share.
///
/// Nothing is remembered of a question but two bits, and when the sixty-four of its block were asked; all memory is made
/// here once, and does not grow with the number of questions.
public struct Sweep<Form: SweepForm, Door: BulkDoor & ~Copyable, Hops: SweepHops & ~Copyable, Ear: BulkEar & ~Copyable>:
  ~Copyable
{
  let plan: SweepPlan
  let book: SweepBook
  let desk: SweepDesk<Form, Door, Hops>
  let form: Form
  var listener: SweepListener
  var ear: Ear
  var ticked: Instant
  var counted: Instant
  /// What came before this moment has been heard.
  var heard: Instant
  /// How much had left at a moment up to which not all that came is read yet.
  var mark: (left: UInt64, at: Instant)
  var wished = SweepWish.goOn

  /// - Parameters:
  ///   - ear: open already, so that no answer is missed.
  public init(
    _ plan: SweepPlan, form: Form, door: consuming Door, hops: consuming Hops, ear: consuming Ear, pacer: Pacer
  ) {
    let began = ear.now
    let book = SweepBook(plan, at: began)
    var plan = plan
    plan.resumed = plan.resumed?.fitted(to: book.count, window: book.window)
    self.plan = plan
    self.book = book
    listener = SweepListener(plan, book, began: began)
    self.form = form
    desk = SweepDesk(SweepSender(plan, book, form: form, door: door, hops: hops, pacer: pacer, began: began))
    self.ear = ear
    ticked = began
    counted = began
    heard = began
    mark = (0, began)
  }

  /// Runs to the end, by this thread alone or by two.
  ///
  /// - Parameters:
  ///   - start: Runs what it is given on another thread, which then sends while this one listens, or says that it cannot,
  ///     and runs nothing; nil to do both here, in turn.
  ///   - wish: What the user wants now; asked about every few milliseconds at least, and it never goes back.
  ///   - onTick: Called every `tick` of the plan, and once at the end; `SweepMoment.state` makes a state to be resumed.
  ///   - onEvent: Called for each answer and each silence, with the packet from its IP header on; with none for silence.
  public mutating func run(
    on start: ((@escaping @Sendable () -> Void) -> Bool)? = nil, wish: () -> SweepWish = { .goOn },
    onTick: (borrowing SweepMoment) -> Void = { _ in }, onEvent: (SweepEvent, RawSpan) -> Void
  ) -> SweepSummary {
    let desk = desk
    if let start, start({ desk.work() }) {
      listen(wish, onTick, onEvent)
    } else {
      alternate(wish, onTick, onEvent)
    }
    return conclude(onTick, onEvent)
  }

  /// Listens while another thread sends.
  private mutating func listen(
    _ wish: () -> SweepWish, _ onTick: (borrowing SweepMoment) -> Void, _ onEvent: (SweepEvent, RawSpan) -> Void
  ) {
    while true {
      let came = hear(limit: 1024, onEvent)
      if tend(wish, onTick, onEvent) { return }
      if came == 0 { ear.wait(until: ear.now + .milliseconds(2)) }
    }
  }

  /// Sends and listens in turn.
  private mutating func alternate(
    _ wish: () -> SweepWish, _ onTick: (borrowing SweepMoment) -> Void, _ onEvent: (SweepEvent, RawSpan) -> Void
  ) {
    let desk = desk
    desk.sender.withLock { sender in
      while true {
        let step = sender.step()
        let came = hear(limit: 256, onEvent)
        if tend(wish, onTick, onEvent) { return }
        guard came == 0 else { continue }
        let now = ear.now
        switch step {
        case .full: sender.door.waitForRoom()
        case .finished: ear.wait(until: min(now + .milliseconds(2), max(listener.ending(), now)))
        case .again(let next):
          // Near its time the door waits more precisely than the ear; farther from it what comes is heard at once.
          let nearly = now + .milliseconds(1)
          if next > nearly { ear.wait(until: nearly) } else if next > now { sender.door.sleep(until: next) }
        }
      }
    }
  }

  /// Takes what came. Where more came than it takes, nothing is called silent that may have its answer here already:
  /// what was heard then is all that came before the last one taken.
  private mutating func hear(limit: Int, _ onEvent: (SweepEvent, RawSpan) -> Void) -> Int {
    let now = ear.now
    let left = book[.left]
    let came = drain(&ear, &listener, form, limit: limit, onEvent)
    if came < limit {
      heard = now
      mark = (left, now)
    } else {
      heard = max(heard, min(listener.latest, now))
    }
    // The other half is told up to when all that came was read, and how much had left by then.
    if heard >= mark.at {
      book[.caughtUp] = mark.left
      book[.caughtUpAt] = UInt64(bitPattern: mark.at.nanoseconds)
      mark = (left, now)
    }
    return came
  }

  /// What there is to be done every few milliseconds.
  ///
  /// - Returns: whether the run is over.
  private mutating func tend(
    _ wish: () -> SweepWish, _ onTick: (borrowing SweepMoment) -> Void, _ onEvent: (SweepEvent, RawSpan) -> Void
  ) -> Bool {
    let now = ear.now
    wished = max(wished, wish())
    book.publish(wished.rawValue, .wish)
    let isFinished = book.observe(.finished) != 0
    if wished == .end { return isFinished }
    listener.settle(at: heard, all: false, onEvent)
    listener.leaveTrail(at: now)
    if now - counted >= .milliseconds(100) {
      counted = now
      listener.counts.ownDrops = ear.counts().dropped
    }
    listener.publish()
    if now - ticked >= plan.tick {
      ticked = now
      onTick(moment(at: now, isFinished: isFinished))
    }
    return isFinished && (listener.pending == 0 || heard >= listener.ending())
  }
}

/// Where the sending half is found by the thread that works it; the lock is held for as long as it works.
final class SweepDesk<Form: SweepForm, Door: BulkDoor & ~Copyable, Hops: SweepHops & ~Copyable>: Sendable {
  let sender: Mutex<SweepSender<Form, Door, Hops>>

  init(_ sender: consuming sending SweepSender<Form, Door, Hops>) { self.sender = Mutex(sender) }

  /// Sends until there is nothing more to send.
  func work() {
    sender.withLock { sender in
      while true {
        switch sender.step() {
        case .finished: return
        case .full: sender.door.waitForRoom()
        case .again(let next):
          let now = sender.door.now
          // Not longer, so that a wish of the user is heard.
          if next > now { sender.door.sleep(until: min(next, now + .milliseconds(10))) }
        }
      }
    }
  }
}

/// Takes what came; the two are borrowed apart, so that they may be parts of one value.
private func drain<Ear: BulkEar & ~Copyable, Form: SweepForm>(
  _ ear: inout Ear, _ listener: inout SweepListener, _ form: Form, limit: Int,
  _ onEvent: (SweepEvent, RawSpan) -> Void
) -> Int {
  let heard = ear.drain(limit: limit) {
    listener.latest = $1.at
    listener.take(form.read($0, $1), $0, $1, onEvent)
  }
  listener.counts.frames &+= UInt64(heard)
  return heard
}

extension Sweep where Door: ~Copyable, Hops: ~Copyable, Ear: ~Copyable {
  private func moment(at now: Instant, isFinished: Bool) -> SweepMoment {
    let pending = listener.pending
    var counts = listener.total()
    counts.frames &+= listener.counts.ownDrops
    return SweepMoment(
      progress: SweepProgress(
        counts: counts, pending: pending, questions: plan.order.count, asked: book.observe(.head),
        settled: listener.settled, began: listener.began, at: now, left: book[.left], full: book[.full],
        isCoolingDown: isFinished, ends: isFinished ? listener.ending() : nil,
        rate: Double(bitPattern: book[.rate])),
      book: book, settled: listener.settled, head: listener.asked(at: now))
  }

  /// Books what is still to come, and closes the books.
  private mutating func conclude(
    _ onTick: (borrowing SweepMoment) -> Void, _ onEvent: (SweepEvent, RawSpan) -> Void
  ) -> SweepSummary {
    ear.close()
    while drain(&ear, &listener, form, limit: 1024, onEvent) > 0 {}
    let came = ear.counts()
    listener.counts.ownDrops = came.dropped
    listener.counts.frames = came.seen &- min(came.seen, came.dropped)
    let now = ear.now
    if wished != .end { listener.settle(at: now, all: true, onEvent) }
    let last = moment(at: now, isFinished: true)
    onTick(last)
    var counts = last.progress.counts
    // Only a run that was ended at once leaves questions without a verdict: nobody waits for them any more.
    counts.silent &+= last.progress.pending
    let isComplete = (0...book.retries).allSatisfy { book.through($0) == book.count }
    return desk.sender.withLock { sender in
      SweepSummary(
        counts: counts, ending: wished == .end ? .ended : isComplete ? .complete : .stopped, state: last.state(),
        began: listener.began, firstLeft: sender.firstLeft, lastLeft: sender.lastLeft, ended: now,
        asked: book.through(0), left: sender.asked &+ sender.outrun,
        full: sender.full, largest: listener.roundTrip.largest, refusals: sender.refusals)
    }
  }
}
