public import SondeHeaders
public import SondeLink

/// Asks each of a list of ports until it answers or has been asked often enough.
///
/// Closed UDP ports answer by ICMP, which hosts send only so often (kernel: `icmp_ratelimit`): once such
/// an answer has come and others stay away, silence so far means nothing, and what has not answered is asked
/// again one by one, no faster than the limit lets answers through. Only those questions count then.
///
/// Each port that was asked is settled exactly once; a port that was never asked, because the run was stopped
/// before its turn, is not settled: nothing is known of it.
public struct PortSchedule: Schedule {
  /// One port of one host.
  public struct Port: Sendable {
    /// Makes the packet of an attempt; attempts count from 0.
    public var packet: @Sendable (_ attempt: UInt64) -> AnyPacket

    /// Where the packets go; nil reads that from their bytes.
    public var way: Way?

    public init(way: Way? = nil, packet: @escaping @Sendable (UInt64) -> AnyPacket) {
      self.packet = packet
      self.way = way
    }
  }

  /// How fast.
  public struct Pace: Hashable, Sendable {
    /// Between any two probes.
    public var gap: Duration
    /// How many more times an unanswered port is asked.
    public var retries: Int
    /// Between probes to a host that limits its ICMP errors; nil where answers are not ICMP.
    public var limitedGap: Duration?
    /// How long an answer that does not prove the port open waits for one that does; it delays no probe.
    public var grace: Duration

    public init(gap: Duration, retries: Int, limitedGap: Duration? = nil, grace: Duration = PortSchedule.grace) {
      self.gap = gap
      self.retries = retries
      self.limitedGap = limitedGap
      self.grace = grace
    }
  }

  /// A forged RST overtakes the true answer by no more than the way from its sender to the port and back takes, which is
  /// inside the same round trip; 50 ms is that of a continent, and short beside the time that silence takes.
  public static let grace = Duration.milliseconds(50)

  private struct State: Sendable {
    /// How many probes asked; how many of them count; how many have neither an answer nor had their time.
    var attempts = 0
    var counted = 0
    var out = 0
    var lastProbe: UInt64?
    var verdict: Verdict = .timeout
    var isSettled = false
  }

  private let ports: [Port]
  private let pace: Pace
  private var states: [State]
  private var queue = Queue<Int>()
  private var nextAt: Instant?
  private var unsettled: Int
  private var grace: PortGrace
  /// Whether the host has sent a port unreachable: only then may silence be its rate limit.
  private var sawError = false
  public private(set) var isLimited = false

  public init(_ ports: [Port], pace: Pace) {
    self.ports = ports
    self.pace = pace
    states = [State](repeating: State(), count: ports.count)
    unsettled = ports.count
    grace = PortGrace(pace.grace)
    for index in ports.indices { queue.append(index) }
  }

  public mutating func next(at now: Instant) -> Turn {
    if unsettled == 0 { return .finished }
    queue.removeFirst { states[$0].isSettled || grace.verdict(of: $0) != nil }
    guard let index = queue.first else { return .wait(until: grace.nextDue ?? .distantFuture) }
    if let nextAt, nextAt > now { return .wait(until: min(nextAt, grace.nextDue ?? nextAt)) }
    queue.removeFirst()
    let gap = isLimited ? pace.limitedGap ?? pace.gap : pace.gap
    // A pace is kept from turn to turn, not from wake-up to wake-up; but time lost by more than a tick is not
    // made up for by a burst.
    nextAt = max(nextAt ?? now, now + .milliseconds(-2)) + gap
    let attempt = UInt64(states[index].attempts)
    states[index].attempts += 1
    states[index].counted += 1
    return .probe(
      Request(target: index, turn: attempt, packet: ports[index].packet(attempt), way: ports[index].way))
  }

  public mutating func sent(_ probe: UInt64, _ request: Request, at now: Instant) {
    states[request.target].out += 1
    states[request.target].lastProbe = probe
  }

  public mutating func answered(_ answer: Answer) -> Settlement? {
    let index = answer.target
    // A late one's time was up before.
    if !answer.flags.contains(.late) { states[index].out -= 1 }
    // Closed by an ICMP error is a port unreachable of the host asked; routers on the way have limits of their own.
    if answer.by == .icmpError, answer.verdict == .closed { sawError = true }
    if let first = grace.verdict(of: index) {
      // Another attempt's answer.
      return first == answer.verdict ? nil : contradicted(answer)
    }
    if !states[index].isSettled, grace.takes(answer, of: index) { return nil }
    return settle(index, answer.verdict, answer.why, answer)
  }

  public mutating func contradicted(_ answer: Answer) -> Settlement? {
    guard let winner = grace.contradicted(by: answer, of: answer.target) else { return nil }
    return settle(answer.target, winner.verdict, winner.why, winner)
  }

  public mutating func settled(by now: Instant) -> Settlement? {
    guard let (index, answer) = grace.next(by: now) else { return nil }
    return settle(index, answer.verdict, answer.why, answer)
  }

  public mutating func silent(_ silence: Silence, at now: Instant) -> Settlement? {
    let index = silence.target
    states[index].out -= 1
    states[index].verdict = silence.verdict
    guard !states[index].isSettled, grace.verdict(of: index) == nil, states[index].out == 0 else { return nil }
    if pace.limitedGap != nil, sawError, !isLimited { limit() }
    if states[index].counted <= pace.retries {
      queue.append(index)
      return nil
    }
    return settle(index, silence.verdict, silenceMeaning(index))
  }

  /// From now on the host is asked slowly, and what it was asked before does not count.
  private mutating func limit() {
    isLimited = true
    nextAt = nil
    for index in states.indices { states[index].counted = 0 }
  }

  public mutating func failed(_ failure: SendFailure, at now: Instant) -> Settlement? {
    states[failure.target].out -= 1
    return settle(failure.target, .sendFailed, failure.error.message)
  }

  public mutating func stop() -> [Settlement] {
    var settlements: [Settlement] = []
    while let settlement = settled(by: .distantFuture) { settlements.append(settlement) }
    return settlements
      + states.indices.compactMap { index in
        guard states[index].lastProbe != nil else { return nil }
        return settle(index, states[index].verdict, silenceMeaning(index) + ", and the run was stopped")
      }
  }

  private func silenceMeaning(_ index: Int) -> String {
    let state = states[index]
    let times = state.attempts == 1 ? "no answer to 1 probe" : "no answer to \(state.attempts) probes"
    guard isLimited, state.counted > 0 else { return times }
    return times + ", asked slowly enough for the rate limit of ICMP errors"
  }

  private mutating func settle(
    _ index: Int, _ verdict: Verdict, _ why: String, _ answer: Answer? = nil
  ) -> Settlement? {
    guard !states[index].isSettled, let probe = states[index].lastProbe else { return nil }
    states[index].isSettled = true
    unsettled -= 1
    return Settlement(
      target: index, verdict: verdict, answer: answer, probe: probe, attempts: states[index].attempts, why: why)
  }
}
