public import SondeHeaders
public import SondeOctets

/// The way to a host, hop by hop, as far as it is known.
///
/// Each hop is asked several times; each of these queries is settled by an answer, by silence, or because it could
/// not be sent. A trace ends at the first hop where the host asked answers, or where something on the way says that
/// it goes no further; what lies beyond is no part of it.
public struct Trace: Sendable {
  /// What was asked with one TTL, and what came of it.
  public struct Hop: Sendable {
    /// The TTL, or hop limit.
    public let ttl: Int
    /// The last word on each query; nil where it is not there yet.
    public fileprivate(set) var queries: [Settlement?]

    /// The answers, in the order of their queries.
    public var answers: [Answer] { queries.compactMap { $0?.answer } }
    /// Whether nothing more is waited for.
    public var isComplete: Bool { queries.allSatisfy { $0 != nil } }
    /// How many queries were asked and found no answer.
    public var silences: Int { queries.count { $0.map { $0.answer == nil && $0.verdict != .sendFailed } ?? false } }
    /// How many of these might still have been answered when the run was stopped.
    public var unfinished: Int { queries.count { $0?.isCutShort ?? false } }
    /// Who answered, each once, in the order of their first answers.
    public var addresses: [IPAddress] {
      answers.compactMap(\.from).reduce(into: []) { list, address in
        if !list.contains(address) { list.append(address) }
      }
    }
  }

  /// Where an answer says that its probe came to.
  public enum Place: Hashable, Sendable {
    /// Somewhere on the way, where its TTL ended.
    case onTheWay
    /// To the host asked.
    case arrived
    /// To where somebody says that it goes no further.
    case stopped
  }

  /// What is to be said of a hop, beside who answered when.
  public enum Note: Hashable, Sendable {
    /// No query was answered.
    case noAnswer
    /// Some were: the others were lost, or withheld by a limit of the rate of errors.
    case partlySilent(Int)
    /// No query was answered, and the run was stopped while there was time left for that.
    case noAnswerYet
    /// So it was with some.
    case partlyUnfinished(Int)
    /// Somebody is there who was met before, with others between.
    case loop
    /// An ICMP error that is no end of a TTL, by its name, and the MTU that it tells.
    case error(String, mtu: UInt32?)
    /// Extensions came whose checksum is wrong, so that what they say is not believed.
    case wrongExtensions
    /// Extensions came without a checksum, so that nothing vouches for what they say.
    case unsummedExtensions
    /// An answer came when its time was up.
    case late
    /// Probes could not be sent, and why.
    case sendFailed(String)
  }

  /// Whom it leads to.
  public let destination: IPAddress
  public private(set) var hops: [Hop]
  private let queries: Int
  private let isOneFlow: Bool

  /// - Parameters:
  ///   - ttls: the TTLs that are asked, none left out.
  ///   - queries: how often each of them is asked.
  ///   - isOneFlow: whether all probes take the same way; else the first query of each hop makes one flow, the
  ///     second another, and so on.
  public init(to destination: IPAddress, ttls: ClosedRange<Int>, queries: Int, isOneFlow: Bool) {
    self.destination = destination
    self.queries = max(1, queries)
    self.isOneFlow = isOneFlow
    hops = ttls.map { Hop(ttl: $0, queries: [Settlement?](repeating: nil, count: max(1, queries))) }
  }

  /// The number of a query as a schedule's target: those of the first hop first.
  public func target(hop: Int, query: Int) -> Int { hop * queries + query }
  /// Which hop a target belongs to.
  public func hop(of target: Int) -> Int { target / queries }
  /// Which of its hop's queries a target is.
  public func query(of target: Int) -> Int { target % queries }

  /// Learns the last word on a query: a late answer's takes the place of silence.
  public mutating func settle(_ settlement: Settlement) {
    let hop = hop(of: settlement.target)
    guard hops.indices.contains(hop) else { return }
    hops[hop].queries[query(of: settlement.target)] = settlement
  }

  /// Where an answer's probe came to.
  public func place(of answer: Answer) -> Place {
    guard answer.by == .icmpError || answer.by == .localError else { return .arrived }
    if answer.verdict == .timeExceeded { return .onTheWay }
    // Only the host itself knows its ports, and what it refuses has come to it.
    let isFromHost = answer.by == .icmpError && answer.from == destination
    return isFromHost && answer.report?.isDestinationUnreachable == true ? .arrived : .stopped
  }

  /// Whether the host asked answered with this hop's TTL.
  public func hasArrived(at hop: Int) -> Bool { hops[hop].answers.contains { place(of: $0) == .arrived } }

  /// The index of the last hop; nil as long as it is not known.
  public var end: Int? { hops.indices.first { endsTrace(at: $0) } }

  private func endsTrace(at hop: Int) -> Bool {
    let places = hops[hop].answers.map { place(of: $0) }
    if places.contains(.arrived) { return true }
    // Where one of several says that there is no way on and another lets it pass, there is one.
    if places.contains(.onTheWay) { return false }
    return places.contains(.stopped) || hops[hop].queries.contains { $0?.verdict == .sendFailed }
  }

  /// The index of the hop whose TTL must have reached the host asked, where nobody answered: its error about a probe of
  /// the last hop quotes a TTL that was not used up, so a rate limit of its errors held back those before.
  public var withheld: Int? {
    guard let end, let left = arrivalErrors(at: end).compactMap({ $0.reply?.quoted?.remainingHops }).min(), left > 1
    else { return nil }
    let hop = end - (left - 1)
    return hop >= 0 && hops[hop..<end].allSatisfy(\.answers.isEmpty) ? hop : nil
  }

  /// Whether the host asked answered with this hop's TTL by an ICMP error, of which hosts send only so many a second.
  public func hasArrivedByError(at hop: Int) -> Bool { !arrivalErrors(at: hop).isEmpty }

  private func arrivalErrors(at hop: Int) -> [Answer] {
    hops[hop].answers.filter { $0.by == .icmpError && place(of: $0) == .arrived }
  }

  /// Forgets the silence of a hop, which is asked again.
  mutating func reopen(_ hop: Int) {
    for query in hops[hop].queries.indices where hops[hop].queries[query]?.answer == nil {
      hops[hop].queries[query] = nil
    }
  }

  /// The index of the last hop that is part of the trace as far as it is known.
  public var last: Int { end ?? hops.count - 1 }

  /// Whether all is known that will be.
  public var isDone: Bool { hops[...last].allSatisfy(\.isComplete) }

  /// Whether the run was stopped before that.
  public var isCutShort: Bool { !isDone || hops[...last].contains { $0.unfinished > 0 } }

  /// What is to be said of a hop.
  public func notes(at index: Int) -> [Note] {
    let hop = hops[index]
    var notes: [Note] = []
    let silent = hop.silences - hop.unfinished
    if hop.answers.isEmpty {
      if hop.silences > 0 { notes.append(hop.unfinished > 0 ? .noAnswerYet : .noAnswer) }
    } else {
      if silent > 0 { notes.append(.partlySilent(silent)) }
      if hop.unfinished > 0 { notes.append(.partlyUnfinished(hop.unfinished)) }
    }
    if isLoop(at: index) { notes.append(.loop) }
    for answer in hop.answers {
      if answer.flags.contains(.late) { notes.append(.late) }
      if answer.by == .localError { notes.append(.error(answer.why, mtu: nil)) }
      if let report = answer.report, isWorthSaying(answer) { notes.append(.error(report.name, mtu: report.mtu)) }
      switch answer.reply?.extensionSum {
      case .wrong?: notes.append(.wrongExtensions)
      case .absent?: notes.append(.unsummedExtensions)
      default: break
      }
    }
    for query in hop.queries where query?.verdict == .sendFailed { notes.append(.sendFailed(query?.why ?? "")) }
    return notes.reduce(into: []) { list, note in
      if !list.contains(note) { list.append(note) }
    }
  }

  /// The end of a TTL and the port unreachable of a datagram that arrived are what a trace is made of.
  private func isWorthSaying(_ answer: Answer) -> Bool {
    if answer.verdict == .timeExceeded { return answer.flags.contains(.oddCode) || answer.report?.code != 0 }
    return !(answer.verdict == .closed && place(of: answer) == .arrived)
  }

  /// Whether somebody answers here who did before, with others between.
  private func isLoop(at index: Int) -> Bool {
    if isOneFlow { return isLoop(hops[...index].map(\.addresses)) }
    return (0..<queries).contains { query in
      isLoop(hops[...index].map { [$0.queries[query]?.answer?.from].compactMap { $0 } })
    }
  }

  private func isLoop(_ way: [[IPAddress]]) -> Bool {
    (way.last ?? []).contains { address in
      guard let before = way.dropLast().lastIndex(where: { $0.contains(address) }) else { return false }
      // From hop to hop the same address is a router that counts down twice, or one that does not count.
      return way[(before + 1)...].dropLast().contains { !$0.isEmpty }
    }
  }
}

extension Answer {
  /// The MPLS labels with which the packet reached the router that answers, the outermost first (RFC 4950), where
  /// the checksum of the extensions vouches for them.
  public var labels: [MPLSLabel] {
    guard let reply, reply.extensionSum == .valid else { return [] }
    return reply.extensionObjects.flatMap { object -> [MPLSLabel] in
      if case .mplsLabelStack(let entries)? = object.meaning { entries } else { [] }
    }
  }
}

extension Dissection {
  /// The TTL or hop limit of the outermost IP header.
  var remainingHops: Int? { first(IPv4.self).map { Int($0.timeToLive) } ?? first(IPv6.self).map { Int($0.hopLimit) } }

  /// What the checksum of the extensions of an ICMP message is worth; nil where there are none.
  var extensionSum: SumCheck.Verdict? { sums().first { $0.layer == ExtensionStructure.name }?.verdict }
}
