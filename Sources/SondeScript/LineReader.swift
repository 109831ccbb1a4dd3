internal import SondeCraft
internal import SondeHeaders
internal import SondeLink

/// One line of a scenario's text, read from left to right.
struct LineReader {
  /// Up to where a comment begins.
  let octets: [UInt8]
  let line: Int
  /// What the comment at its end says.
  let comment: String?
  var scanner: RecipeScanner

  init(_ text: [UInt8], line: Int) {
    let end = Self.comment(in: text) ?? text.count
    octets = Array(text[..<end])
    self.line = line
    comment = end < text.count ? Self.trimmed(text[(end + 1)...]) : nil
    scanner = RecipeScanner(octets, takesVariables: true)
  }

  static func trimmed(_ octets: ArraySlice<UInt8>) -> String {
    var rest = octets
    while let first = rest.first, isSpace(first) { rest = rest.dropFirst() }
    while let last = rest.last, isSpace(last) { rest = rest.dropLast() }
    return String(decoding: rest, as: UTF8.self)
  }

  static func isSpace(_ octet: UInt8) -> Bool { octet == 0x20 || octet == 0x09 || octet == 0x0d }

  /// Where a comment begins: at a `#` that no quotes hold, and before which there is a space or nothing.
  private static func comment(in text: [UInt8]) -> Int? {
    var quote: UInt8?
    var index = 0
    while index < text.count {
      let octet = text[index]
      if let open = quote {
        if octet == 0x5c { index += 1 } else if octet == open { quote = nil }
      } else if octet == 0x22 || octet == 0x27 {
        quote = octet
      } else if octet == 0x23, index == 0 || isSpace(text[index - 1]) {
        return index
      }
      index += 1
    }
    return nil
  }

  // Where it is, and what is wrong there.

  var offset: Int {
    get { scanner.offset }
    set { scanner.offset = newValue }
  }

  /// Where the interface of a line with `by` stands.
  var offsetOfInterface: Int {
    var line = LineReader(octets, line: line)
    _ = line.host()
    _ = line.take("send")
    _ = line.take("by")
    line.scanner.skipSpace()
    return line.offset
  }

  func column(at offset: Int) -> Int {
    String(decoding: octets.prefix(max(0, offset)), as: UTF8.self).count + 1
  }

  func error(_ fault: RecipeFault) -> ScenarioError { ScenarioError(fault.error(in: octets), line: line) }

  func error(at offset: Int, _ claim: String, _ advice: String = "") -> ScenarioError {
    error(RecipeFault(offset, claim, advice))
  }

  /// What stands here and does not belong.
  mutating func unexpected(_ wanted: String) -> ScenarioError {
    scanner.skipSpace()
    guard scanner.next != nil else { return error(at: offset, "the line ends too early", "\(wanted) is missing") }
    let start = offset
    return error(at: start, "\(Suggestion.quoted(found)) does not belong", "\(wanted) is missing")
  }

  /// The word here as an error names it.
  private var found: String {
    var copy = scanner
    if let word = copy.word() { return word }
    return String(String(decoding: octets[offset...].prefix(4), as: UTF8.self).prefix(1))
  }

  mutating func isAtEnd() -> Bool {
    scanner.skipSpace()
    return scanner.next == nil
  }

  mutating func expectEnd(_ wanted: String = "nothing more") throws(ScenarioError) {
    guard !isAtEnd() else { return }
    throw error(at: offset, "\(Suggestion.quoted(found)) does not belong", "here belongs \(wanted)")
  }

  // Words.

  /// The word that stands here; it is not taken.
  mutating func peek() -> String? {
    scanner.skipSpace()
    var copy = scanner
    return copy.word()
  }

  /// Takes a word, if it stands here, and no parenthesis behind it.
  mutating func take(_ word: String) -> Bool {
    scanner.skipSpace()
    var copy = scanner
    guard copy.word() == word, copy.next != 0x28 else { return false }
    scanner = copy
    return true
  }

  mutating func take(symbol: String) -> Bool {
    scanner.skipSpace()
    let wanted = Array(symbol.utf8)
    guard octets[offset...].starts(with: wanted) else { return false }
    offset += wanted.count
    return true
  }

  /// A name: letters, digits, `_` and `-`.
  mutating func name(_ what: String) throws(ScenarioError) -> String {
    scanner.skipSpace()
    let start = offset
    while let next = scanner.next, Self.isOfName(next) { offset += 1 }
    guard offset > start else { throw unexpected(what) }
    return String(decoding: octets[start..<offset], as: UTF8.self)
  }

  static func isOfName(_ octet: UInt8) -> Bool {
    (0x61...0x7a).contains(octet | 0x20) || (0x30...0x39).contains(octet) || octet == 0x5f || octet == 0x2d
  }

  /// The host before a colon at the line's beginning; nil for none.
  mutating func host() -> String? {
    let start = offset
    scanner.skipSpace()
    let first = offset
    while let next = scanner.next, Self.isOfName(next) { offset += 1 }
    guard offset > first, scanner.next == 0x3a else {
      offset = start
      return nil
    }
    let name = String(decoding: octets[first..<offset], as: UTF8.self)
    offset += 1
    return name
  }

  /// A time: `100ms`, `0.5s`, `2`, which is seconds.
  mutating func duration() throws(ScenarioError) -> Duration {
    scanner.skipSpace()
    let start = offset
    func digits() -> Int? {
      guard let next = scanner.next, (0x30...0x39).contains(next) else { return nil }
      return Int(next) - 0x30
    }
    var attoseconds: Int128 = 0
    var scale: Int128 = 1
    var count = 0
    while let digit = digits() {
      attoseconds = min(attoseconds * 10 + Int128(digit), 1 << 80)
      offset += 1
      count += 1
    }
    if scanner.next == 0x2e, offset + 1 < octets.count, (0x30...0x39).contains(octets[offset + 1]) {
      offset += 1
      while let digit = digits() {
        if scale < 1_000_000_000_000_000_000 {
          attoseconds = min(attoseconds * 10 + Int128(digit), 1 << 80)
          scale *= 10
        }
        offset += 1
        count += 1
      }
    }
    let advice = "write 100ms, 0.5s or 2min"
    guard count > 0 else { throw error(at: start, "a time is missing", advice) }
    let units: [String: Int128] = [
      "ns": 1_000_000_000, "us": 1_000_000_000_000, "ms": 1_000_000_000_000_000, "s": 1_000_000_000_000_000_000,
      "min": 60_000_000_000_000_000_000, "m": 60_000_000_000_000_000_000, "h": 3600_000_000_000_000_000_000,
    ]
    let word = scanner.word() ?? "s"
    guard let unit = units[word] else {
      throw error(at: start, "a time in \(Suggestion.quoted(word))", "units are ns, us, ms, s, min and h")
    }
    let whole = attoseconds.multipliedReportingOverflow(by: unit)
    let total = whole.overflow ? Int128.max : whole.partialValue / scale
    let longest: Int128 = 1_000_000_000 * 1_000_000_000_000_000_000
    guard total <= longest else { throw error(at: start, "a time of more than 30 years", advice) }
    return Duration(attoseconds: total)
  }

  /// A recipe, up to whatever stands behind it.
  mutating func recipe() throws(ScenarioError) -> OpenRecipe {
    do throws(RecipeError) {
      return try OpenRecipe(octets, at: &scanner.offset)
    } catch {
      throw ScenarioError(error, line: line)
    }
  }
}
