public import SondeHeaders
public import SondeLink

/// Asks each TTL in turn, several at once, until the host asked has answered every query of the lowest TTL that
/// reaches it.
///
/// All probes of one flow have the same ports, so some answers do not say which of them they answer: a UDP datagram
/// (there is nothing in it that must be ours), or an error that quotes too little or what was rewritten. Such an
/// answer counts only if its probe was the only one on its way all the time; from the first one on that is so for
/// every probe.
///
/// Each query is settled once, by its hop's and its own number (`Trace.target`); a late answer settles it again.
public struct TraceSchedule: Schedule {
  /// One probe: which query of which TTL, and its number among all probes, which no other has.
  public struct Question: Hashable, Sendable {
    public var ttl: Int
    /// From 0 on.
    public var query: Int
    /// From 0 on.
    public var number: UInt64

    public init(ttl: Int, query: Int, number: UInt64) {
      self.ttl = ttl
      self.query = query
      self.number = number
    }
  }

  /// How fast.
  public struct Pace: Hashable, Sendable {
    /// Between any two probes.
    public var gap: Duration
    /// Between probes that are asked again of a host that limits its ICMP errors.
    public var limitedGap: Duration
    /// How many probes wait for answers at the same time, at most.
    public var inFlight: Int

    public init(gap: Duration, limitedGap: Duration = .milliseconds(1020), inFlight: Int = 16) {
      self.gap = gap
      self.limitedGap = limitedGap
      self.inFlight = inFlight
    }
  }

  private enum State: Sendable { case unasked, asked, settled }

  /// How often a query is asked at most, where a probe of it does not count.
  private static let mostAttempts = 3

  public private(set) var trace: Trace
  private let pace: Pace
  private let packet: @Sendable (Question) -> AnyPacket
  private let way: Way?
  /// Whether probes ask for connections, of which a host remembers the first and answers no other of the same ports
  /// before it is gone.
  private let opensConnections: Bool
  private var states: [State]
  private var attempts: [Int]
  private var number: UInt64 = 0
  private var nextAt: Instant?
  /// Probes that wait for their answers.
  private var out: Set<UInt64> = []
  /// Probes that did so while others did.
  private var crowded: Set<UInt64> = []
  private var isOneAtATime = false
  /// Whether the host asked answers by ICMP errors, and left out some.
  private var isLimited = false
  /// Whether the run ends before its time.
  private var isCutShort = false

  /// - Parameters:
  ///   - opensConnections: whether each probe asks for a connection, as a TCP SYN does; a TTL with which it may reach
  ///     the host is then asked one query after the other.
  ///   - packet: makes the packet of a question, the same for the same question.
  public init(
    _ trace: Trace, pace: Pace, opensConnections: Bool = false, way: Way? = nil,
    packet: @escaping @Sendable (Question) -> AnyPacket
  ) {
    self.trace = trace
    self.pace = pace
    self.opensConnections = opensConnections
    self.way = way
    self.packet = packet
    let count = trace.hops.reduce(0) { $0 + $1.queries.count }
    states = [State](repeating: .unasked, count: count)
    attempts = [Int](repeating: 0, count: count)
  }

  public mutating func next(at now: Instant) -> Turn {
    if trace.isDone, !reopensWithheld() { return .over }
    guard out.count < (isOneAtATime ? 1 : max(1, pace.inFlight)), let target = nextTarget() else {
      return .wait(until: .distantFuture)
    }
    if let nextAt, nextAt > now { return .wait(until: nextAt) }
    // A pace is kept from turn to turn, not from wake-up to wake-up; but time lost by more than a tick is not
    // made up for by a burst.
    nextAt = max(nextAt ?? now, now + .milliseconds(-2)) + (isLimited ? pace.limitedGap : pace.gap)
    states[target] = .asked
    attempts[target] += 1
    defer { number += 1 }
    return .probe(
      Request(target: target, turn: number, packet: packet(question(target, number)), way: way))
  }

  /// The first query that is to be asked, of the lowest TTL that has one.
  private func nextTarget() -> Int? {
    for hop in 0...trace.last {
      let targets = trace.hops[hop].queries.indices.map { trace.target(hop: hop, query: $0) }
      let mayBeThere = trace.hops[hop].queries.allSatisfy { $0 == nil } || trace.hasArrived(at: hop)
      if opensConnections, mayBeThere, targets.contains(where: { states[$0] == .asked }) { continue }
      if let target = targets.first(where: { states[$0] == .unasked }) { return target }
    }
    return nil
  }

  private func question(_ target: Int, _ number: UInt64) -> Question {
    Question(ttl: trace.hops[trace.hop(of: target)].ttl, query: trace.query(of: target), number: number)
  }

  public mutating func sent(_ probe: UInt64, _ request: Request, at now: Instant) {
    if !out.isEmpty { crowded.formUnion(out.union([probe])) }
    out.insert(probe)
  }

  public mutating func answered(_ answer: Answer) -> Settlement? {
    out.remove(answer.probe)
    let target = answer.target
    let isLate = answer.flags.contains(.late)
    let known = trace.hops[trace.hop(of: target)].queries[trace.query(of: target)]
    guard known?.answer == nil else { return nil }
    if !isNamed(answer), crowded.contains(answer.probe) || isLate {
      isOneAtATime = true
      return isLate ? nil : askAgain(target, answer.probe)
    }
    return settle(target, answer.verdict, answer.probe, answer.why, answer)
  }

  /// Whether an answer itself says which of the flow's probes it answers.
  private func isNamed(_ answer: Answer) -> Bool {
    if answer.flags.contains(.weakMatch) { return false }
    switch answer.by {
    case .udp, .tcpSYN: return false
    case .icmpError:
      // The correlator has found the datagram that is most like the quote, whose checksum may have been rewritten.
      guard let asked = datagramLength(answer) else { return true }
      return answer.reply?.quoted?.first(UDP.self)?.length.hand == asked
    default: return true
    }
  }

  /// The length of the datagram that an answer is credited to; nil where it was none.
  private func datagramLength(_ answer: Answer) -> UInt16? {
    let packet = packet(question(answer.target, answer.turn))
    guard packet.first(UDP.self) != nil, let bytes = try? packet.encoded().bytes else { return nil }
    return Registry.dissect(bytes).first(UDP.self)?.length.hand
  }

  public mutating func silent(_ silence: Silence, at now: Instant) -> Settlement? {
    out.remove(silence.probe)
    let target = silence.target
    guard states[target] == .asked else { return nil }
    if isCutShort { return settle(target, silence.verdict, silence.probe, stoppedMeaning(target)) }
    // Another's answer may have been taken for this one's, and the host still busy with a connection asked for before.
    let wasCredited = isOneAtATime && crowded.contains(silence.probe)
    let hop = trace.hop(of: target)
    if hop == trace.withheld || trace.hasArrivedByError(at: hop) {
      isLimited = true
      return askAgain(target, silence.probe)
    }
    if wasCredited || opensConnections && trace.hasArrived(at: hop) { return askAgain(target, silence.probe) }
    return settle(target, silence.verdict, silence.probe, silenceMeaning(target))
  }

  /// Whether there is a hop that must be asked again, after its silence had been taken for one.
  private mutating func reopensWithheld() -> Bool {
    guard let hop = trace.withheld else { return false }
    let targets = trace.hops[hop].queries.indices.map { trace.target(hop: hop, query: $0) }
    guard targets.allSatisfy({ attempts[$0] == 1 }) else { return false }
    isLimited = true
    trace.reopen(hop)
    for target in targets { states[target] = .unasked }
    return true
  }

  private mutating func askAgain(_ target: Int, _ probe: UInt64) -> Settlement? {
    guard attempts[target] < Self.mostAttempts else {
      return settle(target, .timeout, probe, silenceMeaning(target))
    }
    states[target] = .unasked
    return nil
  }

  private func silenceMeaning(_ target: Int) -> String {
    attempts[target] == 1 ? "no answer to 1 probe" : "no answer to \(attempts[target]) probes"
  }

  public mutating func failed(_ failure: SendFailure, at now: Instant) -> Settlement? {
    out.remove(failure.probe)
    return settle(failure.target, .sendFailed, failure.probe, failure.error.message)
  }

  public mutating func cutShort() { isCutShort = true }

  public mutating func stop() -> [Settlement] {
    states.indices.compactMap { target in
      guard attempts[target] > 0, states[target] != .settled else { return nil }
      return settle(target, .timeout, 0, stoppedMeaning(target))
    }
  }

  private func stoppedMeaning(_ target: Int) -> String { silenceMeaning(target) + ", and the run was stopped" }

  private mutating func settle(
    _ target: Int, _ verdict: Verdict, _ probe: UInt64, _ why: String, _ answer: Answer? = nil
  ) -> Settlement {
    states[target] = .settled
    let settlement = Settlement(
      target: target, verdict: verdict, answer: answer, probe: probe, attempts: attempts[target], why: why,
      isCutShort: isCutShort && answer == nil && verdict != .sendFailed)
    trace.settle(settlement)
    return settlement
  }
}
