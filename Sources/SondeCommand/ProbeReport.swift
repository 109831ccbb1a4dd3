internal import SondeHeaders
internal import SondeLink
internal import SondeLinux
internal import SondeOctets
internal import SondeProbe
internal import SondeReport

/// What a probe run prints: JSON Lines as ports are settled, or tables at the end.
struct ProbeReport {
  private let probe: ProbeCommand
  private let destinations: [Destination]
  private let console: Console
  /// Nil where lines are for people, and until it is known by which door probes leave.
  private var json: EventJSON?
  private var settlements: [Settlement] = []
  private var explainer: Explainer?
  /// What the settlements mean, by target; empty where nobody asked for that.
  private var explanations: [Int: String] = [:]
  /// Closed ports of each host that are counted and not described.
  private var closed: [Int]
  private(set) var hasAnswer = false
  private let start = Clock.monotonic
  private let progress: Progress

  init(_ probe: ProbeCommand, _ destinations: [Destination], _ console: Console) {
    self.probe = probe
    self.destinations = destinations
    self.console = console
    closed = [Int](repeating: 0, count: destinations.count)
    explainer = probe.send.explain ? Explainer() : nil
    progress = Progress(console, isWanted: !probe.output.json && !probe.output.quiet)
  }

  /// Says what is about to be asked, and by which door.
  mutating func open(door: String) {
    if probe.output.json {
      let (ports, proto) = (probe.ask.ports, probe.transport.proto)
      let targets = destinations.flatMap { destination in
        ports.map { EventJSON.Target(host: destination.name, proto: proto, port: $0) }
      }
      json = EventJSON(
        targets, settles: true, printsSent: probe.output.verbose, hearsDepartures: probe.output.verbose,
        explains: probe.send.explain
      ) { _ in door }
    }
    guard json == nil, !probe.output.quiet else { return }
    for destination in destinations {
      let asked = counted(probe.ask.ports.count, "\(probe.transport.proto) port")
      console.print(
        "PROBE \(destination.name) (\(destination.scoped)) \(asked), from \(destination.source) by the \(door) door")
    }
    console.flush()
  }

  /// Says how far the run has come, and what takes so long.
  func watch(_ plan: PortSchedule) {
    progress.show { now, room in
      let hosts = destinations.enumerated().map { number, destination in
        PortProgress.Host(
          name: destination.name, standing: plan.standings[number] ?? PortSchedule.Standing(),
          limit: plan.limit(ofHost: number))
      }
      return PortProgress(at: start.nanoseconds).line(hosts, at: now, room: room)
    }
  }

  /// Says how far the first round of very many ports has come.
  func watch(settled: Int, of count: Int) {
    progress.show { _, _ in "\(settled) of \(count) ports answered" }
  }

  /// Counts one more closed port of a host.
  mutating func count(closed host: Int) {
    closed[host] += 1
    hasAnswer = true
  }

  /// Takes what is known of a port, without a line of its own.
  mutating func take(_ settlement: Settlement) {
    settlements.append(settlement)
    hasAnswer = true
  }

  mutating func show(_ event: Event) {
    let sentence = explainer?.sentence(event)
    if case .settled(let settlement) = event {
      explanations[settlement.target] = sentence
      settlements.append(settlement)
      if settlement.answer != nil { hasAnswer = true }
      if probe.ask.open, settlement.verdict != .open { return }
    }
    if json != nil {
      let lines = json?.lines(event) ?? []
      if !probe.output.quiet { for line in lines { console.print(line) } }
    } else if probe.output.verbose, case .noise(let noise) = event {
      console.print("noise from \(noise.from.map(\.description) ?? "nowhere"): \(noise.why)")
      if let sentence { console.print("    \(sentence)") }
    } else if case .sendFailed(let failure) = event {
      console.complain("probe: port \(probe.ask.ports[failure.target % probe.ask.ports.count]): \(failure.error)")
    }
    console.flush()
  }

  mutating func close(_ tally: Tally, ownDrops: UInt64) {
    progress.end()
    let counts = PortTable.counts(settlements, closed: closed.reduce(0, +))
    if json != nil {
      if !probe.output.quiet { for line in json?.rest() ?? [] { console.print(line) } }
      console.print(EventJSON.summary(tally, ownDrops: ownDrops, ports: counts))
      console.flush()
      return
    }
    for (index, destination) in destinations.enumerated() {
      if destinations.count > 1 { console.print("\n\(destination.name)") }
      let range = index * probe.ask.ports.count..<(index + 1) * probe.ask.ports.count
      let ports = settlements.filter { range.contains($0.target) }.map { settlement in
        PortTable.Port(
          port: probe.ask.ports[settlement.target - range.lowerBound], proto: probe.transport.proto,
          settlement: settlement, explanation: explanations[settlement.target])
      }
      let table = PortTable(
        ports, closed: closed[index], onlyOpen: probe.ask.open, listsAll: probe.output.verbose,
        color: Console.colors(probe.output.color))
      if !probe.output.quiet { for line in table.lines() { console.print(line) } }
    }
    let states = counts.map { "\($0.1) \($0.0)" }.joined(separator: ", ")
    let late = tally.late > 0 ? ", \(tally.late) late" : ""
    let noise = tally.noise > 0 ? ", \(tally.noise) foreign" : ""
    console.print(
      counted(counts.reduce(0) { $0 + $1.1 }, "port") + ": \(states.isEmpty ? "none asked" : states); "
        + counted(tally.sent, "probe") + "\(late)\(noise), \(elapsed)")
    if ownDrops > 0 { console.complain("\(ownDrops) packets were lost on this machine, for want of room") }
    console.flush()
  }

  private func counted(_ count: Int, _ noun: String) -> String { "\(count) \(noun)\(count == 1 ? "" : "s")" }

  private var elapsed: String {
    let milliseconds = (Clock.monotonic - start).nanoseconds / 1_000_000
    return "\(milliseconds / 1000).\(String(1000 + milliseconds % 1000).dropFirst()) s"
  }
}
