internal import SondeHeaders
internal import SondeLinux
internal import SondeProbe
internal import SondeReport

/// What a search for the path MTU prints: with -v each packet, in the end the result.
struct MTUReport {
  private let mtu: MTUCommand
  private let destination: Destination
  private let console: Console
  private let door: String
  private var json: EventJSON?
  private var explainer: MTUExplainer?

  init(_ mtu: MTUCommand, _ destination: Destination, door: String, _ console: Console) {
    self.mtu = mtu
    self.destination = destination
    self.console = console
    self.door = door
    explainer = mtu.send.explain ? MTUExplainer() : nil
    if mtu.output.json, mtu.output.verbose {
      json = EventJSON([], printsSent: true, hearsDepartures: true, explains: mtu.send.explain) { _ in door }
    }
  }

  func open(largest: Int) {
    guard !mtu.output.json, mtu.output.verbose, !mtu.output.quiet else { return }
    console.print(
      "MTU \(destination.name) (\(destination.scoped)) from \(destination.source) by \(interface) and the \(door) door, "
        + "at most \(largest)")
    console.flush()
  }

  private var interface: String { destination.route.interface.name }

  mutating func show(_ event: Event) {
    let sentence = explainer?.sentence(event)
    if !mtu.output.quiet {
      if json != nil {
        for line in json?.lines(event) ?? [] { console.print(line) }
      } else if mtu.output.verbose, let line = MTUText.line(event) {
        if !mtu.output.json { console.print(line) }
        if !mtu.output.json, let sentence { console.print("    \(sentence)") }
      }
    }
    console.flush()
  }

  mutating func close(_ finding: MTUFinding, _ tally: Tally, ownDrops: UInt64) {
    let sentence = explainer?.sentence(deciding: finding)
    let transport = mtu.search.udp != nil ? "udp" : mtu.search.tcp != nil ? "tcp" : nil
    let isCapped = mtu.search.max.map { $0 < destination.route.interface.mtu } ?? false
    if mtu.output.json {
      if !mtu.output.quiet { for line in json?.rest() ?? [] { console.print(line) } }
      console.print(
        MTUText.json(
          finding, host: mtu.host, interface: interface, isCapped: isCapped, transport: transport, explain: sentence))
      console.print(EventJSON.summary(tally, ownDrops: ownDrops))
    } else {
      let lines = MTUText.lines(finding, host: mtu.host, interface: interface, isCapped: isCapped, transport: transport)
      for line in mtu.output.quiet ? Array(lines.prefix(1)) : lines { console.print(line) }
      // With -v it stands below its packet.
      if let sentence, !mtu.output.quiet, !mtu.output.verbose { console.print("    \(sentence)") }
    }
    if ownDrops > 0 { console.complain("\(ownDrops) packets were lost on this machine, for want of room") }
    console.flush()
  }
}
