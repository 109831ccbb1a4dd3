internal import SondeHeaders
internal import SondeLink

/// The questions to one host that sends ICMP errors, about ports that have not answered.
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

  private enum Role: Hashable {
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

  private struct Question: Hashable {
    var port: Int
    var attempt: UInt64
  }

  private struct Group {
    var number: Int
    var members = 0
    /// Members whose time was up before the group's.
    var overdue: [(port: Int, place: Int)] = []
    var witnesses = 0
    var firstError: Int?
    var isWitnessed = false
  }

  private(set) var rate = ErrorRate()
  private(set) var stage = Stage.trial
  /// What its errors mean.
  private(set) var verdicts: Set<Verdict> = []
  /// The least time between two questions, and the time that each has.
  private let gap: Duration
  private let timeout: Duration
  /// How many questions to one port are told apart.
  private let flows: Int
  private var witnesses: [Int] = []
  private var nextWitness = 0
  private var waiting = Queue<Int>()
  private var suspects = Queue<Int>()
  /// Which ports stand in either.
  private var listed: Set<Int> = []
  private var asked: [Question: (at: Instant, role: Role)] = [:]
  private var role = Role.check
  private var group: Group?
  private var groups = 0
  private var size = 1
  /// Of each group that is over: how many of its first places an error could have come for.
  private var heard: [Int: Int] = [:]
  /// Ports of which one silence more counts than was said.
  private var owed: Set<Int> = []
  private var failures = 0
  private var epoch = 0
  private var lastAsk = Instant(nanoseconds: 0)
  private var lastError = Instant(nanoseconds: 0)
  private var measuringSince = Instant(nanoseconds: 0)
  /// Of the errors, smoothed.
  private var roundTrip = Duration.zero
  /// Turns since the latest error, how many of them are not worth a witness, and how many slots needed a second turn.
  private var inVain = 0
  private var vainAllowed = 3
  private var slips = 0
  /// Errors since a question was asked early, whether one is, and how many of those were answered in a row.
  private var slots = 0
  private var isEarly = false
  private var early = 0
}

// What comes next.
extension Lane {
  /// How long an answer is waited for before the next question, the host's round-trip time allowing for more.
  private static let leastPatience = Duration.milliseconds(20)
  /// How long errors may stay away before they are taken to have stopped.
  private static let longestWait = Duration.seconds(20)
  /// The most questions in a group, and the longest that one may take where no limit is known.
  private static let largestGroup = 64
  private static let longestGroup = Duration.milliseconds(100)

  private var patience: Duration { min(max(Self.leastPatience, roundTrip * 3), timeout / 4) }

  init(gap: Duration, timeout: Duration, flows: Int) {
    self.flows = flows
    self.gap = gap
    self.timeout = timeout
  }

  /// Whether a limit is known, or is being measured.
  var isLimited: Bool { stage != .trial }

  /// Takes in a port that has not answered.
  mutating func add(_ port: Int, isSuspect: Bool) {
    guard listed.insert(port).inserted else { return }
    if isSuspect || stage == .trial { suspects.append(port) } else { waiting.append(port) }
  }

  /// The port to be asked next, or how long there is none.
  ///
  /// - Parameters:
  ///   - isSettled: whether a port has its verdict.
  ///   - isFree: whether one more question to a port would not be taken for one that is out.
  mutating func next(at now: Instant, isSettled: (Int) -> Bool, isFree: (Int) -> Bool) -> Order {
    waiting.removeFirst(while: isSettled)
    suspects.removeFirst(while: isSettled)
    if waiting.isEmpty, suspects.isEmpty, group == nil { return .wait(until: .distantFuture) }
    if let order = continueGroup(at: now, isSettled, isFree) { return order }
    switch stage {
    case .trial: return startGroup(at: now, notBefore: lastAsk + patience, isSettled, isFree)
    case .measuring: return measureOn(at: now, isSettled, isFree)
    case .paced: return paced(at: now, isSettled, isFree)
    case .over:
      role = .dense
      return take(\.waiting) ?? take(\.suspects) ?? .wait(until: .distantFuture)
    }
  }

  private mutating func measureOn(at now: Instant, _ isSettled: (Int) -> Bool, _ isFree: (Int) -> Bool) -> Order {
    let silentFor = now - max(lastError, measuringSince)
    if silentFor > max(Self.longestWait, (rate.interval ?? .zero) * 8) {
      stage = .over
      return .wait(until: now)
    }
    // Close enough together to measure by, whatever the rate is: within a fiftieth of what it turns out to be.
    // But no closer than there are questions that can be told apart.
    let supply = timeout / max(1, flows * (witnesses.count + listed.count) / 2)
    let due = lastAsk + max(min((now - lastError) / 50, .milliseconds(250)), gap, supply)
    if due > now { return .wait(until: due) }
    // Ports that are still to be asked may all be silent ones: every other question is one that has an error.
    if role != .check, let witness = witness(isFree) {
      role = .check
      return .ask(witness)
    }
    role = .dense
    while let port = suspects.removeFirst() { waiting.append(port) }
    for _ in waiting.contents.indices {
      guard let port = waiting.removeFirst() else { break }
      waiting.append(port)
      if isFree(port), !isSettled(port) { return .ask(port) }
    }
    return .wait(until: now + patience)
  }

  private mutating func paced(at now: Instant, _ isSettled: (Int) -> Bool, _ isFree: (Int) -> Bool) -> Order {
    guard let pause = rate.pause else { return .wait(until: now + patience) }
    guard !waiting.isEmpty else {
      return startGroup(at: now, notBefore: max(lastError + pause * 3 / 2, lastAsk + patience), isSettled, isFree)
    }
    // Now and then one comes early: the limit may be higher by now.
    let isEarly = !self.isEarly && inVain == 0 && (early > 0 || slots >= 16)
    let due = max(lastError + (isEarly ? pause / 2 : pause), lastAsk + (inVain > 0 ? patience : .zero))
    if due > now { return .wait(until: due) }
    if inVain >= vainAllowed {
      if inVain >= vainAllowed + 3 {
        measure(at: now)
        return .wait(until: now)
      }
      guard let witness = witness(isFree) else { return .wait(until: now + patience) }
      role = .check
      return .ask(witness)
    }
    self.isEarly = isEarly || self.isEarly
    role = isEarly ? .early : .turn(epoch: epoch)
    return take(\.waiting) ?? .wait(until: .distantFuture)
  }

  private mutating func startGroup(
    at now: Instant, notBefore due: Instant, _ isSettled: (Int) -> Bool, _ isFree: (Int) -> Bool
  ) -> Order {
    guard !suspects.isEmpty else { return .wait(until: .distantFuture) }
    if due > now { return .wait(until: due) }
    guard witnesses.contains(where: isFree) else { return .wait(until: now + patience) }
    groups += 1
    group = Group(number: groups)
    return continueGroup(at: now, isSettled, isFree) ?? .wait(until: now + patience)
  }

  /// The next question of a group, if there is a group.
  private mutating func continueGroup(
    at now: Instant, _ isSettled: (Int) -> Bool, _ isFree: (Int) -> Bool
  ) -> Order? {
    guard var group else { return nil }
    defer { self.group = group.number == 0 ? nil : group }
    let span = rate.interval.map { $0 / 4 } ?? Self.longestGroup
    let most = max(1, min(size, Int(clamping: span.nanoseconds / max(gap.nanoseconds, 1))))
    if group.witnesses == 0, group.members < most, let order = take(\.suspects) {
      role = .member(group: group.number, place: group.members)
      group.members += 1
      return order
    }
    // One may be lost; but where errors are rare one must do.
    if group.witnesses < (rate.interval == nil ? 2 : 1), !group.isWitnessed, let witness = witness(isFree) {
      role = .witness(group: group.number)
      group.witnesses += 1
      return .ask(witness)
    }
    if lastAsk + patience > now { return .wait(until: lastAsk + patience) }
    conclude(group, at: now)
    group.number = 0
    return nil
  }

  /// Says which of a group's silences count: those before its first error, because an error could have come for them,
  /// or all if the witness alone answered. In a trial without a witness nothing is sure.
  private mutating func conclude(_ group: Group, at now: Instant) {
    let isTrial = stage == .trial
    var places = group.firstError ?? (group.isWitnessed ? .max : 0)
    if isTrial, !group.isWitnessed { places = 0 }
    heard[group.number] = places
    heard[group.number - 4096] = nil
    for (port, place) in group.overdue where place < places { owed.insert(port) }
    if group.isWitnessed {
      size = min(size * 2, Self.largestGroup)
      failures = 0
    } else if isTrial {
      measure(at: now)
    } else if group.firstError != nil {
      size = max(1, size / 2)
      failures = 0
    } else {
      failures += 1
      if failures > 1 { measure(at: now) }
    }
  }

  private mutating func take(_ ports: WritableKeyPath<Lane, Queue<Int>>) -> Order? {
    guard let port = self[keyPath: ports].removeFirst() else { return nil }
    listed.remove(port)
    return .ask(port)
  }

  private mutating func measure(at now: Instant) {
    while stage == .trial, let port = suspects.removeFirst() { waiting.append(port) }
    stage = .measuring
    measuringSince = now
    rate.measure()
    epoch += 1
    failures = 0
    size = 1
    inVain = 0
    early = 0
    isEarly = false
    slots = 0
  }

  /// The next port in turn whose error is known.
  private mutating func witness(_ isFree: (Int) -> Bool) -> Int? {
    for _ in witnesses.indices {
      nextWitness = (nextWitness + 1) % witnesses.count
      if isFree(witnesses[nextWitness]) { return witnesses[nextWitness] }
    }
    return nil
  }
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

  /// An error came from the host; of a question that the lane did not ask, too.
  mutating func error(_ port: Int, _ attempt: UInt64, _ verdict: Verdict, rtt: Duration?, at now: Instant) {
    verdicts.insert(verdict)
    if witnesses.count < Self.largestGroup, !witnesses.contains(port) { witnesses.append(port) }
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
      early += 1
      self.isEarly = false
      // One may have been saved up; three in a row are a higher limit.
      if early >= 3 { measure(at: now) }
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
