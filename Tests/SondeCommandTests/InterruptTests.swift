import Testing
import WireSupport

/// SIGINT, while standard input is waited for or packets are made, ends a verb as if the run had ended there.
@Suite struct InterruptTests {
  @Test(arguments: [
    ("craft --hex -", "UDP()", 0), ("craft -", "UDP()", 0), ("craft --json -", "UDP()", 0),
    ("craft --swift -", "UDP()", 0), ("checksum -", "00", 0), ("checksum --verify -", "ffff", 0),
    ("checksum --verify -", "0000", 1), ("decode --as raw -", "00", 0),
    // What was bad before the signal stays bad.
    ("craft --json -", "UPD()", 2), ("checksum --json -", "zz", 2),
  ])
  func theStatusIsThatOfWhatWasRead(arguments: String, line: String, status: Int) throws {
    let outcome = try Shell.run("\(script("interrupt.py")) '\(line)' \"$SONDE\" \(arguments)", seconds: 30)
    #expect(outcome.output == "\(status)\n", "\(arguments): \(outcome)")
  }

  @Test func aLongSweepEndsToo() throws {
    let sweep = "'IP(dst=\"10.0.0.0/8\")/UDP()'"
    for form in ["", "--hex", "--json", "--swift"] {
      let outcome = try Shell.run("\(script("interrupt.py")) '' \"$SONDE\" craft \(form) \(sweep)", seconds: 30)
      #expect(outcome.output == "0\n", "\(form): \(outcome)")
    }
  }
}
