import SondeOctets
import TestSupport
import Testing

@Suite struct IPv4AddressTests {
  @Test(arguments: [
    ("0.0.0.0", 0), ("127.0.0.1", 0x7f00_0001), ("192.0.2.1", 0xc000_0201), ("198.51.100.255", 0xc633_64ff),
    ("255.255.255.255", 0xffff_ffff), ("1.10.100.0", 0x010a_6400),
  ])
  func textIsReadAndWritten(_ text: String, _ number: UInt32) {
    #expect(IPv4Address(text)?.rawValue == number)
    #expect(IPv4Address(rawValue: number).description == text)
  }

  @Test(arguments: [
    "", ".", "...", "1.2.3", "1.2.3.", ".1.2.3", "1..2.3", "1.2.3.4.", "1.2.3.4.5", "01.2.3.4", "1.2.3.00", "1.2.3.04",
    "256.0.0.1", "1.2.3.256", "1.2.3.1000", "1.2.3.-4", "1.2.3.+4", "1.2.3.0x4", "1.2.3.a", " 1.2.3.4", "1.2.3.4 ",
    "1.2.3.4\n", "1.2.3.4/8", "1.2.3.4:80", "1,2,3,4", "1.2.3.٤", "3221225985", "127.1",
  ])
  func otherTextIsRefused(_ text: String) {
    #expect(IPv4Address(text) == nil)
    #expect(IPAddress(text) == nil)
  }

  @Test func partsOfTextAreRead() {
    #expect(IPv4Address("192.0.2.1/24".prefix(9)) == "192.0.2.1")
  }

  @Test func rangesAreTold() {
    #expect(!("223.255.255.255" as IPv4Address).isMulticast)
    #expect(("224.0.0.0" as IPv4Address).isMulticast)
    #expect(("239.255.255.255" as IPv4Address).isMulticast)
    #expect(!("240.0.0.0" as IPv4Address).isMulticast)
    #expect(!("126.255.255.255" as IPv4Address).isLoopback)
    #expect(("127.0.0.0" as IPv4Address).isLoopback)
    #expect(("127.255.255.255" as IPv4Address).isLoopback)
    #expect(!("128.0.0.0" as IPv4Address).isLoopback)
    #expect(IPv4Address.any == "0.0.0.0")
    #expect(IPv4Address.loopback == "127.0.0.1")
    #expect(IPv4Address.broadcast == "255.255.255.255")
    #expect(IPv4Address(192, 0, 2, 1) == "192.0.2.1")
  }

  @Test func addressesAreOrderedAsNumbers() {
    let addresses: [IPv4Address] = ["192.0.2.10", "9.255.255.255", "192.0.2.9", "203.0.113.0"]
    #expect(addresses.sorted() == ["9.255.255.255", "192.0.2.9", "192.0.2.10", "203.0.113.0"])
  }

  @Test func textIsReadBack() {
    var random = Seeded()
    for _ in 0..<2000 {
      let address = IPv4Address(rawValue: UInt32(truncatingIfNeeded: random.next()))
      #expect(IPv4Address(address.description) == address)
    }
  }
}
