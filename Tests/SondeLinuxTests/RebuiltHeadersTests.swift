import SondeOctets
import Testing

@testable import SondeLinux

/// Rebuilt packets against Scapy 2.5.0's bytes of the same packets, for example
/// `IP(src="192.0.2.254", dst="192.0.2.1", id=0, ttl=63, tos=0xc0)/ICMP(type=11)/quoted`.
@Suite struct RebuiltHeadersTests {
  static let quoted4 = "0800ceed03040001736f6e646520736179732068656c6c6f"
  static let quoted6 = "8000fb1503040001736f6e646520736179732068656c6c6f"
  static let quote4 = "4500002c000000000101cd93c0000201c6336409" + quoted4
  static let quote6 =
    "6000000000183a0120010db800000000000000000000000120010db8000900000000000000000009" + quoted6

  private func octets(_ hex: String) -> [UInt8] {
    var octets: [UInt8] = []
    var high: UInt8?
    for digit in hex.utf8.compactMap(Hex.digit) {
      if let first = high {
        octets.append(first << 4 | digit)
        high = nil
      } else {
        high = digit
      }
    }
    return octets
  }

  private func extended(_ type: UInt8, _ code: UInt8, info: UInt32, origin: UInt8) -> ExtendedError? {
    ExtendedError((native(UInt32(113)) + [origin, type, code, 0] + native(info) + native(UInt32(0)))[...])
  }

  @Test(arguments: [
    (UInt8(11), UInt8(0), UInt32(0), UInt8(0xc0), "45c00048000000003f01f5f5c00002fec00002010b00f4ff00000000"),
    (3, 4, 1400, 0, "45000048000000003f01f6b5c00002fec00002010304f78300000578"),
    (12, 0, 20, 0, "45000048000000003f01f6b5c00002fec00002010c00dfff14000000"),
  ])
  func icmpErrorsEqualTheRealOnes(type: UInt8, code: UInt8, info: UInt32, tos: UInt8, head: String) throws {
    let error = try #require(extended(type, code, info: info, origin: 2))
    let packet = Rebuilt.error(
      error, from: .v4("192.0.2.254"), to: .v4("192.0.2.1"), about: .v4("198.51.100.9"), hopLimit: 63,
      trafficClass: tos, quoted: octets(Self.quoted4)[...])
    #expect(packet.map { Hex.text($0) } == head + Self.quote4)
  }

  @Test(arguments: [(UInt8(3), UInt32(0), "0300064500000000"), (2, 1400, "020001cd00000578")])
  func icmpv6ErrorsEqualTheRealOnes(type: UInt8, info: UInt32, message: String) throws {
    let error = try #require(extended(type, 0, info: info, origin: 3))
    let packet = Rebuilt.error(
      error, from: .v6("2001:db8::fe"), to: .v6("2001:db8::1"), about: .v6("2001:db8:9::9"), hopLimit: 63,
      trafficClass: 0, quoted: octets(Self.quoted6)[...])
    let head = "6000000000483a3f20010db80000000000000000000000fe20010db8000000000000000000000001"
    #expect(packet.map { Hex.text($0) } == head + message + Self.quote6)
  }

  @Test func twoFamiliesMakeNoPacket() {
    let packet = Rebuilt.packet(
      from: .v4("192.0.2.1"), to: .v6("2001:db8::1"), protocolNumber: 1, hopLimit: 1, trafficClass: 0, payload: [])
    #expect(packet == nil)
  }
}
