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

    public init(isGroup: Bool = false, packet: @escaping @Sendable (UInt64) -> AnyPacket) {
      self.packet = packet
      self.isGroup = isGroup
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
  private var waitingFor = 0
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
    if end == nil { end = deadline.map { now + $0 } ?? .distantFuture }
    if let end, end <= now { return .over }
    if let count, deadline != nil, replies.allSatisfy({ $0 >= count }) { return .over }
    if host == 0 {
      if let count, deadline == nil, round >= count { return .finished }
      if let roundStart {
        let start = nextRound(after: roundStart)
        if start > now { return .wait(until: min(start, end ?? .distantFuture)) }
      }
      roundStart = now
      waitingFor = 0
    }
    defer {
      host += 1
      if host == hosts.count {
        host = 0
        round += 1
      }
    }
    return .probe(
      Request(target: host, turn: round, packet: hosts[host].packet(round), isGroup: hosts[host].isGroup))
  }

  private func nextRound(after start: Instant) -> Instant {
    switch pace {
    case .interval(let interval): start + interval
    case .flood(let longest): waitingFor == 0 ? start : start + longest
    }
  }

  public mutating func sent(_ probe: UInt64, _ request: Request, at now: Instant) { waitingFor += 1 }

  public mutating func answered(_ answer: Answer) -> Settlement? {
    if waitingFor > 0 { waitingFor -= 1 }
    if answer.verdict == .reply { replies[answer.target] += 1 }
    return nil
  }

  public mutating func failed(_ failure: SendFailure, at now: Instant) -> Settlement? {
    if waitingFor > 0 { waitingFor -= 1 }
    return nil
  }
}
