import SondeLink
import SondeOctets
import Testing

@testable import SondeLinux

/// How route prefixes split targets, with made-up tables.
@Suite struct RouteBoundsTests {
  private func stretches(
    _ prefixes: [ClosedRange<UInt128>], _ ranges: [ClosedRange<UInt128>], limit: Int = 100
  ) -> [ClosedRange<UInt128>]? {
    RouteBounds(prefixes).stretches(of: ranges, limit: limit)?.map(\.addresses)
  }

  @Test func aTargetRangeIsSplitWherePrefixesBeginAndEnd() {
    #expect(stretches([], [0...99]) == [0...99])
    #expect(stretches([10...19], [0...99]) == [0...9, 10...19, 20...99])
    #expect(stretches([10...19, 12...13], [0...99]) == [0...9, 10...11, 12...13, 14...19, 20...99])
    #expect(stretches([0...99], [0...99]) == [0...99])
    #expect(stretches([50...60], [55...55]) == [55...55])
    #expect(stretches([10...19], [0...9, 20...99]) == [0...9, 20...99])
    #expect(stretches([10...19], []) == [])
  }

  @Test func manyTargetsOfOneStretchAreAskedForOnce() {
    // Every second address of a network, and one beside it.
    let scattered = (0..<50_000 as Range<UInt128>).map { 2 * $0...2 * $0 } + [200_000...200_000]
    #expect(stretches([0...131_071], scattered) == [0...99_998, 200_000...200_000])
    #expect(stretches([0...131_071, 7...7], scattered) == [0...6, 8...99_998, 200_000...200_000])
  }

  @Test func moreStretchesThanTheLimitAreSaidToBe() {
    let hosts = (0..<100 as Range<UInt128>).map { $0...$0 }
    #expect(stretches(hosts, [0...99], limit: 100)?.count == 100)
    #expect(stretches(hosts, [0...99], limit: 99) == nil)
  }

  @Test func theLastAddressOfAFamilyIsNoOverflow() {
    #expect(stretches([0...UInt128.max], [0...UInt128.max]) == [0...UInt128.max])
    let last = UInt128.max...UInt128.max
    #expect(stretches([last], [5...UInt128.max]) == [5...UInt128.max - 1, last])
    #expect(RouteBounds.prefix(.max, 0, .ipv6) == 0...UInt128.max)
    #expect(RouteBounds.prefix(0xc000_024d, 0, .ipv4) == 0...0xffff_ffff)
    #expect(RouteBounds.prefix(0xc000_024d, 24, .ipv4) == 0xc000_0200...0xc000_02ff)
    #expect(RouteBounds.prefix(0xc000_024d, 32, .ipv4) == 0xc000_024d...0xc000_024d)
    // The kernel's number, however wrong.
    #expect(RouteBounds.prefix(0xc000_024d, 99, .ipv4) == 0xc000_024d...0xc000_024d)
  }

  /// A message as the kernel writes it: a fixed part, then attributes.
  private func message(_ type: UInt16, _ body: [UInt8], _ attributes: [(UInt16, [UInt8])]) throws -> NetlinkMessage {
    var request = NetlinkRequest(type, dump: false, body: body)
    for (type, value) in attributes { request.append(attribute: type, value) }
    return try #require(NetlinkMessage.messages(in: request.bytes[...]).first)
  }

  private func interface(_ flags: UInt32, _ linkAddress: [UInt8]) throws -> NetworkInterface {
    let body = [0, 0] + native(1 as UInt16) + native(3 as Int32) + native(flags) + native(0 as UInt32)
    let told = try message(
      NetlinkMessage.newLink, body, [(3, Array("eth0".utf8) + [0]), (4, native(1500 as UInt32)), (1, linkAddress)])
    var interface = try #require(NetworkInterface(link: told))
    interface.addresses = [
      .init(address: .v6("fe80::3"), prefixLength: 64), .init(address: .v4("192.0.2.10"), prefixLength: 24),
    ]
    return interface
  }

  private func way(
    _ interface: NetworkInterface, _ type: UInt8 = 1, via: [UInt8]? = nil, mtu: UInt32? = nil
  ) throws -> BulkWay {
    var attributes = [(4, native(3 as UInt32)), (7, [192, 0, 2, 10])] as [(UInt16, [UInt8])]
    // RTA_GATEWAY; RTA_VIA has the family in front.
    if let via { attributes.append(via.count == 4 ? (5, via) : (18, via)) }
    if let mtu { attributes.append((8, native(8 as UInt16) + native(2 as UInt16) + native(mtu))) }
    let told = try message(NetlinkMessage.newRoute, [2, 32, 0, 0, 254, 0, 0, type, 0, 0, 0, 0], attributes)
    return RoutePieces.way(5...9, try #require(Route.Found(told)), interface)
  }

  @Test func whatTheKernelTellsBecomesAWay() throws {
    let ours: [UInt8] = [2, 0, 0, 0, 0, 10]
    let link = try way(interface(0x1, ours))
    #expect(link.kind == .onLink && link.linkAddress == "02:00:00:00:00:0a" && link.asksEachHost && link.mtu == 1500)
    #expect(link.asker == .v4("192.0.2.10") && link.addresses == 5...9 && link.interface == 3)
    // IFF_NOARP.
    let tunnel = try way(interface(0x81, ours))
    #expect(tunnel.kind == .onLink && tunnel.linkAddress == nil && !tunnel.asksEachHost && tunnel.leadsToHosts)
    guard case .refused(let why) = try way(interface(0x1, ours + ours)).kind else {
      Issue.record("link addresses of another length cannot be asked for")
      return
    }
    #expect(why.message == "the link addresses of eth0 are not of 48 bits")
    #expect(try way(interface(0x1, ours), via: [192, 0, 2, 1]).kind == .router(.v4("192.0.2.1")))
    #expect(try way(interface(0x1, ours), mtu: 1280).mtu == 1280)
    // An IPv4 route by an IPv6 router (RFC 8950): it is asked from an IPv6 address.
    let via = native(10 as UInt16) + ("fe80::1" as IPv6Address).octets
    let mixed = try way(interface(0x1, ours), via: via)
    #expect(mixed.kind == .router(.v6("fe80::1")) && mixed.asker == .v6("fe80::3"))
    #expect(try way(interface(0x1, ours), 2).kind == .own)
    #expect(try way(interface(0x1, ours), 3).kind == .broadcast && !way(interface(0x1, ours), 3).leadsToHosts)
    #expect(try way(interface(0x1, ours), 5).kind == .multicast && !way(interface(0x1, ours), 5).leadsToHosts)
  }

  @Test func routesAndRulesTellTheirPrefixes() throws {
    func prefix(_ type: UInt16, _ length: UInt8, flags: UInt8 = 0, _ address: [UInt8]?) throws -> ClosedRange<UInt128>?
    {
      RoutePieces.prefix(
        try message(type, [2, length, 0, 0, 254, 0, 0, 1, 0, flags, 0, 0], address.map { [(1 as UInt16, $0)] } ?? []),
        .ipv4)
    }
    let network: [UInt8] = [192, 0, 2, 0]
    #expect(try prefix(NetlinkMessage.newRoute, 24, network) == 0xc000_0200...0xc000_02ff)
    #expect(try prefix(NetlinkMessage.newRule, 25, network) == 0xc000_0200...0xc000_027f)
    // The default route, a rule for all, a route that was learned for one host, and another family's.
    #expect(try prefix(NetlinkMessage.newRoute, 0, nil) == nil && prefix(NetlinkMessage.newRule, 0, nil) == nil)
    #expect(try prefix(NetlinkMessage.newRoute, 32, flags: 2, network) == nil)
    #expect(try prefix(NetlinkMessage.newLink, 24, network) == nil)
    #expect(try prefix(NetlinkMessage.newRoute, 24, [UInt8](repeating: 0, count: 16)) == nil)
  }
}
