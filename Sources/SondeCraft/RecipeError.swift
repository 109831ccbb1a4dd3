internal import SondeHeaders

/// Why text is no recipe: one line that names the word at fault, its place and what would be accepted.
public struct RecipeError: Error, Hashable, Sendable, CustomStringConvertible {
  /// Where the word at fault begins, in characters from 1.
  public var column: Int
  /// One line, the column named in it.
  public var message: String

  public init(column: Int, message: String) {
    self.column = column
    self.message = message
  }

  public var description: String { message }
}

/// A fault at a place in the text, before its column is counted.
package struct RecipeFault: Error {
  /// The offset of the octet where the word at fault begins.
  package var offset: Int
  /// What is wrong, as it stands before "at column 31".
  package var claim: String
  /// What stands behind it: a suggestion, or what would be accepted.
  package var advice: String

  package init(_ offset: Int, _ claim: String, _ advice: String = "") {
    self.offset = offset
    self.claim = claim
    self.advice = advice
  }

  /// The error for a reader who sees the text.
  package func error(in text: [UInt8]) -> RecipeError {
    let column = String(decoding: text.prefix(max(0, offset)), as: UTF8.self).count + 1
    let message = "\(claim) at column \(column)\(advice.isEmpty ? "" : "; \(advice)")"
    return RecipeError(column: column, message: Suggestion.onOneLine(message))
  }
}

/// Words that somebody may have meant.
package enum Suggestion {
  /// What to write in place of a word that is none of those known: the nearest of them, or all.
  package static func advice(for word: String, among known: [String], kind: String) -> String {
    if let nearest = nearest(to: word, among: known) { return "did you mean \"\(nearest)\"?" }
    return known.isEmpty ? "there are no \(kind)" : "\(kind) are \(known.joined(separator: ", "))"
  }

  /// The word at the least distance, if that is little for its length.
  package static func nearest(to word: String, among known: [String]) -> String? {
    let letters = Array(word.lowercased().utf8)
    guard (1...64).contains(letters.count) else { return nil }
    let limit = max(1, letters.count / 3)
    var best: (distance: Int, word: String)?
    for candidate in known {
      let distance = distance(letters, Array(candidate.lowercased().utf8))
      if distance <= limit, distance < best?.distance ?? .max { best = (distance, candidate) }
    }
    return best?.word
  }

  /// How many letters are to be put in, taken out, exchanged for others or for their neighbours.
  static func distance(_ from: [UInt8], _ to: [UInt8]) -> Int {
    var older: [Int] = []
    var old = Array(0...to.count)
    for row in from.indices {
      var new = [row + 1]
      for column in to.indices {
        let isSame = from[row] == to[column]
        var least = min(old[column] + (isSame ? 0 : 1), old[column + 1] + 1, new[column] + 1)
        if row > 0, column > 0, from[row] == to[column - 1], from[row - 1] == to[column] {
          least = min(least, older[column - 1] + 1)
        }
        new.append(least)
      }
      older = old
      old = new
    }
    return old[to.count]
  }

  /// A word as an error quotes it: not for ever.
  package static func quoted(_ word: String) -> String { "\"\(word.count > 40 ? "\(word.prefix(40))…" : word)\"" }

  /// Text without what would end its line, or color it.
  package static func onOneLine(_ text: String) -> String {
    String(String.UnicodeScalarView(text.unicodeScalars.map { $0.properties.generalCategory == .control ? "?" : $0 }))
  }
}
