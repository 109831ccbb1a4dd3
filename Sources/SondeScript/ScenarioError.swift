internal import SondeCraft

/// Why text is no scenario: one line that names the word at fault, its place and what would be accepted.
public struct ScenarioError: Error, Hashable, Sendable, CustomStringConvertible {
  /// The line at fault, from 1.
  public var line: Int
  /// Where the word at fault begins, in characters from 1.
  public var column: Int
  /// One line, line and column named in it.
  public var message: String

  public init(line: Int, column: Int, message: String) {
    self.line = line
    self.column = column
    self.message = message
  }

  public var description: String { message }
}

extension ScenarioError {
  /// What is wrong on a line, told as of the whole text.
  init(_ error: RecipeError, line: Int) {
    let place = " at column \(error.column)"
    let message = error.message.replacing(place, with: " at line \(line), column \(error.column)", maxReplacements: 1)
    self.init(line: line, column: error.column, message: message)
  }
}
