internal import SondeHeaders
internal import SondeLink
internal import SondeOctets
internal import SondeProbe
internal import Testing

@Suite struct PortScheduleTests {
  /// UDP ports from 1 on, each asked from a source port of its own for each attempt.
  private static func ports(_ count: Int) -> [PortSchedule.Port] {
    (0..<count).map { index in
      PortSchedule.Port { attempt in
        let source = UInt16(truncatingIfNeeded: 40000 + UInt64(index) * 16 + attempt)
        return AnyPacket([Hosts.there, UDP(from: source, to: UInt16(index + 1))])
      }
    }
  }

  private static func port(_ packet: Dissection) -> Int { Int(packet.first(UDP.self)?.destinationPort ?? 0) - 1 }

  private static func closed(_ packet: Dissection) -> [UInt8] {
    (try? bytes([Hosts.back, ICMPv4.destinationUnreachable(code: 3), Quote(packet.packet)])) ?? []
  }

  private static func open(_ packet: Dissection) -> [UInt8] {
    guard let udp = packet.first(UDP.self) else { return [] }
    return (try? bytes([Hosts.back, UDP(from: udp.destinationPort, to: udp.sourcePort)])) ?? []
  }

  private struct Log {
    var settled: [Int: Settlement] = [:]
    var settlements = 0
    var departures: [Duration] = []
    var events: [Event] = []
    var end: Duration = .zero
    var tally = Tally()
    var isLimited = false
  }

  private static func run(
    _ schedule: PortSchedule, timeout: Duration = .seconds(1), stopWhen stop: @escaping (Log) -> Bool = { _ in false },
    _ answer: @escaping (Dissection, Instant) -> [(after: Duration, bytes: [UInt8])]
  ) throws -> Log {
    var session = Session(schedule, timeout: timeout)
    var link = TestLink(answer)
    var log = Log()
    try SondeProbe.run(&session, over: &link, isInterrupted: { stop(log) }) { event in
      log.events.append(event)
      if case .settled(let settlement) = event {
        log.settled[settlement.target] = settlement
        log.settlements += 1
      }
    }
    log.departures = link.departures.map { $0 - .ms(0) }
    log.end = link.now - .ms(0)
    log.tally = session.tally
    log.isLimited = session.plan.limit(ofHost: 0) != nil
    #expect(session.tally.isBalanced)
    #expect(log.settlements == log.settled.count, "a port was settled twice")
    return log
  }

  @Test func withoutErrorsSilenceIsNoRateLimit() throws {
    let schedule = PortSchedule(
      Self.ports(5), pace: PortSchedule.Pace(gap: .milliseconds(10), retries: 2))
    let log = try Self.run(schedule) { _, _ in [] }
    #expect(!log.isLimited)
    #expect(log.settled.values.allSatisfy { $0.verdict == .openOrFiltered && $0.attempts == 3 && $0.answer == nil })
    #expect(log.settled[0]?.why == "no answer to 3 probes")
    #expect(log.tally.sent == 15)
    #expect(log.end == .milliseconds(3040))
  }

  @Test func attemptsMadeBeforeCountAsMadeAndWhatIsSettledIsNotAsked() throws {
    var ports = Self.ports(3).map { PortSchedule.Port(asked: 1, packet: $0.packet) }
    ports[2].asked = nil
    let schedule = PortSchedule(ports, pace: PortSchedule.Pace(gap: .milliseconds(10), retries: 2))
    let log = try Self.run(schedule) { packet, _ in
      // The first attempt's port would be 40016.
      #expect(packet.first(UDP.self)?.sourcePort != 40016)
      return Self.port(packet) == 1 ? [] : [(.milliseconds(1), Self.open(packet))]
    }
    #expect(log.settled[0]?.verdict == .open)
    #expect(log.settled[0]?.attempts == 2)
    #expect(log.settled[1]?.why == "no answer to 3 probes")
    #expect(log.settled[1]?.attempts == 3)
    #expect(log.settled[2] == nil, "it was settled before")
    #expect(log.tally.sent == 3)
  }

  @Test(arguments: [true, false]) func whatErrorsClosedBeforeTellsSilenceFromALimit(_ isKnown: Bool) throws {
    var ports = Self.ports(4).map { PortSchedule.Port(asked: 1, probe: 1, found: .openOrFiltered, packet: $0.packet) }
    ports[3].asked = nil
    ports[3].error = isKnown ? .closed : nil
    let schedule = PortSchedule(ports, pace: PortSchedule.Pace(gap: .milliseconds(10), retries: 2, flows: 8))
    // The host has sent all the errors that it may for a while.
    let log = try Self.run(schedule) { packet, now in
      now - .ms(0) < .seconds(6) ? [] : [(.milliseconds(1), Self.closed(packet))]
    }
    #expect(log.settled.count == 3)
    #expect(log.settled.values.allSatisfy { $0.verdict == (isKnown ? .closed : .openOrFiltered) })
  }

  @Test func stoppingTellsWhatWasAskedBefore() {
    var ports = Self.ports(4)
    ports[0] = PortSchedule.Port(asked: 1, probe: 7, found: .openOrFiltered, packet: ports[0].packet)
    ports[1] = PortSchedule.Port(asked: 0, probe: 8, found: .filtered, packet: ports[1].packet)
    ports[2].asked = nil
    var schedule = PortSchedule(ports, pace: PortSchedule.Pace(gap: .milliseconds(10), retries: 2))
    let settled = schedule.stop()
    #expect(settled.map(\.target) == [0, 1], "one is settled, the other was not asked")
    #expect(settled.map(\.verdict) == [.openOrFiltered, .filtered])
    #expect(settled.map(\.probe) == [7, 8])
    #expect(
      settled.map(\.why) == [
        "no answer to 1 probe, and the run was stopped",
        "filtered by one answer, and the run was stopped before it was asked again",
      ])
  }

  @Test func onlyTheUnansweredAreAskedAgainAndTheGapIsKept() throws {
    let schedule = PortSchedule(Self.ports(4), pace: PortSchedule.Pace(gap: .milliseconds(20), retries: 1))
    let log = try Self.run(schedule) { packet, _ in
      Self.port(packet) == 2 ? [] : [(.milliseconds(1), Self.open(packet))]
    }
    #expect(log.departures == [0, 20, 40, 60, 1040].map { .milliseconds($0) })
    #expect(log.settled[2]?.verdict == .openOrFiltered)
    #expect(log.settled[2]?.attempts == 2)
    #expect(log.settled[0]?.attempts == 1)
  }

  @Test func aLateAnswerSettlesAPortThatIsAskedAgain() throws {
    let schedule = PortSchedule(Self.ports(1), pace: PortSchedule.Pace(gap: .zero, retries: 3))
    var asked = 0
    let log = try Self.run(schedule) { packet, _ in
      asked += 1
      return asked == 1 ? [(.milliseconds(1500), Self.open(packet))] : []
    }
    let settlement = try #require(log.settled[0])
    #expect(settlement.verdict == .open)
    #expect(settlement.attempts == 2)
    #expect(settlement.answer?.flags == [.late])
    #expect(settlement.answer?.probe == 1)
    #expect(log.tally.late == 1)
    #expect(log.tally.answered == 0)
    #expect(log.tally.silent == 2)
  }

  @Test func aSecondAnswerSettlesNothingAgain() throws {
    let schedule = PortSchedule(Self.ports(2), pace: PortSchedule.Pace(gap: .milliseconds(50), retries: 1))
    let log = try Self.run(schedule) { packet, _ in
      [
        (.milliseconds(1), Self.open(packet)), (.milliseconds(2), Self.open(packet)),
        (.milliseconds(3), Self.closed(packet)),
      ]
    }
    #expect(log.settled.values.allSatisfy { $0.verdict == .open })
    #expect(log.events.answers.filter { $0.flags == [.conflict] }.count == 1)
  }

  @Test func stoppingSettlesWhatWasAskedAndNothingElse() throws {
    let schedule = PortSchedule(
      Self.ports(10), pace: PortSchedule.Pace(gap: .milliseconds(100), retries: 1))
    let log = try Self.run(schedule, stopWhen: { $0.events.sent.count >= 4 }) { packet, _ in
      Self.port(packet) == 0 ? [(.milliseconds(1), Self.closed(packet))] : []
    }
    #expect(log.settled.keys.sorted() == [0, 1, 2, 3])
    #expect(log.settled[0]?.verdict == .closed)
    #expect(log.settled[3]?.verdict == .openOrFiltered)
    #expect(
      log.settled[3]?.why
        == "no answer to 1 probe so far, which a limit of ICMP errors may explain, and the run was stopped")
  }

  @Test func whatCouldNotBeSentIsSettledAsThat() {
    var session = Session(
      PortSchedule(Self.ports(2), pace: PortSchedule.Pace(gap: .zero, retries: 5)), timeout: .seconds(1))
    let refused = LinkError(operation: "sendto", code: 1, message: "Operation not permitted")
    session.send(at: .ms(0)) { $0.probe == 1 ? refused : nil }
    let settlements = session.takeEvents().settlements
    #expect(settlements.map(\.verdict) == [.sendFailed])
    #expect(settlements.map(\.why) == ["Operation not permitted"])
    session.stop()
    #expect(session.takeEvents().settlements.map(\.target) == [1])
    #expect(session.tally.isBalanced)
  }

  @Test func noPortsAreNoRun() throws {
    let log = try Self.run(PortSchedule([], pace: PortSchedule.Pace(gap: .zero, retries: 0))) { _, _ in [] }
    #expect(log.tally.sent == 0)
  }

  @Test func aThousandPortsPerSecondLoseNothing() throws {
    let schedule = PortSchedule(
      (0..<3000).map { index in
        PortSchedule.Port { _ in AnyPacket([Hosts.there, TCP(from: 40000, to: UInt16(index + 1), sequenceNumber: 7)]) }
      }, pace: PortSchedule.Pace(gap: .milliseconds(1), retries: 1))
    let log = try Self.run(schedule) { packet, _ in
      guard let tcp = packet.first(TCP.self) else { return [] }
      let reply = TCP(
        from: tcp.destinationPort, to: tcp.sourcePort,
        flags: tcp.destinationPort % 7 == 0 ? [.syn, .ack] : [.rst, .ack],
        acknowledgmentNumber: 8)
      return (try? bytes([Hosts.back, reply])).map { [(.milliseconds(3), $0)] } ?? []
    }
    #expect(log.settled.count == 3000)
    #expect(log.settled.values.filter { $0.verdict == .open }.count == 3000 / 7)
    #expect(log.tally.answered == 3000)
    // The last port is closed: its grace is all that is waited for.
    #expect(log.end == .milliseconds(2999 + 3) + PortSchedule.grace)
  }

  @Test(arguments: [(true, 0), (false, 300)])
  func resetsThatAHostWithholdsAreWaitedForInSlowerRounds(persists: Bool, lost: Int) throws {
    let ports = (0..<1000).map { index in
      PortSchedule.Port { attempt in
        AnyPacket([Hosts.there, TCP(from: UInt16(40000 + attempt % 16), to: UInt16(index + 1))])
      }
    }
    // 200 resets a second, never more than 20 at once; every tenth port says nothing at all.
    var tokens = 20.0
    var last = Instant.ms(0)
    let pace = PortSchedule.Pace(gap: .microseconds(200), retries: 2, flows: 16, persists: persists)
    let log = try Self.run(PortSchedule(ports, pace: pace)) { packet, now in
      guard let tcp = packet.first(TCP.self), tcp.destinationPort % 10 != 0 else { return [] }
      tokens = min(20, tokens + Double((now - last).nanoseconds) / 5e6)
      last = now
      guard tokens >= 1 else { return [] }
      tokens -= 1
      let reset = TCP(
        from: tcp.destinationPort, to: tcp.sourcePort, flags: [.rst, .ack],
        acknowledgmentNumber: tcp.sequenceNumber &+ 1)
      return [(.milliseconds(1), (try? bytes([Hosts.back, reset])) ?? [])]
    }
    #expect(log.settlements == 1000)
    let closed = log.settled.values.count { $0.verdict == .closed }
    #expect(persists ? closed == 900 : closed < 900 - lost, "\(closed) closed after \(log.end)")
    #expect(log.end < .seconds(40), "\(log.end)")
  }
}
