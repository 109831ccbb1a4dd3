internal import ArgumentParser
internal import SondeHeaders
internal import SondeLink
internal import SondeLinux
internal import SondeProbe

struct ProbeCommand: ParsableCommand, Verb {
  static let configuration = CommandConfiguration(
    verb: "probe",
    abstract: "Ask TCP or UDP ports, and say which are open, closed or filtered, and why.",
    discussion: """
      A TCP SYN unless --udp or --flags says otherwise. An unanswered port is asked again. Closed UDP \
      ports answer by ICMP, and hosts send only so many errors a second: that limit is measured and kept, and a \
      terminal is told how long it takes.

      Example: sonde probe 127.0.0.1 -p 22,80,8000-8010
      """)

  @Argument(help: ArgumentHelp("Names or addresses; a zone is written fe80::1%eth0.", valueName: "host"))
  var hosts: [String]

  @OptionGroup(title: "Ports and pace") var ask: AskOptions
  @OptionGroup(title: "TCP and UDP fields") var transport: TransportOptions
  @OptionGroup(title: "IP fields") var ip: IPFieldOptions
  @OptionGroup(title: "Sending") var send: SendOptions
  @OptionGroup(title: "Output") var output: OutputOptions

  mutating func validate() throws {
    if hosts.isEmpty { throw ValidationError("a host is missing") }
  }

  func execute(on console: Console) throws -> Int32 {
    let destinations = try hosts.map { try Destination($0, send) }
    try ip.check(destinations, setsDF: ip.df)
    var draw = send.generator
    let secret = draw.next()
    let isForeign = try send.hasForeignSource()
    let rankings = try rankings(
      try destinations.map {
        try $0.wishes(
          packet(to: $0, ask.ports[0], 0, from: 1, secret), ip, isForeignSource: isForeign)
      }, purpose: .probe, door: send.door)
    if send.dryRun {
      let source = try transport.sourcePort.map { UInt16($0) } ?? sourcePorts(1, &draw).numbers[0]
      try DryRun(rankings, send).show(destinations, as: output, on: console) {
        packet(to: $0, ask.ports[0], 0, from: source, secret)
      }
      return 0
    }
    // A port whose error is known is asked more often than others.
    let sources = try sourcePorts(transport.udp ? 8 : Int(ask.retries ?? 2) + 1, &draw)
    let flow = PacketFilter.Flow(
      protocolNumber: transport.udp ? 17 : 6, destinationPorts: sources.numbers.map { $0...$0 })
    let sweep = ProbeSweep(self, destinations, isForeignSource: isForeign, &draw, console)
    var report = ProbeReport(self, destinations, console)
    var first = ProbeSweep.Outcome(asked: [Int?](repeating: 0, count: destinations.count * ask.ports.count))
    var run = try LiveRun(
      rankings, send, interface: Destination.Exit(send).interface, filter: PacketFilter(flows: [flow]),
      ways: destinations.map(\.way)
    ) { (signals, interrupter) throws(LinkError) in
      guard let sweep else { return }
      report.open(door: sweep.door)
      first = try sweep.run(signals, waking: interrupter, &report)
    }
    let door = doorNames(run.link.plans)
    if sweep == nil { report.open(door: door) }
    let numbers = sources.numbers
    let targets: [PortSchedule.Port] =
      first.isDone
      ? []
      : destinations.enumerated().flatMap { host, destination in
        ask.ports.enumerated().map { place, port in
          let target = host * ask.ports.count + place
          let found = first.found[target]
          return PortSchedule.Port(
            way: destination.way, host: host, asked: first.asked[target], probe: found?.probe,
            found: found?.verdict ?? .timeout, error: first.errors[target]
          ) { [self] attempt in
            packet(to: destination, port, attempt, from: numbers[Int(attempt) % numbers.count], secret)
          }
        }
      }
    var plan = PortSchedule(targets, pace: pace(flows: numbers.count))
    if first.isStopped {
      for settlement in plan.stop() { report.show(.settled(settlement)) }
      plan = PortSchedule([], pace: pace(flows: numbers.count))
    }
    var session = Session(
      plan, timeout: .patience(ask.timeout ?? 1_000_000_000), waitsForDepartures: true)
    let failure = withExtendedLifetime(sources) {
      run.run(&session, limit: .limit(ask.deadline), on: console) {
        report.watch($0.plan)
      } _: {
        report.show($0)
      }
    }
    let tally = session.tally + first.tally
    report.close(tally, ownDrops: run.link.ownDrops + first.ownDrops)
    if let failure { throw failure }
    return tally.wasTried ? report.hasAnswer ? 0 : 1 : 2
  }
}

extension ProbeCommand {
  private func sourcePorts(_ attempts: Int, _ draw: inout SeededGenerator) throws(LinkError) -> SourcePorts {
    try SourcePorts(
      transport.udp ? .udp : .tcp, written: transport.sourcePort, attempts: attempts, isGuarded: transport.hold, &draw)
  }

  /// The packet that asks a port; random numbers come from `secret`, so that a seed repeats them.
  private func packet(
    to destination: Destination, _ port: UInt16, _ attempt: UInt64, from source: UInt16, _ secret: UInt64
  ) -> AnyPacket {
    var draw = SeededGenerator(seed: secret ^ UInt64(port) << 16 ^ attempt << 32)
    let bits = draw.next()
    var layers: [any Header] = [
      ip.header(to: destination, send, identification: UInt16(truncatingIfNeeded: bits >> 32) | 1),
      transport.header(from: source, to: port, sequenceNumber: UInt32(truncatingIfNeeded: bits)),
    ]
    if !transport.payload.isEmpty { layers.append(Payload(octets: transport.payload)) }
    return AnyPacket(layers)
  }

  private func pace(flows: Int) -> PortSchedule.Pace {
    let perSecond = Int64(ask.rate ?? (transport.udp ? 1000 : 5000))
    return PortSchedule.Pace(
      gap: .nanoseconds(1_000_000_000 / perSecond), retries: Int(ask.retries ?? 2),
      timeout: .patience(ask.timeout ?? 1_000_000_000), flows: flows,
      persists: !transport.udp && ask.retries == nil)
  }
}
