public import SondeLink

/// An experiment as a value: what is sent, what must come and what must not, in order.
public struct Scenario: Sendable {
  /// By which `sonde run` knows it.
  public var name: String
  /// What it shows, in one line.
  public var title: String
  /// What is said of the whole before its first step.
  public var story: [String]
  /// Where it says that it takes place; nil for the machine itself, or whatever link it is run over.
  public var laboratory: LaboratoryReference?
  /// The network of `laboratory`, once somebody has looked it up.
  public var topology: Topology?
  public var steps: [Step]

  public init(
    name: String, title: String, story: [String] = [], laboratory: LaboratoryReference? = nil,
    topology: Topology? = nil, steps: [Step]
  ) {
    self.name = name
    self.title = title
    self.story = story
    self.laboratory = laboratory
    self.topology = topology
    self.steps = steps
  }
}

/// How a scenario names the network that it takes place in.
public enum LaboratoryReference: Hashable, Sendable {
  /// A laboratory that is carried along.
  case builtIn(String)
  /// A file of a laboratory's text, from the folder of the scenario's own.
  case file(String)
  /// The text of a laboratory, and the line of the scenario on which it begins.
  case text(String, line: Int)
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
