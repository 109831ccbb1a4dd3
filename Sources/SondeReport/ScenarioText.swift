internal import SondeCapture
internal import SondeCraft
internal import SondeHeaders
public import SondeLink
internal import SondeOctets
public import SondeScript

/// A scenario as it is told to people: a line a step with its verdict, and below one that failed what was expected and
/// what was seen, side by side.
public struct ScenarioText: Sendable {
  /// Whether the story is told as it goes: what each step teaches, what was seen, which values were taken.
  private let explains: Bool
  private let start: Instant
  /// The lines of each interface know only what was seen there.
  private var printers: [String: PacketLine] = [:]

  /// How many of the frames that came nearest are shown.
  private static let mostCandidates = 3
  /// How many lines of a command's output are shown.
  private static let mostLines = 12

  /// - Parameter start: when the scenario began; times are told from then on.
  public init(explains: Bool, from start: Instant) {
    self.explains = explains
    self.start = start
  }

  /// What stands before the first step.
  public static func heading(_ scenario: Scenario, explains: Bool) -> [String] {
    let head = scenario.title.isEmpty ? scenario.name : "\(scenario.name): \(scenario.title)"
    guard explains, !scenario.story.isEmpty else { return [head] }
    return [head] + scenario.story.map { $0.isEmpty ? "" : "  \($0)" } + [""]
  }

  /// What is told before a step is done.
  public func story(of step: Step) -> [String] {
    guard explains, !step.story.isEmpty else { return [] }
    return [""] + step.story.map { $0.isEmpty ? "" : "  \($0)" }
  }

  /// A frame that was seen, as decode prints it.
  public mutating func frame(_ sighting: Sighting) -> String {
    let place = "\(sighting.host)/\(sighting.interface)"
    let record = CaptureRecord(
      linkType: sighting.frame.linkType.rawValue, timestamp: nil, originalLength: sighting.frame.bytes.count)
    let facts = FrameFacts(number: 1, record: record, sumsAreUnfinished: sighting.frame.checksumNotReady)
    let bytes = sighting.frame.bytes
    var outline = Outline()
    outline.read(bytes.rawSpan, as: facts.start)
    var line = TextOctets()
    printers[place, default: PacketLine()].appendSummary(bytes.rawSpan, outline, facts, to: &line)
    let way = Self.mark(sighting.direction)
    return "\(time(sighting.instant))  \(way) \(place)  \(String(decoding: line.octets, as: UTF8.self))"
  }

  private static func mark(_ direction: Sighting.Direction) -> String {
    switch direction {
    case .incoming: "<"
    case .outgoing: ">"
    case .ours: "»"
    case .passing: "|"
    case .unknown: "?"
    }
  }

  /// What became of a step.
  public func lines(_ outcome: StepOutcome) -> [String] {
    let rounds = outcome.rounds.isEmpty ? "" : " [round \(outcome.rounds.map(String.init).joined(separator: "."))]"
    let line = String(outcome.step.line)
    let number = String(repeating: " ", count: max(0, 4 - line.count)) + line
    // What failed did so when the waiting was over, whenever the nearest frame came.
    let at = outcome.isMet ? outcome.at ?? outcome.ended : outcome.ended
    var lines = ["\(time(at))  \(Self.word(outcome.verdict)) \(number)  \(outcome.step.text)\(rounds)"]
    if !outcome.message.isEmpty, !outcome.isMet || explains { lines.append("  \(outcome.message)".indented) }
    if outcome.isMet {
      if explains { lines += Self.details(outcome).map(\.indented) }
    } else {
      lines += faults(outcome).map(\.indented)
    }
    return lines
  }

  /// The last line.
  public static func summary(_ scenario: Scenario, _ outcome: ScenarioOutcome) -> String {
    let all = outcome.met + outcome.unmet + outcome.impossible + outcome.skipped
    let steps = "\(outcome.met) of \(all) \(all == 1 ? "step" : "steps")"
    let skipped = outcome.skipped > 0 ? ", \(outcome.skipped) skipped" : ""
    let time = "in \(pingTime(outcome.duration.nanoseconds)) ms"
    if outcome.isMet { return "\(scenario.name): as expected, \(steps)\(skipped) \(time)" }
    let untried = outcome.impossible > 0 ? ", \(outcome.impossible) could not be tried" : ""
    return "\(scenario.name): NOT as expected, \(steps)\(untried)\(skipped) \(time)"
  }

  private static func word(_ verdict: StepOutcome.Verdict) -> String {
    switch verdict {
    case .met: "ok     "
    case .unmet: "FAILED "
    case .impossible: "CANNOT "
    case .skipped: "skipped"
    }
  }

  /// Seconds since the start with six digits, in a column of ten.
  private func time(_ instant: Instant) -> String {
    let microseconds = max(0, (instant - start).nanoseconds) / 1000
    let fraction = String(microseconds % 1_000_000)
    let text = "\(microseconds / 1_000_000).\(String(repeating: "0", count: 6 - fraction.count))\(fraction)"
    return String(repeating: " ", count: max(0, 10 - text.count)) + text
  }

  /// What a step that went well saw and learned.
  private static func details(_ outcome: StepOutcome) -> [String] {
    var lines = outcome.seen.map { ["  \($0)"] } ?? []
    for (name, value) in outcome.taken.sorted(by: { $0.key < $1.key }) {
      lines.append("  $\(name) is \(value.notation)")
    }
    return lines
  }

  private func faults(_ outcome: StepOutcome) -> [String] {
    var lines: [String] = []
    if !outcome.expected.isEmpty { lines.append("  expected  \(outcome.expected)") }
    if outcome.candidates.isEmpty {
      if let seen = outcome.seen { lines.append("  seen      \(seen)") }
      lines += Self.table(outcome.differences)
    }
    for candidate in outcome.candidates.prefix(Self.mostCandidates) {
      let sighting = candidate.sighting
      let place = "\(sighting.interface) of \(sighting.host), \(Self.way(sighting.direction))"
      lines.append("  seen      \(sighting.dissection.recipe)")
      lines.append("            at \(time(sighting.instant).drop { $0 == " " }) on \(place)")
      lines += Self.table(candidate.differences)
    }
    if let command = outcome.command { lines += Self.told(command) }
    return lines
  }

  private static func way(_ direction: Sighting.Direction) -> String {
    switch direction {
    case .incoming: "coming in"
    case .outgoing: "going out"
    case .ours: "sent by the scenario"
    case .passing: "passing by"
    case .unknown: "which way is not recorded"
    }
  }

  /// The fields that differ, in three columns.
  private static func table(_ differences: [FieldDifference]) -> [String] {
    guard !differences.isEmpty else { return [] }
    let rows =
      [("field", "expected", "seen")]
      + differences.map { ("\($0.layer)\($0.field.map { ".\($0)" } ?? "")", $0.expected, $0.seen ?? "nothing") }
    let first = rows.map(\.0.count).max() ?? 0
    let second = min(rows.map(\.1.count).max() ?? 0, 40)
    return rows.map { "    \($0.padded(to: first))  \($1.padded(to: second))  \($2)" }
  }

  /// How a command ended, and the last that it wrote.
  private static func told(_ command: CommandOutcome) -> [String] {
    func lines(_ octets: [UInt8], _ name: String) -> [String] {
      let all = String(decoding: octets, as: UTF8.self).split(separator: "\n")
      return all.isEmpty ? [] : ["  \(name)"] + all.suffix(mostLines).map { "    \(Self.printable($0))" }
    }
    return ["  status    \(command.status)"] + lines(command.output, "it wrote")
      + lines(command.errors, "and complained")
  }

  /// Text of a program without what would steer a terminal.
  private static func printable(_ text: Substring) -> String {
    String(String.UnicodeScalarView(text.unicodeScalars.map { $0.properties.generalCategory == .control ? " " : $0 }))
  }
}

extension Sighting {
  /// The frame read as layers.
  var dissection: Dissection { Registry.dissect(frame.bytes, as: .link(frame.linkType.rawValue)) }

  /// When it was seen: the kernel's time of it, where there is one.
  var instant: Instant { frame.stamp.kernel ?? frame.stamp.monotonic }
}

extension String {
  /// Below the text of a step's line.
  fileprivate var indented: String { String(repeating: " ", count: 24) + self }

  fileprivate func padded(to width: Int) -> String { self + String(repeating: " ", count: max(0, width - count)) }
}
