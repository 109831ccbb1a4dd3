import Testing

@testable import SondeLinux

private func ipv4(_ protocolNumber: UInt8, _ payload: [UInt8], options: Int = 0, fragment: UInt8 = 0) -> [UInt8] {
  let length = UInt8(20 + options + payload.count)
  return [0x45 + UInt8(options / 4), 0, 0, length, 0, 0, fragment, 0, 64, protocolNumber, 0, 0]
    + [192, 0, 2, 1, 192, 0, 2, 2] + [UInt8](repeating: 1, count: options) + payload
}

private func ipv6(_ nextHeader: UInt8, _ payload: [UInt8]) -> [UInt8] {
  [0x60, 0, 0, 0, 0, UInt8(payload.count), nextHeader, 64] + [UInt8](repeating: 0x20, count: 32) + payload
}

@Suite struct PacketFilterTests {
  let filter = PacketFilter(flows: [.init(protocolNumber: 6, destinationPorts: [40000...40010, 50000...50000])])

  private func passes(_ packet: [UInt8], kind: UInt32 = 0) -> Bool {
    verdict(filter.program, packet, ether: packet[0] >> 4 == 4 ? 0x800 : 0x86dd, kind: kind)
  }

  private func ports(_ destination: UInt16) -> [UInt8] {
    [0, 80, UInt8(destination >> 8), UInt8(destination & 0xff)] + [UInt8](repeating: 0, count: 16)
  }

  @Test(arguments: [UInt16(40000), 40005, 40010, 50000])
  func ourPortsPass(port: UInt16) {
    #expect(passes(ipv4(6, ports(port))))
    #expect(passes(ipv4(6, ports(port), options: 8)))
    #expect(passes(ipv6(6, ports(port))))
  }

  @Test(arguments: [UInt16(39999), 40011, 49999, 50001, 80])
  func portsNextToOursDoNot(port: UInt16) {
    #expect(!passes(ipv4(6, ports(port))))
    #expect(!passes(ipv4(6, ports(port), options: 8)))
    #expect(!passes(ipv6(6, ports(port))))
  }

  @Test func anotherProtocolsPortsDoNotPass() {
    #expect(!passes(ipv4(17, ports(40000))))
    #expect(!passes(ipv6(17, ports(40000))))
  }

  @Test(arguments: UInt8.min...255)
  func icmpErrorsAndRepliesPassRequestsDoNot(type: UInt8) {
    let message: [UInt8] = [type, 0, 0, 0, 0, 0, 0, 0]
    #expect(passes(ipv4(1, message)) == [0, 3, 4, 5, 11, 12, 14, 16, 18, 43].contains(type))
    #expect(passes(ipv6(58, message)) == ((0...127).contains(type) || type == 129 || type == 161))
  }

  @Test func fragmentsAndExtensionHeadersPass() {
    #expect(passes(ipv4(17, ports(1), fragment: 0x20)))
    #expect(!passes(ipv4(17, ports(1), fragment: 0x40)))
    for header: UInt8 in [0, 43, 44, 60] { #expect(passes(ipv6(header, ports(1)))) }
    #expect(!passes(ipv6(59, [])))
  }

  @Test func packetsForOthersAndOutgoingOnesDoNotPass() {
    #expect(passes(ipv4(6, ports(40000)), kind: 2))
    #expect(!passes(ipv4(6, ports(40000)), kind: 3))
    #expect(!passes(ipv4(6, ports(40000)), kind: 4))
  }

  @Test func otherEtherTypesDoNotPass() {
    #expect(!verdict(filter.program, ipv4(6, ports(40000)), ether: 0x806))
    #expect(!verdict(PacketFilter.everything.program, ipv4(6, ports(1)), ether: 0x806))
  }

  @Test func everythingPassesBothFamilies() {
    #expect(verdict(PacketFilter.everything.program, ipv4(6, ports(1)), ether: 0x800))
    #expect(verdict(PacketFilter.everything.program, ipv6(59, []), ether: 0x86dd))
  }

  @Test func aHundredPortRangesAreStillReached() {
    let many = (0..<100).map { UInt16($0 * 10)...UInt16($0 * 10) }
    let filter = PacketFilter(flows: [.init(protocolNumber: 17, destinationPorts: many)])
    for (port, expected) in [(UInt16(990), true), (991, false), (0, true)] {
      #expect(verdict(filter.program, ipv4(17, ports(port)), ether: 0x800) == expected)
      #expect(verdict(filter.program, ipv6(17, ports(port)), ether: 0x86dd) == expected)
    }
  }
}

@Suite struct PacketFilterMergingTests {
  private func ranges(_ flows: [PacketFilter.Flow], of number: UInt8) -> [ClosedRange<UInt16>] {
    PacketFilter(flows: flows).flows.filter { $0.protocolNumber == number }.flatMap(\.destinationPorts)
  }

  @Test func flowsOfOneProtocolBecomeOne() {
    let flows: [PacketFilter.Flow] = [
      .init(protocolNumber: 17, destinationPorts: [2000...2000]), .init(protocolNumber: 6, destinationPorts: [5...5]),
      .init(protocolNumber: 17, destinationPorts: [1000...1000, 1001...1003, 1003...1010]),
    ]
    #expect(PacketFilter(flows: flows).flows.count == 2)
    #expect(ranges(flows, of: 17) == [1000...1010, 2000...2000])
    #expect(ranges(flows, of: 6) == [5...5], "a protocol of its own keeps its ports")
  }

  @Test func theProgramStaysWithinTheKernelsLimit() {
    let flows = (0..<2000).map {
      PacketFilter.Flow(protocolNumber: 17, destinationPorts: [UInt16($0 * 3)...UInt16($0 * 3)])
    }
    #expect(PacketFilter(flows: flows).program.count <= 4096)
    #expect(ranges(flows, of: 17) == [0...5997])
  }
}
