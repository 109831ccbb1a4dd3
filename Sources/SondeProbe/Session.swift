internal import SondeHeaders
public import SondeLink
internal import SondeOctets

/// A run of probes without any I/O of its own: it says what to send and how long to wait, is told what
/// came, and says what that means. Time is always an argument.
public struct Session<Plan: Schedule>: Sendable {
  /// What the caller is to do next.
  public enum Step: Sendable {
    case send([Outgoing])
    case wait(until: Instant)
    case finished
  }

  /// A probe that is out, answered or not, until it is forgotten.
  private struct Entry: Sendable {
    var request: Request
    var sentAt: Instant?
    var departure: Instant?
    var deadline: Instant = .distantFuture
    var first: Verdict?
    var isSilent = false
    var repliers: Set<IPAddress> = []
    var order: UInt64
  }

  /// An answer that waits for the transmit stamp of its probe.
  private struct Waiting: Sendable {
    var answer: Answer
    var due: Instant
  }

  public private(set) var plan: Plan
  public private(set) var tally = Tally()
  private let timeout: Duration
  private let linger: Duration
  private let waitsForDepartures: Bool
  private var correlator: Correlator
  private var entries: [UInt64: Entry] = [:]
  /// Probes in the order in which their time runs out; all have the same timeout.
  private var deadlines = Queue<UInt64>()
  private var lingering = Queue<UInt64>()
  private var waiting: [Waiting] = []
  /// The latest probe of each target, and the latest one that was answered.
  private var latest: [Int: UInt64] = [:]
  private var latestAnswered: [Int: UInt64] = [:]
  private var open = 0
  private var number: UInt64 = 0
  private var turn: Turn?
  private var isStopped = false
  private var events: [Event] = []

  /// - Parameters:
  ///   - timeout: how long a probe's answer is waited for.
  ///   - linger: how long after that a late answer is still known as one.
  ///   - nonce: this run's, if its payloads carry cookies.
  ///   - waitsForDepartures: whether the link reports transmit stamps; an answer waits at most 1 ms for its own.
  public init(
    _ plan: Plan, timeout: Duration, linger: Duration = .seconds(10), nonce: UInt32? = nil,
    waitsForDepartures: Bool = false
  ) {
    self.plan = plan
    self.timeout = timeout
    self.linger = linger
    self.waitsForDepartures = waitsForDepartures
    correlator = Correlator(nonce: nonce)
  }

  /// What happened since the last call.
  public mutating func takeEvents() -> [Event] {
    defer { events.removeAll(keepingCapacity: true) }
    return events
  }

  /// What to do now.
  public mutating func step(at now: Instant) -> Step {
    expire(at: now)
    var next = Instant.distantFuture
    if !isStopped {
      switch plan.next(at: now) {
      case .probe(let request):
        if let outgoing = prepare(request, at: now) { return .send([outgoing]) }
        return .wait(until: now)
      case .wait(let until): next = until
      case .finished where open == 0 && waiting.isEmpty: isStopped = true
      case .finished: break
      case .over: stop()
      }
    }
    if isStopped, waiting.isEmpty { return .finished }
    if let probe = deadlines.first, let entry = entries[probe] { next = min(next, entry.deadline) }
    if let due = waiting.map(\.due).min() { next = min(next, due) }
    return .wait(until: next)
  }

  /// Ends the run as if it had come to its end now: what is out counts as silent.
  public mutating func stop() {
    guard !isStopped else { return }
    isStopped = true
    for index in waiting.indices { waiting[index].due = Instant(nanoseconds: .min) }
    flush(at: Instant(nanoseconds: 0))
    while let probe = deadlines.removeFirst() { fallSilent(probe, at: nil) }
    for settlement in plan.stop() { events.append(.settled(settlement)) }
  }

  /// Learns how far a batch went.
  public mutating func took(_ batch: [Outgoing], _ outcome: SendOutcome) {
    for outgoing in batch.prefix(outcome.count) {
      guard var entry = entries[outgoing.probe] else { continue }
      entry.sentAt = outcome.at
      entry.deadline = outcome.at + timeout
      entries[outgoing.probe] = entry
      deadlines.append(outgoing.probe)
      tally.sent += 1
      open += 1
      plan.sent(outgoing.probe, entry.request, at: outcome.at)
      events.append(
        .sent(
          Sent(
            probe: outgoing.probe, target: entry.request.target, turn: entry.request.turn, at: outcome.at,
            wall: outcome.wall, asked: Registry.dissect(outgoing.bytes))))
    }
    for (index, outgoing) in batch.dropFirst(outcome.count).enumerated() {
      let error =
        index == 0 ? outcome.failure : nil
      fail(outgoing.probe, error ?? LinkError(operation: "send", code: 0, message: "the link is full"), at: outcome.at)
    }
  }

  /// Learns what the link brought.
  public mutating func receive(_ received: Received, at now: Instant) {
    switch received {
    case .departure(let departure):
      entries[departure.probe]?.departure = departure.kernel
      events.append(.left(departure))
    case .failure(let error, let probe?): failLocally(probe, error, at: now)
    case .failure: break
    case .frame(let frame): receive(frame, at: now)
    }
    flush(at: now)
  }
}

// Sending.
extension Session {
  private mutating func prepare(_ request: Request, at now: Instant) -> Outgoing? {
    number += 1
    let probe = number
    if let before = latest[request.target], let entry = entries[before], entry.first == nil, !entry.isSilent {
      events.append(.pending(silence(before, entry)))
    }
    latest[request.target] = probe
    entries[probe] = Entry(request: request, order: probe)
    do throws(CraftError) {
      let emission = try request.packet.encoded()
      correlator.register(probe, Registry.dissect(emission.bytes), isGroup: request.isGroup)
      return Outgoing(probe: probe, bytes: emission.bytes)
    } catch {
      plan.sent(probe, request, at: now)
      fail(probe, LinkError(operation: "encode", code: 0, message: error.description), at: now)
      return nil
    }
  }

  private mutating func fail(_ probe: UInt64, _ error: LinkError, at now: Instant) {
    guard let entry = entries.removeValue(forKey: probe) else { return }
    correlator.forget(probe)
    tally.sent += 1
    tally.sendFailed += 1
    plan.sent(probe, entry.request, at: now)
    let failure = SendFailure(probe: probe, target: entry.request.target, turn: entry.request.turn, error: error)
    events.append(.sendFailed(failure))
    settle(plan.failed(failure, at: now))
  }

  private mutating func settle(_ settlement: Settlement?) {
    if let settlement { events.append(.settled(settlement)) }
  }
}

// Receiving.
extension Session {
  private mutating func receive(_ frame: Frame, at now: Instant) {
    let reply = Registry.dissect(frame.bytes)
    switch correlator.match(reply) {
    case nil: break
    case .noise(let probe, let why)?: noise(probe, reply, why, frame)
    case .answer(let finding)?:
      if let why = reply.damage(of: frame) { return noise(finding.probe, reply, why, frame) }
      answer(finding, reply, frame, at: now)
    }
  }

  private mutating func noise(_ probe: UInt64?, _ reply: Dissection, _ why: String, _ frame: Frame) {
    tally.noise += 1
    events.append(.noise(Noise(probe: probe, from: reply.source, why: why, frame: frame)))
  }

  private mutating func answer(
    _ finding: Correlator.Finding, _ reply: Dissection, _ frame: Frame, at now: Instant
  ) {
    guard let entry = entries[finding.probe] else { return }
    let answer = Answer(
      probe: finding.probe, target: entry.request.target, turn: entry.request.turn, verdict: finding.verdict,
      by: finding.by, from: reply.source, rtt: nil, rttClock: .monotonic, flags: finding.flags, why: finding.why,
      report: finding.report, reply: reply, frame: frame, at: frame.stamp.monotonic)
    waiting.append(Waiting(answer: answer, due: now + .milliseconds(1)))
  }

  /// This machine says that it could not deliver a probe which it had taken: an answer of its own.
  private mutating func failLocally(_ probe: UInt64, _ error: LinkError, at now: Instant) {
    guard let entry = entries[probe] else { return }
    let answer = Answer(
      probe: probe, target: entry.request.target, turn: entry.request.turn, verdict: .unreachable, by: .localError,
      from: nil, rtt: nil, rttClock: .monotonic, flags: [.local], why: error.message, report: nil, reply: nil,
      frame: nil, at: now)
    waiting.append(Waiting(answer: answer, due: now))
  }

  /// Hands out the answers whose transmit stamp is there, or that have waited long enough.
  private mutating func flush(at now: Instant) {
    guard !waiting.isEmpty else { return }
    let ready = waiting
    waiting.removeAll(keepingCapacity: true)
    for item in ready {
      let stamped = entries[item.answer.probe]?.departure != nil
      if stamped || !waitsForDepartures || item.due <= now {
        conclude(item.answer)
      } else {
        waiting.append(item)
      }
    }
  }

  private mutating func conclude(_ pending: Answer) {
    var answer = pending
    guard var entry = entries[answer.probe] else { return }
    (answer.rtt, answer.rttClock) = roundTrip(entry, answer)
    let isRepeated =
      correlator.isGroup(answer.probe) ? answer.from.map { !entry.repliers.insert($0).inserted } ?? false : entry.first != nil
    if isRepeated {
      answer.flags.append(entry.first == answer.verdict ? .duplicate : .conflict)
      tally.duplicates += 1
    } else if entry.isSilent, entry.first == nil {
      answer.flags.append(.late)
      tally.late += 1
    }
    if let newest = latestAnswered[answer.target], newest > entry.order, !isRepeated {
      answer.flags.append(.outOfOrder)
    }
    latestAnswered[answer.target] = max(latestAnswered[answer.target] ?? 0, entry.order)
    if entry.first == nil, !entry.isSilent {
      tally.answered += 1
      open -= 1
      if answer.by == .icmpError || answer.by == .localError { tally.errors += 1 }
    }
    if !isRepeated, !answer.flags.contains(.late), answer.by != .icmpError, let rtt = answer.rtt {
      tally.add(rtt: rtt)
    }
    if entry.first == nil { entry.first = answer.verdict }
    entries[answer.probe] = entry
    events.append(.answer(answer))
    if !isRepeated { settle(plan.answered(answer)) }
  }

  /// The kernel's pair of stamps if each lies on the right side of what this program saw; else the
  /// program's own pair.
  private func roundTrip(_ entry: Entry, _ answer: Answer) -> (Duration?, RTTClock) {
    guard let sent = entry.sentAt, let stamp = answer.frame?.stamp else { return (nil, .monotonic) }
    if let left = entry.departure, let came = stamp.kernel, sent <= left, left <= came, came <= stamp.monotonic {
      return (came - left, .kernel)
    }
    return (stamp.monotonic - sent, .monotonic)
  }
}

// Time running out.
extension Session {
  private mutating func expire(at now: Instant) {
    flush(at: now)
    while let probe = deadlines.first {
      guard let entry = entries[probe] else {
        _ = deadlines.removeFirst()
        continue
      }
      guard entry.deadline <= now else { break }
      _ = deadlines.removeFirst()
      fallSilent(probe, at: now)
      lingering.append(probe)
    }
    while let probe = lingering.first {
      if let entry = entries[probe], entry.deadline + linger > now { break }
      _ = lingering.removeFirst()
      entries[probe] = nil
      correlator.forget(probe)
    }
  }

  private mutating func fallSilent(_ probe: UInt64, at now: Instant?) {
    guard var entry = entries[probe], !entry.isSilent else { return }
    entry.isSilent = true
    entries[probe] = entry
    guard entry.first == nil else { return }
    tally.silent += 1
    open -= 1
    let silence = silence(probe, entry)
    events.append(.silence(silence))
    if let now { settle(plan.silent(silence, at: now)) }
  }

  private func silence(_ probe: UInt64, _ entry: Entry) -> Silence {
    Silence(
      probe: probe, target: entry.request.target, turn: entry.request.turn, verdict: correlator.silence(of: probe))
  }
}

extension Dissection {
  /// Why the packet must not be believed: a checksum that is wrong, where none had still to be computed.
  fileprivate func damage(of frame: Frame) -> String? {
    if frame.isRebuilt { return nil }
    for check in sums() {
      switch check.verdict {
      case .valid, .absent, .unverifiable, .offload: break
      case .wrong where frame.checksumNotReady && check.layer != IPv4.name: break
      case .wrong:
        return "\(check.layer) checksum is \(Hex.word(check.found)), not \(Hex.word(check.expected ?? 0))"
      case .illegal: return "\(check.layer) checksum is 0, which IPv6 forbids"
      }
    }
    return nil
  }
}
