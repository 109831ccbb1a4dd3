internal import SondeHeaders
internal import SondeLink
internal import SondeOctets
internal import SondeProbe
internal import Testing

/// Which of several probes an answer is credited to.
@Suite struct CreditTests {
  private static func query(_ text: String, identification: UInt16 = 0) -> AnyPacket {
    AnyPacket([
      IPv4(from: Hosts.us, to: Hosts.asked, identification: identification), UDP(from: 4000, to: 53), Payload(text),
    ])
  }

  private static func session(_ packets: [AnyPacket]) -> Session<ListSchedule> {
    var session = Session(ListSchedule(packets), timeout: .seconds(1), endsWhenAnswered: false)
    session.send(at: .ms(0))
    _ = session.takeEvents()
    return session
  }

  private static func closed(quoting packet: AnyPacket, cut: Int? = nil) throws -> [UInt8] {
    try bytes([Hosts.back, ICMPv4.destinationUnreachable(code: 3), Quote(packet, cut: cut)])
  }

  @Test func packetsOfTheSamePortsAreAnsweredInTurn() throws {
    var session = Self.session([Self.query("query A"), Self.query("other query B")])
    for time in [1, 2, 3] as [Int64] {
      session.receive(try bytes([Hosts.back, UDP(from: 53, to: 4000), Payload("answer")]), at: .ms(time))
    }
    let answers = session.takeEvents().answers
    #expect(answers.map(\.probe) == [1, 2, 2])
    #expect(answers.map(\.flags) == [[], [], [.duplicate]])
  }

  @Test func aQuoteNamesThePacketWhoseOctetsItHas() throws {
    let packets = [Self.query("query A"), Self.query("other query B"), Self.query("query C")]
    var session = Self.session(packets)
    for index in [1, 2, 0, 1] { session.receive(try Self.closed(quoting: packets[index]), at: .ms(1)) }
    let answers = session.takeEvents().answers
    #expect(answers.map(\.probe) == [2, 3, 1, 2])
    #expect(answers.map { $0.flags.contains(.duplicate) } == [false, false, false, true])
  }

  @Test func anAlteredQuoteIsOfThePacketThatItIsMostLike() throws {
    let packets = [Self.query("query A"), Self.query("other query B"), Self.query("query C"), Self.query("query C")]
    for (altered, probe) in [("qUery A", 1), ("other query D", 2), ("quera C", 3)] as [(Payload, UInt64)] {
      var session = Self.session(packets)
      let quoted = AnyPacket([
        IPv4(from: Hosts.us, to: Hosts.asked, ttl: 1, identification: 0), UDP(from: 4000, to: 53, checksum: 0),
        altered,
      ])
      session.receive(try Self.closed(quoting: quoted), at: .ms(1))
      // The same error again is a duplicate, unless an equal packet waits.
      session.receive(try Self.closed(quoting: quoted), at: .ms(2))
      let answers = session.takeEvents().answers
      #expect(answers.map(\.probe) == [probe, probe == 3 ? 4 : probe], "\(altered)")
    }
  }

  @Test func quotesOfEqualOctetsAreCreditedOldestFirst() throws {
    let hops = (1...3).map { ttl in
      AnyPacket([IPv4(from: Hosts.us, to: Hosts.asked, ttl: UInt8(ttl)), UDP(from: 4000, to: 33434)])
    }
    var session = Self.session(hops)
    for (index, hop) in hops.enumerated() {
      session.receive(
        try bytes([Hosts.onTheWay, ICMPv4.timeExceeded(), Quote(hop, cut: 28)]), at: .ms(1 + Int64(index)))
    }
    let answers = session.takeEvents().answers
    #expect(answers.map(\.probe) == [1, 2, 3])
    #expect(answers.allSatisfy { $0.flags == [.outOfOrder] || $0.flags.isEmpty })
  }

  @Test func afterTheNumbersHaveWrappedTheProbeThatWaitsIsMeant() throws {
    let packet = Self.query("same")
    var session = Session(Script([packet, packet], every: .seconds(2)), timeout: .seconds(1))
    session.send(at: .ms(0))
    _ = session.step(at: .ms(1000))
    session.send(at: .ms(2000))
    session.receive(try bytes([Hosts.back, UDP(from: 53, to: 4000)]), at: .ms(2001))
    let answers = session.takeEvents().answers
    #expect(answers.map(\.probe) == [2])
    #expect(answers.map(\.flags) == [[]])
  }

  /// Two rounds to a group, the second before the first is over: each member answers each.
  @Test func membersOfAGroupAnswerEachOfTwoEqualProbes() throws {
    let packet = Pings.packet(0)
    var session = Session(
      Script([packet, packet], every: .milliseconds(10), isGroup: true), timeout: .seconds(1))
    session.send(at: .ms(0))
    session.send(at: .ms(10))
    let heard: [(IPv4Address, Int64)] = [
      ("198.51.100.7", 12), ("198.51.100.8", 13), ("198.51.100.7", 22), ("198.51.100.8", 23), ("198.51.100.8", 24),
    ]
    for (member, time) in heard { session.receive(try Pings.reply(0, from: member), at: .ms(time)) }
    let answers = session.takeEvents().answers
    #expect(answers.map(\.probe) == [1, 1, 2, 2, 2])
    #expect(answers.map { $0.flags.contains(.duplicate) } == [false, false, false, false, true])
  }

  // A probe that has not left.

  @Test func nothingAnswersAProbeThatHasNotLeft() throws {
    let packet = Self.query("x")
    var session = Session(
      PortSchedule([PortSchedule.Port { _ in packet }], pace: PortSchedule.Pace(gap: .zero, retries: 0)),
      timeout: .seconds(1))
    guard case .send(let batch) = session.step(at: .ms(0)) else { return #expect(Bool(false)) }
    session.took(batch, SendOutcome(count: 0, at: .ms(0), wall: 0))
    session.receive(try bytes([Hosts.back, UDP(from: 53, to: 4000)]), at: .ms(0))
    session.receive(.failure(LinkError(operation: "x", code: 1, message: "y"), probe: 1), at: .ms(0))
    var events = session.takeEvents()
    #expect(events.answers.isEmpty)
    #expect(events.noise.map(\.why) == ["answers a probe that has not left"])
    session.send(at: .ms(5))
    session.receive(try bytes([Hosts.back, UDP(from: 53, to: 4000)]), at: .ms(6))
    #expect(session.step(at: .ms(6)).isFinished)
    events = session.takeEvents()
    #expect(events.settlements.map(\.verdict) == [.open])
    #expect(session.tally.isBalanced)
  }

  @Test func anEqualProbeThatHasLeftIsPreferredToOneThatHasNot() throws {
    let packet = Self.query("x")
    var session = Self.session([packet])
    session.receive(try bytes([Hosts.back, UDP(from: 53, to: 4000)]), at: .ms(1))
    #expect(session.takeEvents().answers.map(\.probe) == [1])
    var two = Session(Script([packet, packet]), timeout: .seconds(1))
    guard case .send(let first) = two.step(at: .ms(0)) else { return #expect(Bool(false)) }
    two.took(first, SendOutcome(count: 1, at: .ms(0), wall: 0))
    two.receive(try bytes([Hosts.back, UDP(from: 53, to: 4000)]), at: .ms(1))
    guard case .send(let second) = two.step(at: .ms(2)) else { return #expect(Bool(false)) }
    two.took(second, SendOutcome(count: 0, at: .ms(2), wall: 0))
    two.receive(try bytes([Hosts.back, UDP(from: 53, to: 4000)]), at: .ms(3))
    let events = two.takeEvents()
    #expect(events.answers.map(\.probe) == [1, 1])
    #expect(events.answers.map(\.flags) == [[], [.duplicate]])
    #expect(events.noise.isEmpty)
  }

  // Packets that are known by their octets alone.

  @Test func anErrorAboutAMalformedHeaderIsKnownByItsOctets() throws {
    let tcp: [any Header] = [Hosts.there, TCP(from: 4000, to: 80, sequenceNumber: 7, dataOffset: 4)]
    let cut: [any Header] = [IPv4(from: Hosts.us, to: Hosts.asked, totalLength: 24), UDP(from: 4000, to: 53)]
    for asked in [tcp, cut] {
      let error: [any Header] = [Hosts.onTheWay, ICMPv4.timeExceeded(), Quote(AnyPacket(asked))]
      #expect(try Outcome(asking: asked, hearing: error) == .answer(.timeExceeded, .icmpError, []))
    }
    let other: [any Header] = [Hosts.there, TCP(from: 4000, to: 81, sequenceNumber: 7, dataOffset: 4)]
    #expect(
      try Outcome(asking: tcp, hearing: [Hosts.onTheWay, ICMPv4.timeExceeded(), Quote(AnyPacket(other))]) == .nothing)
  }

  @Test func aQuoteOfAnotherProtocolOrOfNoOctetsIsNotOurs() throws {
    func packet(_ number: UInt8) -> [any Header] {
      [IPv4(from: Hosts.us, to: Hosts.asked, protocol: .set(number)), Payload("gre gre gre")]
    }
    func outcome(_ number: UInt8, cut: Int?) throws -> Outcome {
      let quote = Quote(AnyPacket(packet(number)), cut: cut)
      return try Outcome(asking: packet(47), hearing: [Hosts.onTheWay, ICMPv4.timeExceeded(), quote])
    }
    #expect(try outcome(47, cut: nil) == .answer(.timeExceeded, .icmpError, []))
    #expect(try outcome(47, cut: 21) == .answer(.timeExceeded, .icmpError, [.weakMatch]))
    #expect(try outcome(47, cut: 20).why.contains("too short to know it by"))
    #expect(try outcome(132, cut: nil) == .nothing)
    #expect(try outcome(132, cut: 20) == .nothing)
  }
}
