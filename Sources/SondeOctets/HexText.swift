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
    var scanner = HexScanner(characters: Array(text.utf8))
    do throws(ParseError) {
      return try scanner.scan()
    } catch {
      // The scanner counts in UTF-8, people in characters.
      let index = text.utf8.index(text.startIndex, offsetBy: error.offset)
      let offset = text.distance(from: text.startIndex, to: index)
      guard case .notHexadecimal = error.reason else { throw ParseError(error.reason, at: offset) }
      throw ParseError(.notHexadecimal(character: text[text.index(text.startIndex, offsetBy: offset)]), at: offset)
    }
  }
}

/// Goes once through hexadecimal text; offsets are in UTF-8.
private struct HexScanner {
  let characters: [UInt8]
  var offset = 0
  var octets: [UInt8] = []

  init(characters: [UInt8]) {
    self.characters = characters
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
    guard offset > digits else { throw ParseError(.noDigits, at: offset) }
    guard (offset - digits) % 2 == 0 else {
      throw ParseError(.oddDigits(word: String(decoding: characters[start..<offset], as: UTF8.self)), at: start)
    }
  }

  /// Leaves `offset` at the next word, or at the end if only white space is left.
  private mutating func scanSeparator() throws(ParseError) {
    guard let separator = next, !isSpace(separator) else { return skipSpace() }
    offset += 1
    if separator == UInt8(ascii: ",") { skipSpace() }
    guard let next else { throw ParseError(.noDigits, at: offset) }
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

  /// The character itself is put in by `Hex.octets`, which has the text.
  private var notHexadecimal: ParseError { ParseError(.notHexadecimal(character: "?"), at: offset) }
}
