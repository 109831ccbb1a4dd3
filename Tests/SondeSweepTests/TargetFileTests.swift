import SondeOctets
import SondeSweep
import TestSupport
import Testing

@Suite struct TargetFileTests {
  private func read(_ text: String, by piece: Int = .max) throws -> TargetList { try read(Array(text.utf8), by: piece) }

  private func read(_ octets: [UInt8], by piece: Int = .max) throws -> TargetList {
    var file = TargetFile("targets.txt")
    var list = TargetList()
    var rest = octets[...]
    while !rest.isEmpty {
      try file.read(rest.prefix(piece), into: &list)
      rest = rest.dropFirst(piece)
    }
    try file.end(into: &list)
    return list
  }

  private let text = """
    \u{feff}192.0.2.1 192.0.2.2\t192.0.2.9# the gateway 198.51.100.1
    # 198.51.100.2

    192.0.2.3\r
    \r
    2001:db8::/126\r
    example.com   # looked up
      192.0.2.16/30
    192.0.2.5-6,8
    """

  /// However its octets come, a file names the same.
  @Test(arguments: [1, 2, 3, 5, 7, 64, .max])
  func wordsStandBetweenBlanksAndLineEnds(_ piece: Int) throws {
    let list = try read(text, by: piece)
    #expect(
      list.named.ipv4.ranges == [
        0xc000_0201...0xc000_0203, 0xc000_0205...0xc000_0206, 0xc000_0208...0xc000_0209, 0xc000_0210...0xc000_0213,
      ])
    #expect(list.named.ipv6.total == 4)
    #expect(list.names == [TargetName(word: "example.com", place: TargetPlace(file: "targets.txt", line: 7))])
    #expect(list.entries == 7)
  }

  @Test(arguments: [1, 2, .max])
  func aBadWordIsNamedWithFileAndLine(_ piece: Int) {
    let error = #expect(throws: SweepError.self) { try read("192.0.2.1\n\n # x\n192.0.2.2 192.0.2.300\n", by: piece) }
    #expect(error?.message.hasPrefix("targets.txt, line 4: \"192.0.2.300\" is no target: ") == true, "\(error)")
    let last = #expect(throws: SweepError.self) { try read("192.0.2.1\r\n192.0.2.1,192.0.2.2", by: piece) }
    #expect(last?.message.hasPrefix("targets.txt, line 2: \"192.0.2.1,192.0.2.2\" is") == true)
  }

  @Test(arguments: [1, 700, .max]) func aWordThatIsTooLongIsNotCut(_ piece: Int) throws {
    let long = "192.0.2." + String(repeating: "1,", count: 507)
    #expect(try read(long, by: piece, adding: "").named.ipv4.total == 2)
    let error = #expect(throws: SweepError.self) { try read(long, by: piece, adding: "7,201") }
    #expect(error?.message == "targets.txt, line 1: a word is longer than 1024 octets; several words can name the same")
  }

  private func read(_ long: String, by piece: Int, adding end: String) throws -> TargetList {
    try read(long + "17" + end + "\n192.0.2.1", by: piece)
  }

  @Test(arguments: ["", "\n", "# nothing", " \t\r\n", "\u{feff}"])
  func aFileMayNameNothing(_ text: String) throws {
    let list = try read(text)
    #expect(list.entries == 0 && list.names.isEmpty && list.named.isEmpty)
  }

  @Test func whatIsNoTextEndsSoonAndIsShownOnOneLine() {
    let error = #expect(throws: SweepError.self) { try read([UInt8](repeating: 0, count: 1 << 20), by: 4096) }
    #expect((error?.message.utf8.count ?? 0) < 800)
    #expect(error?.message.contains { $0.isNewline || $0 == "\u{0}" } == false)
    #expect(throws: SweepError.self) { try read([0xff, 0xfe, 0x31, 0x0a]) }
    let long = String(repeating: "1", count: 1 << 16)
    #expect(throws: SweepError.self) { try read(long) }
    #expect(throws: SweepError.self) { try read(long + "\n192.0.2.1") }
    #expect(throws: SweepError.self) { try read("192.0.2.1\n" + long + "\n192.0.2.1", by: 100) }
  }

  /// The quick way by which plain addresses are read takes what the slow one takes.
  @Test func plainAddressesAreReadAsAnyOthers() throws {
    var random = Seeded()
    for _ in 0..<20_000 {
      var parts = (0..<Int.random(in: 3...5, using: &random)).map { _ in String(Int.random(in: 0...260, using: &random))
      }
      if Int.random(in: 0...3, using: &random) == 0 { parts[0] = "0" + parts[0] }
      let word = parts.joined(separator: ".")
      let expected = IPv4Address(word).map { [UInt128($0.rawValue)...UInt128($0.rawValue)] }
      let list = try? read(word + "\n")
      #expect(list?.wanted.ipv4.ranges == expected, "\(word)")
    }
  }

  @Test func plainIPv6AddressesAreReadAsAnyOthers() throws {
    var random = Seeded()
    let parts = ["0", "1", "db8", "ffff", "2001", "12345", "", "", "g", "00AB"]
    for count in 0..<20_000 {
      let words = (0..<Int.random(in: 2...9, using: &random)).map { _ in parts.randomElement(using: &random) ?? "" }
      var word = words.joined(separator: ":")
      if count % 3 == 0 { word = word.replacing(":", with: "::", maxReplacements: 1) }
      let expected = IPv6Address(word).map { UInt128($0.high) << 64 | UInt128($0.low) }.map { [$0...$0] }
      let list = try? read(word + "\n")
      #expect(list?.wanted.ipv6.ranges == expected, "\(word)")
      if let expected, let first = expected.first?.lowerBound {
        let text = IPv6Address(high: UInt64(first >> 64), low: UInt64(truncatingIfNeeded: first)).description
        #expect(try read(text).wanted.ipv6.ranges == expected, "\(text)")
      }
    }
  }

  @Test func anyOctetsAreReadOrRefused() {
    var random = Seeded()
    let signs = Array("0123456789....-,*/:af# \n\r\t".utf8) + [0, 0xff, 0xc3]
    for _ in 0..<3000 {
      let octets = (0..<Int.random(in: 0...60, using: &random)).map { _ in signs.randomElement(using: &random) ?? 0 }
      let whole = Result { try read(octets) }.map(\.named)
      let pieces = Result { try read(octets, by: 3) }.map(\.named)
      #expect((try? whole.get()) == (try? pieces.get()))
    }
  }

  @Test func manyLinesInAnyOrderAreOneSet() throws {
    var random = Seeded()
    let addresses = (0..<100_000).map { _ in UInt32.random(in: 0x0b00_0000...0x0b03_ffff, using: &random) }
    let text = addresses.map { IPv4Address(rawValue: $0).description }.joined(separator: "\n")
    let list = try read(text, by: 1 << 16)
    #expect(list.wanted.ipv4.total == UInt128(Set(addresses).count))
    #expect(list.entries == 100_000)
  }
}
