internal import SondeHeaders
internal import SondeLink
internal import SondeOctets
internal import SondeProbe
internal import Testing

/// A port's first answer may be forged: what proves it open in a short grace counts instead.
@Suite struct PortGraceTests {
  private static let packet = AnyPacket([Hosts.there, TCP(from: 4000, to: 80, sequenceNumber: 7)])
  private static let synAck: [any Header] = [
    Hosts.back, TCP(from: 80, to: 4000, flags: [.syn, .ack], acknowledgmentNumber: 8),
  ]
  private static let reset: [any Header] = [
    Hosts.back, TCP(from: 80, to: 4000, flags: [.rst, .ack], acknowledgmentNumber: 8),
  ]
  private static let prohibited: [any Header] = [
    Hosts.onTheWay, ICMPv4.destinationUnreachable(code: 13), Quote(packet),
  ]

  /// What a port that was asked at 0 ms is settled as, by answers at the milliseconds given.
  private func outcome(
    _ answers: [(Int64, [any Header])], of packet: AnyPacket = packet, grace: Duration = PortSchedule.grace,
    by end: Int64 = 500
  ) throws -> (settlement: Settlement, at: Int64)? {
    let pace = PortSchedule.Pace(gap: .zero, retries: 0, grace: grace)
    var session = Session(PortSchedule([PortSchedule.Port { _ in packet }], pace: pace), timeout: .seconds(1))
    session.send(at: .ms(0))
    for now in 1...end {
      for (at, answer) in answers where at == now { session.receive(try bytes(answer), at: .ms(now)) }
      _ = session.step(at: .ms(now))
      let settlements = session.takeEvents().settlements
      #expect(settlements.count <= 1)
      if let settlement = settlements.first { return (settlement, now) }
    }
    return nil
  }

  @Test func aTrueSYNACKBehindAForgedRSTOpensThePort() throws {
    let (settlement, at) = try #require(try outcome([(1, Self.reset), (3, Self.synAck)]))
    #expect(settlement.verdict == .open)
    #expect(at == 3)
    #expect(settlement.answer?.by == .tcpSYNACK)
    #expect(settlement.answer?.flags == [.conflict])
    #expect(settlement.why.contains("SYN-ACK that acknowledges our SYN"))
    #expect(settlement.why.contains("closed by tcp-reset from 198.51.100.7 had come before it"))
  }

  @Test func aRSTAloneClosesThePortAfterTheGrace() throws {
    let (settlement, at) = try #require(try outcome([(1, Self.reset)]))
    #expect(settlement.verdict == .closed)
    #expect(settlement.answer?.flags == [])
    #expect(at == 51)
    #expect(try outcome([(1, Self.reset)], grace: .zero)?.at == 1)
  }

  @Test func aSYNACKAfterTheGraceComesTooLate() throws {
    let found = try outcome([(1, Self.reset), (52, Self.synAck)])
    #expect(found?.settlement.verdict == .closed)
    #expect(try outcome([(1, Self.reset), (50, Self.synAck)])?.settlement.verdict == .open)
  }

  @Test func aSecondRSTChangesNothing() throws {
    let found = try outcome([(1, Self.reset), (3, Self.reset)])
    #expect(found?.settlement.verdict == .closed)
    #expect(found?.settlement.answer?.flags == [])
    #expect(found?.at == 51)
  }

  @Test func aSYNACKSettlesAtOnceWhateverFollows() throws {
    let found = try outcome([(1, Self.synAck), (2, Self.reset)])
    #expect(found?.settlement.verdict == .open)
    #expect(found?.settlement.answer?.flags == [])
    #expect(found?.at == 1)
  }

  @Test func theHostsOwnPortUnreachableBeatsAThirdPartys() throws {
    let datagram = AnyPacket([Hosts.there, UDP(from: 4000, to: 53)])
    let foreign: [any Header] = [Hosts.onTheWay, ICMPv4.destinationUnreachable(code: 3), Quote(datagram)]
    let own: [any Header] = [Hosts.back, ICMPv4.destinationUnreachable(code: 3), Quote(datagram)]
    let found = try outcome([(1, foreign), (3, own)], of: datagram)
    #expect(found?.settlement.verdict == .closed && found?.at == 3)
    #expect(found?.settlement.answer?.flags == [.conflict])
    let reversed = try outcome([(1, own), (3, foreign)], of: datagram)
    #expect(reversed?.settlement.verdict == .closed && reversed?.settlement.answer?.flags == [.conflict])
    #expect(try outcome([(1, foreign)], of: datagram)?.settlement.verdict == .filtered)
  }

  @Test func thePortsOwnAnswerBeatsARoutersError() throws {
    let found = try outcome([(1, Self.prohibited), (2, Self.synAck)])
    #expect(found?.settlement.verdict == .open)
    #expect(found?.settlement.answer?.flags == [.conflict])
    #expect(found?.settlement.why.contains("communication-prohibited") == true)
    let udp = AnyPacket([Hosts.there, UDP(from: 4000, to: 53)])
    let closed: [any Header] = [Hosts.back, ICMPv4.destinationUnreachable(code: 3), Quote(udp)]
    let answer: [any Header] = [Hosts.back, UDP(from: 53, to: 4000)]
    #expect(try outcome([(1, closed), (2, answer)], of: udp)?.settlement.verdict == .open)
    #expect(try outcome([(1, closed)], of: udp)?.settlement.verdict == .closed)
  }

  @Test func ofTwoThatProveNothingTheFirstStandsAndTellsOfTheOther() throws {
    for (first, second, verdict, other) in [
      (Self.prohibited, Self.reset, Verdict.filtered, "closed by tcp-reset"),
      (Self.reset, Self.prohibited, .closed, "filtered by icmp-error from 203.0.113.1 came too"),
    ] {
      let found = try outcome([(1, first), (2, second)])
      #expect(found?.settlement.verdict == verdict)
      #expect(found?.settlement.answer?.flags == [.conflict])
      #expect(found?.settlement.why.contains(other) == true)
      #expect(found?.at == 51)
    }
  }

  @Test func stoppingTheRunEndsTheGrace() throws {
    var session = Session(
      PortSchedule([PortSchedule.Port { _ in Self.packet }], pace: PortSchedule.Pace(gap: .zero, retries: 0)),
      timeout: .seconds(1))
    session.send(at: .ms(0))
    session.receive(try bytes(Self.reset), at: .ms(1))
    #expect(session.takeEvents().settlements.isEmpty)
    session.stop()
    #expect(session.takeEvents().settlements.map(\.verdict) == [.closed])
  }
}
