import SondeOctets
import Testing

@testable import SondeLinux

/// Which packets a sweep's filter lets through, each kind with its near-misses.
@Suite struct SweepFilterTests {
  private static let ours4 = IPv4Address(192, 0, 2, 1)
  private static let ours6: IPv6Address = "2001:db8::1"
  private static let peer4 = IPv4Address(198, 51, 100, 7)
  private static let peer6: IPv6Address = "2001:db8:1::7"

  /// Transport octets to a port of ours.
  private static func to(_ port: UInt16) -> [UInt8] {
    Crafted.words(443, port) + [UInt8](repeating: 0, count: 16)
  }

  private func passes(
    _ filter: SweepFilter, _ packet: [UInt8], kind: UInt32 = 0, interfaces: [Int] = [], by interface: UInt32 = 2
  ) -> Bool {
    verdict(
      filter.program(interfaces: interfaces), packet, ether: packet[0] >> 4 == 4 ? 0x800 : 0x86dd, kind: kind,
      interface: interface)
  }

  private func ipv4(_ number: UInt8, _ payload: [UInt8], flags: UInt16 = 0x4000) -> [UInt8] {
    Crafted.ipv4(Self.peer4, Self.ours4, number, payload, flags: flags)
  }

  private func ipv6(_ number: UInt8, _ payload: [UInt8]) -> [UInt8] {
    Crafted.ipv6(Self.peer6, Self.ours6, number, payload)
  }

  @Test(arguments: [(SweepFilter.Question.tcp(from: 20000...20007), UInt8(6)), (.udp(from: 20000...20007), 17)])
  func answersComeToOurPorts(question: SweepFilter.Question, number: UInt8) {
    for addresses in [[], [IPAddress.v4(Self.ours4), .v6(Self.ours6)]] {
      let filter = SweepFilter(question, to: addresses)
      for port: UInt16 in [20000, 20003, 20007] {
        #expect(passes(filter, ipv4(number, Self.to(port))) && passes(filter, ipv6(number, Self.to(port))))
      }
      for port: UInt16 in [19999, 20008, 443] {
        #expect(!passes(filter, ipv4(number, Self.to(port))) && !passes(filter, ipv6(number, Self.to(port))))
      }
      let other: UInt8 = number == 6 ? 17 : 6
      #expect(!passes(filter, ipv4(other, Self.to(20000))) && !passes(filter, ipv6(other, Self.to(20000))))
      #expect(!passes(filter, ipv4(number, Array(Self.to(20000).prefix(2)))))
    }
  }

  @Test func onePortIsASpanToo() {
    let filter = SweepFilter(.tcp(from: 20000...20000))
    #expect(passes(filter, ipv4(6, Self.to(20000))) && passes(filter, ipv6(6, Self.to(20000))))
    #expect(!passes(filter, ipv4(6, Self.to(20001))) && !passes(filter, ipv6(6, Self.to(19999))))
  }

  @Test func headerOptionsMoveThePort() {
    let filter = SweepFilter(.tcp(from: 20000...20007))
    var packet = ipv4(6, [1, 1, 1, 1] + Self.to(20001))
    #expect(!passes(filter, packet))
    packet[0] = 0x46
    #expect(passes(filter, packet))
  }

  @Test func errorsAnswerEveryQuestion() {
    for question: SweepFilter.Question in [.tcp(from: 20000...20007), .udp(from: 20000...20000), .echo, .timestamp] {
      let filter = SweepFilter(question)
      for type: UInt8 in [3, 4, 11, 12] { #expect(passes(filter, ipv4(1, [type, 3, 0, 0]))) }
      for type: UInt8 in [1, 2, 3, 4] { #expect(passes(filter, ipv6(58, [type, 4, 0, 0]))) }
      // A redirect, an echo request, a router's advertisement, a group's report.
      for type: UInt8 in [5, 8, 13] { #expect(!passes(filter, ipv4(1, [type, 0, 0, 0]))) }
      for type: UInt8 in [128, 134, 135, 136, 143] { #expect(!passes(filter, ipv6(58, [type, 0, 0, 0]))) }
    }
  }

  @Test func repliesAnswerTheirQuestionAlone() {
    #expect(passes(SweepFilter(.echo), ipv4(1, [0, 0, 0, 0])))
    #expect(passes(SweepFilter(.echo), ipv6(58, [129, 0, 0, 0])))
    #expect(passes(SweepFilter(.timestamp), ipv4(1, [14, 0, 0, 0])))
    for question: SweepFilter.Question in [.timestamp, .tcp(from: 1...2), .udp(from: 1...2)] {
      #expect(!passes(SweepFilter(question), ipv4(1, [0, 0, 0, 0])))
      #expect(!passes(SweepFilter(question), ipv6(58, [129, 0, 0, 0])))
    }
    #expect(!passes(SweepFilter(.echo), ipv4(1, [14, 0, 0, 0])))
    #expect(!passes(SweepFilter(.echo), ipv4(6, Self.to(20000))))
  }

  @Test func fragmentsDoNotPass() {
    let filter = SweepFilter(.tcp(from: 20000...20007))
    for flags: UInt16 in [0x2000, 0x0001, 0x2001, 0x1fff] {
      #expect(!passes(filter, ipv4(6, Self.to(20000), flags: flags)))
    }
    for flags: UInt16 in [0, 0x4000, 0x8000] { #expect(passes(filter, ipv4(6, Self.to(20000), flags: flags))) }
    #expect(!passes(filter, ipv6(44, Crafted.words(0x0600, 0, 0, 1) + Self.to(20000))))
  }

  @Test func othersAddressesDoNotPass() {
    let more: [IPAddress] = [.v4("192.0.2.9"), .v4(Self.ours4), .v6("2001:db8::9"), .v6(Self.ours6)]
    let filter = SweepFilter(.echo, to: more)
    #expect(passes(filter, ipv4(1, [0, 0, 0, 0])) && passes(filter, ipv6(58, [129, 0, 0, 0])))
    for address: IPv4Address in ["192.0.2.2", "198.51.100.1", "192.0.3.1"] {
      #expect(!passes(filter, Crafted.ipv4(Self.peer4, address, 1, [0, 0, 0, 0])))
    }
    for address: IPv6Address in ["2001:db8::2", "2001:db8:0:1::1", "2001:db9::1", "2001:db8::1:0:1"] {
      #expect(!passes(filter, Crafted.ipv6(Self.peer6, address, 58, [129, 0, 0, 0])))
    }
  }

  @Test func otherMachinesAndInterfacesDoNotPass() {
    let filter = SweepFilter(.echo)
    let reply = ipv4(1, [0, 0, 0, 0])
    for kind: UInt32 in 0...2 { #expect(passes(filter, reply, kind: kind)) }
    for kind: UInt32 in 3...4 { #expect(!passes(filter, reply, kind: kind)) }
    #expect(passes(filter, reply, interfaces: [1, 7], by: 1) && passes(filter, reply, interfaces: [1, 7], by: 7))
    #expect(!passes(filter, reply, interfaces: [1, 7], by: 2))
  }

  @Test func aFamilyThatWasNotAskedDoesNotPass() {
    let reply = (ipv4(1, [0, 0, 0, 0]), ipv6(58, [129, 0, 0, 0]))
    let only4 = SweepFilter(.echo, families: [.ipv4])
    let only6 = SweepFilter(.echo, families: [.ipv6])
    #expect(passes(only4, reply.0) && !passes(only4, reply.1))
    #expect(!passes(only6, reply.0) && passes(only6, reply.1))
    #expect(!verdict(only4.program(), reply.0, ether: 0x0806))
  }
}
