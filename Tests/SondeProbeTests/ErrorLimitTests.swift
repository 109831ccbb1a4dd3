internal import SondeHeaders
internal import SondeLink
internal import SondeOctets
internal import SondeProbe
internal import SondeSim
internal import Testing

/// What hosts that limit their ICMP errors are asked, when, and what is made of it; on virtual time.
@Suite struct ErrorLimitTests {
  /// What became of a run.
  struct Log {
    var settled: [Int: Settlement] = [:]
    var end: Duration = .zero
    var tally = Tally()
    var limits: [ErrorRate?] = []
    /// When the last port of each host was settled.
    var ends: [Int: Duration] = [:]
  }

  static let hosts: [IPv4Address] = ["198.51.100.7", "198.51.100.8", "198.51.100.9"]

  static func host(
    _ limit: RateLimit?, number: Int = 0, open: [UInt16] = [], silent: [UInt16] = [], other: Behaviour = .refuse
  ) -> SimulatedHost {
    var udp: [UInt16: Behaviour] = [:]
    for port in open { udp[port] = .answer }
    for port in silent { udp[port] = .silence }
    return SimulatedHost(.v4(hosts[number]), udp: udp, otherUDP: other, errorLimit: limit)
  }

  /// Asks UDP ports 1 to `count` of each host.
  static func run(
    _ hosts: [SimulatedHost], ports count: Int, retries: Int = 2, gap: Duration = .milliseconds(1),
    timeout: Duration = .seconds(1), until end: Duration? = nil, losing loss: Double = 0, seed: UInt64 = 1,
    change: (inout FaultyLink<SimulatedLink>) -> Void = { _ in }
  ) throws -> Log {
    let targets = hosts.indices.flatMap { number in
      (1...count).map { port in
        PortSchedule.Port(host: number) { attempt in
          AnyPacket([
            IPv4(from: Hosts.us, to: Self.hosts[number]), UDP(from: UInt16(50000 + attempt % 8), to: UInt16(port)),
          ])
        }
      }
    }
    let pace = PortSchedule.Pace(gap: gap, retries: retries, timeout: timeout, flows: 8)
    var session = Session(PortSchedule(targets, pace: pace), timeout: timeout)
    let faults = Faults(loss: loss)
    var link = FaultyLink(SimulatedLink(hosts), sending: faults, receiving: faults, seed: seed)
    var log = Log()
    let start = link.now
    change(&link)
    try SondeProbe.run(&session, over: &link, until: end.map { start + $0 } ?? .distantFuture) { event in
      guard case .settled(let settlement) = event else { return }
      #expect(log.settled[settlement.target] == nil, "settled twice")
      log.settled[settlement.target] = settlement
      if let at = settlement.answer?.at { log.ends[settlement.target / count] = at - start }
    }
    log.end = link.now - start
    log.tally = session.tally
    log.limits = hosts.indices.map { session.plan.limit(ofHost: $0) }
    #expect(session.tally.isBalanced)
    return log
  }

  /// Every limit, and how long a host takes to send that many errors at least.
  static let limits: [(RateLimit, Int)] = [
    (.linuxIPv4, 60), (.linuxIPv4, 200), (.linuxIPv6, 60), (.linuxIPv6, 200), (.freeBSD, 1000),
    (RateLimit(burst: 1, interval: .milliseconds(500)), 60), (RateLimit(burst: 10, interval: .milliseconds(500)), 60),
    (RateLimit(burst: 1, interval: .seconds(2)), 30), (RateLimit(burst: 50, interval: .milliseconds(5)), 1000),
    (RateLimit(burst: 3, interval: .milliseconds(20)), 400), (RateLimit(burst: 30, interval: .seconds(1)), 60),
  ]

  @Test(arguments: limits)
  func aLimitHidesNoClosedPortAndIsKeptClose(_ limit: RateLimit, _ count: Int) throws {
    let log = try Self.run([Self.host(limit)], ports: count)
    #expect(log.settled.count == count)
    let wrong = log.settled.filter { $0.value.verdict != .closed }
    #expect(wrong.isEmpty, "\(wrong.count): \(wrong.first?.value.why ?? "")")
    let bound =
      limit.refillsAtOnce
      ? limit.interval * ((count - 1) / limit.burst) : limit.interval * max(count - limit.burst, 0)
    print(limit, count, log.end, bound, log.tally.sent, log.limits)
    #expect(log.end < bound * 103 / 100 + .seconds(2) + limit.interval * 2)
  }
}
