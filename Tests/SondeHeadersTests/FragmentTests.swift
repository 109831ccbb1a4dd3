internal import SondeHeaders
internal import SondeOctets
internal import Testing

/// Cutting packets as RFC 791 §3.2 and RFC 8200 §4.5 say.
@Suite struct FragmentTests {
  static let datagram = AnyPacket([
    IPv4(from: "195.0.0.4", to: "195.0.0.2", identification: 0x11f8), UDP(from: 34611, to: 32784),
    Payload(octets: (0..<4600).map { UInt8(truncatingIfNeeded: $0) }),
  ])

  @Test func theReportsDatagramOf4600OctetsIsCutIntoItsFourFragments() throws {
    let pieces = try Self.datagram.fragment(mtu: 1500).map { try $0.encoded().bytes }
    let headers = try pieces.map { try #require(Registry.dissect($0).first(IPv4.self)) }
    #expect(pieces.map(\.count) == [1500, 1500, 1500, 188])
    #expect(headers.map { $0.totalLength.hand } == [1500, 1500, 1500, 188])
    #expect(headers.map(\.fragmentOffset) == [0, 185, 370, 555])
    #expect(headers.map { $0.flags.contains(.moreFragments) } == [true, true, true, false])
    #expect(headers.allSatisfy { $0.identification == 0x11f8 })
    #expect(pieces.map { Registry.dissect($0).sums()[0].verdict } == [.valid, .valid, .valid, .valid])
    #expect(Registry.dissect(pieces[0]).first(UDP.self)?.length == .set(4608))
    #expect(pieces[3].count - 20 == 168)
  }

  @Test func whatFitsIsNotCut() throws {
    #expect(try Self.datagram.fragment(mtu: 4628) == [Self.datagram])
    #expect(try Self.datagram.fragment(mtu: 4627).count == 2)
  }

  @Test func anMTUWithoutRoomForEightOctetsIsRefused() throws {
    #expect(try Self.datagram.fragment(mtu: 28).count == 576)
    #expect(throws: CraftError.self) { try Self.datagram.fragment(mtu: 27) }
    #expect(throws: CraftError.self) { try Self.datagram.fragment(mtu: -1) }
    #expect(throws: CraftError.self) { try AnyPacket([UDP(), Payload("no IP header")]).fragment(mtu: 8) }
    for mtu in [Int.min, -1, 0, 5, 19, 39, 47] {
      for layers: [any Header] in [
        [IPv4()], [IPv6()], [IPv6(), IPv6HopByHop()], [Ethernet(), IPv4(), Payload("")], [IPv6(), Payload("x")],
      ] where AnyPacket(layers).byteCount > mtu + (layers[0] is Ethernet ? 14 : 0) {
        #expect(throws: CraftError.self) { try AnyPacket(layers).fragment(mtu: mtu) }
      }
    }
  }

  @Test func aFragmentIsCutFurtherInItsPlace() throws {
    let pieces = try Self.datagram.fragment(mtu: 1500)
    let again = try pieces[1].fragment(mtu: 576).map { try #require($0.first(IPv4.self)) }
    #expect(again.map(\.fragmentOffset) == [185, 254, 323])
    #expect(again.allSatisfy { $0.flags.contains(.moreFragments) })
    let last = try pieces[3].fragment(mtu: 100).map { try #require($0.first(IPv4.self)) }
    #expect(last.map { $0.flags.contains(.moreFragments) } == [true, true, false])
  }

  @Test func onlyCopiedOptionsStandInLaterFragments() throws {
    var packet = Self.datagram
    // Record route is not copied (7), a loose source route is (131): RFC 791 §3.1.
    var header = try #require(packet.first(IPv4.self))
    header.options = IPv4Option.read([7, 7, 4, 0, 0, 0, 0, 131, 7, 4, 192, 0, 2, 9, 0, 0])
    packet.layers.layers[0] = header
    let headers = try packet.fragment(mtu: 1500).map { try #require($0.first(IPv4.self)) }
    #expect(headers.map(\.byteCount) == [36, 28, 28, 28])
    #expect(headers.map(\.fragmentOffset) == [0, 183, 367, 551])
  }

  @Test func everyFragmentOfAnIPv6PacketHasTheHeadersUpToTheRoutingHeader() throws {
    let packet = AnyPacket([
      IPv6(from: "2001:db8::1", to: "2001:db8::2"), UDP(from: 1, to: 2),
      Payload(octets: Array(repeating: 7, count: 3000)),
    ])
    let pieces = try packet.fragment(mtu: 1280, identification: 0xdead_beef).map { try $0.encoded().bytes }
    // scapy: fragment6(IPv6(…)/IPv6ExtHdrFragment(id=0xdeadbeef)/UDP(…)/…, 1280)
    #expect(pieces.map(\.count) == [1280, 1280, 592])
    let heads = pieces.map { $0[40..<48].map { Int($0) } }
    #expect(
      heads == [
        [17, 0, 0, 1, 0xde, 0xad, 0xbe, 0xef], [17, 0, 4, 0xd1, 0xde, 0xad, 0xbe, 0xef],
        [17, 0, 9, 0xa0, 0xde, 0xad, 0xbe, 0xef],
      ])
    #expect(pieces.map { $0[6] } == [44, 44, 44])
  }
}
