import Foundation
import SondeReport
import Testing

@Suite struct JSONTests {
  @Test func membersKeepTheirOrderAndNoSpaceIsWritten() {
    let value = JSON.object([
      ("b", 1), ("a", .array([true, nil, "x"])), ("e", .object([])), ("n", .integer(nil as Int?)), ("z", .array([])),
    ])
    #expect(value.line == #"{"b":1,"a":[true,null,"x"],"e":{},"n":null,"z":[]}"#)
  }

  @Test func theLargestNumbersAreWrittenAsTheyAre() {
    #expect(
      JSON.array([.natural(.max), .natural(0), .integer(.min)]).line == "[18446744073709551615,0,-9223372036854775808]")
  }

  @Test func textIsEscapedAsRFC8259Says() {
    #expect(
      JSON.string("a\"b\\c\nd\re\tf\u{0}\u{1f}\u{7f}/é😀").line == #""a\"b\\c\nd\re\tf\u0000\u001f"# + "\u{7f}/é😀\"")
  }

  @Test func anyTextIsReadBackByAnotherParser() throws {
    for scalar in (0...0x10_ffff).lazy.compactMap(Unicode.Scalar.init)
    where scalar.value < 0x300 || scalar.value % 97 == 0 {
      let text = "a\(Character(scalar))b"
      let read = try JSONSerialization.jsonObject(with: Data(JSON.array([.string(text)]).line.utf8)) as? [String]
      // Canonically equal texts are equal in Swift: compare the octets.
      #expect(read?.first.map { Array($0.utf8) } == Array(text.utf8), "U+\(String(scalar.value, radix: 16))")
    }
  }

  @Test func integersAreWholeAndClamped() {
    #expect(JSON.integer(Int64.min).line == "-9223372036854775808")
    #expect(JSON.integer(UInt64.max).line == "9223372036854775807")
  }
}
