internal import SondeCraft
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
    var interpreter = Interpreter(hosts: stage.hosts, on: topology, at: stage.now, seed: seed)
    if let stranger = Self.stranger(in: steps, interpreter.hosts) {
      var outcome = ScenarioOutcome()
      outcome.impossible = 1
      let now = stage.now
      emit(
        StepOutcome(stranger.step, .impossible, message: "there is no \(stranger.name) here", began: now, ended: now))
      return outcome
    }
    for step in steps where !interpreter.isStopped {
      interpreter.perform(step, rounds: [], over: &stage, begin, emit)
    }
    interpreter.outcome.duration = (stage.isRecorded ? interpreter.moment : stage.now) - interpreter.start
    if case .send? = steps.last?.action, !interpreter.isStopped { interpreter.listenOn(over: &stage) }
    interpreter.endCommands(over: &stage)
    return interpreter.outcome
  }

  /// The first step of a host, or with a host's address, that is not there.
  private static func stranger(in steps: [Step], _ hosts: HostNames) -> (step: Step, name: String)? {
    for step in steps {
      if let host = step.host, hosts.host(host[...]) == nil { return (step, host) }
      for name in step.action.variables where name.contains(".") && hosts.value(name, nil) == nil {
        return (step, "$\(name)")
      }
      if case .loop(_, _, let inner) = step.action, let found = stranger(in: inner, hosts) { return found }
    }
    return nil
  }
}

extension Step.Action {
  /// The variables that its recipes and its command's words name.
  fileprivate var variables: [String] {
    switch self {
    case .send(let recipe, _): recipe.variables
    case .expect(let expectation): ([expectation.sight] + expectation.unless).flatMap(\.recipe.variables)
    case .nothing(let sight, _): sight.recipe.variables
    case .wait(_, let sights): sights.flatMap(\.recipe.variables)
    case .run(let command, _), .start(_, let command): (command.words + command.input).flatMap(\.variables)
    case .hold, .stop, .finish, .until, .check, .set, .loop: []
    }
  }
}

extension OpenRecipe {
  fileprivate var variables: [String] { ((try? mentions()) ?? []).flatMap(\.term.variables) }
}

extension Step.Template {
  fileprivate var variables: [String] {
    parts.compactMap { part in if case .variable(let name) = part { name } else { nil } }
  }
}
