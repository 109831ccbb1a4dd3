internal import SondeLink

extension Scenario {
  /// Does the steps in order, until one fails on which others stand; what was started is ended then.
  ///
  /// Times count from the moment at which the step before ended: its packet left, its frame came, its time was up.
  /// Over a record nothing is sent: what was sent is looked for, and what a record does not hold is skipped.
  ///
  /// - Parameters:
  ///   - stage: where it takes place; time is the stage's.
  ///   - seed: what numbers are drawn from that nothing has set.
  ///   - begin: is told of each step before it is done, with the rounds of the loops around it.
  ///   - emit: is told what became of each step.
  /// - Returns: how many steps were met, and how many were not.
  public func run<S: Stage & ~Copyable>(
    over stage: inout S, seed: UInt64 = 1, begin: (Step, [Int]) -> Void = { _, _ in },
    emit: (StepOutcome) -> Void = { _ in }
  ) -> ScenarioOutcome {
    var interpreter = Interpreter(hosts: stage.hosts, at: stage.now, seed: seed)
    if let stranger = Self.stranger(in: steps, interpreter.hosts) {
      var outcome = ScenarioOutcome()
      outcome.impossible = 1
      let now = stage.now
      emit(StepOutcome(stranger, .impossible, message: "there is no host \(stranger.host ?? "") here", began: now, ended: now))
      return outcome
    }
    for step in steps where !interpreter.isStopped {
      interpreter.perform(step, rounds: [], over: &stage, begin, emit)
    }
    interpreter.endCommands(over: &stage)
    interpreter.outcome.duration = stage.now - interpreter.start
    return interpreter.outcome
  }

  /// The first step of a host that is not there.
  private static func stranger(in steps: [Step], _ hosts: HostNames) -> Step? {
    for step in steps {
      if let host = step.host, hosts.host(host[...]) == nil { return step }
      if case .loop(_, _, let inner) = step.action, let found = stranger(in: inner, hosts) { return found }
    }
    return nil
  }
}
