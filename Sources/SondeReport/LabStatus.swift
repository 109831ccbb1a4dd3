public import SondeLink

/// A laboratory as it is told of: what it is, and what has come of it.
public struct LabStatus: Hashable, Sendable {
  public enum State: String, Hashable, Sendable {
    case standing
    /// It is being built, or taken down.
    case changing
    /// Its keeper was killed.
    case abandoned
  }

  public var name: String
  public var state: State
  /// The process that holds it; nil where none does.
  public var keeper: Int32?
  /// With it begin the names of its namespaces, a host's name behind it; nil where they have none.
  public var prefix: String?
  /// nil where nobody has said it.
  public var topology: Topology?
  public var counts: LabCounts

  public init(
    name: String, state: State, keeper: Int32? = nil, prefix: String? = nil, topology: Topology? = nil,
    counts: LabCounts = LabCounts()
  ) {
    self.name = name
    self.state = state
    self.keeper = keeper
    self.prefix = prefix
    self.topology = topology
    self.counts = counts
  }
}

/// What the impaired networks of a laboratory did to frames: for each end of each, the one that they went to.
public struct LabCounts: Hashable, Sendable {
  /// By their names, in the order in which `values` has them.
  public static let names = ["offered", "passed", "lost", "duplicated", "reordered", "corrupted", "overflowed"]

  public struct Line: Hashable, Sendable {
    public var network: String
    /// The place of the end among those of its network, from 0.
    public var end: Int
    public var values: [Int]

    public init(network: String, end: Int, values: [Int]) {
      self.network = network
      self.end = end
      self.values = values
    }
  }

  public var lines: [Line]

  public init(_ lines: [Line] = []) { self.lines = lines }

  /// The counts as a file holds them: a line for each end.
  public var text: String {
    lines.map { "\($0.network) \($0.end) \($0.values.map(String.init).joined(separator: " "))\n" }.joined()
  }

  /// Reads a file's text; lines of another form are left out.
  public init(_ text: String) {
    lines = text.split(separator: "\n").compactMap { line in
      let words = line.split(separator: " ")
      let numbers = words.dropFirst().compactMap { Int($0) }
      guard words.count == Self.names.count + 2, numbers.count == words.count - 1 else { return nil }
      return Line(network: String(words[0]), end: numbers[0], values: Array(numbers[1...]))
    }
  }
}
