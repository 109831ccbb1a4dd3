internal import SondeHeaders
internal import SondeLink
internal import SondeOctets
internal import SondeProbe
internal import TestSupport
internal import Testing

/// Every run comes to its end, whatever the network says, contradicts, repeats, delays or refuses.
@Suite struct EndingTests {
  /// A network that answers each packet by chance.
  private struct Chaos {
    var draw: SeededGenerator
    /// Of a hundred packets, how many get no answer, and how many this machine refuses.
    var silent: UInt64
    var refused: UInt64

    init(seed: UInt64) {
      draw = SeededGenerator(seed: seed)
      silent = draw.next(below: 90)
      refused = draw.next(below: 3) == 0 ? draw.next(below: 60) : 0
    }

    mutating func refuses() -> Bool { draw.next(below: 100) < refused }

    private mutating func after() -> Duration {
      .milliseconds(Int64(draw.next(below: 4) == 0 ? draw.next(below: 4000) : draw.next(below: 40)))
    }

    private mutating func error() -> ICMPv4 {
      switch draw.next(below: 6) {
      case 0...1: .timeExceeded(code: UInt8(draw.next(below: 2)))
      case 2: .destinationUnreachable(code: UInt8(draw.next(below: 16)))
      case 3: .destinationUnreachable(code: 3)
      default: .destinationUnreachable(code: 4, nextHopMTU: UInt16(draw.next(below: 1600)))
      }
    }

    mutating func answers(_ packet: Dissection) -> [(after: Duration, bytes: [UInt8])] {
      var answers: [(after: Duration, bytes: [UInt8])] = []
      while draw.next(below: 100) >= silent, answers.count < 4 {
        if draw.next(below: 3) > 0, let reply = try? reply(packet), !reply.isEmpty {
          answers.append((after(), reply))
        } else {
          let place = UInt32(draw.next(below: 4))
          let source = place == 0 ? Hosts.asked : IPv4Address(rawValue: Hosts.router.rawValue + place)
          let quote = Payload(octets: Array(packet.bytes.prefix(draw.next(below: 8) == 0 ? 24 : 60)))
          let error = error()
          answers.append((after(), (try? bytes([IPv4(from: source, to: Hosts.us), error, quote])) ?? []))
        }
      }
      return answers
    }

    private func reply(_ packet: Dissection) throws -> [UInt8] {
      if let udp = packet.first(UDP.self) {
        return try bytes([Hosts.back, UDP(from: udp.destinationPort, to: udp.sourcePort), Payload("x")])
      }
      if let tcp = packet.first(TCP.self) {
        return try bytes([
          Hosts.back,
          TCP(
            from: tcp.destinationPort, to: tcp.sourcePort, flags: [.syn, .ack],
            acknowledgmentNumber: tcp.sequenceNumber &+ 1),
        ])
      }
      return try echoReply(to: packet)
    }
  }

  /// Runs a schedule over a network of chance; its virtual time is bounded too.
  private func end<Plan: Schedule>(_ plan: Plan, seed: UInt64, atMost most: Int, _ name: String) throws -> Plan {
    var chaos = Chaos(seed: seed)
    var session = Session(plan, timeout: .seconds(1))
    var asked = 0
    var link = TestLink(
      refusing: { _ in
        asked += 1
        return chaos.refuses() && asked < most ? LinkError(operation: "send", code: 100, message: "down") : nil
      }
    ) { packet, _ in asked > most ? [] : chaos.answers(packet) }
    let limit = Instant.ms(3_600_000)
    try SondeProbe.run(&session, over: &link, until: limit, isInterrupted: { asked > most }) { _ in }
    #expect(asked <= most, "\(name), seed \(seed): asked \(asked) times")
    #expect(link.now < limit, "\(name), seed \(seed): has no end")
    #expect(session.tally.isBalanced)
    return session.plan
  }

  @Test func theSearchForAnMTUEnds() throws {
    var seeds = Seeded()
    let first = seeds.next()
    for round in 0..<400 as Range<UInt64> {
      let sizes = MTUSearch.Sizes(smallest: 68, largest: 1500, floor: 68)
      let plan = MTUSearch(.v4(Hosts.asked), sizes: sizes, patience: .init(retries: 2)) { size, turn, hops in
        AnyPacket([
          IPv4(from: Hosts.us, to: Hosts.asked, ttl: hops == 0 ? 64 : hops, flags: .dontFragment),
          ICMPv4.echoRequest(identifier: 9, sequenceNumber: UInt16(truncatingIfNeeded: turn)),
          Payload(octets: [UInt8](repeating: 7, count: size - 28)),
        ])
      }
      let finding = try end(plan, seed: first &+ round, atMost: 1000, "mtu").finding
      #expect(finding.mtu ?? 68 >= 68 && finding.mtu ?? 68 <= 1500)
    }
  }

  @Test(arguments: Manner.all.filter { !$0.isIPv6 }) func aTraceEnds(_ manner: Manner) throws {
    var seeds = Seeded()
    let first = seeds.next()
    for round in 0..<60 as Range<UInt64> {
      let plan = try end(
        manner.schedule(ttls: 1...12, isOneFlow: round % 2 == 0), seed: first &+ round, atMost: 12 * 3 * 3, "trace")
      #expect(plan.trace.isDone, "seed \(first &+ round)")
    }
  }

  @Test func aRunOverPortsEnds() throws {
    var seeds = Seeded()
    let first = seeds.next()
    for round in 0..<60 as Range<UInt64> {
      let flows = [1, 8][Int(round % 2)]
      let ports = (1...60).map { port in
        PortSchedule.Port(host: port % [1, 3][Int(round / 2 % 2)]) { attempt in
          AnyPacket([Hosts.there, UDP(from: UInt16(50_000 + attempt % UInt64(flows)), to: UInt16(port))])
        }
      }
      let pace = PortSchedule.Pace(gap: .milliseconds(1), retries: Int(round % 3), flows: flows)
      let plan = try end(PortSchedule(ports, pace: pace), seed: first &+ round, atMost: 60_000, "ports")
      #expect(plan.standings.values.reduce(0) { $0 + $1.settled } == 60, "seed \(first &+ round)")
    }
  }
}
