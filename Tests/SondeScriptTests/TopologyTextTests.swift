import Foundation
import SondeLink
import SondeOctets
import SondeScript
import TestSupport
import Testing

/// The text of a lab, read and printed.
@Suite struct TopologyTextTests {
  static let whole = """
    # A lab with all there is.
    lab all-of-it
    network lan mtu 1500 loss 1% delay 10ms jitter 2ms duplicate 1.5% reorder 1% corrupt 0.1% rate 10Mbit queue 50 seed 7
      a.eth0 195.0.0.4/24 2001:db8::4/64 mac 00:e0:29:2b:78:e9
      b 195.0.0.2/24   # the interface is eth0
      r1 195.0.0.1/24
    network far mtu 576
      r1 192.0.2.1/24
    host r1 forwards
    route a default via 195.0.0.1
    route b 192.0.2.0/24 via 195.0.0.1
    route b 198.51.100.7 unreachable
    route b ::/0 blackhole
    neighbour a 195.0.0.2 at 00:b0:d0:5c:5a:c1 on eth0
    setting a ipv4/icmp_ratelimit 0
    setting a ipv4/ping_group_range 0 0
    rules b "chain in { type filter hook input priority 0; tcp dport 22 drop; }"
    """

  @Test func allThatALabCanHaveIsRead() throws {
    let lab = try Topology(text: Self.whole)
    #expect(lab.name == "all-of-it")
    #expect(lab.hosts.map(\.name) == ["a", "b", "r1"])
    #expect(lab.hosts.map(\.forwards) == [false, false, true])
    #expect(lab.networks.map(\.name) == ["lan", "far"] && lab.networks.map(\.mtu) == [1500, 576])
    #expect(
      lab.networks[0].impairment
        == Topology.Impairment(
          loss: 0.01, duplication: 0.015, reordering: 0.01, corruption: 0.001, delay: .milliseconds(10),
          jitter: .milliseconds(2), rate: 10_000_000, queue: 50, seed: 7))
    #expect(
      lab.networks[0].ends[0]
        == Topology.End(
          "a", "eth0", linkAddress: "00:e0:29:2b:78:e9",
          [
            .init(.v4("195.0.0.4"), prefixLength: 24), .init(.v6("2001:db8::4"), prefixLength: 64),
          ]))
    #expect(lab.networks[0].ends.map(\.interface) == ["eth0", "eth0", "eth0"])
    #expect(lab.networks[1].ends.map(\.interface) == ["eth1"], "the next that is free")
    #expect(lab.hosts[0].routes == [.init(.v4("0.0.0.0"), prefixLength: 0, .gateway(.v4("195.0.0.1")))])
    #expect(
      lab.hosts[1].routes == [
        .init(.v4("192.0.2.0"), prefixLength: 24, .gateway(.v4("195.0.0.1"))),
        .init(.v4("198.51.100.7"), prefixLength: 32, .unreachable), .init(.v6("::"), prefixLength: 0, .blackhole),
      ])
    #expect(lab.hosts[0].neighbours == [.init(.v4("195.0.0.2"), at: "00:b0:d0:5c:5a:c1", on: "eth0")])
    #expect(lab.hosts[0].settings == [.init("ipv4/icmp_ratelimit", "0"), .init("ipv4/ping_group_range", "0 0")])
    #expect(lab.hosts[1].rules == "chain in { type filter hook input priority 0; tcp dport 22 drop; }")
  }

  @Test func whatIsPrintedIsReadBackAsTheSame() throws {
    for text in [Self.whole] + BuiltInLab.all.map(\.text) {
      let lab = try Topology(text: text)
      #expect(try Topology(text: lab.text) == lab, "\(lab.text)")
    }
  }

  @Test(arguments: [
    ("loss 0.001%", Topology.Impairment(loss: 0.00001)), ("delay 1.1ms", .init(delay: .microseconds(1100))),
    ("delay 0.25", .init(delay: .milliseconds(250))), ("delay 7ns", .init(delay: .nanoseconds(7))),
    ("rate 64kbit", .init(rate: 64_000)), ("rate 1.5Mbit", .init(rate: 1_500_000)),
    ("rate 1001bit", .init(rate: 1001)), ("rate 1GBIT", .init(rate: 1_000_000_000)), ("loss 100%", .init(loss: 1)),
    ("seed 0", .init(seed: 0)),
  ])
  func impairmentsAreReadAndPrinted(words: String, expected: Topology.Impairment) throws {
    let lab = try Topology(text: "network n \(words)\na 192.0.2.1/24")
    #expect(lab.networks[0].impairment == expected)
    #expect(try Topology(text: lab.text) == lab, "\(lab.text)")
  }

  /// The example of the guide is a lab.
  @Test func theGuideShowsALabThatIsRead() throws {
    let guide = URL(filePath: #filePath).deletingLastPathComponent()
      .appending(path: "../../Sources/Sonde/Sonde.docc/Laboratories.md")
    let text = try String(contentsOf: guide, encoding: .utf8)
    let start = try #require(text.range(of: "```\nlab noisy"))
    let rest = text[text.index(start.lowerBound, offsetBy: 4)...]
    let end = try #require(rest.range(of: "```"))
    let lab = try Topology(text: String(rest[..<end.lowerBound]))
    #expect(lab.name == "noisy" && lab.hosts.map(\.name) == ["a", "r", "b"])
  }

  @Test func sharesOfAllKindsAreReadBackExactly() throws {
    var draw = Seeded()
    for _ in 0..<1000 {
      let percent = Double(UInt64.random(in: 0...100_000_000, using: &draw)) / 1_000_000
      let lab = Topology(
        name: "n", hosts: [.init("a")],
        networks: [.init("n", ends: [.init("a", "eth0", [])], impairment: .init(loss: percent / 100))])
      #expect(try Topology(text: lab.text) == lab, "\(percent)")
    }
  }

  @Test(arguments: [
    ("netwrok n", 1, 1, "\"netwrok\" begins no line of a lab"),
    ("lab", 1, 4, "a name is missing at line 1, column 4; write lab NAME"),
    ("lab a b", 1, 7, "\"b\" does not belong"),
    ("lab x\nlab y", 2, 1, "a second name of the lab"),
    ("lab ../x", 1, 5, "\"../x\" is no name of a lab"),
    ("lab 7up", 1, 5, "\"7up\" is no name of a lab"),
    ("network", 1, 8, "a name is missing"),
    ("network n loss", 1, 15, "a value is missing"),
    ("network n loss 1", 1, 16, "\"1\" is no share of frames"),
    ("network n loss 101%", 1, 16, "\"101%\" is no share of frames"),
    ("network n loss -1%", 1, 16, "\"-1%\" is no share of frames"),
    ("network n lost 1%", 1, 11, "a network has no \"lost\""),
    ("network n loss 1% loss 1%", 1, 19, "\"loss\" for a second time"),
    ("network n mtu 67", 1, 15, "\"67\" is no MTU"),
    ("network n mtu 65536", 1, 15, "\"65536\" is no MTU"),
    ("network n mtu +100", 1, 15, "\"+100\" is no MTU"),
    ("network n delay 10m", 1, 17, "\"10m\" is no time"),
    ("network n delay 3601s", 1, 17, "\"3601s\" is no time"),
    ("network n delay 0x1p3", 1, 17, "\"0x1p3\" is no time"),
    ("network n rate 10", 1, 16, "\"10\" is no rate"),
    ("network n rate 1bit", 1, 16, "\"1bit\" is no rate"),
    ("network n queue 0", 1, 17, "\"0\" is no length of a queue"),
    ("network n\nnetwork n", 2, 9, "a second network \"n\""),
    ("a.eth0 192.0.2.1/24", 1, 1, "the end \"a.eth0\" of no network"),
    ("network n\n a.eth0 192.0.2.1", 2, 9, "\"192.0.2.1\" has no length of a prefix"),
    ("network n\n a.eth0 192.0.2.1/33", 2, 19, "\"33\" is no length of a prefix"),
    ("network n\n a.eth0 192.0.2/24", 2, 9, "\"192.0.2\" is no address"),
    ("network n\n a.eth0 224.0.0.1/24", 2, 9, "224.0.0.1 is no address of a host"),
    ("network n\n a.eth0 127.0.0.1/8", 2, 9, "127.0.0.1 is no address of a host"),
    ("network n\n a.eth0 0.0.0.0/0", 2, 9, "0.0.0.0 is no address of a host"),
    ("network n\n a.eth0 192.0.2.1/24 192.0.2.1/24", 2, 22, "192.0.2.1 for a second time"),
    ("network n\n a.eth0 mac", 2, 12, "a link address is missing"),
    ("network n\n a.eth0 mac 01:00:00:00:00:01", 2, 13, "\"01:00:00:00:00:01\" is no link address of a host"),
    ("network n\n a.lo 192.0.2.1/24", 2, 4, "\"lo\" is no name of an interface"),
    ("network n\n a.eth0123456789012", 2, 4, "\"eth0123456789012\" is no name of an interface"),
    ("network n\n a.eth0\n a.eth0", 3, 2, "a second interface eth0 of a"),
    ("network n\n a-b.eth0 192.0.2.1/24", 2, 2, "\"a-b\" is no name of a host"),
    ("network n\n host.eth0 192.0.2.1/24", 2, 2, "\"host\" is no name of a host"),
    ("network n mtu 1279\n a 2001:db8::1/64", 2, 4, "an IPv6 address on a link of MTU 1279"),
    ("network n\n a 192.0.2.1/24\nhost a forwrads", 3, 8, "\"forwrads\" does not belong"),
    ("network n\n a 192.0.2.1/24\nroute c default via 192.0.2.2", 3, 7, "there is no host \"c\""),
    ("network n\n a 192.0.2.1/24\nroute a default via 192.0.3.2", 3, 21, "the gateway 192.0.3.2 is on no link of a"),
    ("network n\n a 192.0.2.1/24\nroute a default via 192.0.2.1", 3, 21, "the gateway 192.0.2.1 is a itself"),
    ("network n\n a 192.0.2.1/24\nroute a ::/0 via 192.0.2.2", 3, 18, "the gateway 192.0.2.2 is of another family"),
    ("network n\n a 192.0.2.1/24\nroute a 192.0.2.9/24 unreachable", 3, 9, "\"192.0.2.9/24\" has bits behind"),
    ("network n\n a 192.0.2.1/24\nroute a default unreachable", 3, 9, "\"default\" of both families"),
    ("network n\n a 192.0.2.1/24\nroute a 10.0.0.0/8 vai 192.0.2.2", 3, 20, "\"vai\" is no kind of route"),
    ("network n\n a 192.0.2.1/24\nroute a default via", 3, 20, "a gateway is missing"),
    (
      "network n\n a 192.0.2.1/24\nroute a default via 192.0.2.2\nroute a 0.0.0.0/0 unreachable", 4, 9,
      "a second route of a"
    ),
    ("network n\n a 192.0.2.1/24\nneighbour a 192.0.2.2 at", 3, 25, "a part of the entry is missing"),
    ("network n\n a 192.0.2.1/24\nneighbour a 192.0.2.2 is 02:00:00:00:00:01", 3, 23, "\"is\" does not belong"),
    (
      "network n\n a 192.0.2.1/24\nneighbour a 192.0.2.2 at 02:00:00:00:00:01 on eth1", 3, 47,
      "a has no interface \"eth1\""
    ),
    ("network n\n a 192.0.2.1/24\nsetting a ../../kernel/x 1", 3, 11, "\"../../kernel/x\" is no kernel setting"),
    ("network n\n a 192.0.2.1/24\nsetting a ipv4/x", 3, 17, "a setting or its value is missing"),
    ("network n\n a 192.0.2.1/24\nrules a", 3, 8, "the rules is missing"),
    ("network n\n a 192.0.2.1/24\nrules a \"chain", 3, 9, "a quotation mark that is not closed"),
    ("network n\n a 192.0.2.1/24\nrules a \"\\x\"", 3, 10, "a backslash"),
    ("# nothing\n", 2, 1, "a lab without hosts ends"), ("", 1, 1, "a lab without hosts ends"),
  ])
  func whatIsWrongIsSaidWithItsPlace(text: String, line: Int, column: Int, claim: String) {
    do {
      let lab = try Topology(text: text)
      Issue.record("read as \(lab)")
    } catch {
      #expect(error.line == line && error.column == column && error.message.hasPrefix(claim), "\(error)")
      #expect(error.message.contains("at line \(line), column \(column)") && !error.message.contains("\n"), "\(error)")
    }
  }

  @Test func linesOfATextWithinAnotherAreCountedFromItsStart() {
    #expect(throws: TopologyError.self) { try Topology(text: "lab", startingAt: 41) }
    do { _ = try Topology(text: "lab", startingAt: 41) } catch { #expect(error.line == 41) }
  }

  @Test func aCarriageReturnEndsALineToo() throws {
    let lab = try Topology(text: "lab x\r\nnetwork n\r\n\ta 192.0.2.1/24\r\n")
    #expect(lab.name == "x" && lab.hosts.count == 1)
  }

  @Test func anyTextIsReadOrRefused() {
    var draw = Seeded()
    let words =
      Self.whole.split(whereSeparator: { $0 == " " || $0 == "\n" }).map(String.init)
      + ["\"", "\\", "#", "\u{0}", "é", "\u{301}", "/", ".", "a.", ".a", "1e999%", "999999999999999999999", "::/129"]
    for _ in 0..<6000 {
      var text = ""
      for _ in 0..<Int.random(in: 0...30, using: &draw) {
        text += words[Int.random(in: words.indices, using: &draw)]
        text += ["\n", " ", " ", " ", "", "\t"][Int.random(in: 0..<6, using: &draw)]
      }
      if let lab = try? Topology(text: text) { #expect((try? Topology(text: lab.text)) == lab, "\(text)") }
    }
    let whole = Array(Self.whole.utf8)
    for _ in 0..<2000 {
      var octets = whole
      for _ in 0..<Int.random(in: 1...4, using: &draw) {
        octets[Int.random(in: octets.indices, using: &draw)] = UInt8.random(in: 0...255, using: &draw)
      }
      let text = String(decoding: octets, as: UTF8.self)
      if let lab = try? Topology(text: text) { #expect((try? Topology(text: lab.text)) == lab, "\(text)") }
    }
  }

  @Test func aTextWithoutEndIsRefused() {
    let many = (0..<300).map { "a\($0) 192.0.2.1/24\n" }.joined()
    #expect(throws: TopologyError.self) { try Topology(text: "network n\n" + many) }
    #expect(throws: TopologyError.self) { try Topology(text: String(repeating: "#", count: 1 << 20 + 1)) }
  }
}

/// The labs that are carried along.
@Suite struct BuiltInLabTests {
  @Test func eachIsCalledAsItSays() {
    #expect(BuiltInLab.all.map(\.name) == ["pair", "lan4", "chain"])
    #expect(Topology.builtIn.map(\.name) == ["pair", "lan4", "chain"])
    for lab in BuiltInLab.all { #expect(lab.topology.name == lab.name && lab.text.hasPrefix("# ")) }
    #expect(BuiltInLab.named("pair") != nil && BuiltInLab.named("pairs") == nil)
  }

  @Test func theFourStationsHaveTheAddressesOfTheReport() {
    let lab = BuiltInLab.named("lan4")?.topology
    #expect(lab?.address(of: "a")?.number == 0xc300_0004 && lab?.address(of: "b")?.number == 0xc300_0002)
    let macs = lab?.networks[0].ends.map { $0.linkAddress?.description ?? "" } ?? []
    #expect(macs.prefix(2) == ["00:e0:29:2b:78:e9", "00:b0:d0:5c:5a:c1"] && Set(macs).count == 4)
    #expect(lab?.hosts.allSatisfy { $0.routes.isEmpty && !$0.forwards } == true)
  }

  @Test func aChainHasARouterBetweenEachTwoLinks() {
    let lab = BuiltInLab.named("chain")?.topology
    #expect(lab?.hosts.map(\.name) == ["a", "r1", "r2", "b"])
    #expect(lab?.hosts.map(\.forwards) == [false, true, true, false])
    #expect(lab?.networks.map(\.mtu) == [1500, 1400, 1300])
  }

  @Test(arguments: 1...BuiltInLab.longestChain)
  func inAChainOfAnyLengthEachReachesEach(links: Int) throws {
    for mtu in [1500, 600] {
      let lab = BuiltInLab.chain(mtus: Array(repeating: mtu, count: links)).topology
      #expect(lab.hosts.count == links + 1 && lab.networks.map(\.mtu) == Array(repeating: mtu, count: links))
      for version in mtu >= 1280 ? [4, 6] : [4] {
        for from in lab.hosts {
          for to in lab.hosts where to.name != from.name {
            let target = try #require(lab.address(of: to.name, version: version))
            #expect(Self.hops(lab, from.name, target) <= links, "\(links) \(from.name) \(to.name)")
          }
        }
      }
      #expect(lab.address(of: "a", version: 6) == nil || mtu >= 1280)
    }
  }

  /// How many links a packet crosses by the routing tables; a number without end if it arrives nowhere.
  private static func hops(_ lab: Topology, _ from: String, _ target: IPAddress) -> Int {
    func holds(_ prefix: IPAddress, _ length: Int, _ other: IPAddress) -> Bool {
      let behind = (prefix.version == 4 ? 32 : 128) - length
      return prefix.version == other.version
        && (behind >= 128 || prefix.number >> UInt128(behind) == other.number >> UInt128(behind))
    }
    func owner(_ address: IPAddress) -> String? {
      lab.networks.flatMap(\.ends).first { $0.addresses.contains { $0.address == address } }?.host
    }
    var here = from
    for hop in 0..<20 {
      if owner(target) == here { return hop }
      if lab.ends(of: here).contains(where: { $0.end.addresses.contains { holds($0.address, $0.prefixLength, target) } }
      ) {
        here = owner(target) ?? ""
        continue
      }
      let routes = lab.hosts.first { $0.name == here }?.routes ?? []
      let best = routes.filter { holds($0.destination, $0.prefixLength, target) }
        .max { $0.prefixLength < $1.prefixLength }
      guard case .gateway(let gateway)? = best?.kind, let next = owner(gateway) else { break }
      here = next
    }
    return .max
  }
}
