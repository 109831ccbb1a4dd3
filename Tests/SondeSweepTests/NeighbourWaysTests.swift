import SondeLink
import SondeOctets
import SondeSweep
import Testing

/// Routers, links without addresses, what is refused, and neighbour discovery.
@Suite struct NeighbourWaysTests {
  let router: MACAddress = "02:00:00:00:00:01"

  @Test func aRouterIsAskedOnceForAllBehindIt() {
    var lan = Neighbourhood([Neighbourhood.beyond])
    #expect(!lan.book.asksHosts)
    #expect(lan.book.routerAddresses.map(\.address) == [.v4("192.0.2.1")])
    #expect(lan.hop(.v4("198.51.100.1")).waits && lan.hop(.v4("198.51.100.2")).waits)
    #expect(lan.questions().count == 1)
    lan.arp("192.0.2.1", router)
    for last in [0, 1, 77, 255] as [UInt32] {
      #expect(lan.hop(.v4(IPv4Address(rawValue: 0xc633_6400 + last))).linkAddress == router)
    }
    // Just outside, nobody has asked routing.
    #expect(lan.hop(.v4("198.51.99.255")).why != nil && lan.hop(.v4("198.51.101.0")).why != nil)
  }

  @Test func aRouterIsCheckedByItsOwnLinkAddressFirstAndUsedMeanwhile() {
    var lan = Neighbourhood(
      [Neighbourhood.beyond, Neighbourhood.lan].sorted { $0.addresses.lowerBound < $1.addresses.lowerBound })
    lan.book.seed(.v4("192.0.2.1"), linkAddress: router, interface: 7, isPermanent: false, at: lan.now)
    #expect(lan.questions().isEmpty && lan.book.due == lan.now + .seconds(30))
    lan.wait(.seconds(30))
    var asked: [MACAddress?] = []
    for _ in 0..<6 {
      asked += lan.questions().map(\.hop.linkAddress)
      #expect(lan.hop(.v4("198.51.100.9")).linkAddress == router)
      lan.wait(.seconds(1))
    }
    #expect(asked == [router, router, router, .broadcast, .broadcast, .broadcast])
    #expect(lan.questions().isEmpty && lan.hop(.v4("198.51.100.9")).linkAddress == router)
    #expect(lan.book.due == lan.now + .seconds(30))
    lan.wait(.seconds(30))
    #expect(lan.questions().map(\.hop.linkAddress) == [router])
    lan.arp("192.0.2.1", router)
    lan.wait(.seconds(29))
    #expect(lan.questions().isEmpty)
  }

  @Test func aRouterThatMovesIsFollowed() {
    var lan = Neighbourhood([Neighbourhood.lan, Neighbourhood.beyond])
    _ = lan.hop(.v4("198.51.100.9"))
    #expect(lan.questions().count == 1)
    // Before it is known, an announcement is no answer.
    lan.arp("192.0.2.1", "02:00:00:00:00:66", target: "192.0.2.1")
    #expect(lan.hop(.v4("198.51.100.9")).waits)
    lan.arp("192.0.2.1", router)
    #expect(lan.hop(.v4("198.51.100.9")).linkAddress == router)
    let moves: [(MACAddress, UInt16, IPv4Address)] = [
      ("02:00:00:00:00:02", 1, "192.0.2.1"), ("02:00:00:00:00:03", 2, "192.0.2.1"),
      ("02:00:00:00:00:04", 2, "192.0.2.10"),
    ]
    for (link, operation, target) in moves {
      lan.arp("192.0.2.1", link, operation: operation, target: target)
      #expect(lan.hop(.v4("198.51.100.9")).linkAddress == link)
    }
    // What it tells others, and groups and ourselves, changes nothing.
    lan.arp("192.0.2.1", router, operation: 2, target: "192.0.2.11")
    lan.arp("192.0.2.1", router, operation: 1, target: "192.0.2.11")
    lan.arp("192.0.2.1", .broadcast)
    lan.arp("192.0.2.1", Neighbourhood.ours)
    #expect(lan.hop(.v4("198.51.100.9")).linkAddress == "02:00:00:00:00:04")
  }

  @Test func aSilentRouterIsSaidToBeAndAskedAgainLater() {
    var lan = Neighbourhood([Neighbourhood.beyond])
    for _ in 0..<3 {
      #expect(lan.questions().count == 1 && lan.hop(.v4("198.51.100.9")).waits)
      lan.wait(.seconds(1))
    }
    #expect(lan.questions().isEmpty)
    #expect(lan.hop(.v4("198.51.100.9")).why == "192.0.2.1 does not answer on its link (ARP)")
    lan.wait(.seconds(30))
    #expect(lan.questions().count == 1)
    lan.arp("192.0.2.1", router)
    #expect(lan.hop(.v4("198.51.100.9")).linkAddress == router)
  }

  @Test func whereNothingIsHeardTheSystemsTableIsRead() {
    var lan = Neighbourhood([Neighbourhood.beyond])
    lan.book.seed(.v4("192.0.2.1"), linkAddress: router, interface: 7, isPermanent: false, at: lan.now)
    lan.wait(.seconds(30))
    // Everybody is asked, so that the system learns where the router is now.
    #expect(lan.questions().map(\.hop.linkAddress) == [.broadcast])
    lan.book.readTable(at: lan.now) { _, _ in
      Issue.record("the answer has had no time")
      return nil
    }
    lan.wait(.seconds(1))
    lan.book.readTable(at: lan.now) { address, interface in
      address == .v4("192.0.2.1") && interface == 7 ? "02:00:00:00:00:02" : nil
    }
    #expect(lan.hop(.v4("198.51.100.9")).linkAddress == "02:00:00:00:00:02")
    #expect(lan.questions().isEmpty && lan.book.due == lan.now + .seconds(30))
  }

  @Test func aPermanentRouterIsNeverAskedNorMoved() {
    var lan = Neighbourhood([Neighbourhood.beyond])
    lan.book.seed(.v4("192.0.2.1"), linkAddress: router, interface: 7, isPermanent: true, at: lan.now)
    lan.wait(.seconds(3600))
    lan.arp("192.0.2.1", "02:00:00:00:00:66")
    #expect(lan.questions().isEmpty && lan.hop(.v4("198.51.100.9")).linkAddress == router)
  }

  @Test func linksWithoutAddressesAndOwnAddressesNeedNoAsking() {
    var tunnel = Neighbourhood.lan
    tunnel.linkAddress = nil
    var behind = Neighbourhood.beyond
    behind.linkAddress = nil
    var own = Neighbourhood.lan
    own.addresses = Neighbourhood.range(.v4("203.0.113.1"), .v4("203.0.113.1"))
    own.kind = .own
    var lan = Neighbourhood([tunnel, behind, own])
    #expect(!lan.book.asksHosts && lan.book.due == .distantFuture)
    for (address, interface) in [("192.0.2.5", 7), ("198.51.100.5", 7), ("203.0.113.1", 0)] as [(IPv4Address, Int32)] {
      guard case .ready(let hop) = lan.hop(.v4(address)) else {
        Issue.record("\(address) is ready")
        continue
      }
      #expect(hop == NextHop(interface: interface, linkAddress: nil, etherType: 0x0800))
    }
    #expect(lan.questions().isEmpty)
  }

  @Test func whatRoutingRefusesSaysWhyAndGroupsGetNothing() {
    let why = LinkError(operation: "route", code: 113, message: "an unreachable route refuses what goes there")
    func way(_ first: IPv4Address, _ kind: BulkWay.Kind) -> BulkWay {
      BulkWay(addresses: Neighbourhood.range(.v4(first), .v4(first)), kind: kind)
    }
    var lan = Neighbourhood([
      way("192.0.2.0", .refused(why)), way("192.0.2.255", .broadcast), way("224.0.0.1", .multicast),
    ])
    #expect(lan.hop(.v4("192.0.2.0")).why == why.message)
    for group in ["192.0.2.255", "224.0.0.1"] as [IPv4Address] {
      #expect(lan.hop(.v4(group)).why == "that address names many hosts")
    }
    #expect(lan.hop(.v4("192.0.2.1")).why == "no route is known to that address")
    #expect(lan.hop(.v6("2001:db8::1")).why == "no route is known to that address")
  }

  @Test func neighboursOfIPv6AreSolicited() {
    var lan = Neighbourhood([], ipv6: [Neighbourhood.lan6])
    let host: IPAddress = .v6("2001:db8::1234:5678")
    #expect(lan.hop(host).waits)
    let questions = lan.questions()
    #expect(questions.map(\.hop) == [NextHop(interface: 7, linkAddress: "33:33:ff:34:56:78", etherType: 0x86dd)])
    // scapy: IPv6(src="2001:db8::a",dst="ff02::1:ff34:5678",hlim=255)/ICMPv6ND_NS(tgt="2001:db8::1234:5678")
    //   /ICMPv6NDOptSrcLLAddr(lladdr="02:00:00:00:00:0a")
    #expect(
      questions.first.map { Hex.text($0.octets) }
        == "6000000000203aff20010db800000000000000000000000aff0200000000000000000001ff34567887005cc000000000"
        + "20010db8000000000000000012345678010102000000000a")
    for (name, damage) in Self.damages {
      var octets = Self.advertisement
      damage(&octets)
      lan.hear(octets, 0x86dd)
      #expect(lan.hop(host).waits, "\(name)")
    }
    lan.hear(Self.advertisement, 0x86dd)
    #expect(lan.hop(host).linkAddress == "02:00:00:00:00:77")
  }

  /// scapy: IPv6(src="2001:db8::1234:5678",dst="2001:db8::a",hlim=255)/ICMPv6ND_NA(tgt="2001:db8::1234:5678",R=0,S=1,O=1)
  ///   /ICMPv6NDOptDstLLAddr(lladdr="02:00:00:00:00:77")
  static let advertisement = octets(
    "6000000000203aff20010db800000000000000001234567820010db800000000000000000000000a8800b89e60000000"
      + "20010db80000000000000000123456780201020000000077")

  static let damages: [(String, @Sendable (inout [UInt8]) -> Void)] = [
    ("a router passed it on", { $0[7] = 254 }),
    ("a wrong sum", { $0[71] ^= 1 }),
    ("no ICMPv6", { $0[6] = 17 }),
    (
      "a code",
      {
        $0[41] = 1; mend(&$0)
      }
    ),
    (
      "a solicitation",
      {
        $0[40] = 135; mend(&$0)
      }
    ),
    (
      "not solicited",
      {
        $0[44] = 0x20; mend(&$0)
      }
    ),
    (
      "to another",
      {
        $0[39] = 0x0b; mend(&$0)
      }
    ),
    (
      "of another",
      {
        $0[63] = 0x79; mend(&$0)
      }
    ),
    (
      "an empty option",
      {
        $0[65] = 0; mend(&$0)
      }
    ),
    (
      "the source's link address",
      {
        $0[64] = 1; mend(&$0)
      }
    ),
    (
      "a group's link address",
      {
        $0[66] = 0x33; mend(&$0)
      }
    ),
    ("cut short", { $0.removeLast() }),
  ]

  /// Writes the right sum (RFC 8200 §8.1).
  static func mend(_ octets: inout [UInt8]) {
    octets[42] = 0
    octets[43] = 0
    var sum = InternetChecksum()
    for part in [Array(octets[8..<40]), [0, 0, 0, UInt8(octets.count - 40), 0, 0, 0, 58], Array(octets[40...])] {
      sum.add(part.rawSpan)
    }
    octets[42] = UInt8(sum.checksum >> 8)
    octets[43] = UInt8(sum.checksum & 0xff)
  }

  static func octets(_ text: String) -> [UInt8] {
    let digits = text.utf8.compactMap { Hex.digit($0) }
    return stride(from: 0, to: digits.count, by: 2).map { digits[$0] << 4 | digits[$0 + 1] }
  }

  @Test func anIPv6RouterIsCheckedByItselfAndKeptByItsAnswerWithoutLinkAddress() {
    var behind = Neighbourhood.lan6
    behind.addresses = Neighbourhood.range(.v6("2001:db8:1::"), .v6("2001:db8:1::ffff"))
    behind.kind = .router(.v6("fe80::1"))
    var lan = Neighbourhood([], ipv6: [Neighbourhood.lan6, behind])
    lan.book.seed(.v6("fe80::1"), linkAddress: router, interface: 7, isPermanent: false, at: lan.now)
    lan.wait(.seconds(30))
    let questions = lan.questions()
    #expect(questions.map(\.hop) == [NextHop(interface: 7, linkAddress: router, etherType: 0x86dd)])
    // scapy: the same to dst="fe80::1", tgt="fe80::1"
    #expect(
      questions.first.map { Hex.text($0.octets) }
        == "6000000000203aff20010db800000000000000000000000afe80000000000000000000000000000187004ad300000000"
        + "fe800000000000000000000000000001010102000000000a")
    // The answer to one link address need not repeat it.
    var octets = Self.advertisement
    octets.replaceSubrange(48..<64, with: ("fe80::1" as IPv6Address).octets)
    octets.removeLast(8)
    octets[5] = 24
    Self.mend(&octets)
    lan.hear(octets, 0x86dd)
    lan.wait(.seconds(2))
    #expect(lan.questions().isEmpty && lan.hop(.v6("2001:db8:1::5")).linkAddress == router)
  }
}
