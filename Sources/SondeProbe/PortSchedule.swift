public import SondeHeaders
public import SondeLink

/// Asks each of a list of ports until it answers or has been asked often enough.
///
/// Closed UDP ports answer by ICMP, which hosts send only so often (kernel: `icmp_ratelimit`): once such
/// an answer has come and others stay away, the rest is asked again one by one, no faster than the limit lets
/// answers through.
public struct PortSchedule: Schedule {
  /// One port of one host.
  public struct Port: Sendable {
    /// Makes the packet of an attempt; attempts count from 0.
    public var packet: @Sendable (_ attempt: UInt64) -> AnyPacket

    public init(packet: @escaping @Sendable (UInt64) -> AnyPacket) { self.packet = packet }
  }

  /// How fast.
  public struct Pace: Hashable, Sendable {
    /// Between any two probes.
    public var gap: Duration
    /// How many more times an unanswered port is asked.
    public var retries: Int
    /// Between probes to a host that limits its ICMP errors; nil where answers are not ICMP.
    public var limitedGap: Duration?

    public init(gap: Duration, retries: Int, limitedGap: Duration? = nil) {
      self.gap = gap
      self.retries = retries
      self.limitedGap = limitedGap
    }
  }

  private struct State: Sendable {
    var attempts = 0
    var out = 0
    var answer: Answer?
    var isSettled = false
    var lastProbe: UInt64 = 0
    var verdict: Verdict = .timeout
    var failure: SendFailure?
  }

  private let ports: [Port]
  private let pace: Pace
  private var states: [State]
  private var queue = Queue<Int>()
  private var nextAt: Instant?
  private var unsettled: Int
  /// Whether an ICMP error has come: only then may silence be its rate limit.
  private var sawError = false
  public private(set) var isLimited = false

  public init(_ ports: [Port], pace: Pace) {
    self.ports = ports
    self.pace = pace
    states = [State](repeating: State(), count: ports.count)
    unsettled = ports.count
    for index in ports.indices { queue.append(index) }
  }

  public mutating func next(at now: Instant) -> Turn {
    if unsettled == 0 { return .finished }
    while let index = queue.first, states[index].isSettled { _ = queue.removeFirst() }
    guard let index = queue.first else { return .wait(until: .distantFuture) }
    if let nextAt, nextAt > now { return .wait(until: nextAt) }
    _ = queue.removeFirst()
    let gap = isLimited ? pace.limitedGap ?? pace.gap : pace.gap
    // A pace is kept from turn to turn, not from wake-up to wake-up; but time lost by more than a tick is not
    // made up for by a burst.
    nextAt = max(nextAt ?? now, now + .milliseconds(-2)) + gap
    let attempt = UInt64(states[index].attempts)
    states[index].attempts += 1
    return .probe(Request(target: index, turn: attempt, packet: ports[index].packet(attempt)))
  }

  public mutating func sent(_ probe: UInt64, _ request: Request, at now: Instant) {
    states[request.target].out += 1
    states[request.target].lastProbe = probe
  }

  public mutating func answered(_ answer: Answer) -> Settlement? {
    let index = answer.target
    if !answer.flags.contains(.late) { states[index].out -= 1 }
    if answer.by == .icmpError { sawError = true }
    guard !states[index].isSettled else { return nil }
    states[index].answer = answer
    return settle(index, answer.verdict, answer: answer)
  }

  public mutating func silent(_ silence: Silence, at now: Instant) -> Settlement? {
    let index = silence.target
    states[index].out -= 1
    states[index].verdict = silence.verdict
    guard !states[index].isSettled, states[index].out == 0 else { return nil }
    if pace.limitedGap != nil, sawError, !isLimited {
      isLimited = true
      nextAt = nil
    }
    if states[index].attempts <= pace.retries {
      queue.append(index)
      return nil
    }
    return settle(index, silence.verdict, answer: nil)
  }

  public mutating func failed(_ failure: SendFailure, at now: Instant) -> Settlement? {
    let index = failure.target
    states[index].out -= 1
    states[index].failure = failure
    return states[index].isSettled ? nil : settle(index, .sendFailed, answer: nil)
  }

  public mutating func stop() -> [Settlement] {
    states.indices.compactMap { index in
      guard !states[index].isSettled, states[index].attempts > 0 else { return nil }
      return settle(index, states[index].verdict, answer: nil)
    }
  }

  private mutating func settle(_ index: Int, _ verdict: Verdict, answer: Answer?) -> Settlement {
    states[index].isSettled = true
    unsettled -= 1
    let state = states[index]
    let times = state.attempts == 1 ? "1 probe" : "\(state.attempts) probes"
    let why: String
    if let answer {
      why = answer.why
    } else if let failure = state.failure {
      why = failure.error.message
    } else if isLimited {
      why = "no answer to \(times), asked slowly enough for the rate limit of ICMP errors"
    } else {
      why = "no answer to \(times)"
    }
    return Settlement(
      target: index, verdict: verdict, answer: answer, probe: state.lastProbe, attempts: state.attempts, why: why)
  }
}
