internal import SondeLink
internal import SondeOctets

// What comes next.
extension Lane {
  /// How long an answer is waited for before the next question, the host's round-trip time allowing for more.
  private static let leastPatience = Duration.milliseconds(20)
  /// How long errors may stay away before they are taken to have stopped.
  private static let longestWait = Duration.seconds(20)
  /// The most questions in a group, and the longest that one may take where no limit is known.
  static let largestGroup = 64
  private static let longestGroup = Duration.milliseconds(100)

  var patience: Duration { min(max(Self.leastPatience, roundTrip * 3), timeout / 4) }

  init(router: IPAddress?, gap: Duration, timeout: Duration, flows: Int) {
    self.router = router
    self.flows = flows
    self.gap = gap
    self.timeout = timeout
  }

  /// Who sends the errors, in words.
  var sender: String { router.map(\.description) ?? "the host" }

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
    // Ports that are still to be asked may all be silent ones: some questions are such that have an error.
    let checks = timeout / max(1, flows * witnesses.count)
    if sinceCheck >= share, lastCheck + checks <= now, let witness = witness(isFree) {
      role = .check
      sinceCheck = 0
      lastCheck = now
      return .ask(witness)
    }
    sinceCheck += 1
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

  mutating func measure(at now: Instant) {
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
