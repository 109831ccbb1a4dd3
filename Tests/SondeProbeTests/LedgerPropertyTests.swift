internal import SondeHeaders
internal import SondeLink
internal import SondeOctets
internal import SondeProbe
internal import TestSupport
internal import Testing

/// Whatever happens in whatever order, the books balance.
@Suite struct LedgerPropertyTests {
  private static func port(_ index: Int) -> PortSchedule.Port {
    PortSchedule.Port { attempt in
      AnyPacket([Hosts.there, UDP(from: UInt16(40000 + attempt), to: UInt16(index + 1))])
    }
  }

  @Test(arguments: 0..<60) func sentIsAnsweredAndSilentAndFailed(_ round: Int) throws {
    var random = Seeded()
    let isEcho = Bool.random(using: &random)
    let isGroup = isEcho && Bool.random(using: &random)
    let host = EchoSchedule.Host(isGroup: isGroup) { turn in
      AnyPacket([Hosts.there, ICMPv4.echoRequest(identifier: 1, sequenceNumber: UInt16(truncatingIfNeeded: turn))])
    }
    if isEcho {
      let pace: EchoSchedule.Pace =
        Bool.random(using: &random) ? .flood(atMost: .milliseconds(3)) : .interval(.milliseconds(2))
      try check(EchoSchedule([host], count: 40, pace: pace), isGroup: isGroup, &random)
    } else {
      let pace = PortSchedule.Pace(
        gap: .milliseconds(1), retries: Int.random(in: 0...2, using: &random),
        timeout: .milliseconds(20), flows: Int.random(in: 1...8, using: &random))
      try check(PortSchedule((0..<20).map(Self.port), pace: pace), isGroup: false, &random)
    }
  }

  private func check(_ plan: some Schedule, isGroup: Bool, _ random: inout Seeded) throws {
    var session = Session(
      plan, timeout: .milliseconds(20), linger: .milliseconds(30), waitsForDepartures: Bool.random(using: &random),
      endsWhenAnswered: Bool.random(using: &random))
    var now = Instant.ms(0)
    var untaken: [Outgoing] = []
    var out: [(probe: UInt64, bytes: [UInt8])] = []
    var events: [Event] = []
    let error = LinkError(operation: "sendto", code: 1, message: "Operation not permitted")
    let stopsAt = Int.random(in: 100...3000, using: &random)
    for tick in 0..<4000 {
      now = now + .microseconds(Int.random(in: 0...900, using: &random))
      if tick == stopsAt { session.stop() }
      switch Int.random(in: 0..<10, using: &random) {
      case 0..<5 where untaken.isEmpty:
        if case .send(let batch) = session.step(at: now) { untaken = batch }
      case 0..<6 where !untaken.isEmpty:
        let count = Int.random(in: 0...untaken.count, using: &random)
        let failure = count < untaken.count && Bool.random(using: &random) ? error : nil
        session.took(untaken, SendOutcome(count: count, failure: failure, at: now, wall: 0))
        out += untaken.prefix(count).map { ($0.probe, $0.bytes) }
        untaken = []
      case 6 where !out.isEmpty:
        let probe = out.randomElement(using: &random)?.probe ?? 0
        session.receive(.departure(Departure(probe: probe, kernel: now, wall: 0)), at: now)
      case 7 where !out.isEmpty && Int.random(in: 0..<10, using: &random) == 0:
        session.receive(.failure(error, probe: out.randomElement(using: &random)?.probe), at: now)
      default:
        // Answers, duplicates, late ones and conflicts, as the age of the probe has it.
        // Packets that nobody took yet are answered too: somebody guessed.
        let known = out.suffix(60).map(\.bytes) + untaken.map(\.bytes)
        guard let bytes = known.randomElement(using: &random) else { break }
        session.receive(try answer(to: bytes, isGroup: isGroup, &random), at: now)
      }
      events += session.takeEvents()
      let tally = session.tally
      #expect(tally.answered + tally.silent + tally.sendFailed <= tally.sent)
    }
    session.stop()
    events += session.takeEvents()
    let tally = session.tally
    #expect(tally.isBalanced, "\(tally)")
    #expect(tally.sent == events.sent.count + events.failures.count)
    #expect(tally.silent == events.silences.count)
    #expect(tally.late == events.answers.filter { $0.flags.contains(.late) }.count)
    #expect(tally.duplicates == events.answers.filter { $0.flags.contains(.duplicate) }.count)
    #expect(tally.conflicts == events.answers.filter { $0.flags.contains(.conflict) }.count)
    #expect(tally.noise == events.noise.count)
    #expect(events.answers.allSatisfy { $0.rtt.map { $0 >= .zero } ?? true })
    let firsts = events.answers.filter(\.isFirst)
    #expect(Set(firsts.map(\.probe)).count == tally.answered)
    #expect(firsts.count == tally.answered)
    let settled = events.settlements.map(\.target)
    #expect(settled.count == Set(settled).count, "a target was settled twice")
    if session.plan is PortSchedule {
      #expect(Set(settled) == Set((events.sent.map(\.target) + events.failures.map(\.target))))
    }
  }

  private func answer(to bytes: [UInt8], isGroup: Bool, _ random: inout Seeded) throws -> [UInt8] {
    let asked = Registry.dissect(bytes)
    if Int.random(in: 0..<6, using: &random) == 0 {
      let from = Bool.random(using: &random) ? Hosts.onTheWay : Hosts.back
      return try SondeProbeTests.bytes([from, ICMPv4.destinationUnreachable(code: 3), Quote(asked.packet)])
    }
    guard let udp = asked.first(UDP.self) else {
      guard isGroup, let echo = asked.first(ICMPv4.self) else { return try echoReply(to: asked) }
      let member = IPv4Address(rawValue: Hosts.asked.rawValue &+ UInt32.random(in: 0...3, using: &random))
      return try SondeProbeTests.bytes([
        IPv4(from: member, to: Hosts.us),
        ICMPv4.echoReply(identifier: echo.identifier, sequenceNumber: echo.sequenceNumber),
      ])
    }
    return try SondeProbeTests.bytes([Hosts.back, UDP(from: udp.destinationPort, to: udp.sourcePort)])
  }
}
