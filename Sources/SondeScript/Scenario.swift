public import SondeLink

/// An experiment as a value: what is sent, what must come and what must not, in order.
public struct Scenario: Sendable {
  /// By which `sonde run` knows it.
  public var name: String
  /// What it shows, in one line.
  public var title: String
  /// The network that it takes place in; nil for the machine itself, or whatever link it is run over.
  public var topology: Topology?
  public var steps: [Step]

  public init(name: String, title: String, topology: Topology? = nil, steps: [Step]) {
    self.name = name
    self.title = title
    self.topology = topology
    self.steps = steps
  }
}

/// One step of a scenario.
public struct Step: Sendable {
  /// The line of the text that it stands on, from 1; in Swift its number.
  public var line: Int
  /// What was written, for reports.
  public var text: String
  /// What the comment above it teaches.
  public var story: [String]
  /// The host where it happens; nil for the scenario's first.
  public var host: String?
  public var action: Action

  public init(line: Int, text: String, story: [String] = [], host: String? = nil, _ action: Action) {
    self.line = line
    self.text = text
    self.story = story
    self.host = host
    self.action = action
  }
}

extension Step {
  /// What a step does.
  public indirect enum Action: Sendable {
    /// Time passes.
    case wait(Duration)
  }
}
