public import SondeHeaders
public import SondeLink
public import SondeOctets

/// Rounds of one question to each of several addresses of a link: whose are they?
///
/// It remembers who has answered for what, over all rounds: of an address with two owners each but the first is a
/// conflict, and an owner of several addresses may be a proxy.
public struct NeighborSchedule: Schedule {
  /// One address that is asked for, probed for or announced.
  public struct Target: Sendable {
    public var address: IPAddress
    /// Makes the packet of a round, which count from 0; `owner` is the first that has answered.
    public var packet: @Sendable (_ round: UInt64, _ owner: MACAddress?) -> AnyPacket
    /// Where the packets go.
    public var way: Way

    public init(
      _ address: IPAddress, way: Way, packet: @escaping @Sendable (UInt64, MACAddress?) -> AnyPacket
    ) {
      self.address = address
      self.packet = packet
      self.way = way
    }
  }

  /// How often, and how fast.
  public struct Pace: Sendable {
    /// How many rounds; nil for no end.
    public var rounds: UInt64?
    /// How long before the first round, at random between these.
    public var start: ClosedRange<Duration>
    /// How long from round to round, at random between these.
    public var interval: ClosedRange<Duration>
    /// Between two packets of a round.
    public var gap: Duration

    public init(
      rounds: UInt64?, start: ClosedRange<Duration> = .zero ... .zero, interval: ClosedRange<Duration>, gap: Duration
    ) {
      self.rounds = rounds
      self.start = start
      self.interval = interval
      self.gap = gap
    }
  }

  /// When an address is not asked for any more.
  public enum Patience: Hashable, Sendable {
    /// After the last round.
    case allRounds
    /// Once somebody has answered; the others are still asked for, and further answers still heard.
    case untilAnswered
    /// The same, and the run is over once each address has its answer.
    case endsWhenAnswered
  }

  /// What the packets are for, which is what silence is called by.
  public enum Purpose: Hashable, Sendable {
    /// To learn whose the addresses are.
    case question
    /// To learn whether somebody uses them (RFC 5227 §2.1.1, RFC 4862 §5.4).
    case detection
    /// To tell whose they are (RFC 5227 §2.3).
    case announcement
  }

  private struct State: Sendable {
    var owners: [MACAddress] = []
    var attempts = 0
    var out = 0
    var lastProbe: UInt64?
    var isAnswered = false
    var isSettled = false
  }

  private let targets: [Target]
  private let pace: Pace
  private let patience: Patience
  private let purpose: Purpose
  private var draw: SeededGenerator
  private var states: [State]
  /// Of each owner the addresses that it has answered for.
  private var holdings: [MACAddress: [IPAddress]] = [:]
  private var round: UInt64 = 0
  private var place = 0
  private var roundAt: Instant?
  private var nextAt: Instant?

  /// - Parameter seed: of the random waits.
  public init(
    _ targets: [Target], pace: Pace, patience: Patience = .allRounds, purpose: Purpose = .question, seed: UInt64 = 0
  ) {
    self.purpose = purpose
    self.targets = targets
    self.pace = pace
    self.patience = patience
    draw = SeededGenerator(seed: seed)
    states = [State](repeating: State(), count: targets.count)
  }

  /// The places of the targets that somebody has answered for, in time or late.
  public var answered: [Int] { states.indices.filter { states[$0].isAnswered } }

  /// Of each owner that has answered for more than one address, those addresses.
  public var manyfold: [(owner: MACAddress, addresses: [IPAddress])] {
    holdings.filter { $0.value.count > 1 }.map { (owner: $0.key, addresses: $0.value) }
      .sorted { $0.owner.rawValue < $1.owner.rawValue }
  }

  public mutating func next(at now: Instant) -> Turn {
    if patience == .endsWhenAnswered, states.allSatisfy(\.isAnswered) { return .over }
    if states.indices.allSatisfy(isSpared) { return .finished }
    while true {
      if let rounds = pace.rounds, round >= rounds { return .finished }
      let start = roundAt ?? now + wait(pace.start)
      roundAt = start
      if place == 0, start > now { return .wait(until: start) }
      while place < targets.count, isSpared(place) { place += 1 }
      if place < targets.count { break }
      endRound(at: now)
    }
    if let nextAt, nextAt > now { return .wait(until: nextAt) }
    // As PortSchedule does: time lost by more than a tick is not made up for by a burst.
    nextAt = max(nextAt ?? now, now + .milliseconds(-2)) + pace.gap
    let index = place
    let turn = round
    states[index].attempts += 1
    place += 1
    if place == targets.count { endRound(at: now) }
    return .probe(
      Request(
        target: index, turn: turn, packet: targets[index].packet(turn, states[index].owners.first),
        way: targets[index].way))
  }

  private func isSpared(_ index: Int) -> Bool { patience != .allRounds && states[index].isAnswered }

  private mutating func endRound(at now: Instant) {
    place = 0
    round += 1
    let start = roundAt ?? now
    // A round that is late is not made up for by a burst.
    roundAt = max(start + wait(pace.interval), now + .milliseconds(-2))
  }

  private mutating func wait(_ range: ClosedRange<Duration>) -> Duration {
    let width = (range.upperBound - range.lowerBound).nanoseconds
    guard width > 0 else { return range.lowerBound }
    return range.lowerBound + .nanoseconds(Int64(draw.next(below: UInt64(width) + 1)))
  }

  public mutating func sent(_ probe: UInt64, _ request: Request, at now: Instant) {
    states[request.target].out += 1
    states[request.target].lastProbe = probe
  }

  public mutating func consider(_ answer: inout Answer) {
    guard let owner = answer.reply?.claimedLinkAddress else { return }
    let address = targets[answer.target].address
    let rivals = states[answer.target].owners.filter { $0 != owner }
    if !states[answer.target].owners.contains(owner) {
      states[answer.target].owners.append(owner)
      holdings[owner, default: []].append(address)
      if !rivals.isEmpty, !answer.flags.contains(.conflict) { answer.flags.append(.conflict) }
    }
    if !rivals.isEmpty {
      let others = rivals.map(\.description).joined(separator: ", ")
      answer.why += "; \(others) \(rivals.count == 1 ? "says" : "say") so too"
    }
    // The address itself is among them. A proxy may answer for a whole network: a few are looked at, and no more.
    guard let held = holdings[owner], held.count > 1 else { return }
    answer.flags.append(.proxy)
    let listed = held.lazy.filter { $0 != address }.prefix(8).map(\.description).joined(separator: ", ")
    let more = held.count > 9 ? " and \(held.count - 9) more" : ""
    answer.why += "; it also answers for \(listed)\(more): a proxy, or one host with several addresses"
  }

  public mutating func answered(_ answer: Answer) -> Settlement? {
    let index = answer.target
    // A late one's time was up before.
    if !answer.flags.contains(.late) { states[index].out = max(0, states[index].out - 1) }
    states[index].isAnswered = true
    return settle(index, answer.verdict, answer.why, answer)
  }

  public mutating func silent(_ silence: Silence, at now: Instant) -> Settlement? {
    let index = silence.target
    states[index].out = max(0, states[index].out - 1)
    guard states[index].out == 0, let rounds = pace.rounds, UInt64(states[index].attempts) >= rounds else { return nil }
    return settle(index, silence.verdict, silenceMeaning(index))
  }

  public mutating func failed(_ failure: SendFailure, at now: Instant) -> Settlement? {
    states[failure.target].out = max(0, states[failure.target].out - 1)
    return settle(failure.target, .sendFailed, failure.error.message)
  }

  public mutating func stop() -> [Settlement] {
    states.indices.compactMap { index in
      guard states[index].lastProbe != nil else { return nil }
      return settle(index, .timeout, silenceMeaning(index))
    }
  }

  private func silenceMeaning(_ index: Int) -> String {
    let attempts = states[index].attempts
    let s = attempts == 1 ? "" : "s"
    return switch purpose {
    case .question: "no answer to \(attempts) packet\(s)"
    case .detection: "nobody answered \(attempts) probe\(s)"
    case .announcement: "nobody objected to \(attempts) announcement\(s)"
    }
  }

  private mutating func settle(
    _ index: Int, _ verdict: Verdict, _ why: String, _ answer: Answer? = nil
  ) -> Settlement? {
    guard !states[index].isSettled, let probe = states[index].lastProbe else { return nil }
    states[index].isSettled = true
    return Settlement(
      target: index, verdict: verdict, answer: answer, probe: probe, attempts: states[index].attempts, why: why)
  }
}
