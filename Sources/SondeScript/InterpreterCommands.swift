internal import SondeCraft
internal import SondeHeaders
internal import SondeLink

// Commands, and checks of what is known.
extension Interpreter {
  /// How long a command may take to end when it is asked to.
  static let patience = Duration.seconds(2)

  mutating func perform<S: Stage & ~Copyable>(
    command step: Step, _ result: inout StepOutcome, over stage: inout S
  ) throws(StepFailure) {
    switch step.action {
    case .start(let name, let text):
      let command = try made(text, &result)
      let host = host(of: step)
      commands[name] = try asking { () throws(StageError) in try stage.start(command, on: host) }
      outcomes[name] = nil
    case .stop(let name):
      guard let command = commands[name] else { throw StepFailure(.impossible, "\(name) was not started") }
      try asking { () throws(StageError) in try stage.end(command, patience: Self.patience) }
      result.command = stage.outcome(of: command)
      outcomes[name] = result.command
      commands[name] = nil
    case .run(let text, let within):
      let words = try made(text, &result)
      let host = host(of: step)
      let command = try asking { () throws(StageError) in try stage.start(words, on: host) }
      // Until it has ended it is among those that end with the scenario; no name that is written is empty.
      commands[""] = command
      let deadline = stage.now + within
      while stage.outcome(of: command) == nil, stage.now < deadline {
        try hear(until: deadline, over: &stage)
      }
      result.command = stage.outcome(of: command)
      last = result.command
      if result.command == nil {
        try asking { () throws(StageError) in try stage.end(command, patience: Self.patience) }
        commands[""] = nil
        result.command = stage.outcome(of: command)
        moment = stage.now
        throw StepFailure(.unmet, "the command did not end within \(within.spoken)")
      }
      commands[""] = nil
    case .finish(let name, let within): try finish(name, within: within, &result, over: &stage)
    case .until(let check, let within): try wait(until: check, within: within, step, &result, over: &stage)
    default: break
    }
    moment = max(moment, stage.now)
  }

  private func made(_ text: Step.CommandText, _ result: inout StepOutcome) throws(StepFailure) -> StageCommand {
    var words: [String] = []
    for word in text.words { words.append(String(decoding: try octets(of: word), as: UTF8.self)) }
    var input: [UInt8] = []
    for line in text.input { input += try octets(of: line) + [0x0a] }
    result.expected = words.joined(separator: " ")
    return StageCommand(words, input: input)
  }

  private func octets(of template: Step.Template) throws(StepFailure) -> [UInt8] {
    var octets: [UInt8] = []
    for part in template.parts {
      switch part {
      case .octets(let more): octets += more
      case .variable(let name):
        guard let value = lookup(name, nil) else { throw StepFailure(.impossible, "$\(name) has no value") }
        octets += value.octetsOfText ?? Array(value.notation.utf8)
      }
    }
    return octets
  }

  /// Ends what was started and not stopped.
  mutating func endCommands<S: Stage & ~Copyable>(over stage: inout S) {
    for command in commands.values {
      // The stage ends with what it cannot end now.
      try? stage.end(command, patience: Self.patience)
    }
    commands = [:]
  }

  // Checks.

  mutating func verify<S: Stage & ~Copyable>(
    _ check: Step.Check, _ step: Step, _ result: inout StepOutcome, over stage: inout S
  ) throws(StepFailure) {
    let sides = [check.left, check.right]
    if stage.isRecorded, sides.contains(where: { $0.needsMore(isMomentUnknown) || lacksValue($0) }) {
      throw StepFailure(.skipped, "the record does not tell it", stops: false)
    }
    let left = try value(of: check.left, step, over: &stage)
    let right = try value(of: check.right, step, over: &stage)
    result.expected = "\(check.relation.rawValue) \(right.shown)"
    result.seen = left.shown
    do throws(ExpressionError) {
      try left.verify(comparableTo: right)
      guard try !check.relation.holds(left, right) else { return }
    } catch {
      throw StepFailure(.impossible, "\(error)", stops: false)
    }
    throw StepFailure(.unmet, "it is \(left.shown), not \(check.relation.rawValue) \(right.shown)", stops: false)
  }

  /// Whether it needs a variable that a step has not given its value to: one that was skipped.
  func lacksValue(_ expression: Expression) -> Bool {
    expression.variables.contains { lookup($0, nil) == nil }
  }

  mutating func value<S: Stage & ~Copyable>(
    of expression: Expression, _ step: Step, over stage: inout S
  ) throws(StepFailure) -> FieldValue {
    // A record's clock may have gone ahead, in search of what was sent.
    let now = stage.isRecorded ? moment : max(stage.now, moment)
    if expression.looksAtFrames { try hearAll(until: now, over: &stage) }
    for name in expression.commands {
      guard let command = commands[name] else { continue }
      if let outcome = stage.outcome(of: command) { outcomes[name] = outcome }
      written[name] = stage.written(by: command)
    }
    do throws(ExpressionError) {
      return try expression.value { (part) throws(ExpressionError) in try fact(part, step, now) }
    } catch {
      throw StepFailure(.impossible, error.description, stops: false)
    }
  }

  private func fact(_ part: Expression, _ step: Step, _ now: Instant) throws(ExpressionError) -> FieldValue {
    func ended(_ name: String?) throws(ExpressionError) -> CommandOutcome {
      if let outcome = name.map({ outcomes[$0] }) ?? last { return outcome }
      throw ExpressionError(name.map { "\($0) has not ended yet" } ?? "no command was run before")
    }
    switch part {
    case .variable(let name):
      guard let value = lookup(name, nil) else { throw ExpressionError("$\(name) has no value") }
      return value
    case .status(let name): return .number(UInt64(UInt32(bitPattern: try ended(name).status)))
    case .output(let name):
      if let name, outcomes[name] == nil, let written = written[name] { return .octets(written.output) }
      return .octets(try ended(name).output)
    case .errors(let name):
      if let name, outcomes[name] == nil, let written = written[name] { return .octets(written.errors) }
      return .octets(try ended(name).errors)
    case .count(let sample): return .number(UInt64(try frames(sample, step, now).count))
    case .lengths(let sample): return .list(try frames(sample, step, now).map { .number(UInt64($0.length)) })
    case .value, .sum, .difference, .product, .list: return .none
    }
  }

  private func frames(_ sample: Expression.Sample, _ step: Step, _ now: Instant) throws(ExpressionError) -> [Sighting] {
    let pattern: RecipePattern
    do throws(RecipeError) {
      pattern = try sample.recipe.pattern(lookup)
    } catch {
      throw ExpressionError(error.message)
    }
    let (from, to): (Instant, Instant) =
      switch sample.span {
      case .all: (start, now)
      case .first(let time): (start, start + time)
      case .last(let time): (now - time, now)
      }
    return (logs[sample.host ?? host(of: step)]?.entries ?? [])
      .filter { entry in
        entry.time >= from && entry.time <= to && sample.way.holds(entry.sighting.direction)
          && pattern.match(entry.packet).isMatch
      }
      .map(\.sighting)
  }
}

extension Instant {
  /// The instant so much before.
  static func - (instant: Instant, time: Duration) -> Instant { instant + (.zero - time) }
}

extension Expression {
  /// The expressions that it is made of.
  private var parts: [Expression] {
    switch self {
    case .sum(let left, let right), .difference(let left, let right), .product(let left, let right): [left, right]
    case .list(let members): members
    default: []
    }
  }

  /// The variables that it computes with.
  var variables: [String] {
    if case .variable(let name) = self { return [name] }
    return parts.flatMap(\.variables)
  }

  var looksAtFrames: Bool {
    switch self {
    case .count, .lengths: true
    default: parts.contains(where: \.looksAtFrames)
    }
  }

  /// The commands whose end it looks at.
  var commands: [String] {
    switch self {
    case .status(let name?), .output(let name?), .errors(let name?): [name]
    default: parts.flatMap(\.commands)
    }
  }

  /// Whether it asks for what a record does not hold: the ends of commands, and what was seen up to a moment that is
  /// not known.
  func needsMore(_ isMomentUnknown: Bool) -> Bool {
    switch self {
    case .status, .output, .errors: true
    case .count, .lengths: isMomentUnknown
    default: parts.contains { $0.needsMore(isMomentUnknown) }
    }
  }
}
