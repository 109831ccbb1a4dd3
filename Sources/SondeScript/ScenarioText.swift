public import SondeLink

extension Scenario {
  /// Reads a scenario, and verifies all of it that can be without a network.
  ///
  /// - Parameters:
  ///   - text: the whole file.
  ///   - name: by which it is known.
  ///   - topology: looks up the network that it names, and throws what is wrong with that.
  /// - Throws: `ScenarioError` with line and column of the word at fault.
  public init(
    text: String, name: String,
    topology: (LaboratoryReference) throws(StageError) -> Topology? = { _ throws(StageError) in nil }
  ) throws(ScenarioError) {
    self.init(name: name, title: "", steps: [])
  }
}
