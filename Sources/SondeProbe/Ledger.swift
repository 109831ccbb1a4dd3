internal import SondeHeaders
internal import SondeLink
internal import SondeOctets

/// The books of a run: every probe that is out, until it is forgotten, and the counts.
///
/// A probe is open from its departure to its first answer or the end of its time; one that many may answer
/// stays open to the end of its time. Then it lingers, so that a late answer is known as one.
struct Ledger: Sendable {
  struct Entry: Sendable {
    var request: Request
    /// Many hosts may answer, each for itself.
    var isGroup: Bool
    /// Where the question went.
    var destination: IPAddress?
    var sentAt: Instant?
    var departure: Instant?
    /// How long it waited for its next hop's link address before it left.
    var resolution: Duration?
    var deadline: Instant = .distantFuture
    var first: Verdict?
    /// Of a group: who answered, and what.
    var repliers: [IPAddress: Verdict] = [:]
    /// The link addresses that answers gave the address asked for: of more than one, one is wrong.
    var claims: [MACAddress] = []
    /// Its time is up.
    var isOver = false
    var isOpen = false
  }

  private(set) var tally = Tally()
  /// How many probes are open.
  private(set) var open = 0
  private let timeout: Duration
  private let linger: Duration
  /// Whether a probe that has its answer is done, rather than listened for to the end of its time.
  private let endsWhenAnswered: Bool
  private var entries: [UInt64: Entry] = [:]
  /// Probes in the order in which their time runs out; all have the same timeout.
  private var deadlines = Queue<UInt64>()
  private var lingering = Queue<UInt64>()
  /// The latest probe of each target that was answered.
  private var latestAnswered: [Int: UInt64] = [:]

  init(timeout: Duration, linger: Duration, endsWhenAnswered: Bool) {
    self.timeout = timeout
    self.linger = linger
    self.endsWhenAnswered = endsWhenAnswered
  }

  subscript(_ probe: UInt64) -> Entry? { entries[probe] }

  /// How many probes are known: at most those of one timeout and one linger.
  var count: Int { entries.count }

  /// When the next probe's time is up.
  mutating func nextDeadline() -> Instant? {
    let known = entries
    deadlines.removeFirst { known[$0] == nil }
    return deadlines.first.flatMap { entries[$0]?.deadline }
  }

  mutating func enter(_ probe: UInt64, _ request: Request, isGroup: Bool, destination: IPAddress?) {
    entries[probe] = Entry(request: request, isGroup: isGroup, destination: destination)
  }

  mutating func sent(_ probe: UInt64, at instant: Instant) {
    guard entries[probe]?.sentAt == nil, entries[probe] != nil else { return }
    entries[probe]?.sentAt = instant
    entries[probe]?.deadline = instant + timeout
    entries[probe]?.isOpen = true
    deadlines.append(probe)
    tally.sent += 1
    open += 1
  }

  mutating func failed(_ probe: UInt64) {
    guard entries.removeValue(forKey: probe) != nil else { return }
    tally.sent += 1
    tally.sendFailed += 1
  }

  /// Forgets a probe that was never tried.
  mutating func drop(_ probe: UInt64) { entries[probe] = nil }

  mutating func departed(_ probe: UInt64, at instant: Instant, resolution: Duration?) {
    entries[probe]?.departure = instant
    if let resolution { entries[probe]?.resolution = resolution }
  }

  mutating func add(rtt: Duration) { tally.add(rtt: rtt) }

  mutating func countNoise() { tally.noise += 1 }

  /// Books an answer, and says what is odd about when it came, and whether it is the one that is counted.
  mutating func book(
    _ probe: UInt64, _ verdict: Verdict, from: IPAddress?, isError: Bool, claim: MACAddress? = nil
  ) -> (flags: [AnswerFlag], isFirst: Bool) {
    guard var entry = entries[probe] else { return ([], false) }
    defer { entries[probe] = entry }
    let before = entry.isGroup ? from.flatMap { entry.repliers[$0] } : entry.first
    let isContested = claim.map { !entry.claims.isEmpty && !entry.claims.contains($0) } ?? false
    if let claim, !entry.claims.contains(claim) { entry.claims.append(claim) }
    if let before {
      if before == verdict, !isContested {
        tally.duplicates += 1
        return ([.duplicate], false)
      }
      tally.conflicts += 1
      return ([.conflict], false)
    }
    var flags: [AnswerFlag] = []
    let isFirst = !entry.isOver && entry.first == nil
    if entry.isOver {
      tally.late += 1
      flags.append(.late)
    } else if isFirst {
      tally.answered += 1
      if isError { tally.errors += 1 }
      if !entry.isGroup, endsWhenAnswered { close(&entry) }
    }
    if entry.isGroup, let from { entry.repliers[from] = verdict }
    entry.first = entry.first ?? verdict
    let newest = latestAnswered[entry.request.target] ?? 0
    if newest > probe { flags.append(.outOfOrder) }
    latestAnswered[entry.request.target] = max(newest, probe)
    return (flags, isFirst)
  }

  private mutating func close(_ entry: inout Entry) {
    guard entry.isOpen else { return }
    entry.isOpen = false
    open -= 1
  }

  /// Ends a probe's time; true if it got no answer in it.
  mutating func end(_ probe: UInt64) -> Bool {
    guard var entry = entries[probe], entry.sentAt != nil, !entry.isOver else { return false }
    entry.isOver = true
    close(&entry)
    entries[probe] = entry
    guard entry.first == nil else { return false }
    tally.silent += 1
    return true
  }

  /// The next probe whose time is up; it lingers from now on.
  mutating func nextDue(at now: Instant) -> UInt64? {
    guard let deadline = nextDeadline(), deadline <= now, let probe = deadlines.removeFirst() else { return nil }
    lingering.append(probe)
    return probe
  }

  /// The next probe that has lingered long enough; it is forgotten.
  mutating func nextForgotten(at now: Instant) -> UInt64? {
    guard let probe = lingering.first, let entry = entries[probe], entry.deadline + linger <= now else { return nil }
    lingering.removeFirst()
    entries[probe] = nil
    return probe
  }
}
