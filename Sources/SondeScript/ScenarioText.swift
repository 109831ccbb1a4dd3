public import SondeLink

extension Scenario {
  /// Reads a scenario, and verifies all of it that can be verified without a network: every recipe is tried, every
  /// variable has a value where it needs one, and what is given a value is used.
  ///
  /// - Parameters:
  ///   - text: the whole file.
  ///   - name: by which it is known.
  ///   - topology: looks up the network that the text names; where it knows none, laboratories that are carried along
  ///     and such as are written out are found without it.
  ///   - other: the network to take in place of the one that the text names.
  /// - Throws: `ScenarioError` with line and column of the word at fault.
  public init(
    text: String, name: String,
    topology: (LaboratoryReference) throws(StageError) -> Topology? = { _ throws(StageError) in nil },
    in other: Topology? = nil
  ) throws(ScenarioError) {
    var reader = ScenarioReader(Array(text.utf8))
    let opening = try reader.opening()
    var found = other
    if found == nil, let laboratory = opening.laboratory {
      do throws(StageError) {
        found = try topology(laboratory)
      } catch {
        let place = "at line \(opening.line), column \(opening.column)"
        throw ScenarioError(line: opening.line, column: opening.column, message: "\(error) \(place)")
      }
      if found == nil { found = try Self.known(laboratory, opening, name) }
    }
    try reader.take(found)
    let steps = try reader.steps()
    try reader.finish()
    self.init(
      name: name, title: opening.title, story: opening.story, laboratory: opening.laboratory, topology: found,
      steps: steps)
  }

  /// A laboratory that is carried along, or written out.
  private static func known(
    _ laboratory: LaboratoryReference, _ opening: ScenarioReader.Opening, _ name: String
  ) throws(ScenarioError) -> Topology? {
    switch laboratory {
    case .builtIn(let word):
      if let lab = BuiltInLab.named(word) { return lab.topology }
      let names = BuiltInLab.all.map(\.name).joined(separator: ", ")
      let place = "at line \(opening.line), column \(opening.column)"
      throw ScenarioError(
        line: opening.line, column: opening.column,
        message: "no laboratory is called \"\(word)\" \(place); there are \(names), and files with . or /")
    case .file: return nil
    case .text(let text, let start):
      do throws(TopologyError) {
        return try Topology(text: text, name: name, startingAt: start)
      } catch {
        throw ScenarioError(line: error.line, column: error.column, message: error.message)
      }
    }
  }
}
