public import SondeCraft
public import SondeHeaders
public import SondeLink

/// What became of one step.
public struct StepOutcome: Sendable {
  public enum Verdict: String, Hashable, Sendable {
    /// It went as it was written.
    case met
    /// It did not.
    case unmet
    /// It could not be tried.
    case impossible
    /// There was nothing to try: a record does not hold it.
    case skipped
  }

  /// A frame beside what was expected of it.
  public struct Candidate: Hashable, Sendable {
    public var sighting: Sighting
    /// Field by field; empty for a frame that is as it was written and yet was not to come, or not then.
    public var differences: [FieldDifference]

    public init(_ sighting: Sighting, _ differences: [FieldDifference]) {
      self.sighting = sighting
      self.differences = differences
    }
  }

  public var step: Step
  /// In which round of the loops around it, the outermost first; empty outside of loops.
  public var rounds: [Int]
  public var verdict: Verdict
  /// What happened, in one sentence without its full stop; empty where there is nothing to add.
  public var message: String
  /// What was sent, expected or compared, with its variables' values.
  public var expected: String
  /// What was seen instead, or what matched; nil for nothing.
  public var seen: String?
  /// How the frame that came nearest differs from what was expected.
  public var differences: [FieldDifference]
  /// The frames that came nearest, the nearest first; for a step that was met the one that matched or was sent.
  public var candidates: [Candidate]
  /// The variables that the step gave values to.
  public var taken: [String: FieldValue]
  /// When the step began and ended, on the stage's clock.
  public var began: Instant
  public var ended: Instant
  /// When the frame was seen; nil for none.
  public var at: Instant?
  /// What the step's command did; nil for none.
  public var command: CommandOutcome?

  public var isMet: Bool { verdict == .met || verdict == .skipped }

  public init(
    _ step: Step, rounds: [Int] = [], _ verdict: Verdict, message: String = "", began: Instant, ended: Instant
  ) {
    self.step = step
    self.rounds = rounds
    self.verdict = verdict
    self.message = message
    expected = ""
    seen = nil
    differences = []
    candidates = []
    taken = [:]
    self.began = began
    self.ended = ended
    at = nil
    command = nil
  }
}

/// What became of a scenario.
public struct ScenarioOutcome: Hashable, Sendable {
  /// How many steps were met, were not, could not be tried, and had nothing to try in a record.
  public var met: Int
  public var unmet: Int
  public var impossible: Int
  public var skipped: Int
  /// How long it took on the stage's clock.
  public var duration: Duration

  public init(met: Int = 0, unmet: Int = 0, impossible: Int = 0, skipped: Int = 0, duration: Duration = .zero) {
    self.met = met
    self.unmet = unmet
    self.impossible = impossible
    self.skipped = skipped
    self.duration = duration
  }

  public var isMet: Bool { unmet == 0 && impossible == 0 }
}
