internal import ArgumentParser
internal import SondeLink
internal import SondeLinux
internal import SondeProbe

struct ServeCommand: ParsableCommand, Verb {
  static let configuration = CommandConfiguration(
    verb: "serve",
    abstract: "Serve clients to practise on: echo, discard, daytime, chargen, and a welcome.",
    usage: "sonde serve [<service>[:<port>] ...] [<options>]",
    discussion: """
      Services and their usual ports: echo 7 sends back what comes, discard 9 throws it away, daytime 13 tells the \
      time and closes, chargen 19 sends characters without end, all over TCP and UDP; welcome 1234, over TCP, greets by \
      36 octets, answers each line by 8, and says 14 more to a client that half-closes. Without a name it is all of \
      them. Port 0 is a free one. Ports below 1024 need root or CAP_NET_BIND_SERVICE.

      Only this machine can call (127.0.0.1 and ::1) unless --listen says more; on a host of a lab all its addresses \
      can be called. A line says that a service is ready, then one that a client came, one how it went. Datagrams from \
      a port that might answer the answer are not answered, nor those to many hosts; no answer of chargen is longer \
      than the datagram that asked for it. Control-C ends all connections in order.

      Exit status: 0 it served, 1 fewer clients came than --once asks for, 2 it could not.

      Example: sonde serve --once 1 echo:2007
      """)

  @Argument(
    help: ArgumentHelp("What to serve: echo, discard, daytime, chargen, welcome.", valueName: "service[:port]"))
  var words: [String] = []

  @Option(
    name: [.customShort("l", allowingJoined: true), .long],
    help: ArgumentHelp(
      "Serve at this address of this machine, 0.0.0.0 and :: being all; may be repeated.", valueName: "address"))
  var listen: [String] = []

  @Flag(name: .long, help: "Serve TCP alone.")
  var tcp = false

  @Flag(name: .long, help: "Serve UDP alone.")
  var udp = false

  @Flag(name: .customShort("4"), help: "Use IPv4 only.")
  var onlyIPv4 = false

  @Flag(name: .customShort("6"), help: "Use IPv6 only.")
  var onlyIPv6 = false

  @Option(
    name: .long, help: ArgumentHelp("End after so many connections and datagrams.", valueName: "count"),
    transform: number(1...UInt64(Int32.max)))
  var once: UInt64?

  @Option(
    name: .long,
    help: ArgumentHelp("Serve so many connections at once; more wait (512 unless written).", valueName: "count"),
    transform: number(1...1_000_000))
  var clients: UInt64?

  @Option(
    name: .long,
    help: ArgumentHelp(
      "End a connection on which nothing passes for so long (5m unless written, 0 never).", valueName: "time"),
    transform: time)
  var idle: UInt64?

  @Option(
    name: .long,
    help: ArgumentHelp("End a connection when so many octets have passed, in and out.", valueName: "count"),
    transform: number(1...UInt64.max))
  var octets: UInt64?

  @Option(
    name: [.customShort("w", allowingJoined: true), .long],
    help: ArgumentHelp("Time for the whole run.", valueName: "time"), transform: time)
  var deadline: UInt64?

  @OptionGroup(title: "Output") var output: OutputOptions

  func execute(on console: Console) throws -> Int32 {
    if tcp, udp { throw Failure("serve: --tcp and --udp each mean that one alone; leave both out for both") }
    if onlyIPv4, onlyIPv6 { throw Failure("serve: -4 and -6 exclude each other") }
    let requests = try ServeRequest.read(words, onlyUDP: udp)
    let places = try ServePlaces(listen, onlyIPv4: onlyIPv4, onlyIPv6: onlyIPv6)
    let atOnce = try simultaneous()
    let openings = try ServeOpening.open(requests, at: places, overTCP: !udp, overUDP: !tcp)
    // Who is served is anybody; what this process needed to be allowed it has.
    try Privileges.drop()
    let interrupter = try Interrupter()
    let signals = try Signals.watch([.interrupt, .terminate], waking: interrupter)
    let limits = ServeLimits(
      clients: atOnce, idle: idle == 0 ? nil : Duration(nanoseconds: idle ?? 300_000_000_000), octets: octets,
      once: once.map { Int($0) })
    let report = ServeReport(output, console)
    let run = try ServeRun(openings, limits, report, signals, interrupter)
    return try run.run(until: Duration.limit(deadline).map { Clock.monotonic + $0 } ?? .distantFuture)
  }

  /// How many connections may be open at once.
  private func simultaneous() throws -> Int {
    // The listening sockets, the streams, and a few more are files too.
    let most = System.raiseFileLimit() - 64
    guard let clients else { return max(1, min(512, most)) }
    guard clients <= most else {
      throw Failure("serve: --clients \(clients): this process may have \(most) open at once (ulimit -n)")
    }
    return Int(clients)
  }
}
