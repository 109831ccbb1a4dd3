import SondeOctets
import TestSupport
import Testing

@Suite struct MACAddressTests {
  @Test(arguments: ["00:1b:21:0a:ff:09", "00:1B:21:0A:FF:09", "0:1b:21:a:ff:9", "00-1b-21-0a-ff-09"])
  func textIsRead(_ text: String) {
    #expect(MACAddress(text)?.rawValue == 0x001b_210a_ff09)
    #expect(MACAddress(text)?.description == "00:1b:21:0a:ff:09")
  }

  @Test(arguments: [
    "", ":::::", "00:1b:21:0a:ff", "00:1b:21:0a:ff:09:00", "00:1b:21:0a:ff:", ":1b:21:0a:ff:09", "00:1b:21:0a:ff:009",
    "00:1b:21:0a:ff:0g", "00:1b:21:0a:ff-09", "001b210aff09", "001b.210a.ff09", " 00:1b:21:0a:ff:09",
    "00:1b:21:0a:ff:09 ", "00:1b:21:0a:ff:+9", "00:1b:21:0a:ff:٩",
  ])
  func otherTextIsRefused(_ text: String) {
    #expect(MACAddress(text) == nil)
  }

  @Test func octetsStandInWireOrder() {
    let address: MACAddress = "02:00:5e:10:00:01"
    #expect(address.octets == [2, 0, 0x5e, 0x10, 0, 1])
    #expect(MACAddress(octets: [2, 0, 0x5e, 0x10, 0, 1]) == address)
    #expect(MACAddress(octets: [2, 0, 0x5e, 0x10, 0, 1, 0xff, 0xff]) == address)
    #expect(MACAddress(octets: [2, 0, 0x5e, 0x10, 0]) == nil)
  }

  @Test func onlyFortyEightBitsCount() {
    #expect(MACAddress(rawValue: .max) == .broadcast)
    #expect(MACAddress.broadcast.description == "ff:ff:ff:ff:ff:ff")
    #expect(MACAddress(rawValue: 1 << 48) == .zero)
    #expect(MACAddress.zero.description == "00:00:00:00:00:00")
  }

  @Test func textIsReadBack() {
    var random = Seeded()
    for _ in 0..<1000 {
      let address = MACAddress(rawValue: random.next())
      #expect(MACAddress(address.description) == address)
      #expect(MACAddress(octets: address.octets) == address)
    }
  }
}
