import SondeOctets
import TestSupport
import Testing

@Suite struct IPv6AddressTests {
  /// The examples of RFC 5952 §1 and §2: ways to write one address, and §4's one way.
  @Test(arguments: [
    ("2001:db8:0:0:1:0:0:1", "2001:db8::1:0:0:1"), ("2001:0db8:0:0:1:0:0:1", "2001:db8::1:0:0:1"),
    ("2001:db8::1:0:0:1", "2001:db8::1:0:0:1"), ("2001:db8::0:1:0:0:1", "2001:db8::1:0:0:1"),
    ("2001:0db8::1:0:0:1", "2001:db8::1:0:0:1"), ("2001:db8:0:0:1::1", "2001:db8::1:0:0:1"),
    ("2001:DB8:0:0:1::1", "2001:db8::1:0:0:1"),
    ("2001:db8:aaaa:bbbb:cccc:dddd:eeee:001", "2001:db8:aaaa:bbbb:cccc:dddd:eeee:1"),
    ("2001:db8:0:0:0::1", "2001:db8::1"), ("2001:db8:0:0::1", "2001:db8::1"), ("2001:db8:0::1", "2001:db8::1"),
    ("2001:db8::aaaa:0:0:1", "2001:db8::aaaa:0:0:1"), ("2001:db8:0:0:aaaa::1", "2001:db8::aaaa:0:0:1"),
    ("2001:db8:aaaa:bbbb:cccc:dddd:eeee:AaAa", "2001:db8:aaaa:bbbb:cccc:dddd:eeee:aaaa"),
    // §4.1: leading zeros; §4.2.1: as short as possible
    ("2001:0db8::0001", "2001:db8::1"), ("2001:db8:0:0:0:0:2:1", "2001:db8::2:1"),
    // §4.2.2: one group is not shortened
    ("2001:db8::1:1:1:1:1", "2001:db8:0:1:1:1:1:1"), ("2001:db8:0:1:1:1:1:1", "2001:db8:0:1:1:1:1:1"),
    // §4.2.3: the longest run, the first of equals
    ("2001:0:0:1:0:0:0:1", "2001:0:0:1::1"), ("2001:db8:0:0:1:0:0:1", "2001:db8::1:0:0:1"),
    // §5: a dotted quad after a prefix known to hold one
    ("::ffff:c000:201", "::ffff:192.0.2.1"), ("0:0:0:0:0:FFFF:192.0.2.1", "::ffff:192.0.2.1"),
  ])
  func oneAddressHasOneText(_ text: String, _ canonical: String) {
    #expect(IPv6Address(text)?.description == canonical)
  }

  /// The forms of RFC 4291 §2.2.
  @Test(
    arguments: [
      ("ABCD:EF01:2345:6789:ABCD:EF01:2345:6789", 0xabcd_ef01_2345_6789, 0xabcd_ef01_2345_6789),
      ("2001:DB8:0:0:8:800:200C:417A", 0x2001_0db8_0000_0000, 0x0008_0800_200c_417a),
      ("2001:DB8::8:800:200C:417A", 0x2001_0db8_0000_0000, 0x0008_0800_200c_417a),
      ("FF01:0:0:0:0:0:0:101", 0xff01_0000_0000_0000, 0x101), ("FF01::101", 0xff01_0000_0000_0000, 0x101),
      ("0:0:0:0:0:0:0:1", 0, 1), ("::1", 0, 1), ("0:0:0:0:0:0:0:0", 0, 0), ("::", 0, 0),
      ("0:0:0:0:0:0:13.1.68.3", 0, 0x0d01_4403), ("::13.1.68.3", 0, 0x0d01_4403),
      ("0:0:0:0:0:FFFF:129.144.52.38", 0, 0xffff_8190_3426), ("::FFFF:129.144.52.38", 0, 0xffff_8190_3426),
      ("1::", 0x0001_0000_0000_0000, 0), ("1:2:3:4:5:6:7::", 0x0001_0002_0003_0004, 0x0005_0006_0007_0000),
      ("::2:3:4:5:6:7:8", 0x0000_0002_0003_0004, 0x0005_0006_0007_0008),
      ("1:2:3:4:5:6:192.0.2.1", 0x0001_0002_0003_0004, 0x0005_0006_c000_0201),
      ("1:2:3:4:5::192.0.2.1", 0x0001_0002_0003_0004, 0x0005_0000_c000_0201),
    ] as [(String, UInt64, UInt64)])
  func everyFormIsRead(_ text: String, _ high: UInt64, _ low: UInt64) {
    #expect(IPv6Address(text) == IPv6Address(high: high, low: low))
    #expect(IPAddress(text) == .v6(IPv6Address(high: high, low: low)))
  }

  @Test(arguments: [
    "", ":", ":::", "::::", "1::2::3", "1:::2", "12345::", "::12345", "::1%eth0", "::1%", "::1/128", "[::1]",
    "1:2:3:4:5:6:7", "1:2:3:4:5:6:7:8:9", "1:2:3:4:5:6:7:8::", "::1:2:3:4:5:6:7:8", "1:2:3:4::5:6:7:8", ":1::", "::1:",
    "1:", ":1", ":1:2:3:4:5:6:7", "1:2:3:4:5:6:7:", "::g", "::-1", "::+1", "::0x1", " ::1", "::1 ", "::1\n", "::１",
    "::1.2.3", "::1.2.3.4.5", "::01.2.3.4", "::256.2.3.4", "1.2.3.4", "1.2.3.4::", "::1.2.3.4:5", "1.2.3.4:5::",
    "1:2:3:4:5:6:7:1.2.3.4", "1:2:3:4:5:1.2.3.4", "1:2:3:4:5:6::1.2.3.4", "::1.2.3.4:", "::1..2.3",
  ])
  func otherTextIsRefused(_ text: String) {
    #expect(IPv6Address(text) == nil)
  }

  @Test func pythonAgrees() throws {
    let lines = try vectors("ipv6")
    #expect(lines.count == 400)
    for line in lines {
      let address = try sixteen(Hex.octets(line[0]))
      #expect(address.description == line[1])
      #expect(IPv6Address(line[1]) == address)
      #expect(IPv6Address(line[2]) == address)
      #expect(IPv6Address(line[2].uppercased()) == address)
    }
  }

  @Test func theSystemAgreesAboutMappedAddresses() throws {
    let lines = try vectors("ipv6-mapped")
    #expect(lines.count == 44)
    for line in lines {
      let address = try sixteen(Hex.octets(line[0]))
      #expect(address.description == line[1])
      #expect(IPv6Address(line[1]) == address)
    }
  }

  @Test func textIsReadBack() {
    var random = Seeded()
    for _ in 0..<10_000 {
      // Half of the groups are zero, so that runs of all lengths occur.
      let groups = (0..<8).map { _ in Bool.random(using: &random) ? UInt16(truncatingIfNeeded: random.next()) : 0 }
      let address = IPv6Address(groups: groups)
      guard address.groups == groups, IPv6Address(address.description) == address else {
        Issue.record("\(groups) as \(address)")
        return
      }
    }
  }

  /// Text that is nearly an address: whatever is accepted has one canonical form.
  @Test func damagedTextIsRefusedOrRead() {
    var random = Seeded()
    let alphabet = Array("0123456789abcdefABCDEF::::...%g ")
    for _ in 0..<10_000 {
      var text = Array(IPv6Address(high: random.next() & random.next(), low: random.next() & random.next()).description)
      for _ in 0..<Int.random(in: 1...3, using: &random) where !text.isEmpty {
        let index = Int.random(in: 0..<text.count, using: &random)
        switch Int.random(in: 0..<3, using: &random) {
        case 0: text.remove(at: index)
        case 1: text.insert(alphabet.randomElement(using: &random) ?? ":", at: index)
        default: text[index] = alphabet.randomElement(using: &random) ?? ":"
        }
      }
      if let address = IPv6Address(String(text)) { #expect(IPv6Address(address.description) == address) }
    }
  }

  @Test func rangesAreTold() {
    #expect(("ff02::1" as IPv6Address).isMulticast)
    #expect(!("feff::1" as IPv6Address).isMulticast)
    #expect(("fe80::1" as IPv6Address).isLinkLocal)
    #expect(("febf:ffff::" as IPv6Address).isLinkLocal)
    #expect(!("fec0::1" as IPv6Address).isLinkLocal)
    #expect(!("fe7f::1" as IPv6Address).isLinkLocal)
    #expect(("::1" as IPv6Address).isLoopback)
    #expect(!("::" as IPv6Address).isLoopback)
    #expect(!("1::1" as IPv6Address).isLoopback)
    #expect(IPv6Address.any == "::")
    #expect(IPv6Address.loopback == "::1")
  }

  @Test func addressesAreOrderedAsNumbers() {
    let addresses: [IPv6Address] = ["2001:db8::2", "2001:db8:1::", "::ffff:ffff:ffff:ffff", "2001:db8::1"]
    #expect(addresses.sorted() == ["::ffff:ffff:ffff:ffff", "2001:db8::1", "2001:db8::2", "2001:db8:1::"])
  }
}

@Suite struct IPAddressTests {
  @Test func eitherFamilyIsRead() {
    #expect(IPAddress("192.0.2.1") == .v4("192.0.2.1"))
    #expect(IPAddress("2001:DB8::1") == .v6("2001:db8::1"))
    #expect(IPAddress("2001:DB8::1")?.description == "2001:db8::1")
    #expect(IPAddress("192.0.2.1")?.description == "192.0.2.1")
    #expect(IPAddress("::ffff:192.0.2.1")?.version == 6)
    #expect(IPAddress("192.0.2.1")?.version == 4)
    for text in ["", "example.com", "192.0.2", "2001:db8", "fe80::1%eth0"] { #expect(IPAddress(text) == nil) }
  }

  @Test func groupsAreTold() {
    #expect(IPAddress.v4("224.0.0.1").isGroup)
    #expect(IPAddress.v4(.broadcast).isGroup)
    #expect(!IPAddress.v4("192.0.2.255").isGroup)
    #expect(IPAddress.v6("ff02::1").isGroup)
    #expect(!IPAddress.v6("2001:db8::1").isGroup)
    #expect(IPAddress.v4(.loopback).isLoopback)
    #expect(IPAddress.v6(.loopback).isLoopback)
    #expect(!IPAddress.v4(.any).isLoopback)
  }
}

/// The address of sixteen octets.
private func sixteen(_ octets: [UInt8]) throws -> IPv6Address {
  var reader = Reader(octets.rawSpan)
  let high = try reader.read(UInt64.self)
  return IPv6Address(high: high, low: try reader.read(UInt64.self))
}
