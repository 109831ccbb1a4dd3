import SondeOctets
import SondeSweep
import TestSupport
import Testing

@Suite struct TargetSelectionTests {
  private func list(_ words: [String]) throws(SweepError) -> TargetList {
    var list = TargetList()
    for word in words { try list.add(word) }
    return list
  }

  private func select(_ words: [String], not excluded: [String] = []) throws(SweepError) -> TargetSelection {
    try TargetSelection(list(words), excluding: list(excluded))
  }

  private func holds(_ selection: TargetSelection, _ text: String) -> Bool {
    switch IPAddress(text) {
    case .v4(let address)?: selection.addresses.ipv4.contains(UInt128(address.rawValue))
    case .v6(let address)?: selection.addresses.ipv6.contains(UInt128(address.high) << 64 | UInt128(address.low))
    case nil: false
    }
  }

  /// Each block beside the wider one that would bring it in, and an address of the latter outside.
  @Test(arguments: [
    ("0.0.0.0/8", "0.0.0.0/7", "0.0.0.9", "1.0.0.9"), ("10.0.0.0/8", "8.0.0.0/6", "10.9.9.9", "9.255.255.255"),
    ("100.64.0.0/10", "100.0.0.0/8", "100.127.255.255", "100.128.0.0"),
    ("127.0.0.0/8", "126.0.0.0/7", "127.0.0.1", "126.255.255.255"),
    ("169.254.0.0/16", "169.254.0.0/15", "169.254.255.255", "169.255.0.0"),
    ("172.16.0.0/12", "172.0.0.0/8", "172.31.255.255", "172.32.0.0"),
    ("192.0.0.0/24", "192.0.0.0/23", "192.0.0.255", "192.0.1.0"),
    ("192.0.2.0/24", "192.0.2.0/23", "192.0.2.255", "192.0.3.0"),
    ("192.31.196.0/24", "192.31.0.0/16", "192.31.196.1", "192.31.195.255"),
    ("192.52.193.0/24", "192.52.0.0/16", "192.52.193.1", "192.52.194.0"),
    ("192.88.99.0/24", "192.88.0.0/16", "192.88.99.1", "192.88.98.255"),
    ("192.168.0.0/16", "192.168.0.0/15", "192.168.255.255", "192.169.0.0"),
    ("192.175.48.0/24", "192.175.0.0/16", "192.175.48.1", "192.175.49.0"),
    ("198.18.0.0/15", "198.16.0.0/13", "198.19.255.255", "198.20.0.0"),
    ("198.51.100.0/24", "198.51.0.0/16", "198.51.100.255", "198.51.101.0"),
    ("203.0.113.0/24", "203.0.0.0/16", "203.0.113.255", "203.0.114.0"),
    ("240.0.0.0/4", "223.255.255.255-255.255.255.255", "255.255.255.254", "223.255.255.255"),
    ("::1/128", "::/64", "::1", "::2"), ("::ffff:0:0/96", "::/64", "::ffff:192.0.2.1", "::fffe:ffff:ffff"),
    ("64:ff9b::/96", "64:ff9b::/64", "64:ff9b::ffff:ffff", "64:ff9b::1:0:0"),
    ("64:ff9b:1::/48", "64:ff9b::/32", "64:ff9b:1:ffff::", "64:ff9b:2::"),
    ("100::/64", "100::/62", "100::ffff:ffff:ffff:ffff", "100:0:0:2::"),
    ("100:0:0:1::/64", "100::/62", "100:0:0:1::", "100:0:0:2::"),
    ("2001::/23", "2001::/22", "2001:1ff:ffff::", "2001:200::"),
    ("2001:db8::/32", "2001:db8::/31", "2001:db8:ffff::", "2001:db9::"),
    ("2002::/16", "2002::/15", "2002:ffff::", "2003::"),
    ("2620:4f:8000::/48", "2620:4f::/32", "2620:4f:8000::1", "2620:4f:8001::"),
    ("3fff::/20", "3fff::/16", "3fff:fff:ffff::", "3fff:1000::"),
    ("5f00::/16", "5f00::/15", "5f00:ffff::", "5f01::"), ("fc00::/7", "fc00::/6", "fdff:ffff::", "fe00::"),
    ("fe80::/10", "fe80::/9", "febf:ffff::", "fec0::"),
  ])
  func reservedAddressesAreSweptOnlyWhereTheyWereMeant(
    _ block: String, _ wider: String, _ inside: String, _ outside: String
  ) throws {
    #expect(holds(try select([block]), inside), "the block itself")
    #expect(holds(try select([inside]), inside), "an address of it")
    let wide = try select([wider])
    #expect(!holds(wide, inside))
    #expect(holds(wide, outside))
    #expect(wide.tally.reserved > 0)
    #expect(wide.tally.targets + wide.tally.reserved + wide.tally.never == wide.tally.named)
    for words in [[wider, inside], [inside, wider], [wider, block]] {
      let both = try select(words)
      #expect(holds(both, inside) && holds(both, outside), "\(words)")
    }
    let all = try TargetSelection(list([wider]), sparesReserved: false)
    #expect(holds(all, inside) && all.tally.reserved == 0)
  }

  @Test func rangesAndOctetListsAreMeantOrNotAsBlocksAre() throws {
    #expect(try select(["10.0.0.0-10.0.0.9"]).tally.targets == 10)
    #expect(try select(["9.255.255.255-10.0.0.9"]).tally.targets == 1)
    #expect(try select(["10.0-255.0,9.1"]).tally.targets == 512)
    #expect(try select(["9,10.0.0.1"]).tally.targets == 1)
    #expect(try select(["9.0.0.1", "10.0.0.1"]).tally.targets == 2)
    // Two blocks side by side are none together.
    #expect(throws: SweepError.self) { try select(["100::/63"]) }
  }

  @Test(arguments: [
    "224.0.0.0/4", "224.0.0.1", "239.255.255.255", "255.255.255.255", "0.0.0.0", "ff00::/8", "ff02::1", "::", "::/128",
  ])
  func whatNamesNoSingleHostIsNeverAsked(_ word: String) throws {
    let error = #expect(throws: SweepError.self) { try select([word]) }
    #expect(error?.message.contains("multicast") == true)
    let selection = try select([word, "192.0.2.1"])
    #expect(selection.tally.targets == 1)
    #expect(selection.tally.never == selection.tally.named - 1)
    #expect(throws: SweepError.self) { try TargetSelection(list([word]), sparesReserved: false) }
  }

  @Test func theWholeOfIPv4HasItsKnownRest() throws {
    let selection = try select(["0.0.0.0/0"])
    // Python: 2^32 less the addresses of ipaddress.ip_network over the registry's rows and 224.0.0.0/4.
    #expect(selection.tally.targets == 3_702_257_664)
    #expect(selection.tally.named == 1 << 32)
    #expect(selection.tally.never == (1 << 28) + 2)
  }

  @Test func theWholeOfIPv6CanBeNamed() throws {
    let selection = try select(["::/0"])
    #expect(selection.tally.named == .max)
    #expect(!holds(selection, "ff02::1") && !holds(selection, "::") && holds(selection, "2600::1"))
  }

  @Test func whatIsExcludedIsExcludedHoweverItWasNamed() throws {
    let selection = try select(["192.0.2.0/24", "192.0.2.7"], not: ["192.0.2.7", "192.0.2.128/25", "203.0.113.0/24"])
    #expect(selection.tally == TargetTally(named: 256, targets: 127, never: 0, excluded: 129, reserved: 0))
    // A wide block excludes all of its addresses, the reserved ones too.
    let error = #expect(throws: SweepError.self) { try select(["10.0.0.1", "11.0.0.1"], not: ["8.0.0.0/5"]) }
    #expect(error?.message == "nothing to sweep: all 2 addresses named are excluded: 2 by --exclude")
    let one = #expect(throws: SweepError.self) { try select(["10.0.0.1"], not: ["10.0.0.1"]) }
    #expect(one?.message == "nothing to sweep: the one address named is excluded: 1 by --exclude")
    let none = #expect(throws: SweepError.self) { try select([]) }
    #expect(none?.message == "no targets are named")
  }

  @Test func broadcastAddressesOfThisMachinesNetworksAreNeverAsked() throws {
    let selection = try TargetSelection(
      list(["192.0.2.0/24"]), broadcasts: AddressRanges([0xc000_02ff...0xc000_02ff]))
    #expect(selection.tally.targets == 255 && selection.tally.never == 1)
  }

  @Test func aFamilyIsKeptTo() throws {
    var list = TargetList(version: 6)
    try list.add("2001:db8::1")
    let error = #expect(throws: SweepError.self) { try list.add("192.0.2.1") }
    #expect(error?.message == "\"192.0.2.1\" is of IPv4, and only IPv6 was asked for")
    try list.add("example.com")
    #expect(list.names == [TargetName(word: "example.com")])
  }

  /// Against a walk over all of 10.255.240.0/20 and what lies beside it, of which half is reserved.
  @Test func theSelectionIsWhatTheRuleSays() throws {
    var random = Seeded()
    let base: UInt32 = 0x0aff_f800
    for _ in 0..<150 {
      func words() -> [(first: UInt32, last: UInt32)] {
        (0..<Int.random(in: 1...6, using: &random)).map { _ in
          let first = base + .random(in: 0..<4096, using: &random)
          let length: UInt32 = Bool.random(using: &random) ? 0 : .random(in: 0..<1500, using: &random)
          return (first, min(first + length, base + 4095))
        }
      }
      let (named, excluded) = (words(), words())
      let text = { (pair: (first: UInt32, last: UInt32)) in
        "\(IPv4Address(rawValue: pair.first))-\(IPv4Address(rawValue: pair.last))"
      }
      var expected: Set<UInt32> = []
      for (first, last) in named {
        let isInside = first >> 24 == 10 && last >> 24 == 10
        for address in first...last where isInside || address >> 24 != 10 { expected.insert(address) }
      }
      for (first, last) in excluded { expected.subtract(first...last) }
      do throws(SweepError) {
        let selection = try TargetSelection(list(named.map(text)), excluding: list(excluded.map(text)))
        #expect(selection.addresses.ipv4.ranges.flatMap { Array($0) } == expected.sorted().map { UInt128($0) })
        let tally = selection.tally
        #expect(tally.targets + tally.never + tally.excluded + tally.reserved == tally.named)
      } catch {
        #expect(expected.isEmpty)
      }
    }
  }
}
