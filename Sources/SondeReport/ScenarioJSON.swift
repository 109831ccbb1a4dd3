internal import SondeCraft
internal import SondeHeaders
public import SondeLink
internal import SondeOctets
public import SondeScript

/// A scenario as JSON Lines: an object a step, one for each frame where they are asked for, and a summary.
public struct ScenarioJSON: Sendable {
  private let scenario: String
  private let start: Instant

  /// - Parameters:
  ///   - scenario: its name, which every object has.
  ///   - start: when it began; `at_ns` counts from then on.
  public init(_ scenario: String, from start: Instant) {
    self.scenario = scenario
    self.start = start
  }

  /// What became of a step.
  public func step(_ outcome: StepOutcome) -> String {
    var members: [(String, JSON)] = [
      ("type", "step"), ("scenario", .string(scenario)), ("line", .integer(outcome.step.line)),
      ("ok", .bool(outcome.isMet)), ("verdict", .string(outcome.verdict.rawValue)),
      ("host", .text(outcome.step.host)), ("text", .string(outcome.step.text)),
    ]
    if !outcome.rounds.isEmpty { members.append(("rounds", .array(outcome.rounds.map { .integer($0) }))) }
    members += [
      ("at_ns", .integer((outcome.at ?? outcome.ended) - start)),
      ("duration_ns", .integer(outcome.ended - outcome.began)),
      ("message", outcome.message.isEmpty ? nil : .string(outcome.message)),
      ("expected", outcome.expected.isEmpty ? nil : .string(outcome.expected)), ("seen", .text(outcome.seen)),
      ("differences", Self.list(outcome.differences)),
    ]
    if !outcome.isMet, !outcome.candidates.isEmpty {
      members.append(("candidates", .array(outcome.candidates.map { candidate($0) })))
    }
    if !outcome.taken.isEmpty {
      let values = outcome.taken.sorted { $0.key < $1.key }.map { ($0.key, Self.value($0.value)) }
      members.append(("values", .object(values)))
    }
    if let command = outcome.command {
      members.append(
        (
          "command",
          .object([
            ("status", .integer(command.status)),
            ("output", .string(String(decoding: command.output, as: UTF8.self))),
            ("errors", .string(String(decoding: command.errors, as: UTF8.self))),
          ])
        ))
    }
    return JSON.object(members).line
  }

  /// A frame that was seen.
  public func frame(_ sighting: Sighting) -> String {
    JSON.object(
      [("type", "frame"), ("scenario", .string(scenario))] + place(of: sighting) + [
        ("time", sighting.frame.stamp.wall.map { .string(rfc3339($0)) } ?? nil),
        ("length", .integer(sighting.frame.bytes.count)),
        ("bytes", .string(Hex.text(sighting.frame.bytes))), ("recipe", .string(sighting.dissection.recipe)),
      ]
    ).line
  }

  /// The last object of a scenario.
  public static func summary(_ scenario: Scenario, _ outcome: ScenarioOutcome, ownDrops: UInt64) -> String {
    JSON.object([
      ("type", "summary"), ("scenario", .string(scenario.name)), ("title", .string(scenario.title)),
      ("ok", .bool(outcome.isMet)), ("met", .integer(outcome.met)), ("unmet", .integer(outcome.unmet)),
      ("impossible", .integer(outcome.impossible)), ("skipped", .integer(outcome.skipped)),
      ("duration_ns", .integer(outcome.duration)),
      ("own_drops", .natural(ownDrops)),
    ]).line
  }

  private func candidate(_ candidate: StepOutcome.Candidate) -> JSON {
    .object(
      place(of: candidate.sighting) + [
        ("recipe", .string(candidate.sighting.dissection.recipe)), ("differences", Self.list(candidate.differences)),
      ])
  }

  private func place(of sighting: Sighting) -> [(String, JSON)] {
    [
      ("host", .string(sighting.host)), ("interface", .string(sighting.interface)),
      ("direction", .string(Self.word(sighting.direction))), ("at_ns", .integer(sighting.instant - start)),
    ]
  }

  private static func word(_ direction: Sighting.Direction) -> String {
    switch direction {
    case .incoming: "in"
    case .outgoing: "out"
    case .ours: "ours"
    case .passing: "passing"
    case .unknown: "unknown"
    }
  }

  private static func list(_ differences: [FieldDifference]) -> JSON {
    .array(
      differences.map {
        .object([
          ("layer", .string($0.layer)), ("field", .text($0.field)), ("expected", .string($0.expected)),
          ("seen", .text($0.seen)),
        ])
      })
  }

  /// A number as a number, text as text, and the rest as recipes write it.
  private static func value(_ value: FieldValue) -> JSON {
    switch value {
    case .number(let number): .natural(number)
    case .text(let text): .string(text)
    default: .string(value.notation)
    }
  }
}

extension JSON {
  fileprivate static func integer(_ duration: Duration) -> JSON { .integer(duration.nanoseconds) }
}
