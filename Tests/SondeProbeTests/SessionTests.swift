internal import SondeHeaders
internal import SondeLink
internal import SondeOctets
internal import SondeProbe
internal import Testing

/// When an answer comes decides what it is called; times here are made by hand.
@Suite struct SessionTests {
  private static func packet(_ turn: UInt64, to destination: IPv4Address = Hosts.asked) -> AnyPacket {
    AnyPacket([
      IPv4(from: Hosts.us, to: destination),
      ICMPv4.echoRequest(identifier: 0x77, sequenceNumber: UInt16(truncatingIfNeeded: turn &+ 1)),
      Payload(octets: Cookie(nonce: 9, probe: turn).octets),
    ])
  }

  private static func reply(_ turn: UInt64, from source: IPv4Address = Hosts.asked) throws -> [UInt8] {
    try bytes([
      IPv4(from: source, to: Hosts.us),
      ICMPv4.echoReply(identifier: 0x77, sequenceNumber: UInt16(truncatingIfNeeded: turn &+ 1)),
      Payload(octets: Cookie(nonce: 9, probe: turn).octets),
    ])
  }

  private static func unreachable(_ turn: UInt64) throws -> [UInt8] {
    try bytes([Hosts.onTheWay, ICMPv4.destinationUnreachable(code: 1), Quote(packet(turn))])
  }

  /// A session that sends `count` probes, `gap` milliseconds apart.
  private static func session(
    _ count: UInt64, every gap: Int64 = 0, waitsForDepartures: Bool = false, endsWhenAnswered: Bool = true,
    isGroup: Bool = false
  ) -> Session<Script> {
    Session(
      Script((0..<count).map { packet($0) }, every: .milliseconds(gap), isGroup: isGroup), timeout: .seconds(1),
      linger: .seconds(10), waitsForDepartures: waitsForDepartures, endsWhenAnswered: endsWhenAnswered)
  }

  private static func isFinished(_ step: Session<Script>.Step) -> Bool {
    if case .finished = step { true } else { false }
  }

  private static func wait(_ step: Session<Script>.Step) -> Instant? {
    if case .wait(let until) = step { until } else { nil }
  }

  @Test func theFirstAnswerEndsTheRun() throws {
    var session = Self.session(1)
    session.send(at: .ms(0))
    #expect(Self.wait(session.step(at: .ms(0))) == .ms(1000))
    session.receive(try Self.reply(0), at: .ms(3))
    #expect(Self.isFinished(session.step(at: .ms(3))))
    let events = session.takeEvents()
    #expect(events.sent.count == 1)
    #expect(events.answers.map(\.rtt) == [.milliseconds(3)])
    #expect(events.answers.map(\.flags) == [[]])
    #expect(session.tally.answered == 1)
    #expect(session.tally.isBalanced)
  }

  @Test func silenceIsCountedWhenTheTimeIsUpAndNotBefore() {
    var session = Self.session(1)
    session.send(at: .ms(0))
    _ = session.step(at: Instant(nanoseconds: Instant.ms(1000).nanoseconds - 1))
    #expect(session.takeEvents().silences.isEmpty)
    #expect(Self.isFinished(session.step(at: .ms(1000))))
    #expect(session.takeEvents().silences.map(\.verdict) == [.timeout])
    #expect(session.tally.silent == 1)
    #expect(session.tally.isBalanced)
  }

  @Test func aLateAnswerIsCalledLateAndChangesNothing() throws {
    var session = Self.session(3, every: 5000)
    session.send(at: .ms(0))
    _ = session.step(at: .ms(1000))
    session.receive(try Self.reply(0), at: .ms(1500))
    session.receive(try Self.reply(0), at: .ms(1501))
    let answers = session.takeEvents().answers
    #expect(answers.map(\.flags) == [[.late], [.duplicate]])
    #expect(!answers[0].isFirst)
    #expect(session.tally.silent == 1)
    #expect(session.tally.answered == 0)
    #expect(session.tally.late == 1)
    #expect(session.tally.duplicates == 1)
    #expect(session.tally.rtt.count == 0)
  }

  @Test func anAnswerAfterItsTimeIsLateEvenIfNobodyLookedAtTheClock() throws {
    var session = Self.session(1)
    session.send(at: .ms(0))
    session.receive(try Self.reply(0), at: .ms(1001))
    let events = session.takeEvents()
    #expect(events.silences.count == 1)
    #expect(events.answers.map(\.flags) == [[.late]])
    #expect(session.tally.isBalanced)
  }

  /// A program that was stopped for a while reads answers that came in time.
  @Test func anAnswerInTimeThatIsReadLateIsInTime() throws {
    var session = Self.session(1)
    session.send(at: .ms(0))
    session.receive(try Self.reply(0), at: .ms(4000), kernel: .ms(900))
    #expect(session.takeEvents().answers.map(\.flags) == [[]])
    #expect(session.tally.answered == 1)
    // A kernel stamp from before we sent is not believed.
    var other = Self.session(1)
    other.send(at: .ms(0))
    other.receive(try Self.reply(0), at: .ms(4000), kernel: .ms(-1))
    #expect(other.takeEvents().answers.map(\.flags) == [[.late]])
  }

  @Test func afterTheLingerItIsNobodys() throws {
    var session = Self.session(2, every: 20000)
    session.send(at: .ms(0))
    _ = session.step(at: .ms(1000))
    _ = session.step(at: .ms(10999))
    #expect(session.knownProbes == 1)
    _ = session.step(at: .ms(11000))
    #expect(session.knownProbes == 0)
    session.receive(try Self.reply(0), at: .ms(11001))
    #expect(session.takeEvents().answers.isEmpty)
    // While another probe of the same identifier is out, it is noise that says so.
    session.send(at: .ms(20000))
    session.receive(try Self.reply(0), at: .ms(20001))
    #expect(session.takeEvents().noise.map(\.why) == ["carries sequence number 1, not our 2"])
    #expect(session.tally.answered == 0)
  }

  @Test func aHundredDuplicatesAreOneAnswer() throws {
    var session = Self.session(2, every: 100)
    session.send(at: .ms(0))
    for delay in 0...100 { session.receive(try Self.reply(0), at: .ms(1 + Int64(delay) / 2)) }
    let answers = session.takeEvents().answers
    #expect(answers.count == 101)
    #expect(answers.dropFirst().allSatisfy { $0.flags == [.duplicate] })
    #expect(session.tally.answered == 1)
    #expect(session.tally.duplicates == 100)
    #expect(session.tally.rtt.count == 1)
  }

  @Test func asecondAnswerThatContradictsIsAConflict() throws {
    var session = Self.session(2, every: 100)
    session.send(at: .ms(0))
    session.receive(try Self.reply(0), at: .ms(1))
    session.receive(try Self.unreachable(0), at: .ms(2))
    #expect(session.takeEvents().answers.map(\.flags) == [[], [.conflict]])
    #expect(session.tally.conflicts == 1)
    #expect(session.tally.duplicates == 0)
    #expect(session.tally.errors == 0)
    #expect(session.tally.answered == 1)
  }

  @Test func anErrorAnswersAndIsCountedAsOne() throws {
    var session = Self.session(1)
    session.send(at: .ms(0))
    session.receive(try Self.unreachable(0), at: .ms(1))
    #expect(Self.isFinished(session.step(at: .ms(1))))
    #expect(session.tally.errors == 1)
    #expect(session.tally.answered == 1)
    #expect(session.tally.rtt.count == 0)
    #expect(session.tally.isBalanced)
  }

  @Test func reorderingIsNamedAndCostsNothing() throws {
    var session = Self.session(3, every: 10)
    for time in [0, 10, 20] as [Int64] { session.send(at: .ms(time)) }
    for (turn, time) in [(2, 21), (0, 22), (1, 23)] as [(UInt64, Int64)] {
      session.receive(try Self.reply(turn), at: .ms(time))
    }
    let answers = session.takeEvents().answers
    #expect(answers.map(\.turn) == [2, 0, 1])
    #expect(answers.map(\.flags) == [[], [.outOfOrder], [.outOfOrder]])
    #expect(answers.map(\.rtt) == [.milliseconds(1), .milliseconds(22), .milliseconds(13)])
    #expect(session.tally.answered == 3)
    #expect(session.tally.late == 0)
  }

  // Identical packets: nothing tells their answers apart.

  @Test func equalProbesShareTheirAnswersOldestFirst() throws {
    let packet = Self.packet(0)
    var session = Session(Script([packet, packet, packet], every: .milliseconds(10)), timeout: .seconds(1))
    for time in [0, 10, 20] as [Int64] { session.send(at: .ms(time)) }
    for time in [30, 40, 50, 60] as [Int64] { session.receive(try Self.reply(0), at: .ms(time)) }
    let answers = session.takeEvents().answers
    #expect(answers.map(\.probe) == [1, 2, 3, 3])
    #expect(answers.map(\.rtt) == [30, 30, 30, 40].map { .milliseconds($0) })
    #expect(answers.map(\.flags) == [[], [], [], [.duplicate]])
    #expect(session.tally.answered == 3)
  }

  // Stamps.

  private static func roundTrip(
    left: Int64?, came: Int64?, read: Int64 = 5000, departsFirst: Bool = true
  ) throws -> (Duration?, RTTClock)? {
    var session = session(1, waitsForDepartures: true)
    session.send(at: .ms(0))
    let at = { (microseconds: Int64) in Instant.ms(0) + .microseconds(microseconds) }
    let departure = left.map { Received.departure(Departure(probe: 1, kernel: at($0), wall: 0)) }
    if let departure, departsFirst { session.receive(departure, at: at(read)) }
    session.receive(try reply(0), at: at(read), kernel: came.map(at))
    if let departure, !departsFirst { session.receive(departure, at: at(read + 500)) }
    if session.step(at: at(read + 999)).isFinished == false { _ = session.step(at: at(read + 1000)) }
    return session.takeEvents().answers.first.map { ($0.rtt, $0.rttClock) }
  }

  @Test func kernelStampsCountIfTheyFitBetweenOurs() throws {
    #expect(try #require(try Self.roundTrip(left: 10, came: 4990)) == (.microseconds(4980), .kernel))
    #expect(try #require(try Self.roundTrip(left: 0, came: 5000)) == (.microseconds(5000), .kernel))
    #expect(
      try #require(try Self.roundTrip(left: 10, came: 4990, departsFirst: false)) == (.microseconds(4980), .kernel))
    // Stamps that a step of the clock threw out of the bracket, one by one.
    for (left, came) in [(-1, 4990), (10, 5001), (4990, 10), (-3_600_000_000, 4990), (10, 3_600_000_000)]
      as [(Int64, Int64)]
    {
      #expect(try #require(try Self.roundTrip(left: left, came: came)) == (.microseconds(5000), .monotonic))
    }
    #expect(try #require(try Self.roundTrip(left: nil, came: 4990)) == (.microseconds(5000), .monotonic))
    #expect(try #require(try Self.roundTrip(left: 10, came: nil)) == (.microseconds(5000), .monotonic))
  }

  @Test func anAnswerWaitsAMillisecondForItsStampAndNoLonger() throws {
    var session = Self.session(2, every: 100, waitsForDepartures: true)
    session.send(at: .ms(0))
    session.receive(try Self.reply(0), at: .ms(5))
    #expect(session.takeEvents().answers.isEmpty)
    // It is booked already, and its probe does not fall silent meanwhile.
    #expect(session.tally.answered == 1)
    #expect(Self.wait(session.step(at: .ms(5))) == .ms(6))
    _ = session.step(at: .ms(6))
    #expect(session.takeEvents().answers.count == 1)
    session.receive(.departure(Departure(probe: 1, kernel: .ms(1), wall: 0)), at: .ms(7))
    #expect(session.takeEvents().answers.isEmpty)
  }

  @Test func waitingForAStampNeitherReordersNorDelaysTheBooks() throws {
    var session = Self.session(2, waitsForDepartures: true)
    session.send(at: .ms(0))
    session.receive(.departure(Departure(probe: 2, kernel: .ms(0), wall: 0)), at: .ms(1))
    session.receive(try Self.reply(0), at: .ms(999), kernel: .ms(998))
    session.receive(try Self.reply(1), at: .ms(999), kernel: .ms(998))
    _ = session.step(at: .ms(1000))
    let events = session.takeEvents()
    #expect(events.answers.map(\.turn) == [0, 1])
    #expect(events.answers.map(\.flags) == [[], []])
    #expect(events.silences.isEmpty)
    #expect(session.tally.answered == 2)
  }

  @Test func anAnswerReadBeforeItWasSentHasNoTime() throws {
    var session = Self.session(1)
    session.send(at: .ms(10))
    session.receive(try Self.reply(0), at: .ms(9))
    #expect(session.takeEvents().answers.map(\.rtt) == [nil])
    #expect(session.tally.rtt.count == 0)
  }

  // What this machine itself says.

  @Test func aLocalFailureIsAnAnswerOfThisMachine() {
    var session = Self.session(2, every: 100)
    session.send(at: .ms(0))
    let error = LinkError(operation: "sendto", code: 113, message: "No route to host")
    session.receive(.failure(error, probe: 1), at: .ms(1))
    session.receive(.failure(error, probe: nil), at: .ms(1))
    session.receive(.failure(error, probe: 99), at: .ms(1))
    let answers = session.takeEvents().answers
    #expect(answers.map(\.by) == [.localError])
    #expect(answers.map(\.verdict) == [.unreachable])
    #expect(answers.map(\.flags) == [[.local]])
    #expect(answers.map(\.from) == [nil])
    #expect(session.tally.errors == 1)
    #expect(session.tally.answered == 1)
  }

  // Groups.

  @Test func everyMemberOfAGroupAnswersOnce() throws {
    var session = Self.session(1, isGroup: true)
    session.send(at: .ms(0))
    let members: [IPv4Address] = ["198.51.100.1", "198.51.100.2", "198.51.100.3"]
    for (index, member) in members.enumerated() {
      session.receive(try Self.reply(0, from: member), at: .ms(Int64(index) + 1))
    }
    session.receive(try Self.reply(0, from: members[1]), at: .ms(7))
    #expect(Self.wait(session.step(at: .ms(8))) == .ms(1000))
    session.receive(try Self.reply(0), at: .ms(500))
    #expect(Self.isFinished(session.step(at: .ms(1000))))
    let answers = session.takeEvents().answers
    #expect(
      answers.map(\.flags) == [[.otherAddress], [.otherAddress], [.otherAddress], [.otherAddress, .duplicate], []])
    #expect(session.tally.answered == 1)
    #expect(session.tally.duplicates == 1)
    #expect(session.tally.silent == 0)
    #expect(session.tally.rtt.count == 4)
    #expect(session.tally.isBalanced)
  }

  @Test func aMemberThatComesAfterTheTimeIsLate() throws {
    var session = Session(
      Script([Self.packet(0), Self.packet(1)], every: .seconds(5), isGroup: true), timeout: .seconds(1))
    session.send(at: .ms(0))
    session.receive(try Self.reply(0, from: "198.51.100.1"), at: .ms(1))
    _ = session.step(at: .ms(1000))
    session.receive(try Self.reply(0, from: "198.51.100.2"), at: .ms(1500))
    #expect(session.takeEvents().answers.map(\.flags) == [[.otherAddress], [.otherAddress, .late]])
    #expect(session.tally.late == 1)
    #expect(session.tally.answered == 1)
  }

  // Ends.

  @Test func listeningOnSeesWhatComesAfterTheFirstAnswer() throws {
    var session = Self.session(1, endsWhenAnswered: false)
    session.send(at: .ms(0))
    session.receive(try Self.reply(0), at: .ms(1))
    #expect(Self.wait(session.step(at: .ms(2))) == .ms(1000))
    session.receive(try Self.reply(0), at: .ms(900))
    #expect(Self.isFinished(session.step(at: .ms(1000))))
    #expect(session.takeEvents().answers.map(\.flags) == [[], [.duplicate]])
    #expect(session.tally.silent == 0)
    #expect(session.tally.isBalanced)
  }

  @Test func stoppingClosesTheBooks() throws {
    var session = Self.session(5, every: 10, waitsForDepartures: true)
    for time in [0, 10, 20] as [Int64] { session.send(at: .ms(time)) }
    session.receive(try Self.reply(1), at: .ms(21))
    session.stop()
    session.stop()
    #expect(Self.isFinished(session.step(at: .ms(22))))
    let events = session.takeEvents()
    #expect(events.answers.count == 1)
    #expect(events.silences.map(\.turn) == [0, 2])
    #expect(session.tally.sent == 3)
    #expect(session.tally.isBalanced)
    session.receive(try Self.reply(0), at: .ms(23))
    #expect(session.takeEvents().answers.map(\.flags) == [[.late, .outOfOrder]])
    #expect(session.tally.isBalanced)
  }

  // A link that is full, or refuses.

  @Test func aFullLinkIsTriedAgainAndNothingFails() {
    var session = Self.session(1)
    guard case .send(let batch) = session.step(at: .ms(0)) else { return #expect(Bool(false)) }
    session.took(batch, SendOutcome(count: 0, at: .ms(0), wall: 0))
    #expect(session.tally.sent == 0)
    #expect(Self.wait(session.step(at: .ms(0))) == .ms(1))
    guard case .send(let again) = session.step(at: .ms(1)) else { return #expect(Bool(false)) }
    #expect(again == batch)
    session.took(again, SendOutcome(count: 1, at: .ms(1), wall: 0))
    #expect(session.takeEvents().failures.isEmpty)
    #expect(session.tally.sent == 1)
    #expect(session.tally.sendFailed == 0)
    #expect(Self.wait(session.step(at: .ms(1))) == .ms(1001))
  }

  @Test func aLinkThatStaysFullFailsAfterASecond() {
    var session = Self.session(1)
    var now: Int64 = 0
    while case .send(let batch) = session.step(at: .ms(now)), now < 3000 {
      session.took(batch, SendOutcome(count: 0, at: .ms(now), wall: 0))
      now += 1
    }
    #expect(now == 1001)
    #expect(session.takeEvents().failures.map(\.error.message) == ["the link has had no room for a second"])
    #expect(session.tally.sendFailed == 1)
    #expect(session.tally.isBalanced)
  }

  @Test func whatIsStillUnsentWhenStoppedCountsNowhere() {
    var session = Self.session(1)
    guard case .send(let batch) = session.step(at: .ms(0)) else { return #expect(Bool(false)) }
    session.took(batch, SendOutcome(count: 0, at: .ms(0), wall: 0))
    session.stop()
    #expect(session.tally.sent == 0)
    #expect(session.knownProbes == 0)
    #expect(session.tally.isBalanced)
  }

  @Test func aRefusedPacketFailsAloneAndTheRestGoes() {
    var session = Self.session(3)
    let refused = LinkError(operation: "sendto", code: 1, message: "Operation not permitted")
    session.send(at: .ms(0)) { $0.probe == 2 ? refused : nil }
    let events = session.takeEvents()
    #expect(events.failures.map(\.probe) == [2])
    #expect(events.sent.map(\.probe) == [1, 3])
    #expect(session.tally.sent == 3)
    #expect(session.tally.sendFailed == 1)
    session.stop()
    #expect(session.tally.isBalanced)
  }

  @Test func aPacketThatCannotBeEncodedIsASendFailure() {
    let bad = AnyPacket([IPv4(from: Hosts.us, to: Hosts.asked, fragmentOffset: 0x3fff)])
    var session = Session(Script([bad, Self.packet(1)]), timeout: .seconds(1))
    #expect(Self.wait(session.step(at: .ms(0))) == .ms(0))
    session.send(at: .ms(0))
    let events = session.takeEvents()
    #expect(events.failures.map(\.error.operation) == ["encode"])
    #expect(events.sent.map(\.probe) == [2])
    #expect(session.tally.sendFailed == 1)
  }
}

extension Session.Step {
  var isFinished: Bool { if case .finished = self { true } else { false } }
}
