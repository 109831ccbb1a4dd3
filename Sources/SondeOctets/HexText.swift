extension Hex {
  /// Reads octets from hexadecimal text as people paste it: `080000000101`, `0800 0000 0101`,
  /// `0x0800 0x0000`, `08:00:00:00`, `08-00-00`, `0x08, 0x00`; upper or lower case.
  ///
  /// Words of digits, each with or without `0x` before it, stand one after the other between white
  /// space, or single colons, hyphens or commas, and white space may follow a comma. Every word
  /// holds whole octets, so an odd number of digits is refused: nobody can tell on which side the
  /// missing digit belongs. Text of nothing but white space is no octets.
  ///
  /// - Throws: `ParseError` with the offset, in characters, of the character or word at fault.
  public static func octets(_ text: some StringProtocol) throws(ParseError) -> [UInt8] {
    var scanner = HexScanner(String(text))
    return try scanner.scan()
  }
}

/// Goes once through hexadecimal text.
private struct HexScanner {
  let text: String
  let characters: [UInt8]
  /// Counts the UTF-8 of the text; errors count its characters.
  var offset = 0
  var octets: [UInt8] = []

  init(_ text: String) {
    self.text = text
    characters = Array(text.utf8)
    octets.reserveCapacity(characters.count / 2)
  }

  mutating func scan() throws(ParseError) -> [UInt8] {
    skipSpace()
    while offset < characters.count {
      try scanWord()
      try scanSeparator()
    }
    return octets
  }

  private mutating func scanWord() throws(ParseError) {
    let start = offset
    if next == UInt8(ascii: "0"), offset + 1 < characters.count, characters[offset + 1] | 0x20 == UInt8(ascii: "x") {
      offset += 2
    }
    let digits = offset
    while let digit = next.flatMap(Hex.digit) {
      if (offset - digits) % 2 == 0 {
        octets.append(digit << 4)
      } else {
        octets[octets.count - 1] |= digit
      }
      offset += 1
    }
    guard endsWord else { throw notHexadecimal }
    guard offset > digits else { throw error(.noDigits, at: offset) }
    guard (offset - digits) % 2 == 0 else {
      throw error(.oddDigits(word: String(decoding: characters[start..<offset], as: UTF8.self)), at: start)
    }
  }

  /// Leaves `offset` at the next word, or at the end if only white space is left.
  private mutating func scanSeparator() throws(ParseError) {
    guard let separator = next, !isSpace(separator) else { return skipSpace() }
    offset += 1
    if separator == UInt8(ascii: ",") { skipSpace() }
    guard let next else { throw error(.noDigits, at: offset) }
    guard Hex.digit(next) != nil else { throw notHexadecimal }
  }

  private mutating func skipSpace() {
    while let next, isSpace(next) { offset += 1 }
  }

  private var next: UInt8? { offset < characters.count ? characters[offset] : nil }

  private var endsWord: Bool {
    guard let next else { return true }
    return isSpace(next) || [UInt8(ascii: ":"), UInt8(ascii: "-"), UInt8(ascii: ",")].contains(next)
  }

  private func isSpace(_ character: UInt8) -> Bool { character == 0x20 || (0x09...0x0d).contains(character) }

  private var notHexadecimal: ParseError {
    let index = text.utf8.index(text.startIndex, offsetBy: offset)
    return error(.notHexadecimal(character: text[index]), at: offset)
  }

  private func error(_ reason: ParseError.Reason, at offset: Int) -> ParseError {
    let index = text.utf8.index(text.startIndex, offsetBy: offset)
    return ParseError(reason, at: text.distance(from: text.startIndex, to: index))
  }
}
