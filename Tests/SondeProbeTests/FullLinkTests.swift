internal import SondeHeaders
internal import SondeLink
internal import SondeOctets
internal import SondeProbe
internal import Testing

/// A link that is full, or refuses.
@Suite struct FullLinkTests {
  @Test func aFullLinkIsTriedAgainAndNothingFails() {
    var session = Pings.session(1)
    guard case .send(let batch) = session.step(at: .ms(0)) else { return #expect(Bool(false)) }
    session.took(batch, SendOutcome(count: 0, at: .ms(0), wall: 0))
    #expect(session.tally.sent == 0)
    #expect(Pings.wait(session.step(at: .ms(0))) == .ms(1))
    guard case .send(let again) = session.step(at: .ms(1)) else { return #expect(Bool(false)) }
    #expect(again == batch)
    session.took(again, SendOutcome(count: 1, at: .ms(1), wall: 0))
    #expect(session.takeEvents().failures.isEmpty)
    #expect(session.tally.sent == 1)
    #expect(session.tally.sendFailed == 0)
    #expect(Pings.wait(session.step(at: .ms(1))) == .ms(1001))
  }

  @Test func aLinkThatStaysFullFailsAfterASecond() {
    var session = Pings.session(1)
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
    var session = Pings.session(1)
    guard case .send(let batch) = session.step(at: .ms(0)) else { return #expect(Bool(false)) }
    session.took(batch, SendOutcome(count: 0, at: .ms(0), wall: 0))
    session.stop()
    #expect(session.tally.sent == 0)
    #expect(session.knownProbes == 0)
    #expect(session.tally.isBalanced)
  }

  @Test func aRefusedPacketFailsAloneAndTheRestGoes() {
    var session = Pings.session(3)
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
    var session = Session(Script([bad, Pings.packet(1)]), timeout: .seconds(1))
    #expect(Pings.wait(session.step(at: .ms(0))) == .ms(0))
    session.send(at: .ms(0))
    let events = session.takeEvents()
    #expect(events.failures.map(\.error.operation) == ["encode"])
    #expect(events.sent.map(\.probe) == [2])
    #expect(session.tally.sendFailed == 1)
  }
}
