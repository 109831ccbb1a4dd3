import Testing

@testable import SondeLinux

/// What the ear of neighbours lets through.
@Suite struct NeighbourEarTests {
  private func arp(_ operation: UInt8, _ sender: UInt8, _ target: UInt8) -> [UInt8] {
    [0, 1, 8, 0, 6, 4, 0, operation, 2, 0, 0, 0, 0, 1, 192, 0, 2, sender, 0, 0, 0, 0, 0, 0, 192, 0, 2, target]
  }

  private func ipv6(_ nextHeader: UInt8, _ type: UInt8) -> [UInt8] {
    [0x60, 0, 0, 0, 0, 24, nextHeader, 255] + [UInt8](repeating: 0x20, count: 32) + [type]
      + [UInt8](repeating: 0, count: 23)
  }

  private func passes(_ packet: [UInt8], _ etherType: UInt32, kind: UInt32 = 0) -> Bool {
    verdict(NeighbourEar.program, packet, ether: etherType, kind: kind)
  }

  @Test func repliesAndAnnouncementsPass() {
    #expect(passes(arp(2, 7, 1), 0x0806))
    #expect(passes(arp(2, 7, 7), 0x0806))
    #expect(passes(arp(1, 7, 7), 0x0806, kind: 1))
    // Not what hosts ask each other, nor other operations.
    #expect(!passes(arp(1, 7, 1), 0x0806, kind: 1))
    #expect(!passes(arp(1, 7, 8), 0x0806, kind: 1))
    #expect(!passes(arp(3, 7, 7), 0x0806) && !passes(arp(8, 7, 7), 0x0806))
  }

  @Test func advertisementsPass() {
    #expect(passes(ipv6(58, 136), 0x86dd) && passes(ipv6(58, 136), 0x86dd, kind: 2))
    for type in [128, 129, 133, 134, 135, 137] as [UInt8] { #expect(!passes(ipv6(58, type), 0x86dd)) }
    #expect(!passes(ipv6(17, 136), 0x86dd) && !passes(ipv6(0, 136), 0x86dd))
  }

  @Test func nothingForOthersFromUsOrOfOtherProtocolsPasses() {
    for kind in [3, 4] as [UInt32] {
      #expect(!passes(arp(2, 7, 1), 0x0806, kind: kind) && !passes(ipv6(58, 136), 0x86dd, kind: kind))
    }
    #expect(!passes(arp(2, 7, 1), 0x0800) && !passes(ipv6(58, 136), 0x0800) && !passes(ipv6(58, 136), 0x0806))
    #expect(!passes([0, 1], 0x0806) && !passes([], 0x86dd))
  }
}
