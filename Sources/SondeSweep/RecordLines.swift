/// The lines of a resume file, of which each begins with its word.
struct RecordLines {
  private let octets: [UInt8]
  private var start = 0
  private var number = 0

  init(_ octets: [UInt8]) { self.octets = octets }

  /// That the line read last is not as it should be.
  var fault: SweepError { SweepError("the resume file is damaged: line \(number) is not as sonde writes it") }

  /// The next line; nil at the end.
  mutating func next() -> Substring? {
    guard let end = octets[start...].firstIndex(of: 0x0a) else { return nil }
    defer { start = end + 1 }
    number += 1
    return Substring(decoding: octets[start..<end], as: UTF8.self)
  }

  /// What stands behind the word that the next line begins with.
  mutating func value(_ word: String) throws(SweepError) -> String {
    guard let words = words(ofAnother: word), words.count == 1 else {
      throw SweepError("the resume file is damaged: line \(number + 1) does not tell \"\(word)\"")
    }
    return String(words[0])
  }

  /// Any number of 64 bits.
  mutating func anyNumber(_ word: String) throws(SweepError) -> UInt64 {
    guard let number = Self.decimal(try value(word)[...]) else { throw fault }
    return number
  }

  /// A number of things that were counted.
  mutating func number(_ word: String) throws(SweepError) -> UInt64 {
    guard let number = Self.count(try value(word)[...]) else { throw fault }
    return number
  }

  mutating func hash(_ word: String) throws(SweepError) -> UInt64 {
    let text = try value(word)
    guard text.utf8.count == 16, let number = UInt64(text, radix: 16), hexadecimal(number) == text else { throw fault }
    return number
  }

  /// The words behind the one that the next line begins with; nil, and the line is not taken, if it is another.
  mutating func words(ofAnother word: String) -> [Substring]? {
    let (place, before) = (start, number)
    if let line = next() {
      let words = line.split(separator: " ", omittingEmptySubsequences: false)
      if words.first == word[...] { return Array(words.dropFirst()) }
    }
    (start, number) = (place, before)
    return nil
  }

  /// A number that can be counted on from: no more than the questions there may be.
  static func count(_ text: Substring) -> UInt64? { decimal(text).flatMap { $0 <= 1 << 62 ? $0 : nil } }

  private static func decimal(_ text: Substring) -> UInt64? {
    guard let number = UInt64(text), String(number) == text else { return nil }
    return number
  }
}
