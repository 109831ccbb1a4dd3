/// How open questions stand, as text: the words of `SweepState.standings` in hexadecimal, eight on a line, and one that
/// comes several times in a row once behind their count: `12x0 5505 3x5555555555555555`.
enum StandingWords {
  /// More than these no run has open at once: the window has 2^22 places, and a word tells of 32.
  private static let most = 1 << 20

  static func append(_ words: [UInt64], to text: inout [UInt8]) {
    var place = 0
    var column = 0
    while place < words.count {
      text.append(contentsOf: (column == 0 ? "standing " : " ").utf8)
      let word = words[place]
      let run = words[place...].prefix { $0 == word }.count
      if run > 1 { text.append(contentsOf: "\(run)x".utf8) }
      append(word, to: &text)
      place += run
      column = (column + 1) % 8
      if column == 0 || place == words.count { text.append(0x0a) }
    }
  }

  /// Appends a number in hexadecimal, without leading zeros: of many they are, twice a second.
  private static func append(_ word: UInt64, to text: inout [UInt8]) {
    var shift = UInt64(max(0, 60 - word.leadingZeroBitCount & ~3))
    while true {
      let digit = UInt8(truncatingIfNeeded: word >> shift & 0xf)
      text.append(digit < 10 ? 0x30 + digit : 0x61 + digit - 10)
      if shift == 0 { return }
      shift -= 4
    }
  }

  /// Appends the words of a line.
  ///
  /// - Returns: false if one is not as `append` writes it, or they are too many.
  static func read(_ texts: [Substring], into words: inout [UInt64]) -> Bool {
    if texts.isEmpty { return false }
    for text in texts {
      let parts = text.split(separator: "x", omittingEmptySubsequences: false)
      guard parts.count <= 2, let digits = parts.last, let word = UInt64(digits, radix: 16),
        String(word, radix: 16) == digits
      else { return false }
      let run = parts.count == 1 ? 1 : RecordLines.count(parts[0]).map { Int($0) } ?? 0
      guard parts.count == 1 || run > 1, run <= most - words.count else { return false }
      words += repeatElement(word, count: run)
    }
    return true
  }
}

/// A number in sixteen hexadecimal digits.
func hexadecimal(_ number: UInt64) -> String {
  let digits = String(number, radix: 16)
  return String(repeating: "0", count: 16 - digits.count) + digits
}
