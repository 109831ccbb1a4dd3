internal import SondeHeaders
internal import SondeLink
internal import SondeLinux
internal import SondeOctets
internal import SondeProbe
internal import SondeReport

/// What a send run prints: JSON Lines, or a line for each packet sent and for each that came, and why it counts.
struct SendReport {
  private let output: OutputOptions
  private let console: Console
  private var json: EventJSON?
  private var explainer: Explainer?
  private let start = Clock.monotonic

  init(_ output: OutputOptions, explains: Bool, doors: [Family: String], lines: SentLines, _ console: Console) {
    self.output = output
    self.console = console
    explainer = explains ? Explainer() : nil
    if output.json {
      json = EventJSON([], printsSent: true, hearsDepartures: true, explains: explains, line: { lines.line(of: $0) }) {
        asked in
        if asked.first(Ethernet.self)?.byteCount != nil, asked.layers.first?.header is Ethernet { return "packet" }
        return doors[asked.layers.first?.header is IPv6 ? .ipv6 : .ipv4] ?? ""
      }
    }
  }

  mutating func show(_ event: Event) {
    if case .sendFailed(let failure) = event, json == nil {
      console.complain("send: packet \(failure.probe): \(failure.error)")
    }
    guard !output.quiet else { return }
    let sentence = explainer?.sentence(event)
    if json != nil {
      for line in json?.lines(event) ?? [] { console.print(line) }
    } else {
      let lines = SendText.lines(event, verbose: output.verbose)
      for line in lines { console.print(line) }
      if !lines.isEmpty, let sentence { console.print("    \(sentence)") }
    }
    console.flush()
  }

  mutating func close(_ tally: Tally, ownDrops: UInt64) {
    if json != nil {
      if !output.quiet { for line in json?.rest() ?? [] { console.print(line) } }
      console.print(EventJSON.summary(tally, ownDrops: ownDrops))
    } else {
      console.print(SendText.summary(tally, elapsed: Clock.monotonic - start))
    }
    if ownDrops > 0 { console.complain("\(ownDrops) packets were lost on this machine, for want of room") }
    console.flush()
  }
}

/// From which line of the input each packet of a run comes: packets are numbered through all rounds.
struct SentLines: Sendable {
  /// How many packets stand before the end of each recipe.
  private let ends: [UInt64]
  private let lines: [Int]

  init(_ counts: [UInt64], _ lines: [Int]) {
    var sum: UInt64 = 0
    ends = counts.map { count in
      let (next, overflow) = sum.addingReportingOverflow(count)
      sum = overflow ? .max : next
      return sum
    }
    self.lines = lines
  }

  func line(of target: Int) -> Int? {
    guard let total = ends.last, total > 0, target >= 0 else { return nil }
    let place = UInt64(target) % total
    return ends.firstIndex { place < $0 }.map { lines[$0] }
  }
}
