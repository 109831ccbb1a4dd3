internal import ArgumentParser
internal import SondeLinux
internal import SondeProbe

/// What a trace asks, how often and how fast.
struct TraceOptions: ParsableArguments {
  @Flag(name: .long, help: "Ask by ICMP echo requests, as is done unless another is chosen.")
  var icmp = false

  @Flag(name: .long, help: "Ask by UDP datagrams.")
  var udp = false

  @Option(
    name: .long, help: ArgumentHelp("Ask by TCP SYNs to this port.", valueName: "port"), transform: number(1...65_535))
  var tcp: UInt64?

  @Option(
    name: [.customShort("p", allowingJoined: true), .long],
    help: ArgumentHelp("Destination port of --udp (33434 unless written).", valueName: "port"),
    transform: number(1...65_535))
  var port: UInt64?

  @Option(
    name: .long, help: ArgumentHelp("Source port of UDP and TCP (a free one unless written).", valueName: "port"),
    transform: number(1...65_535))
  var sourcePort: UInt64?

  @Option(
    name: [.customShort("f", allowingJoined: true), .long],
    help: ArgumentHelp("The first TTL (1 unless written).", valueName: "hops"), transform: number(1...255))
  var first: UInt64?

  @Option(
    name: [.customShort("m", allowingJoined: true), .long],
    help: ArgumentHelp("The last TTL (30 unless written).", valueName: "hops"), transform: number(1...255))
  var max: UInt64?

  @Option(
    name: .long, help: ArgumentHelp("How often each hop is asked (3 unless written).", valueName: "number"),
    transform: number(1...32))
  var queries: UInt64?

  @Flag(
    name: .long,
    help: "One flow for each query of a hop, to find the ways that a load balancer shares out; else one for all.")
  var manyFlows = false

  @Flag(name: .customShort("n"), help: "Print addresses, not names.")
  var numeric = false

  @Option(
    name: [.customShort("W", allowingJoined: true), .long],
    help: ArgumentHelp("Time to wait for each answer (4 s unless written).", valueName: "time"), transform: time)
  var timeout: UInt64?

  @Option(
    name: [.customShort("w", allowingJoined: true), .long],
    help: ArgumentHelp("Time for the whole run.", valueName: "time"), transform: time)
  var deadline: UInt64?

  @Option(
    name: [.customShort("i", allowingJoined: true), .long],
    help: ArgumentHelp("Time between probes (20 ms unless written).", valueName: "time"), transform: time)
  var interval: UInt64?

  @Option(
    name: .long,
    help: ArgumentHelp("How many probes wait for answers at the same time (16 unless written).", valueName: "number"),
    transform: number(1...100))
  var inFlight: UInt64?

  mutating func validate() throws {
    let chosen = [("--icmp", icmp), ("--udp", udp), ("--tcp", tcp != nil)].filter(\.1).map(\.0)
    if chosen.count > 1 { throw ValidationError("\(chosen.joined(separator: " and ")) exclude each other") }
    if port != nil, !udp { throw ValidationError("--port goes with --udp; --tcp names its own") }
    if sourcePort != nil, !udp, tcp == nil { throw ValidationError("--source-port goes with --udp or --tcp") }
    if sourcePort != nil, manyFlows { throw ValidationError("--many-flows draws source ports, --source-port is one") }
    if let first, let max, max < first { throw ValidationError("--first is behind --max") }
  }

  /// The TTLs that are asked.
  var ttls: ClosedRange<Int> {
    let first = Int(first ?? 1)
    return first...Swift.max(first, Int(max ?? Swift.max(30, self.first ?? 1)))
  }

  /// How many flows there are.
  var flows: Int { manyFlows ? Int(queries ?? 3) : 1 }

  func kind(_ family: Family) -> TraceMessage.Kind {
    if udp { return .udp(port: UInt16(port ?? 33_434)) }
    return tcp.map { .tcp(port: UInt16($0)) } ?? .icmp(version: family.rawValue)
  }

  /// What is asked, in a word.
  var proto: String { udp ? "UDP" : tcp == nil ? "ICMP" : "TCP" }
}
