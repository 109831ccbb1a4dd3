internal import SondeHeaders
internal import SondeLinux
internal import SondeOctets
internal import SondeProbe
internal import SondeReport

/// What a ping run prints, as it happens.
struct PingReport {
  private var text: PingText
  private var json: EventJSON?
  private var explainer: Explainer?
  private let ping: PingCommand
  private let console: Console
  private let count: Int

  init(_ ping: PingCommand, _ destinations: [Destination], door: @autoclosure () -> String, _ console: Console) {
    self.ping = ping
    self.console = console
    let octets = ping.echo.dataByteCount
    text = PingText(
      destinations.map { destination in
        PingText.Host(
          name: destination.name, address: destination.address,
          zone: destination.zone,
          dataByteCount: octets, packetByteCount: octets + 28,
          from: destination.exit.map { "\(destination.source) \($0.name ?? "")" },
          link: destination.link)
      }, firstSequenceNumber: ping.firstSequenceNumber, isNumeric: ping.rounds.numeric,
      isQuiet: ping.output.quiet || ping.rounds.flood, printsTime: ping.rounds.printsTime,
      reportsPending: ping.rounds.reportsPending,
      isVerbose: ping.output.verbose, isFlood: ping.rounds.flood)
    explainer = ping.send.explain ? Explainer() : nil
    if ping.output.json {
      json = EventJSON(
        destinations.map { EventJSON.Target(host: $0.name) }, firstSequenceNumber: ping.firstSequenceNumber,
        printsSent: ping.output.verbose, hearsDepartures: ping.output.verbose, explains: ping.send.explain
      ) { [door = door()] _ in door }
    }
    // With a deadline ping wants as many replies as were asked for; without one, a reply.
    count = ping.rounds.limit == nil ? 1 : Int(clamping: ping.rounds.count ?? 1)
  }

  func open() {
    guard json == nil else { return }
    if let pattern = ping.echo.pattern { console.print("PATTERN: 0x\(Hex.text(pattern))") }
    for line in text.opening() { console.print(line) }
    console.flush()
  }

  mutating func show(_ event: Event) {
    let line = text.line(event, wall: Clock.wall)
    let sentence = explainer?.sentence(event)
    if json != nil {
      let lines = json?.lines(event) ?? []
      if !ping.output.quiet { for line in lines { console.print(line) } }
    } else {
      if let line { console.print(line) }
      if let sentence, explains(event, line) { console.print("    \(sentence)") }
      if ping.rounds.flood, !ping.output.quiet { drop(event) }
      if case .sendFailed(let failure) = event { console.complain("ping: \(failure.error)") }
    }
    console.flush()
  }

  /// Whether the event's sentence is printed: below its line, and for silence, which ping has no line for, alone.
  private func explains(_ event: Event, _ line: String?) -> Bool {
    guard !ping.output.quiet, !ping.rounds.flood else { return false }
    if case .silence = event { return true }
    return line != nil
  }

  /// A dot for each that left, taken back by its answer.
  private func drop(_ event: Event) {
    switch event {
    case .sent: console.write(".")
    case .answer(let answer) where answer.isFirst:
      console.write(answer.verdict == .reply ? "\u{8} \u{8}" : "\u{8}E")
    default: break
    }
  }

  func interim() {
    for line in text.interim() { console.note(line) }
  }

  mutating func close(_ tally: Tally, ownDrops: UInt64) {
    if json != nil {
      if !ping.output.quiet { for line in json?.rest() ?? [] { console.print(line) } }
      console.print(EventJSON.summary(tally, ownDrops: ownDrops))
    } else {
      for line in text.closing() { console.print(line) }
      // The kernel drops wrong ICMPv6 checksums itself, and counts them with what it had no room for.
      if ownDrops > 0 {
        console.complain(
          "\(ownDrops) packets were lost on this machine, for want of room or by a wrong ICMPv6 checksum")
      }
    }
    console.flush()
  }

  var status: Int32 { text.everyHostReplied(atLeast: count) ? 0 : 1 }
}
