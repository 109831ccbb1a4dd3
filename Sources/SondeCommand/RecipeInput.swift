internal import SondeCraft
internal import SondeLink
internal import SondeLinux
internal import SondeReport

/// A recipe that cannot be made, and where it stands.
struct RecipeComplaint: Error {
  /// Of standard input the line, of the command line the argument; from 1.
  var line: Int
  /// In characters from 1; nil where no one word is at fault.
  var column: Int?
  var message: String
  var isFromInput: Bool

  /// Tells of it: as a line of JSON on standard output, or as one line on standard error.
  func tell(_ console: Console, asJSON: Bool) {
    if asJSON {
      console.print(
        JSON.object([
          ("type", "error"), ("line", .integer(line)), ("column", .integer(column)), ("message", .string(message)),
        ]).line)
    } else {
      console.complain("recipe: \(isFromInput ? "line \(line): " : "")\(message)")
    }
  }
}

/// The recipes of standard input, one a line. Blank lines are none, and count.
struct RecipeLines: ~Copyable {
  private var input = InputLines()
  /// The number of the line that was read last.
  private(set) var number = 0

  /// Whether more than the lines given so far has been read: the next one may come without waiting.
  var hasMore: Bool { input.hasMore }

  /// The next recipe, or what is wrong with it; nil at the end, and once SIGINT or SIGTERM has come.
  ///
  /// - Throws: `LinkError` if standard input cannot be read.
  mutating func next() throws(LinkError) -> Result<Recipe, RecipeComplaint>? {
    while let line = try input.next() {
      number += 1
      if line.allSatisfy({ $0 == 0x20 || $0 == 0x09 || $0 == 0x0d }) { continue }
      do throws(RecipeError) {
        return .success(try Recipe(octets: line))
      } catch {
        return .failure(
          RecipeComplaint(line: number, column: error.column, message: error.message, isFromInput: true))
      }
    }
    return nil
  }
}

/// All recipes of a command line, or of standard input.
struct RecipeInput {
  private(set) var recipes: [Recipe] = []
  /// The line, or the argument, of each recipe.
  private(set) var lines: [Int] = []
  private(set) var faults: [RecipeComplaint] = []

  /// - Throws: `Failure` where standard input names no recipe at all, and where a signal ended the reading: half of
  ///   what was to be sent is not to be sent.
  init(_ words: [String], verb: String) throws {
    guard words.contains("-") else {
      for (index, word) in words.enumerated() { add(word, index + 1) }
      return
    }
    if words.count > 1 { throw Failure("\(verb): - reads standard input, and stands alone") }
    var lines = RecipeLines()
    while let line = try lines.next() {
      switch line {
      case .success(let recipe):
        recipes.append(recipe)
        self.lines.append(lines.number)
      case .failure(let complaint): faults.append(complaint)
      }
    }
    if Signals.endHasCome { throw Failure("\(verb): a signal came before all recipes were read") }
    if recipes.isEmpty, faults.isEmpty { throw Failure("\(verb): standard input holds no recipe") }
  }

  private mutating func add(_ word: String, _ number: Int) {
    do throws(RecipeError) {
      // What is no UTF-8 in an argument has become U+FFFD before anybody could see it.
      if let place = word.firstIndex(where: { $0.unicodeScalars.contains("\u{fffd}") }) {
        let column = word.distance(from: word.startIndex, to: place) + 1
        throw RecipeError(
          column: column, message: "octets that are no UTF-8 at column \(column); write them as \\x escapes")
      }
      recipes.append(try Recipe(word))
      lines.append(number)
    } catch {
      faults.append(
        RecipeComplaint(line: number, column: error.column, message: error.message, isFromInput: false))
    }
  }
}
