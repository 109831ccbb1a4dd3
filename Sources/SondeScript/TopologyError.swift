/// Why text is no lab: one line that names the word at fault, its place and what would be accepted.
public struct TopologyError: Error, Hashable, Sendable, CustomStringConvertible {
  /// The line of the text, from 1.
  public var line: Int
  /// Where the word at fault begins, in characters from 1.
  public var column: Int
  /// One line, line and column named in it.
  public var message: String

  public var description: String { message }

  /// - Parameters:
  ///   - claim: what is wrong, as it stands before the place.
  ///   - advice: what stands behind the place: what would be accepted.
  init(_ word: TopologyWord, _ claim: String, _ advice: String = "") {
    line = word.line
    column = word.column
    let whole = "\(claim) at line \(line), column \(column)\(advice.isEmpty ? "" : "; \(advice)")"
    message = String(
      String.UnicodeScalarView(whole.unicodeScalars.map { $0.properties.generalCategory == .control ? "?" : $0 }))
  }
}

/// A word of a lab's text, with its place.
struct TopologyWord {
  var text: String
  var line: Int
  var column: Int
  /// Whether it stood in quotation marks.
  var isQuoted = false

  /// The word as an error quotes it: not for ever.
  var quoted: String { "\"\(text.count > 40 ? "\(text.prefix(40))…" : text)\"" }

  /// A part of the word that begins `offset` characters behind its start.
  func part(_ text: some StringProtocol, at offset: Int) -> TopologyWord {
    TopologyWord(text: String(text), line: line, column: column + offset)
  }

  /// The words of a line: spaces part them, quotation marks hold them together, and `#` where a word could begin
  /// starts a comment.
  static func words(of text: Substring, line: Int) throws(TopologyError) -> [TopologyWord] {
    var words: [TopologyWord] = []
    var characters = text.makeIterator()
    var column = 0
    var open: TopologyWord?
    while let character = characters.next() {
      column += 1
      if character.isWhitespace {
        if let word = open { words.append(word) }
        open = nil
      } else if open != nil {
        open?.text.append(character)
      } else if character == "#" {
        break
      } else if character == "\"" {
        var word = TopologyWord(text: "", line: line, column: column, isQuoted: true)
        try word.takeQuoted(&characters, &column)
        words.append(word)
      } else {
        open = TopologyWord(text: String(character), line: line, column: column)
      }
    }
    if let word = open { words.append(word) }
    return words
  }

  /// Takes the inside of quotation marks, in which `\"`, `\\` and `\n` stand for what they are in Swift.
  private mutating func takeQuoted(
    _ characters: inout Substring.Iterator, _ column: inout Int
  ) throws(TopologyError) {
    while let character = characters.next() {
      column += 1
      switch character {
      case "\"": return
      case "\\":
        column += 1
        switch characters.next() {
        case "n": text.append("\n")
        case "\"": text.append("\"")
        case "\\": text.append("\\")
        default:
          let place = TopologyWord(text: "", line: line, column: column - 1)
          throw TopologyError(place, "a backslash", "behind it stand n, \" or \\")
        }
      default: text.append(character)
      }
    }
    throw TopologyError(self, "a quotation mark that is not closed")
  }
}
