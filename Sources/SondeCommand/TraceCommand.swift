internal import ArgumentParser
internal import SondeHeaders
internal import SondeLink
internal import SondeLinux
internal import SondeProbe

struct TraceCommand: ParsableCommand, Verb {
  static let configuration = CommandConfiguration(
    verb: "trace",
    abstract: "Find the way to a host, hop by hop.",
    discussion: """
      Each TTL is asked by probes that all look like one flow, so that load balancers send them one way; \
      --many-flows finds the others. ICMP echo asks unless --udp or --tcp says otherwise: its replies are the \
      least often filtered, and no rate limit withholds them. A port unreachable is an arrival only from the host \
      asked. MPLS labels are shown where the checksum of the extensions holds that tell them (RFC 4950).

      Exit status: 0 anybody answered, if only routers, 1 nobody did, 2 it could not be tried.

      Example: sonde trace 127.0.0.1
      Example: sonde trace -n --tcp 443 127.0.0.1
      """)

  @Argument(help: ArgumentHelp("A name or an address; a zone is written fe80::1%eth0.", valueName: "host"))
  var host: String

  @OptionGroup(title: "Hops and pace") var ask: TraceOptions
  @OptionGroup(title: "IP fields") var ip: IPFieldOptions
  @OptionGroup(title: "Sending") var send: SendOptions
  @OptionGroup(title: "Output") var output: OutputOptions

  mutating func validate() throws {
    if send.ttl != nil { throw ValidationError("the TTL is what a trace counts: --first and --max set its ends") }
  }

  func execute(on console: Console) throws -> Int32 {
    let destination = try Destination(host, send)
    try ip.check([destination], setsDF: ip.df)
    if destination.isGroup { throw Failure("\(host) names many hosts, and a trace leads to one") }
    var draw = send.generator
    let ports = try TracePorts(ask, &draw)
    let flows = (0..<ask.flows).map { flow in
      TraceProbes.Flow(
        number: ports.numbers.isEmpty ? UInt16.random(in: 1...UInt16.max, using: &draw) : ports.numbers[flow],
        label: UInt32.random(in: 1...0xfffff, using: &draw))
    }
    let probes = TraceProbes(
      destination: destination, ip: ip, send: send, flows: flows,
      message: TraceMessage(ask.kind(destination.family), secret: draw.next()))
    let longest = UInt64(TraceMessage.datagramLengths - 1)
    let sample = probes.packet(TraceSchedule.Question(ttl: ask.ttls.lowerBound, query: 0, number: longest))
    let rankings = try rankings(
      [try destination.wishes(sample, ip, isForeignSource: try send.hasForeignSource())], purpose: .probe,
      door: send.door)
    if send.dryRun {
      try DryRun(rankings, send).show([destination], withRecipe: true, as: output, on: console) { _ in
        probes.packet(TraceSchedule.Question(ttl: ask.ttls.lowerBound, query: 0, number: 0))
      }
      return 0
    }
    let filter = ports.numbers.map { port in
      PacketFilter.Flow(protocolNumber: ask.udp ? 17 : 6, destinationPorts: [port...port])
    }
    var run = try LiveRun(
      rankings, send, interface: Destination.Exit(send).interface, filter: PacketFilter(flows: filter),
      ways: [destination.way])
    let trace = Trace(
      to: destination.address, ttls: ask.ttls, queries: Int(ask.queries ?? 3), isOneFlow: !ask.manyFlows)
    let pace = TraceSchedule.Pace(
      gap: Duration(nanoseconds: ask.interval ?? 20_000_000),
      // Linux: ICMP errors to one host go out once a second over IPv4, ten times a second over IPv6 (icmp(7)).
      limitedGap: .milliseconds(destination.family == .ipv4 ? 1020 : 110), inFlight: Int(ask.inFlight ?? 16))
    var session = Session(
      TraceSchedule(trace, pace: pace, opensConnections: ask.tcp != nil, way: destination.way) {
        probes.packet($0)
      }, timeout: .patience(ask.timeout ?? 4_000_000_000), waitsForDepartures: true)
    var report = try TraceReport(self, destination, trace, door: doorNames(run.link.plans), console)
    report.open()
    let failure = run.run(&session, limit: .limit(ask.deadline), on: console) { report.show($0) }
    report.close(session.tally, ownDrops: run.link.ownDrops)
    if let failure { throw failure }
    return session.tally.wasTried ? session.tally.answered > 0 ? 0 : 1 : 2
  }
}
