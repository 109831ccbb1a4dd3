import SondeOctets
import SondeSweep
import TestSupport
import Testing

@Suite struct TargetWordTests {
  /// The ranges of a word, as text.
  private func ranges(_ word: String) throws -> [String] {
    guard case .addresses(let entry) = try TargetWord(word) else { return ["name \(word)"] }
    return entry.pieces.map { piece in
      let ends = [piece.lowerBound, piece.upperBound].map { number in
        entry.version == 4
          ? IPv4Address(rawValue: UInt32(number)).description
          : IPv6Address(high: UInt64(number >> 64), low: UInt64(truncatingIfNeeded: number)).description
      }
      return ends[0] == ends[1] ? ends[0] : ends.joined(separator: "-")
    }
  }

  @Test(arguments: [
    ("192.0.2.1", ["192.0.2.1"]),
    ("2001:DB8::1", ["2001:db8::1"]),
    ("192.0.2.0/24", ["192.0.2.0-192.0.2.255"]),
    ("192.0.2.77/24", ["192.0.2.0-192.0.2.255"]),
    ("192.0.2.77/32", ["192.0.2.77"]),
    ("192.0.2.77/31", ["192.0.2.76-192.0.2.77"]),
    ("0.0.0.0/0", ["0.0.0.0-255.255.255.255"]),
    ("255.255.255.255/1", ["128.0.0.0-255.255.255.255"]),
    ("2001:db8::/120", ["2001:db8::-2001:db8::ff"]),
    ("2001:db8::1/127", ["2001:db8::-2001:db8::1"]),
    ("2001:db8::1/128", ["2001:db8::1"]),
    ("::/0", ["::-ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff"]),
    ("ffff::/1", ["8000::-ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff"]),
    ("192.0.2.1-192.0.2.50", ["192.0.2.1-192.0.2.50"]),
    ("192.0.2.1-192.0.2.1", ["192.0.2.1"]),
    ("192.0.2.1-50", ["192.0.2.1-192.0.2.50"]),
    ("192.0.2.1-20,30", ["192.0.2.1-192.0.2.20", "192.0.2.30"]),
    ("192.0.2.30,1-20,21", ["192.0.2.1-192.0.2.21", "192.0.2.30"]),
    ("192.0.2.*", ["192.0.2.0-192.0.2.255"]),
    ("192.0.2.-", ["192.0.2.0-192.0.2.255"]),
    ("192.0.2.250-", ["192.0.2.250-192.0.2.255"]),
    ("192.0.2.-3", ["192.0.2.0-192.0.2.3"]),
    ("198.51.0-1.254-255", ["198.51.0.254-198.51.0.255", "198.51.1.254-198.51.1.255"]),
    ("198.51.0-3.*", ["198.51.0.0-198.51.3.255"]),
    ("198.51.0,2.*", ["198.51.0.0-198.51.0.255", "198.51.2.0-198.51.2.255"]),
    ("198.51.1-2.0-255", ["198.51.1.0-198.51.2.255"]),
    (
      "198.50-51.255,0.255,0",
      [
        "198.50.0.0", "198.50.0.255", "198.50.255.0", "198.50.255.255-198.51.0.0", "198.51.0.255", "198.51.255.0",
        "198.51.255.255",
      ]
    ),
    ("*.*.*.*", ["0.0.0.0-255.255.255.255"]),
    ("255.255.255.254-255", ["255.255.255.254-255.255.255.255"]),
    ("2001:db8::1-2001:db8::ff", ["2001:db8::1-2001:db8::ff"]),
    ("::-ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", ["::-ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff"]),
    ("::ffff:192.0.2.1", ["::ffff:192.0.2.1"]),
    ("example.com", ["name example.com"]),
    ("localhost", ["name localhost"]),
    ("a-b.example.com.", ["name a-b.example.com."]),
    ("_sonde.example.com", ["name _sonde.example.com"]),
    ("192-0-2-1.example.com", ["name 192-0-2-1.example.com"]),
    ("1.example", ["name 1.example"]),
    ("0xyz", ["name 0xyz"]),
  ])
  func aWordNamesWhatItSays(_ word: String, _ expected: [String]) throws {
    #expect(try ranges(word) == expected)
  }

  @Test(arguments: [
    ("", "empty"), ("192.0.2", "four octets"), ("192.0.2.256", "0 to 255"), ("192.0.2.01", "leading zeros"),
    ("192.0.2.1.1", "four octets"), ("3221225985", "four octets"), ("0xc0000201", "four octets"), ("0x", "four octets"),
    ("192.0.2.0/33", "0 to 32"), ("192.0.2.0/", "0 to 32"), ("192.0.2.0/024", "0 to 32"), ("192.0.2.0/+8", "0 to 32"),
    ("192.0.2.0/-1", "0 to 32"), ("192.0.2.0/24/24", "more than one /"), ("example.com/24", "no address"),
    ("192.0.2.0-5/24", "no address"), ("2001:db8::/129", "0 to 128"), ("/24", "no address"),
    ("192.0.2.50-192.0.2.1", "ends before"), ("192.0.2.50-1", "ends before"), ("192.0.2.1-256", "0 to 255"),
    ("192.0.2.1-2001:db8::1", "two families"), ("2001:db8::1-192.0.2.1", "two families"),
    ("2001:db8::ff-2001:db8::1", "ends before"), ("2001:db8::1-ff", "no address"), ("192.0.2.1-x", "no address"),
    ("192.0.2.1,192.0.2.2", "commas"), ("192.0.2.1,", "list"), ("192.0.2.1--2", "list"), ("192.0.2.1-2-3", "list"),
    ("192.0.2.1,,2", "list"), ("192.0.2..", "no IPv4"), ("192.0.2.**", "0 to 255"), ("192.0.2.1*", "0 to 255"),
    ("*", "*"), ("192.*", "*"), ("*.example.com", "*"), ("192.0.2.1:80", "-p"), ("[2001:db8::1]:80", "-p"),
    ("example.com:80", "-p"), ("[2001:db8::1]", "brackets"), ("2001:db8::1::", "IPv6"), ("2001:db8:::1", "IPv6"),
    ("2001:db8::12345", "IPv6"), ("fe80::1%eth0", "-I"), ("192.0.2.O", "last octet"), ("-example.com", "signs"),
    ("exa mple", "signs"), ("example..com", "signs"), ("exämple.com", "signs"), ("*.*.*.1", "16777216"),
    ("192.0.2.1/24-30", "0 to 32"), ("\u{0}", "signs"),
  ])
  func aMistakenWordIsNamedWithWhatIsAccepted(_ word: String, _ why: String) {
    let error = #expect(throws: SweepError.self) { try TargetWord(word) }
    #expect(error?.message.hasPrefix("\"") == true)
    #expect(error?.message.contains(why) == true, "\(error?.message ?? "")")
    #expect(error?.message.contains("192.0.2.1-192.0.2.50") == true)
    #expect(error?.message.contains(where: \.isNewline) == false)
  }

  @Test func theMostPiecesOfAWordAreTaken() throws {
    guard case .addresses(let entry) = try TargetWord("198.51.*.1") else { return }
    #expect(entry.pieces.count == 256)
    guard case .addresses(let most) = try TargetWord("198.*.*.1") else { return }
    #expect(most.pieces.count == 65_536)
    #expect(most.count == 65_536)
    #expect(throws: SweepError.self) { try TargetWord("198-199.*.*.1") }
  }

  @Test func aBlockIsToldFromAnAddress() throws {
    for (word, isBlock) in [("192.0.2.1", false), ("192.0.2.1/32", false), ("192.0.2.1-2", true), ("::/0", true)] {
      guard case .addresses(let entry) = try TargetWord(word) else { continue }
      #expect(entry.isBlock == isBlock, "\(word)")
    }
  }

  /// Octets that are lists, against four loops.
  @Test func octetListsNameTheProductOfTheirLists() throws {
    var random = Seeded()
    for _ in 0..<300 {
      var lists: [[UInt128]] = []
      var texts: [String] = []
      for place in 0..<4 {
        let isSmall = place < 2 || Bool.random(using: &random)
        let items = (0..<Int.random(in: 1...3, using: &random)).map { _ in
          let first = Int.random(in: 0...255, using: &random)
          return first...min(255, first + Int.random(in: 0...(isSmall ? 2 : 300), using: &random))
        }
        lists.append(Set(items.flatMap { $0.map { UInt128($0) } }).sorted())
        texts.append(
          items.map { $0.count == 1 ? "\($0.lowerBound)" : "\($0.lowerBound)-\($0.upperBound)" }.joined(separator: ","))
      }
      guard case .addresses(let entry) = try TargetWord(texts.joined(separator: ".")) else {
        Issue.record("\(texts)")
        continue
      }
      #expect(entry.count == lists.reduce(1) { $0 * UInt128($1.count) })
      let set = AddressRanges(entry.pieces)
      #expect(set.ranges == entry.pieces)
      for a in lists[0] {
        for b in lists[1] {
          let (c, d) = (lists[2].randomElement(using: &random) ?? 0, lists[3].randomElement(using: &random) ?? 0)
          #expect(set.contains(a << 24 | b << 16 | c << 8 | d), "\(texts)")
        }
      }
    }
  }

  @Test func noWordStopsTheReader() {
    var random = Seeded()
    let signs = Array("0123456789.-,*/:afx%[] ")
    for _ in 0..<30_000 {
      let word = String(
        (0..<Int.random(in: 0...24, using: &random)).map { _ in signs.randomElement(using: &random) ?? "0" })
      do throws(SweepError) {
        if case .addresses(let entry) = try TargetWord(word) { #expect(entry.count > 0) }
      } catch {
        #expect(!error.message.isEmpty)
      }
    }
  }
}
