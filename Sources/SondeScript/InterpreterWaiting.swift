internal import SondeLink

// Waiting for what commands do.
extension Interpreter {
  /// How long it may stay unnoticed that a command has written something.
  private static let interval = Duration.milliseconds(10)

  /// Listens for a moment more, so that what was sent last is seen too by whoever keeps a record.
  mutating func listenOn<S: Stage & ~Copyable>(over stage: inout S) {
    guard !stage.isRecorded else { return }
    let end = stage.now + Self.interval
    // Nothing depends on it any more.
    while stage.now < end, (try? hear(until: end, over: &stage)) != nil {}
  }

  /// Waits until a command has ended by itself.
  mutating func finish<S: Stage & ~Copyable>(
    _ name: String, within: Duration, _ result: inout StepOutcome, over stage: inout S
  ) throws(StepFailure) {
    guard let command = commands[name] else { throw StepFailure(.impossible, "\(name) was stopped before") }
    let deadline = stage.now + within
    while stage.outcome(of: command) == nil, stage.now < deadline { try hear(until: deadline, over: &stage) }
    guard let outcome = stage.outcome(of: command) else {
      moment = stage.now
      throw StepFailure(.unmet, "\(name) did not end within \(within.spoken)")
    }
    result.command = outcome
    outcomes[name] = outcome
    last = outcome
    commands[name] = nil
  }

  /// Waits until a comparison holds.
  mutating func wait<S: Stage & ~Copyable>(
    until check: Step.Check, within: Duration, _ step: Step, _ result: inout StepOutcome, over stage: inout S
  ) throws(StepFailure) {
    let deadline = stage.now + within
    while true {
      let failure: StepFailure
      do throws(StepFailure) {
        return try verify(check, step, &result, over: &stage)
      } catch {
        failure = error
      }
      // What has ended writes no more.
      let names = check.left.commands + check.right.commands
      let isOver = !names.isEmpty && names.allSatisfy { outcomes[$0] != nil }
      guard stage.now < deadline, !isOver else {
        moment = stage.now
        throw StepFailure(.unmet, "\(failure.message)\(isOver ? ", and the command has ended" : "")")
      }
      try hear(until: min(deadline, stage.now + Self.interval), over: &stage)
    }
  }
}
