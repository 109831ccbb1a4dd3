internal import SondeCraft
internal import SondeLinux
internal import SondeReport

/// The recipes of a command line, or of standard input.
struct RecipeInput {
  /// A line that is no recipe.
  struct Fault {
    var line: Int
    var error: RecipeError
    var isFromInput: Bool

    /// Tells of it: as a line of JSON on standard output, or as one line on standard error.
    func tell(_ console: Console, asJSON: Bool) {
      if asJSON {
        console.print(
          JSON.object([
            ("type", "error"), ("line", .integer(line)), ("column", .integer(error.column)),
            ("message", .string(error.description)),
          ]).line)
      } else {
        console.complain("recipe: \(isFromInput ? "line \(line): " : "")\(error)")
      }
    }
  }

  private(set) var recipes: [Recipe] = []
  private(set) var faults: [Fault] = []

  /// - Throws: `Failure` where standard input names no recipe at all.
  init(_ words: [String], verb: String) throws {
    guard words.contains("-") else {
      for (index, word) in words.enumerated() { add(Array(word.utf8), index + 1, isFromInput: false) }
      return
    }
    if words.count > 1 { throw Failure("\(verb): - reads standard input, and stands alone") }
    var input = InputLines()
    var number = 0
    while let line = try input.next() {
      number += 1
      if line.allSatisfy({ $0 == 0x20 || $0 == 0x09 || $0 == 0x0d }) { continue }
      add(line, number, isFromInput: true)
    }
    if recipes.isEmpty, faults.isEmpty { throw Failure("\(verb): standard input holds no recipe") }
  }

  private mutating func add(_ text: [UInt8], _ line: Int, isFromInput: Bool) {
    do throws(RecipeError) {
      recipes.append(try Recipe(octets: text))
    } catch {
      faults.append(Fault(line: line, error: error, isFromInput: isFromInput))
    }
  }
}
