extension Scenario {
  /// Does the steps in order, until one fails on which others stand.
  ///
  /// - Parameters:
  ///   - stage: where it takes place; time is the stage's.
  ///   - seed: what variables are drawn from that a `send` names and nothing set before.
  ///   - begin: is told of each step before it is done, with the rounds of the loops around it.
  ///   - emit: is told what became of each step.
  /// - Returns: how many steps were met, and how many were not.
  public func run<S: Stage & ~Copyable>(
    over stage: inout S, seed: UInt64 = 1, begin: (Step, [Int]) -> Void = { _, _ in },
    emit: (StepOutcome) -> Void = { _ in }
  ) -> ScenarioOutcome {
    ScenarioOutcome()
  }
}
