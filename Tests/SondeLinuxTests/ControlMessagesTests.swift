import SondeOctets
import Testing

@testable import SondeLinux

/// Control messages laid out as cmsg(3) says for 64-bit Linux.
@Suite struct ControlMessagesTests {
  private func message(_ level: Int32, _ type: Int32, _ data: [UInt8]) -> [UInt8] {
    native(UInt64(16 + data.count)) + native(level) + native(type) + data
      + [UInt8](repeating: 0, count: -data.count & 7)
  }

  @Test func everyMessageIsRead() {
    let control =
      message(1, 37, native(Int64(7)) + native(Int64(5)) + [UInt8](repeating: 0, count: 32))
      + message(0, 2, native(Int32(61))) + message(0, 1, [0xb8])
      + message(0, 8, native(Int32(3)) + [192, 0, 2, 1, 192, 0, 2, 7])
      + message(263, 8, native(UInt32(0x9)) + [UInt8](repeating: 0, count: 16))
    let read = ControlMessages(control[...])
    #expect(read.timestamp == 7_000_000_005)
    #expect(read.hopLimit == 61 && read.trafficClass == 0xb8 && read.interface == 3)
    #expect(read.destination == .v4("192.0.2.7"), "the header's destination, not the local address")
    #expect(read.packetStatus == 9 && read.error == nil)
  }

  @Test func ipv6sMessagesAreRead() {
    let address: [UInt8] = [0x20, 1, 0xd, 0xb8] + [UInt8](repeating: 0, count: 11) + [1]
    let control =
      message(41, 50, address + native(UInt32(4))) + message(41, 52, native(Int32(64)))
      + message(41, 67, native(Int32(0x20)))
    let read = ControlMessages(control[...])
    #expect(read.destination == .v6("2001:db8::1") && read.interface == 4)
    #expect(read.hopLimit == 64 && read.trafficClass == 0x20)
  }

  @Test func errorsNameTheirOffender() {
    let error = native(UInt32(113)) + [2, 11, 0, 0] + native(UInt32(0)) + native(UInt32(9))
    let ipv4 = native(UInt16(2)) + [0, 0, 192, 0, 2, 254] + [UInt8](repeating: 0, count: 8)
    let read = ControlMessages(message(0, 11, error + ipv4)[...]).error
    #expect(read?.code == 113 && read?.origin == 2 && read?.type == 11 && read?.icmpCode == 0 && read?.data == 9)
    #expect(read?.offender == .v4("192.0.2.254"))
    let ipv6 =
      native(UInt16(10)) + [UInt8](repeating: 0, count: 6) + [0x20, 1, 0xd, 0xb8] + [UInt8](repeating: 0, count: 11)
      + [2] + native(UInt32(0))
    #expect(ControlMessages(message(41, 25, error + ipv6)[...]).error?.offender == .v6("2001:db8::2"))
    #expect(ControlMessages(message(0, 11, error)[...]).error?.offender == nil)
  }

  @Test func otherMessagesAndOtherLevelsAreLeftOut() {
    #expect(ControlMessages(message(1, 2, native(Int32(61)))[...]) == ControlMessages([]))
    #expect(ControlMessages(message(1, 37, [UInt8](repeating: 0, count: 48))[...]).timestamp == nil)
  }

  @Test func bytesCutShortNeverTrap() {
    let whole =
      message(0, 2, native(Int32(61))) + message(0, 11, native(UInt32(113)) + [2, 11, 0, 0] + native(UInt64(0)))
    for count in 0..<whole.count { _ = ControlMessages(whole[..<count]) }
    var seed = UInt64.random(in: 0 ... .max)
    let first = seed
    for _ in 0..<2000 {
      var bytes = whole
      for _ in 0..<4 {
        seed = seed &* 6_364_136_223_846_793_005 &+ 1
        bytes[Int(seed >> 33) % bytes.count] = UInt8(truncatingIfNeeded: seed >> 24)
      }
      _ = ControlMessages(bytes[...])
      for message in NetlinkMessage.messages(in: bytes[...]) {
        _ = (NetworkInterface(link: message), Route.Found(message), Neighbour.Entry(message), message.code)
      }
    }
    #expect(Bool(true), "seed \(first)")
  }
}
