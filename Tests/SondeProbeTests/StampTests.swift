internal import SondeHeaders
internal import SondeLink
internal import SondeOctets
internal import SondeProbe
internal import Testing

/// Which clocks an answer's time is taken from.
@Suite struct StampTests {
  private static func roundTrip(
    left: Int64?, came: Int64?, read: Int64 = 5000, departsFirst: Bool = true, resolution: Duration? = nil
  ) throws -> (Duration?, RTTClock)? {
    var session = Pings.session(1, waitsForDepartures: true)
    session.send(at: .ms(0))
    let at = { (microseconds: Int64) in Instant.ms(0) + .microseconds(microseconds) }
    let departure = left.map {
      Received.departure(Departure(probe: 1, kernel: at($0), wall: 0, resolution: resolution))
    }
    if let departure, departsFirst { session.receive(departure, at: at(read)) }
    session.receive(try Pings.reply(0), at: at(read), kernel: came.map(at))
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

  @Test func theWaitForALinkAddressIsInNoRoundTrip() throws {
    let wait = Duration.microseconds(3000)
    func time(_ left: Int64?, _ came: Int64?) throws -> (Duration?, RTTClock) {
      try #require(try Self.roundTrip(left: left, came: came, resolution: wait))
    }
    #expect(try time(3010, 4990) == (.microseconds(1980), .kernel))
    #expect(try time(3010, nil) == (.microseconds(1990), .monotonic))
    // A stamp outside of the bracket says nothing of the wait.
    #expect(try time(5001, nil) == (.microseconds(5000), .monotonic))
    #expect(try time(-1, nil) == (.microseconds(5000), .monotonic))
  }

  @Test func anAnswerWaitsAMillisecondForItsStampAndNoLonger() throws {
    var session = Pings.session(2, every: 100, waitsForDepartures: true)
    session.send(at: .ms(0))
    session.receive(try Pings.reply(0), at: .ms(5))
    #expect(session.takeEvents().answers.isEmpty)
    // It is booked already, and its probe does not fall silent meanwhile.
    #expect(session.tally.answered == 1)
    #expect(Pings.wait(session.step(at: .ms(5))) == .ms(6))
    _ = session.step(at: .ms(6))
    #expect(session.takeEvents().answers.count == 1)
    session.receive(.departure(Departure(probe: 1, kernel: .ms(1), wall: 0)), at: .ms(7))
    #expect(session.takeEvents().answers.isEmpty)
  }

  @Test func waitingForAStampNeitherReordersNorDelaysTheBooks() throws {
    var session = Pings.session(2, waitsForDepartures: true)
    session.send(at: .ms(0))
    session.receive(.departure(Departure(probe: 2, kernel: .ms(0), wall: 0)), at: .ms(1))
    session.receive(try Pings.reply(0), at: .ms(999), kernel: .ms(998))
    session.receive(try Pings.reply(1), at: .ms(999), kernel: .ms(998))
    _ = session.step(at: .ms(1000))
    let events = session.takeEvents()
    #expect(events.answers.map(\.turn) == [0, 1])
    #expect(events.answers.map(\.flags) == [[], []])
    #expect(events.silences.isEmpty)
    #expect(session.tally.answered == 2)
  }

  @Test func anAnswerReadBeforeItWasSentHasNoTime() throws {
    var session = Pings.session(1)
    session.send(at: .ms(10))
    session.receive(try Pings.reply(0), at: .ms(9))
    #expect(session.takeEvents().answers.map(\.rtt) == [nil])
    #expect(session.tally.rtt.count == 0)
  }
}
