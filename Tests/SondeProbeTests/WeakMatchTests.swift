internal import SondeHeaders
internal import SondeLink
internal import SondeOctets
internal import SondeProbe
internal import Testing

/// An error that quotes the ports alone, which anybody can guess, is believed only for want of better.
@Suite struct WeakMatchTests {
  private static let packet = AnyPacket([Hosts.there, TCP(from: 4000, to: 80, sequenceNumber: 7)])
  private static let synAck: [any Header] = [
    Hosts.back, TCP(from: 80, to: 4000, flags: [.syn, .ack], acknowledgmentNumber: 8),
  ]

  private static func weak() throws -> [UInt8] {
    try bytes([Hosts.onTheWay, ICMPv4.timeExceeded(), Quote(packet, cut: 24)])
  }

  private static func session(retries: Int = 0) -> Session<PortSchedule> {
    var session = Session(
      PortSchedule([PortSchedule.Port { _ in packet }], pace: PortSchedule.Pace(gap: .zero, retries: retries)),
      timeout: .seconds(1))
    session.send(at: .ms(0))
    _ = session.takeEvents()
    return session
  }

  @Test func aStrongAnswerSupersedesIt() throws {
    var session = Self.session()
    session.receive(try Self.weak(), at: .ms(1))
    #expect(session.takeEvents().isEmpty)
    #expect(!session.step(at: .ms(1)).isFinished)
    session.receive(try bytes(Self.synAck), at: .ms(2))
    let events = session.takeEvents()
    #expect(events.answers.map(\.verdict) == [.open, .timeExceeded])
    #expect(events.answers.map(\.flags) == [[], [.weakMatch, .conflict]])
    #expect(events.settlements.map(\.verdict) == [.open])
    #expect(session.step(at: .ms(2)).isFinished)
    #expect(session.tally.answered == 1)
    #expect(session.tally.isBalanced)
  }

  @Test func atTheEndOfTheTimeItIsTheAnswer() throws {
    var session = Self.session(retries: 3)
    session.receive(try Self.weak(), at: .ms(1))
    session.receive(try Self.weak(), at: .ms(2))
    #expect(session.takeEvents().noise.map(\.why) == ["quotes as little as an error before it"])
    #expect(session.step(at: .ms(1000)).isFinished)
    let events = session.takeEvents()
    #expect(events.answers.map(\.flags) == [[.weakMatch]])
    #expect(events.answers.map(\.rtt) == [.milliseconds(1)])
    #expect(events.settlements.map(\.verdict) == [.timeExceeded])
    #expect(events.silences.isEmpty)
    #expect(session.tally.answered == 1)
    #expect(session.tally.isBalanced)
  }

  @Test func stoppingTheRunEndsItsTime() throws {
    var session = Self.session()
    session.receive(try Self.weak(), at: .ms(1))
    session.stop()
    let events = session.takeEvents()
    #expect(events.settlements.map(\.verdict) == [.timeExceeded])
    #expect(session.tally.answered == 1)
    #expect(session.tally.isBalanced)
  }

  @Test func afterTheAnswerItIsAConflictAndAfterTheTimeLate() throws {
    var session = Self.session()
    session.receive(try bytes(Self.synAck), at: .ms(1))
    session.receive(try Self.weak(), at: .ms(2))
    #expect(session.takeEvents().answers.map(\.flags) == [[], [.weakMatch, .conflict]])
    var silent = Self.session()
    _ = silent.step(at: .ms(1000))
    silent.receive(try Self.weak(), at: .ms(1001))
    #expect(silent.takeEvents().answers.map(\.flags) == [[.weakMatch, .late]])
    #expect(silent.tally.silent == 1)
  }
}
