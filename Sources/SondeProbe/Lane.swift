internal import SondeHeaders
internal import SondeLink
internal import SondeOctets

/// The questions to one host about ports that have not answered, where others were answered by ICMP errors.
///
/// Such a port may be silent, or its error may be one that a rate limit withheld. Silence takes nothing from a limit,
/// so groups of ports are asked at once, and behind them a *witness*: a port whose error is known. If that comes, the
/// host could have answered for the ports before it, and their silence counts. If it does not, there is a limit: it is
/// measured, all ports are asked in turn at the pace that it allows, and what is silent then is asked in groups again,
/// each after a pause in which an error has surely become due.
struct Lane: Sendable {
  /// What comes next.
  enum Order {
    case ask(Int)
    case wait(until: Instant)
  }

  enum Stage: Hashable {
    /// No limit is known: groups one after the other.
    case trial
    /// Questions faster than their errors come.
    case measuring
    /// One question as often as an error can come.
    case paced
    /// The errors have stopped for good: a last question to each port.
    case over
  }

  enum Role: Hashable {
    /// One of many by which the limit is measured.
    case dense
    /// A port's turn at the pace of a measurement.
    case turn(epoch: Int)
    /// A turn before its time.
    case early
    case member(group: Int, place: Int)
    case witness(group: Int)
    /// A witness between turns.
    case check
  }

  struct Question: Hashable {
    var port: Int
    var attempt: UInt64
  }

  struct Group {
    var number: Int
    var members = 0
    /// Members whose time was up before the group's.
    var overdue: [(port: Int, place: Int)] = []
    var witnesses = 0
    var firstError: Int?
    var isWitnessed = false
  }

  /// Who sends the errors, where that is not the host itself.
  let router: IPAddress?
  var rate = ErrorRate()
  var stage = Stage.trial
  /// What its errors mean.
  var verdicts: Set<Verdict> = []
  /// The least time between two questions, and the time that each has.
  let gap: Duration
  let timeout: Duration
  /// How many questions to one port are told apart.
  let flows: Int
  var witnesses: [Int] = []
  var nextWitness = 0
  var waiting = Queue<Int>()
  var suspects = Queue<Int>()
  /// Which ports stand in either.
  var listed: Set<Int> = []
  var asked: [Question: (at: Instant, role: Role)] = [:]
  var role = Role.check
  var group: Group?
  var groups = 0
  var size = 1
  /// Of each group that is over: how many of its first places an error could have come for.
  var heard: [Int: Int] = [:]
  /// Ports of which one silence more counts than was said.
  var owed: Set<Int> = []
  var failures = 0
  var epoch = 0
  var lastAsk = Instant(nanoseconds: 0)
  var lastError = Instant(nanoseconds: 0)
  var measuringSince = Instant(nanoseconds: 0)
  /// Of the errors, smoothed.
  var roundTrip = Duration.zero
  /// Turns since the latest error, how many of them are not worth a witness, and how many slots needed a second turn.
  var inVain = 0
  var vainAllowed = 3
  var slips = 0
  /// Errors since a question was asked early, whether one is, and how many of those were answered in a row.
  var slots = 0
  var isEarly = false
  var early = 0
  var earlySince = Instant(nanoseconds: 0)
  /// Of a measurement: for how many other questions there is a witness, and how many there were since the latest.
  var share = 1
  var sinceCheck = 0
  var lastCheck = Instant(nanoseconds: 0)
}

// What came of it.
extension Lane {
  /// The question that `next` gave is about to leave.
  mutating func asked(_ port: Int, _ attempt: UInt64, at now: Instant) {
    asked[Question(port: port, attempt: attempt)] = (now, role)
    lastAsk = now
    rate.asked(at: now)
    if stage == .paced, group == nil, role != .early { inVain += 1 }
  }

  /// What the error of a port means, which therefore may be a witness.
  mutating func know(_ verdict: Verdict, of port: Int) {
    verdicts.insert(verdict)
    if witnesses.count < Self.largestGroup, !witnesses.contains(port) { witnesses.append(port) }
  }

  /// An error came from the host; of a question that the lane did not ask, too.
  mutating func error(_ port: Int, _ attempt: UInt64, _ verdict: Verdict, rtt: Duration?, at now: Instant) {
    know(verdict, of: port)
    if let rtt { roundTrip += (min(rtt, .seconds(1)) - roundTrip) / 4 }
    let question = asked.removeValue(forKey: Question(port: port, attempt: attempt))
    let at = question?.at ?? now
    rate.error(askedAt: at)
    lastError = max(lastError, at)
    switch question?.role {
    case .member(let number, let place)? where number == group?.number:
      let first = group?.firstError ?? .max
      group?.firstError = min(first, place)
    case .witness(let number)? where number == group?.number: group?.isWitnessed = true
    case .dense?: share = min(share * 2, 8)
    case .check? where stage == .measuring: share = 1
    case .check? where stage == .paced: vainAllowed = min(vainAllowed * 2, Self.largestGroup)
    case .turn? where stage == .paced: keepPace(isEarly: false, at: now)
    case .early? where stage == .paced: keepPace(isEarly: true, at: now)
    default: break
    }
    inVain = 0
    guard stage == .measuring, !rate.isMeasuring else { return }
    if let interval = rate.interval, interval > gap * 2 {
      stage = .paced
    } else {
      rate.lift()
      stage = .trial
      while let port = waiting.removeFirst() { suspects.append(port) }
    }
  }

  /// Learns from an error that came to a turn how good the pace is.
  private mutating func keepPace(isEarly: Bool, at now: Instant) {
    if isEarly {
      if early == 0 { earlySince = now }
      early += 1
      self.isEarly = false
      // Some may have been saved up, or counted a second at a time; more than those are a higher limit.
      if early >= 3, now - earlySince > .milliseconds(1200) { measure(at: now) }
      return
    }
    slots = self.isEarly ? 0 : slots + 1
    self.isEarly = false
    early = 0
    slips = inVain > 1 ? slips + 1 : max(slips - 1, 0)
    guard slips >= 4 else { return }
    slips = 0
    rate.slow()
  }

  /// Something else than an error answered.
  mutating func answered(_ port: Int, _ attempt: UInt64) {
    guard let question = asked.removeValue(forKey: Question(port: port, attempt: attempt)) else { return }
    rate.answered(askedAt: question.at)
    inVain = max(inVain - 1, 0)
  }

  /// A question's time is up: how many silences of the port count by now that did not before, and whether the port is
  /// more likely silent than not.
  mutating func silent(_ port: Int, _ attempt: UInt64) -> (counts: Int, isSuspect: Bool) {
    let counts = owed.remove(port) == nil ? 0 : 1
    switch asked.removeValue(forKey: Question(port: port, attempt: attempt))?.role {
    case .member(let number, let place)? where number == group?.number:
      group?.overdue.append((port, place))
      return (counts, true)
    case .member(let number, let place)?:
      let places = heard[number] ?? 0
      return (place < places ? counts + 1 : counts, places > 0)
    case .turn(let epoch)?: return (counts, epoch == self.epoch && stage == .paced)
    case .witness?, .check?, .dense?, .early?, nil: return (counts, false)
    }
  }
}
