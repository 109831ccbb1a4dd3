/// Which questions are answered, as text: words of 64 places in hexadecimal, `f` and `0` behind a count for words that
/// are all one or all zero, as in `12x0 00000000000000ff 3xf`; eight on a line.
enum DoneWords {
  /// More than these no run has open at once: the window has 2^22 places.
  private static let most = 1 << 20

  static func append(_ words: [UInt64], to text: inout [UInt8]) {
    var place = 0
    var column = 0
    while place < words.count {
      text.append(contentsOf: (column == 0 ? "done " : " ").utf8)
      let word = words[place]
      let run = word == 0 || word == .max ? words[place...].prefix { $0 == word }.count : 0
      if run > 0 {
        text.append(contentsOf: "\(run)x\(word == 0 ? "0" : "f")".utf8)
      } else {
        for shift in stride(from: UInt64(60), through: 0, by: -4) {
          let digit = UInt8(truncatingIfNeeded: word >> shift & 0xf)
          text.append(digit < 10 ? 0x30 + digit : 0x61 + digit - 10)
        }
      }
      place += max(run, 1)
      column = (column + 1) % 8
      if column == 0 || place == words.count { text.append(0x0a) }
    }
  }

  /// Appends the words of a line.
  ///
  /// - Returns: false if one is not as `append` writes it, or they are too many.
  static func read(_ texts: [Substring], into words: inout [UInt64]) -> Bool {
    for text in texts {
      let parts = text.split(separator: "x", omittingEmptySubsequences: false)
      if parts.count == 2, let run = Int(parts[0]), (1...most).contains(run), parts[1] == "0" || parts[1] == "f" {
        words += repeatElement(parts[1] == "0" ? 0 : .max, count: run)
      } else if text.utf8.count == 16, let word = UInt64(text, radix: 16) {
        words.append(word)
      } else {
        return false
      }
      if words.count > most { return false }
    }
    return true
  }
}

/// A number in sixteen hexadecimal digits.
func hexadecimal(_ number: UInt64) -> String {
  let digits = String(number, radix: 16)
  return String(repeating: "0", count: 16 - digits.count) + digits
}
