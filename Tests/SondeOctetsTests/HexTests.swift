import SondeOctets
import TestSupport
import Testing

@Suite struct HexTests {
  @Test(arguments: [
    "0800000001010202", "0800 0000 0101 0202", "0x0800 0x0000 0x0101 0x0202", "0X0800000001010202",
    "08:00:00:00:01:01:02:02", "08-00-00-00-01-01-02-02", "0x08, 0x00,0x00,\t0x00 01\u{b}01\r\n02\n02",
    "  0800 0000 01010202\n",
  ])
  func everyCommonNotationIsRead(_ text: String) throws {
    #expect(try Hex.octets(text) == [8, 0, 0, 0, 1, 1, 2, 2])
  }

  @Test func bothCasesAreRead() throws {
    #expect(try Hex.octets("dEADBEef") == [0xde, 0xad, 0xbe, 0xef])
    #expect(try Hex.octets("xab c".dropFirst().prefix(2)) == [0xab])
  }

  @Test(arguments: ["", " ", "\t\r\n"])
  func whiteSpaceIsNoOctets(_ text: String) throws {
    #expect(try Hex.octets(text) == [])
  }

  @Test(arguments: [
    ("08 0g", 4, "g"), ("0x08x", 4, "x"), ("x08", 0, "x"), ("08::00", 3, ":"), ("0x0000: 4500", 7, " "),
    ("08,,00", 3, ","), ("é08", 0, "é"), ("ab é", 3, "é"), ("é", 0, "é"), ("0٣", 1, "٣"), ("０8", 0, "０"),
    ("08.00", 2, "."), ("0x0x08", 3, "x"), ("08\\x00", 2, "\\"),
  ])
  func aBadCharacterIsNamedWithItsPlace(_ text: String, _ offset: Int, _ character: Character) {
    #expect(throws: ParseError(.notHexadecimal(character: character), at: offset)) { try Hex.octets(text) }
  }

  @Test(arguments: [
    ("8", 0, "8"), ("080", 0, "080"), ("0800 123", 5, "123"), ("0x080", 0, "0x080"), ("ab 0x1 ab", 3, "0x1"),
    ("8:0:20", 0, "8"), ("08:0", 3, "0"),
  ])
  func aWordOfOddLengthIsNamed(_ text: String, _ offset: Int, _ word: String) {
    #expect(throws: ParseError(.oddDigits(word: word), at: offset)) { try Hex.octets(text) }
  }

  @Test(arguments: [
    ("0x", 2), ("08 0x 00", 5), (":08", 0), ("08:", 3), ("08,", 3), ("08, ", 4), ("-", 0), ("--", 0), ("08 -00", 3),
  ])
  func missingDigitsAreNoticed(_ text: String, _ offset: Int) {
    #expect(throws: ParseError(.noDigits, at: offset)) { try Hex.octets(text) }
  }

  @Test func errorsSayWhatAndWhere() {
    #expect(
      ParseError(.notHexadecimal(character: "g"), at: 4).description
        == "\"g\" at character 5 is no hexadecimal digit")
    #expect(
      ParseError(.oddDigits(word: "123"), at: 5).description
        == "\"123\" at character 6 has an odd number of hexadecimal digits; two make an octet")
    #expect(ParseError(.noDigits, at: 2).description == "hexadecimal digits are missing at character 3")
  }

  @Test func textIsReadBack() throws {
    var random = Seeded()
    for count in 0..<300 {
      let octets = random.octets(count)
      let text = Hex.text(octets)
      #expect(text.utf8.count == 2 * count)
      #expect(try Hex.octets(text) == octets)
      #expect(try Hex.octets(text.uppercased()) == octets)
      #expect(try Hex.octets(octets.map { Hex.text([$0]) }.joined(separator: ":")) == octets)
    }
  }

  @Test func wordsArePaddedWithZeros() {
    #expect(Hex.word(0xf4fc) == "0xf4fc")
    #expect(Hex.word(0) == "0x0000")
    #expect(Hex.word(0x12345) == "0x12345")
    #expect(Hex.word(UInt8(7), digits: 2) == "0x07")
  }

  @Test func digitsAreTheTwentyTwoCharacters() {
    let digits = (UInt8.min...UInt8.max).filter { Hex.digit($0) != nil }
    #expect(String(decoding: digits, as: UTF8.self) == "0123456789ABCDEFabcdef")
    #expect(digits.compactMap(Hex.digit) == Array(0...9) + Array(10...15) + Array(10...15))
  }
}
