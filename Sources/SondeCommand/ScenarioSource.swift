internal import SondeCraft
internal import SondeLink
internal import SondeLinux
internal import SondeScript

/// A scenario as the user named it: one that is carried along, or a file.
struct ScenarioSource {
  var name: String
  var text: String
  /// What its own file names are read from; empty for the folder that the program runs in.
  private var folder = ""

  /// A longer text is no scenario, nor a longer lab.
  private static let longest = 4 << 20

  init(_ scenario: BuiltInScenario) {
    name = scenario.name
    text = scenario.text
  }

  /// - Throws: `Failure` naming what there is.
  init(_ word: String) throws {
    guard Self.isFile(word) else {
      guard let scenario = BuiltInScenario.named(word) else {
        let nearest = Suggestion.nearest(to: word, among: BuiltInScenario.all.map(\.name))
        let advice = nearest.map { "did you mean \"\($0)\"?" } ?? "see sonde run --list."
        throw Failure("run: there is no scenario \"\(word)\"; \(advice) A file is named with its path: ./\(word)")
      }
      name = scenario.name
      text = scenario.text
      return
    }
    text = try Self.read(word)
    name = word == "-" ? "standard input" : Self.stem(of: word)
    folder = word.lastIndex(of: "/").map { String(word[...$0]) } ?? ""
  }

  /// A file's name without its folder and what stands behind its last dot.
  private static func stem(of path: String) -> String {
    let file = path.split(separator: "/").last.map(String.init) ?? path
    guard let dot = file.lastIndex(of: "."), dot > file.startIndex else { return file }
    return String(file[..<dot])
  }

  /// Whether a word names a file: it has a slash or a dot, or is the dash of standard input.
  static func isFile(_ word: String) -> Bool { word == "-" || word.contains("/") || word.contains(".") }

  /// The scenario, verified as far as that goes without a network.
  ///
  /// - Parameter laboratory: the one that is to be in place of its own.
  /// - Throws: `Failure` with the line and the column of the word at fault.
  func scenario(in laboratory: Topology?) throws -> Scenario {
    do throws(ScenarioError) {
      var scenario = try Scenario(text: text, name: name) { (reference) throws(StageError) in
        if let laboratory { return laboratory }
        return try topology(reference)
      }
      if let laboratory { scenario.topology = laboratory }
      // A file that came empty is not to pass for one that went as expected.
      guard !scenario.steps.isEmpty else {
        throw ScenarioError(line: 1, column: 1, message: "no step stands in it at line 1, column 1")
      }
      return scenario
    } catch {
      throw Failure("run: \(name): \(error)")
    }
  }

  /// The laboratory that a word of the command line names.
  ///
  /// - Throws: `Failure` naming those there are, or what is wrong with the file.
  static func laboratory(_ word: String) throws -> Topology {
    do throws(StageError) {
      return try isFile(word) ? read(laboratory: word) : builtIn(word)
    } catch {
      throw Failure("run: --lab: \(error)")
    }
  }

  private func topology(_ reference: LaboratoryReference) throws(StageError) -> Topology? {
    switch reference {
    case .builtIn(let name): return try Self.builtIn(name)
    case .file(let path): return try Self.read(laboratory: path.hasPrefix("/") ? path : folder + path)
    // Whoever reads the scenario reads it too.
    case .text: return nil
    }
  }

  private static func builtIn(_ name: String) throws(StageError) -> Topology {
    guard let lab = BuiltInLab.named(name) else {
      let names = BuiltInLab.all.map(\.name).joined(separator: ", ")
      throw StageError("there is no lab \"\(name)\" (there are \(names); a file's name has a slash or a dot)")
    }
    return lab.topology
  }

  private static func read(laboratory path: String) throws(StageError) -> Topology {
    do {
      return try Topology(text: try read(path), name: stem(of: path))
    } catch let error as TopologyError {
      throw StageError("\(path): \(error)")
    } catch {
      throw StageError("\((error as? Failure)?.message ?? "\(error)")")
    }
  }

  private static func read(_ path: String) throws -> String {
    let octets = try (path == "-" ? InputFile() : InputFile(path)).whole(limit: longest)
    guard let text = String(validating: octets, as: UTF8.self) else {
      throw Failure("\(path) is no text: it is not UTF-8")
    }
    return text
  }
}
