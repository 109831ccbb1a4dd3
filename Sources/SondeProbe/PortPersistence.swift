internal import SondeLink

/// The hosts that answer only some of the questions, each with the rounds in which its silent ports are asked again.
struct PortPersistence: Sendable {
  private var rounds: [Int: PortRounds] = [:]
  /// The hosts that have rounds.
  private var hosts: [Int] = []
  /// The ports that are asked in rounds.
  private var ports: Set<Int> = []
  /// What came of the questions that were asked again before, by host.
  private var yields: [Int: PortYield] = [:]
  /// How many probes to each host have neither an answer nor had their time.
  private var out: [Int: Int] = [:]

  mutating func sent(to host: Int) { out[host, default: 0] += 1 }

  /// Books what became of a question.
  mutating func count(_ port: Int, of host: Int, turn: UInt64, isAnswered: Bool) {
    out[host, default: 0] -= 1
    if ports.contains(port) {
      rounds[host]?.heard(isAnswered: isAnswered)
    } else if turn > 0 {
      yields[host, default: PortYield()].add(isAnswered: isAnswered)
    }
  }

  /// Whether a port that was silent as often as others may be is asked again.
  mutating func takes(_ port: Int, of host: Int, gap: Duration) -> Bool {
    guard let yield = yields[host], rounds[host].map({ !$0.isOver }) ?? yield.isFruitful else { return false }
    if rounds[host] == nil { hosts.append(host) }
    ports.insert(port)
    rounds[host, default: PortRounds(gap: gap, after: yield)].add(port)
    return true
  }

  /// The next port of a round; otherwise the time of the first that there will be is taken into account.
  mutating func next(at now: Instant, _ due: inout Instant, isDone: (Int) -> Bool) -> Int? {
    for place in hosts.indices {
      switch rounds[hosts[place]]?.next(at: now, isDone: isDone) {
      case .ask(let port)?: return port
      case .wait(let until)?: due = min(due, until)
      case nil: break
      }
    }
    return nil
  }

  /// A port that no further round asks. Rounds begin and end here, when nothing is out to their host.
  mutating func abandon() -> Int? {
    for place in hosts.indices {
      let host = hosts[place]
      if out[host] == 0 { rounds[host]?.turn() }
      if let port = rounds[host]?.abandon() { return port }
    }
    return nil
  }
}
