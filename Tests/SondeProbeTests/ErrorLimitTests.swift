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
    _ limit: RateLimit?, number: Int = 0, open: [UInt16] = [], silent: [UInt16] = [],
    reject: [UInt16] = [], other: Behaviour = .refuse
  ) -> SimulatedHost {
    var udp: [UInt16: Behaviour] = [:]
    for port in open { udp[port] = .answer }
    for port in silent { udp[port] = .silence }
    for port in reject { udp[port] = .reject(.portUnreachable.sent(from: .v4(Hosts.router))) }
    return SimulatedHost(.v4(hosts[number]), udp: udp, otherUDP: other, errorLimit: limit)
  }

  /// Asks UDP ports 1 to `count` of each host.
  static func run(
    _ hosts: [SimulatedHost], ports count: Int, retries: Int = 2, gap: Duration = .milliseconds(1),
    timeout: Duration = .seconds(1), until end: Duration? = nil, losing loss: Double = 0, seed: UInt64 = 1,
    ttl: UInt8 = 64
  ) throws -> Log {
    let targets = hosts.indices.flatMap { number in
      (1...count).map { port in
        PortSchedule.Port(host: number) { attempt in
          AnyPacket([
            IPv4(from: Hosts.us, to: Self.hosts[number], ttl: ttl),
            UDP(from: UInt16(50000 + attempt % 8), to: UInt16(port)),
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
    #expect(log.end < bound * 103 / 100 + .seconds(2) + limit.interval * 2)
  }

  @Test(arguments: [RateLimit.linuxIPv4, .linuxIPv6, .freeBSD, RateLimit(burst: 1, interval: .milliseconds(500))])
  func openAndSilentPortsAreToldFromWithheldOnes(_ limit: RateLimit) throws {
    for silent in [[17], Array(10..<40), [1, 2, 3], Array(2...100), [100]] as [[UInt16]] {
      let open: [UInt16] = [5, 50, 99].filter { !silent.contains($0) }
      let log = try Self.run([Self.host(limit, open: open, silent: silent)], ports: 100)
      #expect(log.settled.count == 100)
      for (index, settlement) in log.settled {
        let port = UInt16(index + 1)
        let expected: Verdict = silent.contains(port) ? .openOrFiltered : open.contains(port) ? .open : .closed
        #expect(settlement.verdict == expected, "port \(port) of \(silent): \(settlement.why)")
        guard expected == .openOrFiltered else { continue }
        #expect(settlement.why.contains("though the host sent ICMP errors"), "\(settlement.why)")
      }
      let closed = 100 - silent.count - open.count
      #expect(log.end < limit.interval * (closed + 30) + .seconds(15))
    }
  }

  @Test func aLimitedHostSlowsNoOther() throws {
    let hosts = [
      Self.host(.linuxIPv4), Self.host(nil, number: 1, silent: [7]),
      Self.host(RateLimit(burst: 6, interval: .milliseconds(100)), number: 2),
    ]
    let log = try Self.run(hosts, ports: 50)
    #expect(log.settled.count == 150)
    #expect(log.settled.allSatisfy { $0.value.verdict == ($0.key == 56 ? .openOrFiltered : .closed) })
    #expect(try #require(log.ends[1]) < .milliseconds(200))
    #expect(try #require(log.ends[2]) < .seconds(8))
    #expect(log.end < .seconds(49))
    #expect(log.limits[0] != nil && log.limits[1] == nil && log.limits[2] != nil)
  }

  @Test func aThousandClosedPortsWithoutALimitTakeASecond() throws {
    let log = try Self.run([Self.host(nil)], ports: 1000)
    #expect(log.settled.values.allSatisfy { $0.verdict == .closed && $0.attempts == 1 })
    #expect(log.tally.sent == 1000 && log.end <= .seconds(1) + PortSchedule.grace)
  }

  @Test(arguments: [0.01, 0.05, 0.2]) func lossIsNoLimitThatStays(_ loss: Double) throws {
    for seed in 1...3 as ClosedRange<UInt64> {
      let log = try Self.run([Self.host(nil)], ports: 300, losing: loss, seed: seed)
      let wrong = log.settled.values.count { $0.verdict != .closed }
      #expect(wrong <= (loss < 0.1 ? 1 : 8), "seed \(seed)")
      #expect(log.end < .seconds(loss < 0.1 ? 5 : 10), "seed \(seed)")
    }
  }

  @Test(arguments: [0.01, 0.05, 0.1]) func lossUnderALimitIsMadeUpFor(_ loss: Double) throws {
    for seed in 1...3 as ClosedRange<UInt64> {
      let log = try Self.run([Self.host(.linuxIPv6, silent: [9])], ports: 60, losing: loss, seed: seed)
      let wrong = log.settled.filter { $0.value.verdict != ($0.key == 8 ? .openOrFiltered : .closed) }
      #expect(wrong.count <= 2, "seed \(seed)")
      #expect(log.end < .seconds(30))
    }
  }

  @Test func aHostWithoutALimitIsNotSlowedByItsSilentPorts() throws {
    let log = try Self.run([Self.host(nil, silent: Array(100..<600))], ports: 1000)
    #expect(log.limits == [nil])
    #expect(log.end < .seconds(8))
    #expect(log.settled[99]?.verdict == .openOrFiltered)
  }

  @Test func aDeadHostsSilenceIsNoLimit() throws {
    let log = try Self.run([SimulatedHost.silent(.v4(Self.hosts[0]))], ports: 100)
    #expect(log.limits == [nil])
    #expect(log.tally.sent == 300 && log.end < .milliseconds(3300))
    #expect(log.settled.values.allSatisfy { $0.verdict == .openOrFiltered && $0.why == "no answer to 3 probes" })
  }

  @Test func aRoutersLimitIsKnownTooAndIsItsOwn() throws {
    let router = SimulatedRouter(.v4(Hosts.router), errorLimit: .linuxIPv6)
    var host = Self.host(nil)
    host.path = [router, router]
    let log = try Self.run([host], ports: 60, ttl: 2)
    #expect(log.settled.values.allSatisfy { $0.verdict == .timeExceeded } && log.settled.count == 60)
    #expect(log.end > .milliseconds(5400) && log.end < .milliseconds(8000))
    // Errors of a router say nothing of the host's silence, once the host itself speaks.
    let own = try Self.run([Self.host(.linuxIPv6, silent: [9], reject: [1, 2, 3])], ports: 40)
    let expected: [Int: Verdict] = [0: .filtered, 1: .filtered, 2: .filtered, 8: .openOrFiltered]
    for (index, settlement) in own.settled { #expect(settlement.verdict == expected[index] ?? .closed) }
    #expect(own.settled[8]?.why.contains("though the host sent ICMP errors") == true)
  }

  @Test func rejectionsOfTheHostsFilterAreLimitedAndFound() throws {
    let log = try Self.run([Self.host(.linuxIPv6, silent: [9], other: .reject(.prohibited))], ports: 60)
    #expect(log.settled.allSatisfy { $0.value.verdict == ($0.key == 8 ? .openOrFiltered : .filtered) })
  }

  @Test(arguments: [(1000, 100), (100, 1000), (50, 500)] as [(Int, Int)])
  func aLimitThatChangesIsFollowed(_ before: Int, _ after: Int) throws {
    var credit = Duration.milliseconds(before) * 6
    var last = Instant.ms(0)
    let ports = (1...100).map { port in
      PortSchedule.Port { attempt in
        AnyPacket([Hosts.there, UDP(from: UInt16(50000 + attempt % 8), to: UInt16(port))])
      }
    }
    var session = Session(
      PortSchedule(ports, pace: PortSchedule.Pace(gap: .milliseconds(1), retries: 2, flows: 8)), timeout: .seconds(1))
    let change = Duration.milliseconds(before) * 30
    var link = TestLink { packet, at in
      let interval = Duration.milliseconds(at - .ms(0) < change ? before : after)
      credit = min(credit + (at - last), interval * 6)
      last = at
      guard credit >= interval else { return [] }
      credit -= interval
      let error = try? bytes([Hosts.back, ICMPv4.destinationUnreachable(code: 3), Quote(packet.packet)])
      return error.map { [(.milliseconds(2), $0)] } ?? []
    }
    var closed = 0
    try SondeProbe.run(&session, over: &link) { event in
      if case .settled(let settlement) = event, settlement.verdict == .closed { closed += 1 }
    }
    #expect(closed == 100)
    let bound = change + .milliseconds(after) * 65
    #expect(link.now - .ms(0) < bound * 115 / 100 + .seconds(4))
  }

  @Test func whatAnEndingRunCouldNotAskIsRateLimited() throws {
    let log = try Self.run([Self.host(.linuxIPv4, open: [3])], ports: 60, until: .seconds(20))
    #expect(log.settled.count == 60 && log.end == .seconds(20))
    let closed = log.settled.values.count { $0.verdict == .closed }
    let withheld = log.settled.values.filter { $0.verdict == .openOrFiltered }
    #expect(closed > 20 && closed + withheld.count == 59)
    let text = "rate-limited: the host sends about 1 ICMP error a second, and the run ended before this port's turn; "
    #expect(withheld.allSatisfy { $0.why.hasPrefix(text) })
  }

  @Test func errorsThatStopForGoodEndTheRun() throws {
    let host = SimulatedHost(.v4(Self.hosts[0]), errorLimit: RateLimit(burst: 9, interval: .seconds(100_000)))
    let log = try Self.run([host], ports: 40)
    #expect(log.settled.values.count { $0.verdict == .closed } > 3)
    let errors = log.settled.values.count { $0.verdict == .closed }
    // Nothing tells such a limit from a host that is gone.
    let text = "rate-limited: the host sent \(errors) ICMP errors and then none any more, "
    let rest = log.settled.values.filter { $0.verdict != .closed }
    #expect(rest.allSatisfy { $0.why.hasPrefix(text) && $0.why.hasSuffix("or because it is gone") })
    #expect(log.end < .seconds(30))
  }
}
