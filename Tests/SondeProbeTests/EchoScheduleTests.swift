internal import SondeHeaders
internal import SondeLink
internal import SondeOctets
internal import SondeProbe
internal import Testing

@Suite struct EchoScheduleTests {
  private static let addresses: [IPv4Address] = ["198.51.100.1", "198.51.100.2", "198.51.100.3"]

  private static func host(_ address: IPv4Address, isGroup: Bool = false) -> EchoSchedule.Host {
    EchoSchedule.Host(isGroup: isGroup) { turn in
      AnyPacket([
        IPv4(from: Hosts.us, to: address),
        ICMPv4.echoRequest(identifier: 1, sequenceNumber: UInt16(truncatingIfNeeded: turn &+ 1)),
        Payload(octets: Cookie(nonce: 3, probe: turn).octets),
      ])
    }
  }

  /// What a run did, and when; instants in milliseconds.
  private struct Log {
    var events: [Event] = []
    var departures: [Int64] = []
    var end: Int64 = 0
    var tally = Tally()
  }

  private static func run(
    _ schedule: EchoSchedule, timeout: Duration = .seconds(1), stopAfter stop: Int? = nil,
    _ answer: @escaping (Dissection, Instant) -> [(after: Duration, bytes: [UInt8])]
  ) throws -> Log {
    var session = Session(schedule, timeout: timeout)
    var link = TestLink(answer)
    var log = Log()
    try SondeProbe.run(&session, over: &link, isInterrupted: { log.events.sent.count >= stop ?? .max }) {
      log.events.append($0)
    }
    log.departures = link.departures.map { ($0.nanoseconds - Instant.ms(0).nanoseconds) / 1_000_000 }
    log.end = (link.now.nanoseconds - Instant.ms(0).nanoseconds) / 1_000_000
    log.tally = session.tally
    #expect(session.tally.isBalanced)
    return log
  }

  private static func replies(after delay: Duration) -> (Dissection, Instant) -> [(after: Duration, bytes: [UInt8])] {
    { packet, _ in (try? echoReply(to: packet)).map { [(delay, $0)] } ?? [] }
  }

  @Test func roundsGoToEachHostAnIntervalApart() throws {
    let schedule = EchoSchedule(Self.addresses.map { Self.host($0) }, count: 3, pace: .interval(.milliseconds(200)))
    let log = try Self.run(schedule, Self.replies(after: .milliseconds(7)))
    #expect(log.departures == [0, 0, 0, 200, 200, 200, 400, 400, 400])
    #expect(log.events.answers.map(\.target) == [0, 1, 2, 0, 1, 2, 0, 1, 2])
    #expect(log.events.answers.map(\.turn) == [0, 0, 0, 1, 1, 1, 2, 2, 2])
    #expect(log.end == 407)
  }

  @Test func theLastProbeIsWaitedFor() throws {
    let schedule = EchoSchedule([Self.host(Hosts.asked)], count: 2, pace: .interval(.milliseconds(100)))
    let silent = try Self.run(schedule) { _, _ in [] }
    #expect(silent.end == 1100)
    #expect(silent.tally.silent == 2)
    let flood = EchoSchedule([Self.host(Hosts.asked)], count: 100, pace: .flood(atMost: .milliseconds(10)))
    let answered = try Self.run(flood, Self.replies(after: .milliseconds(3)))
    #expect(answered.tally.answered == 100)
    #expect(answered.end == 300)
  }

  @Test func wakingUpLateDoesNotDriftAndMakesNoBurst() {
    var schedule = EchoSchedule([Self.host(Hosts.asked)], count: nil, pace: .interval(.milliseconds(100)))
    var starts: [Int64] = []
    // Woken 3 ms late each time, and once for 450 ms not at all.
    for time in [0, 103, 203, 303, 403, 853, 903, 953, 1053] as [Int64] {
      if case .probe = schedule.next(at: .ms(time)) { starts.append(time) }
    }
    #expect(starts == [0, 103, 203, 303, 403, 853, 953, 1053])
    guard case .wait(let until) = schedule.next(at: .ms(1100)) else { return #expect(Bool(false)) }
    #expect(until == .ms(1153))
    var exact = EchoSchedule([Self.host(Hosts.asked)], count: nil, pace: .interval(.milliseconds(100)))
    var late = Instant.ms(0)
    for _ in 0..<1000 {
      guard case .probe = exact.next(at: late) else { return #expect(Bool(false)) }
      guard case .wait(let until) = exact.next(at: late) else { return #expect(Bool(false)) }
      late = until + .milliseconds(1)
    }
    #expect(late == .ms(100_001))
  }

  @Test func aFloodGoesAsFastAsTheSlowestHostAnswers() throws {
    let schedule = EchoSchedule(
      Self.addresses.prefix(2).map { Self.host($0) }, count: 4, pace: .flood(atMost: .milliseconds(50)))
    let log = try Self.run(schedule) { packet, _ in
      let delay: Duration = packet.destination == .v4(Self.addresses[0]) ? .milliseconds(1) : .milliseconds(4)
      return (try? echoReply(to: packet)).map { [(delay, $0), (delay, $0)] } ?? []
    }
    #expect(log.departures == [0, 0, 4, 4, 8, 8, 12, 12])
    // A host that is silent does not stop it.
    let silent = try Self.run(schedule) { packet, at in
      packet.destination == .v4(Self.addresses[0]) ? Self.replies(after: .milliseconds(1))(packet, at) : []
    }
    #expect(silent.departures == [0, 0, 50, 50, 100, 100, 150, 150])
  }

  @Test func anAnswerToAnEarlierRoundDoesNotHurryTheFlood() throws {
    let schedule = EchoSchedule([Self.host(Hosts.asked)], count: 4, pace: .flood(atMost: .milliseconds(10)))
    let log = try Self.run(schedule, Self.replies(after: .milliseconds(15)))
    #expect(log.departures == [0, 10, 20, 30])
    #expect(log.tally.answered == 4)
  }

  @Test func theDeadlineEndsTheRunWhateverIsOut() throws {
    let schedule = EchoSchedule(
      [Self.host(Hosts.asked)], count: nil, pace: .interval(.milliseconds(300)), deadline: .seconds(1))
    let log = try Self.run(schedule, timeout: .seconds(10)) { _, _ in [] }
    #expect(log.departures == [0, 300, 600, 900])
    #expect(log.end == 1000)
    #expect(log.tally.silent == 4)
  }

  @Test func withCountAndDeadlineTheRunEndsAtThatManyReplies() throws {
    let host = Self.host(Hosts.asked)
    let schedule = EchoSchedule([host], count: 3, pace: .interval(.milliseconds(100)), deadline: .seconds(2))
    var asked = 0
    // Every second probe is lost: it takes six to get three replies.
    let log = try Self.run(schedule) { packet, at in
      asked += 1
      return asked % 2 == 0 ? Self.replies(after: .milliseconds(5))(packet, at) : []
    }
    #expect(log.departures == [0, 100, 200, 300, 400, 500])
    #expect(log.end == 505)
    #expect(log.tally.answered == 3)
    let silent = try Self.run(
      EchoSchedule([host], count: 3, pace: .interval(.milliseconds(100)), deadline: .seconds(2))
    ) { _, _ in [] }
    #expect(silent.end == 2000)
    #expect(silent.tally.sent == 20)
  }

  @Test func severalRepliersAreOneReplyTowardsTheCount() throws {
    let host = Self.host("198.51.100.255", isGroup: true)
    let schedule = EchoSchedule([host], count: 2, pace: .interval(.milliseconds(100)), deadline: .seconds(2))
    let log = try Self.run(schedule) { packet, _ in
      guard let echo = packet.first(ICMPv4.self) else { return [] }
      return Self.addresses.compactMap { address in
        (try? bytes([
          IPv4(from: address, to: Hosts.us),
          ICMPv4.echoReply(identifier: echo.identifier, sequenceNumber: echo.sequenceNumber),
          Payload(octets: packet.payload),
        ])).map { (.milliseconds(5), $0) }
      }
    }
    #expect(log.departures == [0, 100])
    #expect(log.tally.answered == 2)
    #expect(log.events.answers.count == 6)
    #expect(log.tally.duplicates == 0)
  }

  @Test func membersThatAnswerTwoRoundsInterleavedAreCountedOncePerRound() throws {
    let host = Self.host("198.51.100.255", isGroup: true)
    var session = Session(
      EchoSchedule([host], count: 3, pace: .interval(.milliseconds(10)), deadline: .seconds(60)), timeout: .seconds(1))
    session.send(at: .ms(0))
    session.send(at: .ms(10))
    func reply(_ turn: UInt64, _ member: Int) throws -> [UInt8] {
      try bytes([
        IPv4(from: Self.addresses[member], to: Hosts.us),
        ICMPv4.echoReply(identifier: 1, sequenceNumber: UInt16(turn + 1)),
        Payload(octets: Cookie(nonce: 3, probe: turn).octets),
      ])
    }
    for (turn, member) in [(0, 0), (1, 0), (0, 1), (1, 1)] as [(UInt64, Int)] {
      session.receive(try reply(turn, member), at: .ms(12))
    }
    #expect(!session.step(at: .ms(14)).isFinished)
    #expect(session.tally.answered == 2)
    session.send(at: .ms(20))
    session.receive(try reply(2, 2), at: .ms(21))
    #expect(session.step(at: .ms(22)).isFinished)
  }

  @Test func theNextProbeSaysThatTheOneBeforeHasNoAnswerYet() throws {
    let schedule = EchoSchedule([Self.host(Hosts.asked)], count: 4, pace: .interval(.milliseconds(100)))
    var asked = 0
    let log = try Self.run(schedule, timeout: .milliseconds(50)) { packet, at in
      asked += 1
      return asked == 2 ? Self.replies(after: .milliseconds(5))(packet, at) : []
    }
    // Also where its time is up already, as ping does.
    #expect(log.events.pending.map(\.turn) == [0, 2])
  }

  @Test func noHostsAreNoRun() throws {
    let log = try Self.run(EchoSchedule([], count: 3, pace: .interval(.seconds(1)))) { _, _ in [] }
    #expect(log.tally.sent == 0)
  }

  @Test func anInterruptEndsTheRunThere() throws {
    let schedule = EchoSchedule([Self.host(Hosts.asked)], count: nil, pace: .interval(.milliseconds(100)))
    let log = try Self.run(schedule, stopAfter: 3) { _, _ in [] }
    #expect(log.tally.sent == 3)
    #expect(log.tally.silent == 3)
  }

  @Test func aLinkThatBreaksClosesTheBooks() throws {
    var session = Session(
      EchoSchedule([Self.host(Hosts.asked)], count: nil, pace: .interval(.milliseconds(100))), timeout: .seconds(1))
    let error = LinkError(operation: "recvmmsg", code: 100, message: "Network is down")
    var link = TestLink(failingAt: (.ms(250), error)) { _, _ in [] }
    var events: [Event] = []
    #expect(throws: error) { try SondeProbe.run(&session, over: &link) { events.append($0) } }
    #expect(session.tally.sent == 3)
    #expect(events.silences.count == 3)
    #expect(session.tally.isBalanced)
  }

  // Sequence numbers wrap, turns do not.

  @Test func seventyThousandTurnsAreToldApart() throws {
    let count: UInt64 = 70_000
    let schedule = EchoSchedule([Self.host(Hosts.asked)], count: count, pace: .interval(.microseconds(50)))
    var session = Session(schedule, timeout: .seconds(5), linger: .seconds(5))
    var answered = 0
    var out: [(turn: Int, bytes: [UInt8])] = []
    for turn in 0..<Int(count) {
      let now = Instant.ms(0) + .microseconds(50 * turn)
      guard case .send(let batch) = session.step(at: now) else { return #expect(Bool(false)) }
      session.took(batch, SendOutcome(count: 1, at: now, wall: 0))
      // The same octets with the addresses swapped, type 0, and the sum that this makes.
      var reply = batch[0].bytes
      reply.replaceSubrange(12..<20, with: reply[16..<20] + reply[12..<16])
      reply[20] = 0
      let old = UInt16(reply[22]) << 8 | UInt16(reply[23])
      let sum = InternetChecksum.update(old, from: 0x0800, to: 0)
      reply.replaceSubrange(22..<24, with: [UInt8(sum >> 8), UInt8(truncatingIfNeeded: sum)])
      // The first hundred are answered only when their numbers are in use again, each with the newer one.
      if turn < 100 || turn >= 65_536 { out.append((turn, reply)) } else { session.receive(reply, at: now) }
      if turn >= 65_636 {
        for (_, bytes) in out { session.receive(bytes, at: now) }
        out = []
      }
      for answer in session.takeEvents().answers {
        #expect(answer.flags.isEmpty || answer.flags == [.outOfOrder], "turn \(answer.turn): \(answer.flags)")
        answered += 1
      }
    }
    #expect(answered == Int(count))
    #expect(session.tally.answered == Int(count))
    #expect(session.tally.duplicates == 0)
    #expect(session.tally.noise == 0)
  }

  @Test func withoutACookieTheNewerTurnIsAnswered() throws {
    let packet = { (turn: UInt64) in
      AnyPacket([
        Hosts.there, ICMPv4.echoRequest(identifier: 1, sequenceNumber: 5), Payload(octets: [UInt8(turn), 0, 0, 0]),
      ])
    }
    var session = Session(Script([packet(0), packet(1)], every: .milliseconds(1)), timeout: .seconds(1))
    session.send(at: .ms(0))
    session.send(at: .ms(1))
    let altered: [any Header] = [Hosts.back, ICMPv4.echoReply(identifier: 1, sequenceNumber: 5), Payload("????")]
    session.receive(try bytes(altered), at: .ms(2))
    let reply: [any Header] = [
      Hosts.back, ICMPv4.echoReply(identifier: 1, sequenceNumber: 5), Payload(octets: [0, 0, 0, 0]),
    ]
    session.receive(try bytes(reply), at: .ms(3))
    let answers = session.takeEvents().answers
    #expect(answers.map(\.turn) == [1, 0])
    #expect(answers.map(\.flags) == [[.dataMismatch], [.outOfOrder]])
  }
}
