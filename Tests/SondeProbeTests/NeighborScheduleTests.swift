internal import SondeHeaders
internal import SondeLink
internal import SondeOctets
internal import SondeProbe
internal import Testing

/// Who has an address, by rounds: what is asked when, and what is made of who answers.
@Suite struct NeighborScheduleTests {
  private static let ours: MACAddress = "02:00:00:00:00:01"
  private static let first: MACAddress = "02:00:00:00:00:0a"
  private static let second: MACAddress = "02:00:00:00:00:0b"

  private func address(_ index: Int) -> IPv4Address { IPv4Address(198, 51, 100, UInt8(7 + index)) }

  private func session(
    _ count: Int = 1, rounds: UInt64? = 1, start: ClosedRange<Duration> = .zero ... .zero,
    interval: ClosedRange<Duration> = .seconds(1) ... .seconds(1), gap: Duration = .zero,
    patience: NeighborSchedule.Patience = .allRounds, isProbe: Bool = false,
    purpose: NeighborSchedule.Purpose = .question
  ) -> Session<NeighborSchedule> {
    let targets = (0..<count).map { index in
      NeighborSchedule.Target(.v4(address(index)), way: Way(to: .v4(address(index)), interface: 1)) { [self] _, owner in
        AnyPacket([
          Ethernet(from: Self.ours, to: owner ?? .broadcast),
          ARP(from: Self.ours, isProbe ? .any : Hosts.us, to: address(index)),
        ])
      }
    }
    return Session(
      NeighborSchedule(
        targets, pace: .init(rounds: rounds, start: start, interval: interval, gap: gap), patience: patience,
        purpose: purpose, seed: 7),
      timeout: .seconds(1), endsWhenAnswered: false)
  }

  private func hear(
    _ session: inout Session<NeighborSchedule>, _ index: Int = 0, from owner: MACAddress, at now: Instant
  ) throws {
    let reply = try bytes([
      Ethernet(from: owner, to: Self.ours),
      ARP(from: owner, address(index), to: Hosts.us, Self.ours, operation: ARP.reply),
    ])
    session.receive(.frame(Frame(bytes: reply, linkType: .ethernet, stamp: Stamp(monotonic: now))), at: now)
  }

  @Test func roundsAreAnIntervalApartAndPacketsAGap() {
    var session = session(3, rounds: 2, gap: .milliseconds(10))
    #expect(session.send(at: .ms(0)).count == 1)
    #expect(session.send(at: .ms(9)).isEmpty)
    #expect(session.send(at: .ms(10)).count == 1)
    #expect(session.send(at: .ms(20)).count == 1)
    #expect(session.send(at: .ms(999)).isEmpty)
    #expect(session.send(at: .ms(1000)).count == 1)
  }

  @Test func theWaitsOfAProbeAreAtRandomBetweenTheirBounds() {
    var session = session(
      rounds: 3, start: .zero ... .seconds(1), interval: .seconds(1) ... .seconds(2), patience: .untilAnswered,
      isProbe: true)
    var times: [Int64] = []
    for tick in 0..<8000 where !session.send(at: .ms(Int64(tick))).isEmpty { times.append(Int64(tick)) }
    #expect(times.count == 3)
    #expect(times[0] <= 1000)
    #expect((1000...2001).contains(times[1] - times[0]) && (1000...2001).contains(times[2] - times[1]))
    #expect(times[1] - times[0] != times[2] - times[1])
  }

  @Test func asecondOwnerIsAConflictAndTheSameOwnerAgainADuplicate() throws {
    var session = session()
    session.send(at: .ms(0))
    try hear(&session, from: Self.first, at: .ms(1))
    try hear(&session, from: Self.first, at: .ms(2))
    try hear(&session, from: Self.second, at: .ms(3))
    let answers = session.takeEvents().answers
    #expect(answers.map(\.flags) == [[], [.duplicate], [.conflict]])
    #expect(answers.map(\.isFirst) == [true, false, false])
    #expect(answers[2].why.hasSuffix("\(Self.first) says so too"))
    #expect(session.tally.answered == 1 && session.tally.duplicates == 1 && session.tally.conflicts == 1)
  }

  @Test func anotherOwnerInALaterRoundIsAConflictToo() throws {
    var session = session(rounds: 2)
    session.send(at: .ms(0))
    try hear(&session, from: Self.first, at: .ms(1))
    session.send(at: .ms(1000))
    try hear(&session, from: Self.second, at: .ms(1001))
    #expect(session.takeEvents().answers.map(\.flags) == [[], [.conflict]])
  }

  @Test func anOwnerOfSeveralAddressesIsNamedWithThem() throws {
    var session = session(3)
    session.send(at: .ms(0))
    for index in 0..<3 { try hear(&session, index, from: index == 2 ? Self.second : Self.first, at: .ms(1)) }
    let answers = session.takeEvents().answers
    #expect(answers.map(\.flags) == [[], [.proxy], []])
    #expect(answers[1].why.contains("it also answers for \(address(0)): a proxy, or one host"))
    #expect(session.plan.manyfold.map(\.owner) == [Self.first])
    #expect(session.plan.manyfold.map(\.addresses) == [[.v4(address(0)), .v4(address(1))]])
  }

  @Test func ofAProxyForManyAddressesEightAreNamedAndTheRestCounted() throws {
    var session = session(12)
    session.send(at: .ms(0))
    for index in 0..<12 { try hear(&session, index, from: Self.first, at: .ms(1)) }
    let answers = session.takeEvents().answers
    #expect(answers[8].why.contains("for \(address(0)), \(address(1)), "))
    #expect(answers[8].why.contains("\(address(7)): a proxy"))
    #expect(answers[9].why.contains("\(address(7)) and 1 more: a proxy"))
    #expect(answers[11].why.contains("\(address(7)) and 3 more: a proxy"))
  }

  @Test func theOwnerThatAnsweredIsHandedToTheNextRound() throws {
    var session = session(rounds: 2)
    #expect(session.send(at: .ms(0)).map { Array($0.bytes.prefix(6)) } == [MACAddress.broadcast.octets])
    try hear(&session, from: Self.first, at: .ms(1))
    #expect(session.send(at: .ms(1000)).map { Array($0.bytes.prefix(6)) } == [Self.first.octets])
  }

  @Test func anAddressInUseIsNotProbedForAgainAndAFreeOneIs() throws {
    var session = session(2, rounds: 3, patience: .untilAnswered, isProbe: true)
    #expect(session.send(at: .ms(0)).count == 2)
    try hear(&session, from: Self.first, at: .ms(1))
    #expect(session.send(at: .ms(1000)).count == 1)
    #expect(session.send(at: .ms(2000)).count == 1)
    while !session.step(at: .ms(4000)).isFinished {}
    let settlements = session.takeEvents().settlements
    #expect(settlements.map(\.verdict) == [.addressInUse, .timeout])
    #expect(settlements.map(\.target) == [0, 1])
    #expect(settlements[1].attempts == 3 && session.plan.answered == [0])
  }

  @Test func anotherThatProbesForTheSameAddressTakesIt() throws {
    var session = session(rounds: 3, patience: .untilAnswered, isProbe: true)
    session.send(at: .ms(0))
    let rival = try bytes([Ethernet(from: Self.second, to: .broadcast), ARP(from: Self.second, .any, to: address(0))])
    session.receive(.frame(Frame(bytes: rival, linkType: .ethernet, stamp: Stamp(monotonic: .ms(1)))), at: .ms(1))
    // A probe for another address is nothing to us.
    let other = try bytes([Ethernet(from: Self.second, to: .broadcast), ARP(from: Self.second, .any, to: address(5))])
    session.receive(.frame(Frame(bytes: other, linkType: .ethernet, stamp: Stamp(monotonic: .ms(2)))), at: .ms(2))
    let events = session.takeEvents()
    #expect(events.answers.map(\.verdict) == [.addressInUse])
    #expect(events.answers.map(\.flags) == [[.conflict]])
    #expect(events.settlements.map(\.verdict) == [.addressInUse] && events.noise.isEmpty)
    #expect(session.send(at: .ms(1000)).isEmpty)
  }

  @Test func theRunCanEndWithTheFirstAnswers() throws {
    var session = session(2, rounds: nil, patience: .endsWhenAnswered)
    session.send(at: .ms(0))
    try hear(&session, from: Self.first, at: .ms(1))
    #expect(!session.step(at: .ms(1)).isFinished)
    try hear(&session, 1, from: Self.second, at: .ms(2))
    #expect(session.step(at: .ms(2)).isFinished)
  }

  @Test(arguments: [
    (NeighborSchedule.Purpose.question, "no answer to 2 packets"), (.detection, "nobody answered 2 probes"),
    (.announcement, "nobody objected to 2 announcements"),
  ])
  func silenceIsCalledByWhatWasWanted(purpose: NeighborSchedule.Purpose, why: String) {
    var session = session(rounds: 2, purpose: purpose)
    session.send(at: .ms(0))
    session.send(at: .ms(1000))
    _ = session.step(at: .ms(2000))
    let settlements = session.takeEvents().settlements
    #expect(settlements.map(\.why) == [why] && settlements.map(\.isCutShort) == [false])
  }

  @Test func whoIsStillListenedForWhenTheRunStopsIsSettledAsStopped() {
    var session = session(patience: .untilAnswered, isProbe: true)
    session.send(at: .ms(0))
    session.stop()
    #expect(session.takeEvents().settlements.map(\.isCutShort) == [true])
  }

  @Test func aStoppedRunSettlesWhatWasAskedAndNothingElse() {
    var session = session(2, rounds: 3, gap: .milliseconds(100))
    session.send(at: .ms(0))
    session.stop()
    let settlements = session.takeEvents().settlements
    #expect(settlements.map(\.target) == [0] && settlements.map(\.isCutShort) == [true])
    #expect(settlements.first?.why == "no answer to 1 packet")
    #expect(session.tally.isBalanced)
  }
}
