internal import SondeLink
internal import SondeLinux
internal import SondeOctets
internal import SondeProbe
internal import SondeReport

/// What a trace prints: each hop when all is known of it, in order.
struct TraceReport {
  /// How long a hop waits for the names of who answered, and the end of the run for all that are missing.
  private static let patience = Duration.seconds(1)

  private let command: TraceCommand
  private let destination: Destination
  private let door: String
  private let console: Console
  private let names: NameLookup?
  private let start = Clock.monotonic
  private var json: EventJSON?
  private var trace: Trace
  private var explainer: Explainer?
  /// What the answer to each target means.
  private var sentences: [Int: String] = [:]
  /// How many hops have been printed.
  private var shown = 0
  /// Hops that have been printed, and of which more is known since.
  private var changed: Set<Int> = []
  /// Since when the next hop waits for names.
  private var waitingSince: Instant?

  /// - Throws: `LinkError` when the process has no descriptor left.
  init(
    _ command: TraceCommand, _ destination: Destination, _ trace: Trace, door: String, _ console: Console
  ) throws(LinkError) {
    self.command = command
    self.destination = destination
    self.trace = trace
    self.door = door
    self.console = console
    names = command.ask.numeric || command.output.quiet ? nil : try NameLookup()
    explainer = command.send.explain ? Explainer() : nil
    if command.output.json {
      json = EventJSON(
        [], settles: true, printsSent: command.output.verbose, hearsDepartures: command.output.verbose,
        explains: command.send.explain
      ) { _ in door }
    }
  }

  func open() {
    guard json == nil, !command.output.quiet else { return }
    let ask = command.ask
    let port = (ask.tcp ?? (ask.udp ? ask.port ?? 33_434 : nil)).map { " to port \($0)" } ?? ""
    console.print(
      "TRACE \(destination.name) (\(destination.scoped)) by \(ask.proto)\(port), TTL \(ask.ttls.lowerBound) to "
        + "\(ask.ttls.upperBound), \(counted(Int(ask.queries ?? 3), "query", "queries")) each, "
        + "\(counted(ask.flows, "flow", "flows")), from \(destination.source) by the \(door) door")
    console.flush()
  }

  mutating func show(_ event: Event) {
    let sentence = explainer?.sentence(event)
    switch event {
    case .sent, .left, .noise: tell(event)
    case .answer(let answer):
      if let from = answer.from { names?.ask(from) }
    case .settled(let settlement):
      trace.settle(settlement)
      if settlement.answer != nil { sentences[settlement.target] = sentence }
      let hop = trace.hop(of: settlement.target)
      if hop < shown { changed.insert(hop) }
    case .failure(let error): console.complain("trace: \(error)")
    case .sendFailed(let failure): console.complain("trace: \(failure.error)")
    case .silence, .pending: break
    }
    showHops()
    console.flush()
  }

  /// What is no hop's line.
  private mutating func tell(_ event: Event) {
    if json != nil {
      let lines = json?.lines(event) ?? []
      if !command.output.quiet { lines.forEach(console.print) }
    } else if case .noise = event, command.output.verbose {
      SendText.lines(event, verbose: true).forEach(console.print)
    }
  }

  /// Prints the hops of which all is known: names too, unless they let wait for long.
  private mutating func showHops() {
    while shown <= trace.last, trace.hops[shown].isComplete {
      let since = waitingSince ?? Clock.monotonic
      waitingSince = since
      let isNameless = trace.hops[shown].addresses.contains { names?.isPending($0) == true }
      if isNameless, Clock.monotonic - since < Self.patience { return }
      showHop()
    }
  }

  private mutating func showHop() {
    printHop(shown)
    shown += 1
    waitingSince = nil
  }

  private func printHop(_ hop: Int) {
    guard !command.output.quiet else { return }
    let name = { (address: IPAddress) in names?.name(of: address) }
    console.print(
      json == nil
        ? TraceText.line(trace, hop: hop, name: name)
        : TraceJSON.line(trace, hop: hop, explain: sentences, name: name))
  }

  mutating func close(_ tally: Tally, ownDrops: UInt64) {
    let elapsed = Clock.monotonic - start
    // Hops that a run cut short has asked, and those that wait for names.
    let rest = trace.hops[min(shown, trace.last + 1)..<(trace.last + 1)].prefix { $0.queries.contains { $0 != nil } }
    names?.wait(for: rest.flatMap(\.addresses), atMost: Self.patience)
    for _ in rest { showHop() }
    // What came late is told again, with what it makes of its hop.
    for hop in changed.sorted() where hop <= trace.last { printHop(hop) }
    if json != nil {
      if !command.output.quiet { for line in json?.rest() ?? [] { console.print(line) } }
      console.print(TraceJSON.summary(trace, tally, ownDrops: ownDrops))
    } else {
      if !command.output.quiet {
        for line in TraceText.explanations(trace, sentences) { console.print("    \(line)") }
      }
      console.print("\(TraceText.conclusion(trace)); \(SendText.summary(tally, elapsed: elapsed))")
      if ownDrops > 0 { console.complain("\(ownDrops) packets were lost on this machine, for want of room") }
    }
    console.flush()
  }

  private func counted(_ count: Int, _ one: String, _ many: String) -> String { "\(count) \(count == 1 ? one : many)" }
}
