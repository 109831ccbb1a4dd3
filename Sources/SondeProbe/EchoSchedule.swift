public import SondeHeaders
public import SondeLink

/// Rounds of one query to each of several hosts, as ping sends them.
///
/// Round n goes to every host in order; rounds are an interval apart. Sequence numbers are 16 bits and
/// wrap; the turn does not.
public struct EchoSchedule: Schedule {
  /// One host to be asked.
  public struct Host: Sendable {
    /// Makes the packet of a turn; turns count from 0.
    public var packet: @Sendable (_ turn: UInt64) -> AnyPacket
    /// Whether the address names many hosts.
    public var isGroup: Bool
    /// Where the packets go; nil reads that from their bytes.
    public var way: Way?

    public init(isGroup: Bool = false, way: Way? = nil, packet: @escaping @Sendable (UInt64) -> AnyPacket) {
      self.packet = packet
      self.isGroup = isGroup
      self.way = way
    }
  }

  /// When the next round starts.
  public enum Pace: Hashable, Sendable {
    /// So long after the one before.
    case interval(Duration)
    /// As soon as every host has answered, and at the latest so long after the one before (ping's -f).
    case flood(atMost: Duration)
  }

  private let hosts: [Host]
  private let count: UInt64?
  private let pace: Pace
  private let deadline: Duration?
  private var round: UInt64 = 0
  private var host = 0
  private var roundStart: Instant?
  private var end: Instant?
  /// The hosts that have not answered this round.
  private var outstanding: Set<Int> = []
  /// How many probes each host replied to in time; where many may reply to one, the first counts.
  private var replies: [UInt64]

  /// - Parameters:
  ///   - count: how many rounds; nil for no end.
  ///   - deadline: how long the whole run lasts at most. With a count it ends once that many replies have come
  ///     from each host, and rounds go on until then (ping's -w with -c).
  public init(_ hosts: [Host], count: UInt64?, pace: Pace, deadline: Duration? = nil) {
    self.hosts = hosts
    self.count = count
    self.pace = pace
    self.deadline = deadline
    replies = [UInt64](repeating: 0, count: hosts.count)
  }

  public mutating func next(at now: Instant) -> Turn {
    if hosts.isEmpty { return .finished }
    let end = end ?? deadline.map { now + $0 } ?? .distantFuture
    self.end = end
    if end <= now { return .over }
    if let count, deadline != nil, replies.allSatisfy({ $0 >= count }) { return .over }
    if host == 0 {
      if let count, deadline == nil, round >= count { return .finished }
      let start = nextRound(at: now)
      if start > now { return .wait(until: min(start, end)) }
      roundStart = start
      outstanding = Set(hosts.indices)
    }
    defer {
      host += 1
      if host == hosts.count {
        host = 0
        round += 1
      }
    }
    return .probe(
      Request(
        target: host, turn: round, packet: hosts[host].packet(round), isGroup: hosts[host].isGroup,
        way: hosts[host].way))
  }

  /// When the round starts, or should have: the pace is kept from round to round, not from wake-up to wake-up;
  /// but a whole interval that was slept through is not made up for.
  private func nextRound(at now: Instant) -> Instant {
    guard let roundStart else { return now }
    switch pace {
    case .interval(let interval):
      let start = roundStart + interval
      return now - start < interval ? start : now
    case .flood(let longest):
      let start = roundStart + longest
      return outstanding.isEmpty || start <= now ? now : start
    }
  }

  public mutating func answered(_ answer: Answer) -> Settlement? {
    heard(answer.target, turn: answer.turn)
    if answer.verdict == .reply, answer.isFirst { replies[answer.target] += 1 }
    return nil
  }

  public mutating func failed(_ failure: SendFailure, at now: Instant) -> Settlement? {
    heard(failure.target, turn: failure.turn)
    return nil
  }

  private mutating func heard(_ host: Int, turn: UInt64) {
    // Between rounds `round` is already the next one's number.
    if turn == (self.host == 0 ? round &- 1 : round) { outstanding.remove(host) }
  }
}
