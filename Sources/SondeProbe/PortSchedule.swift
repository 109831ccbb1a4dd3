internal import SondeHeaders
public import SondeLink

/// Asks each of a list of ports until it answers or has been asked often enough.
///
/// Closed UDP ports answer by ICMP, which hosts send only so often (kernel: `icmp_ratelimit`): silence may then be a
/// limit's. A host that has sent such an error has a lane of its own, in which its silent ports are asked again so that
/// their silence is told from a withheld error; only those questions count then. No host waits for another's limit.
/// Resets are limited too: where ports speak only when asked again, the silent ones are asked in slower rounds.
///
/// Each port that was asked is settled exactly once; a port that was never asked, because the run was stopped
/// before its turn, is not settled: nothing is known of it.
public struct PortSchedule: Schedule {
  private struct State: Sendable {
    /// How many probes asked; how many silences count; how many probes have neither an answer nor had their time.
    var attempts = 0
    var counted = 0
    /// Of those that a lane asked.
    var heard = 0
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
  /// The hosts about which errors came, which silence could be mistaken for.
  private var lanes: [Int: Lane] = [:]
  /// Whose turn it is among them.
  private var turns: [Int] = []
  private var persistence = PortPersistence()
  /// How far each host has come.
  public private(set) var standings: [Int: Standing] = [:]

  public init(_ ports: [Port], pace: Pace) {
    self.ports = ports
    self.pace = pace
    states = ports.map { port in
      State(
        attempts: port.asked ?? 0, counted: port.asked ?? 0, lastProbe: port.probe, verdict: port.found,
        isSettled: port.asked == nil)
    }
    unsettled = ports.count { $0.asked != nil }
    grace = PortGrace(pace.grace)
    for index in ports.indices {
      standings[ports[index].host, default: Standing()].ports += 1
      if states[index].isSettled {
        standings[ports[index].host]?.settled += 1
        if let error = ports[index].error { knows(error, of: index) }
      } else {
        queue.append(index)
      }
    }
  }

  /// What is known of a host's limit of ICMP errors; nil as long as there is no sign of one.
  public func limit(ofHost host: Int) -> ErrorRate? { lanes[host].flatMap { $0.isLimited ? $0.rate : nil } }

  public mutating func next(at now: Instant) -> Turn {
    if unsettled == 0 { return .finished }
    queue.removeFirst { states[$0].isSettled || grace.verdict(of: $0) != nil }
    if let nextAt, nextAt > now { return .wait(until: min(nextAt, grace.nextDue ?? nextAt)) }
    var (index, due) = nextInLanes(at: now)
    index = index ?? queue.removeFirst() ?? nextInRounds(at: now, &due)
    guard let index else { return .wait(until: min(due, grace.nextDue ?? due)) }
    // A pace is kept from turn to turn, not from wake-up to wake-up; but time lost by more than a tick is not
    // made up for by a burst.
    nextAt = max(nextAt ?? now, now + .milliseconds(-2)) + pace.gap
    let attempt = UInt64(states[index].attempts)
    states[index].attempts += 1
    return .probe(
      Request(target: index, turn: attempt, packet: ports[index].packet(attempt), way: ports[index].way))
  }

  /// The next port that a lane asks, or when there may be one.
  private mutating func nextInLanes(at now: Instant) -> (index: Int?, due: Instant) {
    var soonest = Instant.distantFuture
    let flows = max(pace.flows, 1)
    for place in turns.indices {
      let host = turns[place]
      let (known, held) = (states, grace)
      let order = lanes[host]?.next(at: now) {
        known[$0].isSettled || held.verdict(of: $0) != nil
      } isFree: {
        known[$0].out < flows
      }
      switch order {
      case .ask(let index)?:
        lanes[host]?.asked(index, UInt64(states[index].attempts), at: now)
        // The others come first next time.
        turns.append(turns.remove(at: place))
        return (index, now)
      case .wait(let until)?: soonest = min(soonest, until)
      case nil: break
      }
    }
    return (nil, soonest)
  }

  private mutating func nextInRounds(at now: Instant, _ due: inout Instant) -> Int? {
    let (known, held) = (states, grace)
    return persistence.next(at: now, &due) { known[$0].isSettled || held.verdict(of: $0) != nil }
  }

  /// Books what became of a question.
  private mutating func count(_ index: Int, _ turn: UInt64, isAnswered: Bool) {
    states[index].out -= 1
    persistence.count(index, of: ports[index].host, turn: turn, isAnswered: isAnswered)
  }

  /// Settles a port that no further round asks.
  private mutating func abandoned() -> Settlement? {
    guard queue.isEmpty else { return nil }
    while let index = persistence.abandon() {
      if let settlement = settle(index, states[index].verdict, silenceMeaning(index)) { return settlement }
    }
    return nil
  }

  public mutating func sent(_ probe: UInt64, _ request: Request, at now: Instant) {
    states[request.target].out += 1
    persistence.sent(to: ports[request.target].host)
    if !states[request.target].isSettled { states[request.target].lastProbe = probe }
  }

  public mutating func answered(_ answer: Answer) -> Settlement? {
    let index = answer.target
    // A late one's time was up before.
    if !answer.flags.contains(.late) { count(index, answer.turn, isAnswered: answer.by != .icmpError) }
    hear(answer)
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
    guard let (index, answer) = grace.next(by: now) else { return abandoned() }
    return settle(index, answer.verdict, answer.why, answer)
  }

  /// Opens the lane of a host that sent an error before.
  private mutating func knows(_ error: Verdict, of index: Int) {
    let host = ports[index].host
    if lanes[host] == nil {
      turns.append(host)
      lanes[host] = Lane(router: nil, gap: pace.gap, timeout: pace.timeout, flows: max(pace.flows, 1))
    }
    lanes[host]?.know(error, of: index)
  }

  /// Tells the lane of the host asked; the first error opens it.
  private mutating func hear(_ answer: Answer) {
    let host = ports[answer.target].host
    guard answer.by == .icmpError, let sender = answer.from else {
      lanes[host]?.answered(answer.target, answer.turn)
      return
    }
    let isHost = sender == answer.reply?.quoted?.destination
    // A router on the way has a limit of its own; what it says is of no use where the host itself speaks.
    if lanes[host] == nil || isHost && lanes[host]?.router != nil {
      if lanes[host] == nil { turns.append(host) }
      let waiting = lanes[host]?.listed.sorted() ?? []
      lanes[host] = Lane(
        router: isHost ? nil : sender, gap: pace.gap, timeout: pace.timeout, flows: max(pace.flows, 1))
      for port in waiting { lanes[host]?.add(port, isSuspect: false) }
    }
    guard lanes[host]?.router == (isHost ? nil : sender) else { return }
    lanes[host]?.error(answer.target, answer.turn, answer.verdict, rtt: answer.rtt, at: answer.at)
  }

  public mutating func silent(_ silence: Silence, at now: Instant) -> Settlement? {
    let index = silence.target
    count(index, silence.turn, isAnswered: false)
    states[index].verdict = silence.verdict
    let host = ports[index].host
    let isDoubtful = isDoubtful(index)
    let found = lanes[host]?.silent(index, silence.turn)
    if isDoubtful, let found { states[index].heard += found.counts } else { states[index].counted += 1 }
    guard !isDone(index), states[index].out == 0 else { return nil }
    let counted = isDoubtful ? states[index].heard : states[index].counted
    if !isDoubtful, counted > pace.retries, pace.persists, persistence.takes(index, of: host, gap: pace.gap) {
      return nil
    }
    if counted > pace.retries || isDoubtful && lanes[host]?.stage == .over {
      return settle(index, silence.verdict, silenceMeaning(index))
    }
    if isDoubtful { lanes[host]?.add(index, isSuspect: found?.isSuspect ?? false) } else { queue.append(index) }
    return nil
  }

  public mutating func failed(_ failure: SendFailure, at now: Instant) -> Settlement? {
    count(failure.target, failure.turn, isAnswered: false)
    lanes[ports[failure.target].host]?.answered(failure.target, failure.turn)
    return settle(failure.target, .sendFailed, failure.error.message)
  }

  public mutating func stop() -> [Settlement] {
    var settlements: [Settlement] = []
    while let settlement = settled(by: .distantFuture) { settlements.append(settlement) }
    return settlements
      + states.indices.compactMap { index in
        guard states[index].lastProbe != nil else { return nil }
        return settle(index, states[index].verdict, stoppedMeaning(index))
      }
  }

  /// Whether a port is asked no more: it is settled, or its answer waits for one that contradicts it.
  private func isDone(_ index: Int) -> Bool { states[index].isSettled || grace.verdict(of: index) != nil }

  /// Whether silence may be a withheld error; not where an error would say the same as silence.
  private func isDoubtful(_ index: Int) -> Bool {
    let silence = states[index].verdict
    return lanes[ports[index].host].map { $0.verdicts.contains { $0 != silence } } ?? false
  }

  private func silenceMeaning(_ index: Int) -> String {
    let state = states[index]
    let times = state.attempts == 1 ? "no answer to 1 probe" : "no answer to \(state.attempts) probes"
    guard let lane = lanes[ports[index].host] else { return times }
    if state.heard > 0 {
      let limit = limit(ofHost: ports[index].host)?.words.map { "; no more than about \($0) came" } ?? ""
      return times + ", though \(lane.sender) sent ICMP errors for ports asked right after" + limit
    }
    guard lane.stage == .over else { return times }
    let errors = lane.rate.errors == 1 ? "1 ICMP error" : "\(lane.rate.errors) ICMP errors"
    return "rate-limited: \(lane.sender) sent \(errors) and then none any more, not for the same ports either: "
      + "by a limit of it, or because it is gone"
  }

  private func stoppedMeaning(_ index: Int) -> String {
    let state = states[index]
    if state.attempts == 0 {
      return "\(state.verdict) by one answer, and the run was stopped before it was asked again"
    }
    if let lane = lanes[ports[index].host], lane.isLimited, state.heard == 0, lane.stage != .over {
      let came = lane.rate.errors == 1 ? "1 error came" : "\(lane.rate.errors) errors came"
      return "rate-limited: \(pace(of: lane)), and the run ended before this port's turn; \(came)"
    }
    let doubt = isDoubtful(index) && state.heard == 0 ? " so far, which a limit of ICMP errors may explain" : ""
    return silenceMeaning(index) + doubt + ", and the run was stopped"
  }

  private func pace(of lane: Lane) -> String {
    "\(lane.sender) sends " + (lane.rate.words.map { "about \($0)" } ?? "only so many ICMP errors")
  }

  private mutating func settle(
    _ index: Int, _ verdict: Verdict, _ why: String, _ answer: Answer? = nil
  ) -> Settlement? {
    guard !states[index].isSettled, let probe = states[index].lastProbe else { return nil }
    states[index].isSettled = true
    unsettled -= 1
    standings[ports[index].host, default: Standing()].settled += 1
    return Settlement(
      target: index, verdict: verdict, answer: answer, probe: probe, attempts: states[index].attempts, why: why)
  }
}
