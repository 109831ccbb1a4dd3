import Foundation
import Testing
import WireSupport

/// Checksums of the RFCs' own examples, in every form of writing them.
@Suite struct ChecksumCommandTests {
  @Test(arguments: [
    "0800 0000 0101 0202", "0800000001010202", "\"0800 0000 0101 0202\"", "08:00:00:00:01:01:02:02",
    "0x0800 0x0000 0x0101 0x0202", "08 00 00 00 01 01 02 02", "0x0800000001010202",
  ])
  func theSameOctetsInAnyFormHaveTheSameSum(words: String) throws {
    let outcome = try sonde("checksum \(words)")
    #expect(outcome.status == 0 && outcome.lines.suffix(2) == ["0xf4fc", ""], "\(outcome)")
    let quiet = try sonde("checksum -q \(words)")
    #expect(quiet.output == "0xf4fc\n")
    let json = try sonde("checksum --json \(words)")
    #expect(json.output == "{\"type\":\"checksum\",\"line\":1,\"layer\":\"raw\",\"value\":\"0xf4fc\"}\n")
  }

  @Test(arguments: [
    // RFC 1071 §3: the sum of these is ddf2.
    ("0001 f203 f4f5 f6f7", "0x220d"),
    // RFC 791's shape: a header whose sum is in place sums to 0xffff, so that its checksum is 0.
    ("4500 0073 0000 4000 4011 b861 c0a8 0001 c0a8 00c7", "0x0000"),
    ("4500 0073 0000 4000 4011 0000 c0a8 0001 c0a8 00c7", "0xb861"),
    // An odd length is padded with a zero octet behind it (RFC 1071 §1).
    ("01", "0xfeff"), ("0102 03", "0xfbfd"), ("''", "0xffff"), ("0000", "0xffff"), ("ffff", "0x0000"),
  ])
  func sumsAreThoseOfTheRFCs(words: String, sum: String) throws {
    let outcome = try sonde("checksum -q \(words)")
    #expect(outcome.status == 0 && outcome.output == sum + "\n", "\(outcome)")
  }

  @Test func theLedgerShowsWordsCarriesFoldAndComplement() throws {
    let outcome = try sonde("checksum 0001 f203 f4f5 f6f7")
    #expect(
      outcome.output == """
        offset  word    running sum
        0       0x0001  0x00001
        2       0xf203  0x0f204
        4       0xf4f5  0x1e6f9  carry
        6       0xf6f7  0x2ddf0  carry
        fold    0xddf0 + 0x2 = 0xddf2
        sum     0xddf2
        complement
        0x220d

        """)
  }

  @Test func verifyingSaysValidOrWrongAndSoDoesTheStatus() throws {
    let right = try sonde("checksum --verify 0800 f4fc 0101 0202")
    #expect(right.status == 0 && right.output.hasSuffix("\nvalid: the sum is 0xffff\n"))
    let wrong = try sonde("checksum --verify 0800 f4fd 0101 0202")
    #expect(wrong.status == 1 && wrong.output.contains("\nwrong: the sum is 0x0001, not 0xffff\n"), "\(wrong)")
    let json = try objects(try sonde("checksum --verify --json 0800 f4fd 0101 0202"))
    #expect(json.first?.text("verdict") == "wrong")
    let valid = try objects(try sonde("checksum --verify --json 0800 f4fc 0101 0202"))
    #expect(valid.first?.text("verdict") == "valid")
    let empty = try sonde("checksum -q --verify ''")
    #expect(empty.status == 1 && empty.output == "wrong\n", "no octets hold no checksum")
  }

  @Test(arguments: [
    // RFC 1624 §4: HC = dd2f, m = 5555, m' = 3285 gives 0000, not ffff.
    ("0xdd2f 0x5555 0x3285", "0x0000"), ("dd2f 5555 3285", "0x0000"), ("0xf4fc 0x0202 0x0203", "0xf4fb"),
    ("0xf4fc 0x0800 0x0800", "0xf4fc"),
  ])
  func anUpdateIsThatOfRFC1624(words: String, sum: String) throws {
    let outcome = try sonde("checksum --update \(words)")
    #expect(outcome.status == 0 && outcome.lines.suffix(2) == [Substring(sum), ""], "\(outcome)")
    #expect(try objects(try sonde("checksum --update --json \(words)")).first?.text("value") == sum)
  }

  @Test func everyLineOfStandardInputIsABuffer() throws {
    let input = "printf '0800 0000 0101 0202\\n\\nxyz\\n 01 \\n0x1234\\n12 3\\nffff'"
    let outcome = try Shell.run("\(input) | \"$SONDE\" checksum --json -")
    #expect(outcome.status == 2)
    let lines = try objects(outcome)
    #expect(lines.map { $0.number("line") } == [1, 2, 3, 4, 5, 6, 7])
    #expect(
      lines.map { $0.text("type") == "error" ? "error \($0.number("column") ?? 0)" : $0.text("value") }
        == ["0xf4fc", "0xffff", "error 1", "0xfeff", "0xedcb", "error 4", "0x0000"], "\(outcome)")
    let text = try Shell.run("\(input) | \"$SONDE\" checksum -")
    #expect(text.output == "0xf4fc\n0xffff\n0xfeff\n0xedcb\n0x0000\n" && text.status == 2)
    #expect(text.errors.hasPrefix("sonde: checksum: line 3: ") && text.errors.contains("\nsonde: checksum: line 6: "))
    let checked = try Shell.run("\(input) | \"$SONDE\" checksum --json - | \(script("jsonlines.py"))")
    #expect(checked.output == "checksum=5 error=2\n", "\(checked)")
    let nothing = try Shell.run("\"$SONDE\" checksum -")
    #expect(nothing.status == 0 && nothing.output.isEmpty)
    let unverified = try Shell.run("\"$SONDE\" checksum --verify -")
    #expect(unverified.status == 2 && unverified.errors.contains("nothing was verified"), "\(unverified)")
    let wrong = try Shell.run("printf 'ffff\\n0001\\n' | \"$SONDE\" checksum --verify -")
    #expect(wrong.status == 1 && wrong.output == "valid\nwrong\n")
  }

  @Test func oddBytesInTheInputAreErrorsAndNeverCrashes() throws {
    let outcome = try Shell.run("head -c 20000 /dev/urandom | \"$SONDE\" checksum --json - | \(script("jsonlines.py"))")
    #expect(outcome.status == 0, "\(outcome)")
    let windows = try Shell.run("printf '0800 0000 0101 0202\\r\\n' | \"$SONDE\" checksum -")
    #expect(windows.output == "0xf4fc\n" && windows.status == 0, "\(windows)")
  }

  @Test func muchInputIsSummedInTime() throws {
    // A million octets on one line, and 20,000 lines; Python sums them again.
    let long = try Shell.run(
      "python3 -c 'print(bytes(i * 7 & 255 for i in range(1000001)).hex())' | \"$SONDE\" checksum -")
    let octets = (0..<1_000_001).map { UInt64($0 * 7 & 255) }
    var sum: UInt64 = 0
    for (index, octet) in octets.enumerated() { sum += index % 2 == 0 ? octet << 8 : octet }
    while sum >> 16 != 0 { sum = sum & 0xffff + sum >> 16 }
    let digits = String(~UInt16(sum), radix: 16)
    #expect(long.output == "0x" + String(repeating: "0", count: 4 - digits.count) + digits + "\n")
    let many = try Shell.run("yes '0800 0000 0101 0202' | head -n 20000 | \"$SONDE\" checksum - | sort | uniq -c")
    #expect(many.output.trimmingCharacters(in: .whitespacesAndNewlines) == "20000 0xf4fc")
  }

  @Test func theReaderMayGoAtAnyTime() throws {
    let outcome = try Shell.run("yes 0800 | \"$SONDE\" checksum - | head -n 1", seconds: 60)
    #expect(outcome.status == 0 && outcome.output == "0xf7ff\n" && outcome.errors.isEmpty, "\(outcome)")
  }
}
