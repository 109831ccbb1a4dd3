internal import SondeHeaders
internal import SondeLink
internal import SondeOctets
internal import SondeProbe
internal import Testing

/// When an answer comes decides what it is called; times here are made by hand.
@Suite struct SessionTests {
  @Test func theFirstAnswerEndsTheRun() throws {
    var session = Pings.session(1)
    session.send(at: .ms(0))
    #expect(Pings.wait(session.step(at: .ms(0))) == .ms(1000))
    session.receive(try Pings.reply(0), at: .ms(3))
    #expect(Pings.isFinished(session.step(at: .ms(3))))
    let events = session.takeEvents()
    #expect(events.sent.count == 1)
    #expect(events.answers.map(\.rtt) == [.milliseconds(3)])
    #expect(events.answers.map(\.flags) == [[]])
    #expect(session.tally.answered == 1)
    #expect(session.tally.isBalanced)
  }

  @Test func silenceIsCountedWhenTheTimeIsUpAndNotBefore() {
    var session = Pings.session(1)
    session.send(at: .ms(0))
    _ = session.step(at: Instant(nanoseconds: Instant.ms(1000).nanoseconds - 1))
    #expect(session.takeEvents().silences.isEmpty)
    #expect(Pings.isFinished(session.step(at: .ms(1000))))
    #expect(session.takeEvents().silences.map(\.verdict) == [.timeout])
    #expect(session.tally.silent == 1)
    #expect(session.tally.isBalanced)
  }

  @Test func aLateAnswerIsCalledLateAndChangesNothing() throws {
    var session = Pings.session(3, every: 5000)
    session.send(at: .ms(0))
    _ = session.step(at: .ms(1000))
    session.receive(try Pings.reply(0), at: .ms(1500))
    session.receive(try Pings.reply(0), at: .ms(1501))
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
    var session = Pings.session(1)
    session.send(at: .ms(0))
    session.receive(try Pings.reply(0), at: .ms(1001))
    let events = session.takeEvents()
    #expect(events.silences.count == 1)
    #expect(events.answers.map(\.flags) == [[.late]])
    #expect(session.tally.isBalanced)
  }

  /// A program that was stopped for a while reads answers that came in time.
  @Test func anAnswerInTimeThatIsReadLateIsInTime() throws {
    var session = Pings.session(1)
    session.send(at: .ms(0))
    session.receive(try Pings.reply(0), at: .ms(4000), kernel: .ms(900))
    #expect(session.takeEvents().answers.map(\.flags) == [[]])
    #expect(session.tally.answered == 1)
    // A kernel stamp from before we sent is not believed.
    var other = Pings.session(1)
    other.send(at: .ms(0))
    other.receive(try Pings.reply(0), at: .ms(4000), kernel: .ms(-1))
    #expect(other.takeEvents().answers.map(\.flags) == [[.late]])
  }

  @Test func afterTheLingerItIsNobodys() throws {
    var session = Pings.session(2, every: 20000)
    session.send(at: .ms(0))
    _ = session.step(at: .ms(1000))
    _ = session.step(at: .ms(10999))
    #expect(session.knownProbes == 1)
    _ = session.step(at: .ms(11000))
    #expect(session.knownProbes == 0)
    session.receive(try Pings.reply(0), at: .ms(11001))
    #expect(session.takeEvents().answers.isEmpty)
    // While another probe of the same identifier is out, it is noise that says so.
    session.send(at: .ms(20000))
    session.receive(try Pings.reply(0), at: .ms(20001))
    #expect(session.takeEvents().noise.map(\.why) == ["carries sequence number 1, not our 2"])
    #expect(session.tally.answered == 0)
  }

  @Test func aHundredDuplicatesAreOneAnswer() throws {
    var session = Pings.session(2, every: 100)
    session.send(at: .ms(0))
    for delay in 0...100 { session.receive(try Pings.reply(0), at: .ms(1 + Int64(delay) / 2)) }
    let answers = session.takeEvents().answers
    #expect(answers.count == 101)
    #expect(answers.dropFirst().allSatisfy { $0.flags == [.duplicate] })
    #expect(session.tally.answered == 1)
    #expect(session.tally.duplicates == 100)
    #expect(session.tally.rtt.count == 1)
  }

  @Test func aSecondAnswerThatContradictsIsAConflict() throws {
    var session = Pings.session(2, every: 100)
    session.send(at: .ms(0))
    session.receive(try Pings.reply(0), at: .ms(1))
    session.receive(try Pings.unreachable(0), at: .ms(2))
    #expect(session.takeEvents().answers.map(\.flags) == [[], [.conflict]])
    #expect(session.tally.conflicts == 1)
    #expect(session.tally.duplicates == 0)
    #expect(session.tally.errors == 0)
    #expect(session.tally.answered == 1)
  }

  @Test func anErrorAnswersAndIsCountedAsOne() throws {
    var session = Pings.session(1)
    session.send(at: .ms(0))
    session.receive(try Pings.unreachable(0), at: .ms(1))
    #expect(Pings.isFinished(session.step(at: .ms(1))))
    #expect(session.tally.errors == 1)
    #expect(session.tally.answered == 1)
    #expect(session.tally.rtt.count == 0)
    #expect(session.tally.isBalanced)
  }

  @Test func reorderingIsNamedAndCostsNothing() throws {
    var session = Pings.session(3, every: 10)
    for time in [0, 10, 20] as [Int64] { session.send(at: .ms(time)) }
    for (turn, time) in [(2, 21), (0, 22), (1, 23)] as [(UInt64, Int64)] {
      session.receive(try Pings.reply(turn), at: .ms(time))
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
    let packet = Pings.packet(0)
    var session = Session(Script([packet, packet, packet], every: .milliseconds(10)), timeout: .seconds(1))
    for time in [0, 10, 20] as [Int64] { session.send(at: .ms(time)) }
    for time in [30, 40, 50, 60] as [Int64] { session.receive(try Pings.reply(0), at: .ms(time)) }
    let answers = session.takeEvents().answers
    #expect(answers.map(\.probe) == [1, 2, 3, 3])
    #expect(answers.map(\.rtt) == [30, 30, 30, 40].map { .milliseconds($0) })
    #expect(answers.map(\.flags) == [[], [], [], [.duplicate]])
    #expect(session.tally.answered == 3)
  }

  // What this machine itself says.

  @Test func aLocalFailureIsAnAnswerOfThisMachine() {
    var session = Pings.session(2, every: 100)
    session.send(at: .ms(0))
    let error = LinkError(operation: "sendto", code: 113, message: "No route to host")
    session.receive(.failure(error, probe: 1), at: .ms(1))
    session.receive(.failure(error, probe: nil), at: .ms(1))
    session.receive(.failure(error, probe: 99), at: .ms(1))
    let events = session.takeEvents()
    #expect(events.linkErrors == [error])
    let answers = events.answers
    #expect(answers.map(\.by) == [.localError])
    #expect(answers.map(\.verdict) == [.unreachable])
    #expect(answers.map(\.flags) == [[.local]])
    #expect(answers.map(\.from) == [nil])
    #expect(session.tally.errors == 1)
    #expect(session.tally.answered == 1)
  }

  @Test func aFrameThatCannotBeReadIsToldOfOnce() throws {
    var session = Pings.session(1)
    session.send(at: .ms(0))
    _ = session.takeEvents()
    let bytes = [UInt8](repeating: 2, count: 12) + [8, 0] + (try Pings.reply(0))
    // LINKTYPE_IEEE802_11_RADIOTAP.
    let frame = Frame(bytes: bytes, linkType: LinkType(rawValue: 127), stamp: Stamp(monotonic: .ms(3)))
    session.receive(.frame(frame), at: .ms(3))
    session.receive(.frame(frame), at: .ms(4))
    #expect(session.takeEvents().linkErrors.map(\.message) == ["frames of link type 127 cannot be read here"])
    session.receive(try Pings.reply(0), at: .ms(5))
    #expect(session.tally.answered == 1)
  }

  // Groups.

  @Test func everyMemberOfAGroupAnswersOnce() throws {
    var session = Pings.session(1, isGroup: true)
    session.send(at: .ms(0))
    let members: [IPv4Address] = ["198.51.100.1", "198.51.100.2", "198.51.100.3"]
    for (index, member) in members.enumerated() {
      session.receive(try Pings.reply(0, from: member), at: .ms(Int64(index) + 1))
    }
    session.receive(try Pings.reply(0, from: members[1]), at: .ms(7))
    #expect(Pings.wait(session.step(at: .ms(8))) == .ms(1000))
    session.receive(try Pings.reply(0), at: .ms(500))
    #expect(Pings.isFinished(session.step(at: .ms(1000))))
    let answers = session.takeEvents().answers
    #expect(
      answers.map(\.flags) == [[.otherAddress], [.otherAddress], [.otherAddress], [.otherAddress, .duplicate], []])
    #expect(answers.map(\.isFirst) == [true, false, false, false, false])
    #expect(session.tally.answered == 1)
    #expect(session.tally.duplicates == 1)
    #expect(session.tally.silent == 0)
    #expect(session.tally.rtt.count == 4)
    #expect(session.tally.isBalanced)
  }

  @Test func aMemberThatComesAfterTheTimeIsLate() throws {
    var session = Session(
      Script([Pings.packet(0), Pings.packet(1)], every: .seconds(5), isGroup: true), timeout: .seconds(1))
    session.send(at: .ms(0))
    session.receive(try Pings.reply(0, from: "198.51.100.1"), at: .ms(1))
    _ = session.step(at: .ms(1000))
    session.receive(try Pings.reply(0, from: "198.51.100.2"), at: .ms(1500))
    #expect(session.takeEvents().answers.map(\.flags) == [[.otherAddress], [.otherAddress, .late]])
    #expect(session.tally.late == 1)
    #expect(session.tally.answered == 1)
  }

  // Ends.

  @Test func listeningOnSeesWhatComesAfterTheFirstAnswer() throws {
    var session = Pings.session(1, endsWhenAnswered: false)
    session.send(at: .ms(0))
    session.receive(try Pings.reply(0), at: .ms(1))
    #expect(Pings.wait(session.step(at: .ms(2))) == .ms(1000))
    session.receive(try Pings.reply(0), at: .ms(900))
    #expect(Pings.isFinished(session.step(at: .ms(1000))))
    #expect(session.takeEvents().answers.map(\.flags) == [[], [.duplicate]])
    #expect(session.tally.silent == 0)
    #expect(session.tally.isBalanced)
  }

  @Test func stoppingClosesTheBooks() throws {
    var session = Pings.session(5, every: 10, waitsForDepartures: true)
    for time in [0, 10, 20] as [Int64] { session.send(at: .ms(time)) }
    session.receive(try Pings.reply(1), at: .ms(21))
    session.stop()
    session.stop()
    #expect(Pings.isFinished(session.step(at: .ms(22))))
    let events = session.takeEvents()
    #expect(events.answers.count == 1)
    #expect(events.silences.map(\.turn) == [0, 2])
    #expect(session.tally.sent == 3)
    #expect(session.tally.isBalanced)
    session.receive(try Pings.reply(0), at: .ms(23))
    #expect(session.takeEvents().answers.map(\.flags) == [[.late, .outOfOrder]])
    #expect(session.tally.isBalanced)
  }
}
