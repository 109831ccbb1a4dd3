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
  private struct Waiting: Sendable {
    var answer: Answer
    var sentAt: Instant?
    var isFromAskedHost: Bool
    var due: Instant
  }

  /// The fragments of a probe, and how many of them have not left yet.
  private struct Fragments: Sendable {
    var octets: [[UInt8]]
    var unsent: Int
  }

  public private(set) var plan: Plan
  public var tally: Tally { ledger.tally }
  /// How many probes it knows: those of one timeout and one linger, at most.
  public var knownProbes: Int { ledger.count }
  private let waitsForDepartures: Bool
  private var ledger: Ledger
  var correlator = Correlator()
  /// In the order in which they came, which is the order in which they are handed out.
  private var waiting = Queue<Waiting>()
  /// Errors that quote too little to be sure of: each is its probe's answer if no better one comes in its time.
  private var held: [UInt64: Waiting] = [:]
  var reassembly = Reassembly()
  /// First fragments of answers whose other fragments have not come: each is its probe's answer as far as it goes if
  /// they never do.
  var firstFragments: [UInt64: (reply: Dissection, frame: Frame)] = [:]
  /// Probes whose fragments have not all left.
  private var leaving: [UInt64: Fragments] = [:]
  /// What the link had no room for, since when, and when to try again.
  private var unsent: [Outgoing] = []
  private var fullSince: Instant?
  private var retryAt = Instant(nanoseconds: .min)
  /// The latest probe of each target, until it is answered.
  private var unanswered: [Int: Silence] = [:]
  private var unreadable: Set<LinkType> = []
  private var number: UInt64 = 0
  private var isStopped = false
  var now = Instant(nanoseconds: .min)
  private var events: [Event] = []

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
      stop()
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
      ledger.departed(departure.probe, at: departure.kernel)
      events.append(.left(departure))
    case .failure(let error, let probe?): failLocally(probe, error, at: now)
    // The kernel does not say whose it was: that probe falls silent.
    case .failure(let error, nil): events.append(.failure(error))
    case .frame(let frame): receive(frame, at: now)
    }
    deliver(at: isStopped ? .distantFuture : now)
  }
}

// Sending.
extension Session {
  /// The frames that a probe leaves in: several where it is fragmented; none where it does not encode.
  private mutating func prepare(_ request: Request, at now: Instant) -> [Outgoing] {
    number += 1
    let probe = number
    if let before = unanswered[request.target] { events.append(.pending(before)) }
    if let refusal = request.refusal {
      ledger.enter(probe, request, isGroup: request.isGroup, destination: nil)
      fail(probe, refusal, at: now)
      return []
    }
    do throws(CraftError) {
      let emission = try request.packet.encoded()
      // IPv6 fragments of one packet share a number that no other packet's have.
      let fragments = try request.mtu.map { (mtu) throws(CraftError) in
        try request.packet.fragment(mtu: mtu, identification: UInt32(truncatingIfNeeded: probe))
      }
      var pieces: [[UInt8]] = []
      for fragment in fragments ?? [] where fragments?.count != 1 { pieces.append(try fragment.encoded().bytes) }
      // By the type of its outermost layer, whatever version that says it has.
      let asked = Registry.dissect(emission.bytes, as: request.packet.start)
      correlator.register(probe, asked, isGroup: request.isGroup)
      ledger.enter(probe, request, isGroup: correlator.isGroup(probe), destination: asked.destination)
      unanswered[request.target] = silence(of: probe, request)
      if !pieces.isEmpty { leaving[probe] = Fragments(octets: pieces, unsent: pieces.count) }
      let linkType = request.packet.layers.leading?.linkType.map { LinkType(rawValue: $0) } ?? .raw
      return (pieces.isEmpty ? [emission.bytes] : pieces).map { bytes in
        Outgoing(probe: probe, bytes: bytes, linkType: linkType, way: request.way)
      }
    } catch {
      ledger.enter(probe, request, isGroup: request.isGroup, destination: nil)
      fail(probe, LinkError(operation: "encode", code: 0, message: error.description), at: now)
      return []
    }
  }

  private mutating func left(_ outgoing: Outgoing, _ outcome: SendOutcome) {
    let probe = outgoing.probe
    // A probe has left with its last fragment.
    if let unsent = leaving[probe]?.unsent, unsent > 1 {
      leaving[probe]?.unsent = unsent - 1
      return
    }
    let fragments = leaving.removeValue(forKey: probe)?.octets ?? []
    guard let entry = ledger[probe], let asked = correlator.dissection(of: probe) else { return }
    let request = entry.request
    ledger.sent(probe, at: outcome.at)
    correlator.left(probe)
    plan.sent(probe, request, at: outcome.at)
    events.append(
      .sent(
        Sent(
          probe: probe, target: request.target, turn: request.turn, at: outcome.at, wall: outcome.wall, asked: asked,
          fragments: fragments)))
    if isStopped { fallSilent(probe) }
  }

  private mutating func fail(_ probe: UInt64, _ error: LinkError, at now: Instant) {
    guard let request = ledger[probe]?.request else { return }
    ledger.failed(probe)
    forget(probe, request)
    plan.sent(probe, request, at: now)
    let failure = SendFailure(probe: probe, target: request.target, turn: request.turn, error: error)
    events.append(.sendFailed(failure))
    settle(plan.failed(failure, at: now))
  }

  private mutating func drop(_ probe: UInt64) {
    guard let request = ledger[probe]?.request else { return }
    ledger.drop(probe)
    forget(probe, request)
  }

  private mutating func forget(_ probe: UInt64, _ request: Request) {
    leaving[probe] = nil
    correlator.forget(probe)
    if unanswered[request.target]?.probe == probe { unanswered[request.target] = nil }
  }

  private mutating func settle(_ settlement: Settlement?) {
    if let settlement { events.append(.settled(settlement)) }
  }
}

// Receiving.
extension Session {
  private mutating func receive(_ frame: Frame, at now: Instant) {
    guard let reply = frame.dissection else { return cannotRead(frame.linkType) }
    switch reassembly.add(reply, at: frame.stamp.monotonic.nanoseconds) {
    case .whole: hear(reply, frame, at: now)
    case .pending: hold(reply, frame)
    case .complete(let whole, let oddities): hear(whole, of: oddities, frame, at: now)
    case .refused(let oddity, let isVoid): refuse(reply, oddity, isVoid: isVoid, frame)
    }
  }

  /// Takes a packet that is whole, or all of it that will ever come.
  mutating func hear(_ reply: Dissection, _ frame: Frame, at now: Instant, remark: String = "") {
    switch correlator.match(reply) {
    case nil: break
    case .noise(let probe, let why)?: noise(probe, reply, why, frame)
    case .answer(let finding)?:
      if let why = reply.damage(of: frame) { return noise(finding.probe, reply, why, frame) }
      guard let entry = ledger[finding.probe] else { return }
      let isRemarked = !remark.isEmpty && !finding.flags.contains(.fragmented)
      let answer = Answer(
        probe: finding.probe, target: entry.request.target, turn: entry.request.turn, verdict: finding.verdict,
        by: finding.by, from: reply.source, rtt: nil, rttClock: .monotonic,
        flags: finding.flags + (isRemarked ? [.fragmented] : []), why: finding.why + remark,
        report: finding.report, reply: reply, frame: frame, at: frame.stamp.monotonic,
        isFirst: false)
      take(answer, entry, came: arrival(frame.stamp, entry), due: now + .milliseconds(1))
    }
  }

  /// Says once of each link type that its frames are lost on us.
  private mutating func cannotRead(_ type: LinkType) {
    guard unreadable.insert(type).inserted else { return }
    let message = "frames of link type \(type.rawValue) cannot be read here"
    events.append(.failure(LinkError(operation: "receive", code: 0, message: message)))
  }

  mutating func noise(_ probe: UInt64?, _ reply: Dissection, _ why: String, _ frame: Frame) {
    ledger.countNoise()
    events.append(.noise(Noise(probe: probe, from: reply.source, why: why, frame: frame)))
  }

  /// This machine says that it could not deliver a probe which it had taken: an answer of its own.
  private mutating func failLocally(_ probe: UInt64, _ error: LinkError, at now: Instant) {
    guard let entry = ledger[probe], entry.sentAt != nil else { return }
    let answer = Answer(
      probe: probe, target: entry.request.target, turn: entry.request.turn, verdict: .unreachable, by: .localError,
      from: nil, rtt: nil, rttClock: .monotonic, flags: [.local], why: error.message, report: nil, reply: nil,
      frame: nil, at: now, isFirst: false)
    take(answer, entry, came: now, due: now)
  }

  /// When it reached this machine: by the kernel's stamp, if that lies between our sending and our reading.
  private func arrival(_ stamp: Stamp, _ entry: Ledger.Entry) -> Instant {
    guard let kernel = stamp.kernel, let sentAt = entry.sentAt, sentAt <= kernel, kernel <= stamp.monotonic else {
      return stamp.monotonic
    }
    return kernel
  }

  /// Books an answer as of the moment when it came; what is told of it waits for the transmit stamp.
  private mutating func take(_ answer: Answer, _ entry: Ledger.Entry, came: Instant, due: Instant) {
    if came > entry.deadline { fallSilent(answer.probe) }
    let isError = answer.by == .icmpError || answer.by == .localError
    let item = Waiting(
      answer: answer, sentAt: entry.sentAt, isFromAskedHost: !isError || answer.from == entry.destination, due: due)
    let probe = answer.probe
    if answer.flags.contains(.weakMatch), let entry = ledger[probe], !entry.isOver, entry.first == nil {
      if held[probe] == nil {
        held[probe] = item
      } else if let reply = answer.reply, let frame = answer.frame {
        noise(probe, reply, "quotes as little as an error before it", frame)
      }
      return
    }
    book(item)
    if let weak = held.removeValue(forKey: probe) { book(weak) }
  }

  private mutating func book(_ item: Waiting) {
    var item = item
    let answer = item.answer
    let isError = answer.by == .icmpError || answer.by == .localError
    let booked = ledger.book(answer.probe, answer.verdict, from: answer.from, isError: isError)
    item.answer.flags += booked.flags
    item.answer.isFirst = booked.isFirst
    correlator.answered(answer.probe, from: answer.from)
    if unanswered[answer.target]?.probe == answer.probe { unanswered[answer.target] = nil }
    waiting.append(item)
  }

  /// Hands out the answers, in order, whose transmit stamp is there or that have waited long enough.
  private mutating func deliver(at now: Instant) {
    while let item = waiting.first {
      let departure = ledger[item.answer.probe]?.departure
      guard departure != nil || !waitsForDepartures || item.due <= now else { break }
      waiting.removeFirst()
      var answer = item.answer
      (answer.rtt, answer.rttClock) = roundTrip(item, departure)
      // An error from a host on the way says nothing of the way to the host asked.
      if answer.isFirstOfItsHost, item.isFromAskedHost, let rtt = answer.rtt { ledger.add(rtt: rtt) }
      events.append(.answer(answer))
      if !answer.flags.contains(.duplicate), !answer.flags.contains(.conflict) { settle(plan.answered(answer)) }
    }
  }

  /// The kernel's pair of stamps if each lies on the right side of what this program saw; else the
  /// program's own pair.
  private func roundTrip(_ item: Waiting, _ departure: Instant?) -> (Duration?, RTTClock) {
    guard let sent = item.sentAt, let stamp = item.answer.frame?.stamp, sent <= stamp.monotonic else {
      return (nil, .monotonic)
    }
    if let departure, let came = stamp.kernel, sent <= departure, departure <= came, came <= stamp.monotonic {
      return (came - departure, .kernel)
    }
    return (stamp.monotonic - sent, .monotonic)
  }
}

// Time running out.
extension Session {
  private mutating func expire(at now: Instant) {
    while let probe = ledger.nextDue(at: now) { fallSilent(probe) }
    while let probe = ledger.nextForgotten(at: now) { correlator.forget(probe) }
    // As long as Linux waits for fragments (ip-sysctl.rst, ipfrag_time).
    _ = reassembly.expire(before: now.nanoseconds.subtractingReportingOverflow(30_000_000_000).partialValue)
  }

  private mutating func fallSilent(_ probe: UInt64) {
    release(fragmentOf: probe)
    if let weak = held.removeValue(forKey: probe) { book(weak) }
    correlator.close(probe)
    guard let request = ledger[probe]?.request, ledger.end(probe) else { return }
    let silence = silence(of: probe, request)
    events.append(.silence(silence))
    settle(plan.silent(silence, at: now))
  }

  private func silence(of probe: UInt64, _ request: Request) -> Silence {
    Silence(probe: probe, target: request.target, turn: request.turn, verdict: correlator.silence(of: probe))
  }
}

extension AnyPacket {
  /// How the packet's own first octet is read.
  fileprivate var start: Registry.Start {
    if let number = layers.leading?.linkType { return .link(number) }
    return layers.leading?.ipProtocol.map { .ipProtocol($0) } ?? .ip
  }
}
