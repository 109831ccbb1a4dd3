internal import SondeHeaders
public import SondeLink
internal import SondeOctets

/// A run of probes without any I/O of its own: it says what to send and how long to wait, is told what
/// came, and says what that means. Time is always an argument.
public struct Session<Plan: Schedule>: Sendable {
  /// What the caller is to do next.
  public enum Step: Sendable {
    /// Send these, and tell `took` how far they went.
    case send([Outgoing])
    case wait(until: Instant)
    case finished
  }

  /// An answer that waits for the transmit stamp of its probe.
  struct Waiting: Sendable {
    var answer: Answer
    var sentAt: Instant?
    var isFromAskedHost: Bool
    var due: Instant
    /// Whether its probe had an answer before.
    var isRepeated = false
  }

  /// The fragments of a probe, and how many of them have not left yet.
  struct Fragments: Sendable {
    var octets: [[UInt8]]
    var unsent: Int
  }

  public internal(set) var plan: Plan
  public var tally: Tally { ledger.tally }
  /// How many probes it knows: those of one timeout and one linger, at most.
  public var knownProbes: Int { ledger.count }
  let waitsForDepartures: Bool
  var ledger: Ledger
  var correlator = Correlator()
  /// In the order in which they came, which is the order in which they are handed out.
  var waiting = Queue<Waiting>()
  /// Errors that quote too little to be sure of: each is its probe's answer if no better one comes in its time.
  var held: [UInt64: Waiting] = [:]
  var reassembly = Reassembly()
  /// First fragments of answers whose other fragments have not come: each is its probe's answer as far as it goes if
  /// they never do.
  var firstFragments: [UInt64: (reply: Dissection, frame: Frame)] = [:]
  /// Probes whose fragments have not all left.
  var leaving: [UInt64: Fragments] = [:]
  /// What the link had no room for, since when, and when to try again.
  var unsent: [Outgoing] = []
  var fullSince: Instant?
  var retryAt = Instant(nanoseconds: .min)
  /// The latest probe of each target, until it is answered.
  var unanswered: [Int: Silence] = [:]
  var unreadable: Set<LinkType> = []
  var number: UInt64 = 0
  var isStopped = false
  var now = Instant(nanoseconds: .min)
  var events: [Event] = []

  /// - Parameters:
  ///   - timeout: how long a probe's answer is waited for.
  ///   - linger: how long after that a late answer is still known as one.
  ///   - waitsForDepartures: whether the link reports transmit stamps; an answer waits at most 1 ms for its own.
  ///   - endsWhenAnswered: whether the run ends with its last first answer; otherwise it listens to the end of
  ///     each probe's time, for duplicates, conflicts and late errors. Probes to groups always do.
  public init(
    _ plan: Plan, timeout: Duration, linger: Duration = .seconds(10), waitsForDepartures: Bool = false,
    endsWhenAnswered: Bool = true
  ) {
    self.plan = plan
    self.waitsForDepartures = waitsForDepartures
    ledger = Ledger(timeout: timeout, linger: linger, endsWhenAnswered: endsWhenAnswered)
  }

  /// What happened since the last call.
  public mutating func takeEvents() -> [Event] {
    defer { events.removeAll(keepingCapacity: true) }
    return events
  }

  /// What to do now.
  ///
  /// - Parameter heard: the instant up to which all that came has been told to `receive`, if that is not now:
  ///   a probe whose time was up later is not silent yet. A wait may then end in the past: listen, and ask again.
  public mutating func step(at now: Instant, heardUntil heard: Instant? = nil) -> Step {
    self.now = max(self.now, now)
    deliver(at: now)
    expire(at: min(heard ?? now, now))
    deliver(at: now)
    while let settlement = plan.settled(by: min(heard ?? now, now)) { settle(settlement) }
    if isStopped { return .finished }
    var next = Instant.distantFuture
    if !unsent.isEmpty, retryAt <= now {
      defer { unsent = [] }
      return .send(unsent)
    }
    switch unsent.isEmpty ? plan.next(at: now) : .wait(until: retryAt) {
    case .probe(let request):
      let pieces = prepare(request, at: now)
      if !pieces.isEmpty { return .send(pieces) }
      return .wait(until: now)
    case .wait(let until): next = until
    case .finished where ledger.open > 0 || !waiting.isEmpty: break
    case .finished, .over:
      close()
      return .finished
    }
    if let deadline = ledger.nextDeadline() { next = min(next, deadline) }
    if let due = waiting.first?.due { next = min(next, due) }
    return .wait(until: next)
  }

  /// Ends the run as if it had come to its end now: what is out counts as silent, what was never sent counts
  /// nowhere.
  public mutating func stop() {
    guard !isStopped else { return }
    let before = events.count
    plan.cutShort()
    close()
    for index in before..<events.count {
      guard case .settled(var settlement) = events[index] else { continue }
      settlement.isCutShort = true
      events[index] = .settled(settlement)
    }
  }

  private mutating func close() {
    isStopped = true
    deliver(at: .distantFuture)
    for outgoing in unsent { drop(outgoing.probe) }
    unsent = []
    while let probe = ledger.nextDue(at: .distantFuture) { fallSilent(probe) }
    deliver(at: .distantFuture)
    for settlement in plan.stop() { events.append(.settled(settlement)) }
  }

  /// Learns how far a batch went.
  public mutating func took(_ batch: [Outgoing], _ outcome: SendOutcome) {
    let count = min(max(outcome.count, 0), batch.count)
    for outgoing in batch.prefix(count) { left(outgoing, outcome) }
    var rest = batch.dropFirst(count)
    if count > 0 || outcome.failure != nil { fullSince = nil }
    if let error = outcome.failure, let failed = rest.popFirst() {
      fail(failed.probe, error, at: outcome.at)
      // The fragments behind one that failed are of no use.
      rest = rest.drop { $0.probe == failed.probe }
    }
    guard !rest.isEmpty else { return }
    if isStopped {
      for outgoing in rest { drop(outgoing.probe) }
    } else if outcome.failure != nil {
      unsent = Array(rest)
      retryAt = outcome.at
    } else if let fullSince, outcome.at >= fullSince + .seconds(1) {
      let error = LinkError(operation: "send", code: 0, message: "the link has had no room for a second")
      for probe in Set(rest.map(\.probe)).sorted() { fail(probe, error, at: outcome.at) }
    } else {
      fullSince = fullSince ?? outcome.at
      unsent = Array(rest)
      retryAt = outcome.at + .milliseconds(1)
    }
  }

  /// Learns what the link brought.
  public mutating func receive(_ received: Received, at now: Instant) {
    self.now = max(self.now, now)
    switch received {
    case .departure(let departure):
      ledger.departed(departure.probe, at: departure.kernel, resolution: departure.resolution)
      if let bytes = departure.bytes { correlator.left(departure.probe, as: bytes) }
      events.append(.left(departure))
    case .failure(let error, let probe?): failLocally(probe, error, at: now)
    // The kernel does not say whose it was: that probe falls silent.
    case .failure(let error, nil): events.append(.failure(error))
    case .frame(let frame): receive(frame, at: now)
    }
    deliver(at: isStopped ? .distantFuture : now)
  }
}

// Time running out.
extension Session {
  mutating func expire(at now: Instant) {
    while let probe = ledger.nextDue(at: now) { fallSilent(probe) }
    while let probe = ledger.nextForgotten(at: now) { correlator.forget(probe) }
    // As long as Linux waits for fragments (ip-sysctl.rst, ipfrag_time).
    _ = reassembly.expire(before: now.nanoseconds.subtractingReportingOverflow(30_000_000_000).partialValue)
  }

  mutating func fallSilent(_ probe: UInt64) {
    release(fragmentOf: probe)
    if let weak = held.removeValue(forKey: probe) { book(weak) }
    correlator.close(probe)
    guard let request = ledger[probe]?.request, ledger.end(probe) else { return }
    let silence = silence(of: probe, request)
    events.append(.silence(silence))
    settle(plan.silent(silence, at: now))
  }

  func silence(of probe: UInt64, _ request: Request) -> Silence {
    Silence(probe: probe, target: request.target, turn: request.turn, verdict: correlator.silence(of: probe))
  }
}
