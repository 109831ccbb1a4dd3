import SondeLink
import SondeOctets
import Testing
import WireSupport

@testable import SondeLinux

/// How the kernel's tables split targets, in namespaces whose tables are known.
@Suite(.wire) struct RoutePiecesWireTests {
  /// Each way in a line: addresses, what it is, interface.
  private func lines(_ ways: [BulkWay], _ family: Family) -> [String] {
    ways.map { way in
      let (first, last) = (
        IPAddress(number: way.addresses.lowerBound, isIPv6: family == .ipv6),
        IPAddress(number: way.addresses.upperBound, isIPv6: family == .ipv6)
      )
      let what =
        switch way.kind {
        case .own: "own"
        case .onLink: "link"
        case .router(let router): "via \(router)"
        case .broadcast: "broadcast"
        case .multicast: "multicast"
        case .refused(let why): why.message
        }
      let name = way.interfaceName.isEmpty ? "" : " \(way.interfaceName)"
      return "\(first)\(first == last ? "" : "-\(last)") \(what)\(name)"
    }
  }

  private func range(_ first: String, _ last: String) throws -> ClosedRange<UInt128> {
    let (first, last) = (try #require(IPAddress(first)), try #require(IPAddress(last)))
    return first.number...last.number
  }

  @Test func theWholeOfIPv4IsSplitByTheTables() throws {
    try WireNetwork.run { network in
      try network.sh("ip route add default via 10.9.0.2 mtu 1300")
      for line in [
        "blackhole 198.51.100.0/24", "prohibit 198.51.101.0/24", "unreachable 198.51.102.0/24 metric 50",
        "203.0.113.0/24 dev near0", "203.0.113.128/25 via 10.9.0.77 dev near0",
        // Less worth than the one above, and so without effect.
        "203.0.113.0/26 via 10.9.0.78 dev near0 metric 5", "203.0.113.0/26 dev near0 metric 4",
      ] { try network.sh("ip route add \(line)") }
      let ways = try RoutePieces.find([0...0xffff_ffff], .ipv4)
      #expect(
        lines(ways, .ipv4) == [
          "0.0.0.0 own lo", "0.0.0.1-10.8.255.255 via 10.9.0.2 near0", "10.9.0.0 link near0", "10.9.0.1 own lo",
          "10.9.0.2-10.9.0.254 link near0", "10.9.0.255 broadcast near0",
          "10.9.1.0-10.9.2.255 via 10.9.0.2 near0", "10.9.3.0-126.255.255.255 via 10.9.0.2 near0",
          "127.0.0.0-127.255.255.254 own lo",
          "127.255.255.255 broadcast lo", "128.0.0.0-198.51.99.255 via 10.9.0.2 near0",
          "198.51.100.0-198.51.100.255 a blackhole route takes what goes there",
          "198.51.101.0-198.51.101.255 a prohibit route refuses what goes there",
          "198.51.102.0-198.51.102.255 an unreachable route refuses what goes there",
          "198.51.103.0-203.0.112.255 via 10.9.0.2 near0", "203.0.113.0-203.0.113.127 link near0",
          "203.0.113.128-203.0.113.255 via 10.9.0.77 near0", "203.0.114.0-223.255.255.255 via 10.9.0.2 near0",
          "224.0.0.0-239.255.255.255 multicast near0", "240.0.0.0-255.255.255.254 via 10.9.0.2 near0",
          "255.255.255.255 broadcast near0",
        ])
      let link = try #require(ways.first { $0.kind == .onLink })
      #expect(link.source == .v4("10.9.0.1") && link.asker == .v4("10.9.0.1") && link.mtu == 1500 && link.asksEachHost)
      #expect(try link.linkAddress == NetworkInterface.named("near0").linkAddress)
      let router = try #require(ways.first { $0.kind == .router(.v4("10.9.0.2")) })
      // What the default route says of its packets, the narrower one does not.
      #expect(router.mtu == 1300 && ways.contains { $0.kind == router.kind && $0.mtu == 1500 })
    }
  }

  @Test func aNetworkWithoutRouteSaysSo() throws {
    try WireNetwork.run { _ in
      let ways = try RoutePieces.find([range("198.51.100.0", "203.0.113.255")], .ipv4)
      #expect(lines(ways, .ipv4) == ["198.51.100.0-203.0.113.255 no route to that network from here"])
    }
  }

  @Test func ipv6IsSplitAsWell() throws {
    try WireNetwork.run { network in
      try network.sh("ip -6 route add default via fd09::2; ip -6 route add blackhole 2001:db8:1::/48")
      let ways = try RoutePieces.find(
        [range("2001:db8::", "2001:db8:2::"), range("fd09::", "fd09::ff"), range("ff02::", "ff02::ff")], .ipv6)
      #expect(
        lines(ways, .ipv6) == [
          "2001:db8::-2001:db8:0:ffff:ffff:ffff:ffff:ffff via fd09::2 near0",
          "2001:db8:1::-2001:db8:1:ffff:ffff:ffff:ffff:ffff a blackhole route takes what goes there",
          "2001:db8:2:: via fd09::2 near0", "fd09:: link near0", "fd09::1 own lo", "fd09::2-fd09::ff link near0",
          "ff02::-ff02::ff multicast near0",
        ])
      let link = try #require(ways.first { $0.kind == .onLink })
      #expect(link.asker == .v6("fd09::1") && link.asksEachHost)
    }
  }

  @Test func rulesAndWhatTheyLookAtCount() throws {
    try WireNetwork.run { network in
      try network.sh("ip addr add 10.9.0.3/24 dev near0; ip route add default via 10.9.0.2")
      try network.sh("ip route add default via 10.9.0.77 table 77; ip route add blackhole default table 78")
      // Part of what no route has a boundary for.
      try network.sh("ip rule add to 192.0.2.64/26 table 77; ip rule add fwmark 9 table 78")
      try network.sh("ip rule add from 10.9.0.3 table 77")
      let ranges = [try range("192.0.2.0", "192.0.2.255")]
      let (plain, behind) = ("via 10.9.0.2 near0", "via 10.9.0.77 near0")
      #expect(
        lines(try RoutePieces.find(ranges, .ipv4), .ipv4) == [
          "192.0.2.0-192.0.2.63 \(plain)", "192.0.2.64-192.0.2.127 \(behind)", "192.0.2.128-192.0.2.255 \(plain)",
        ])
      func ways(_ settings: RoutePieces.Settings) throws -> [String] {
        lines(try RoutePieces.find(ranges, .ipv4, settings), .ipv4)
      }
      #expect(try ways(.init(source: .v4("10.9.0.3"))) == ["192.0.2.0-192.0.2.255 \(behind)"])
      #expect(try ways(.init(mark: 9)) == ["192.0.2.0-192.0.2.255 a blackhole route takes what goes there"])
      // A source that is not ours is nothing that routing could know.
      #expect(try ways(.init(source: .v4("203.0.113.5"))).count == 3)
      let near = try NetworkInterface.named("near0").index
      #expect(try ways(.init(interface: near)).count == 3)
    }
  }

  @Test func thousandsOfRoutesAreAskedAndMoreThanTheLimitRefused() throws {
    try WireNetwork.run { network in
      try network.sh(
        "i=0; while [ $i -lt 4096 ]; do echo route add 10.64.$((i / 256)).$((i % 256))/32 via 10.9.0.2; i=$((i + 2)); "
          + "done | ip -batch -")
      let ranges = [try range("10.64.0.0", "10.64.15.255")]
      let start = Clock.monotonic
      let ways = try RoutePieces.find(ranges, .ipv4)
      print("4,096 stretches: \(Clock.monotonic - start)")
      #expect(ways.count == 4096)
      let error = refusal { _ = try RoutePieces.find(ranges, .ipv4, limit: 4095) }
      #expect(
        error?.message == "the routing tables split the targets into more than 4095 stretches; sweep fewer at a time")
    }
  }

  @Test func theKernelsTableOfNeighboursIsRead() throws {
    try WireNetwork.run { network in
      try network.sh("ip neigh replace 10.9.0.50 lladdr 02:00:00:00:00:50 dev near0 nud permanent")
      try network.sh("ip neigh replace fd09::50 lladdr 02:00:00:00:00:51 dev near0 nud permanent")
      try network.sh("ip neigh replace 10.9.0.51 lladdr 02:00:00:00:00:52 dev near0 nud stale")
      let near = try NetworkInterface.named("near0").index
      let table = try Neighbour.table(interface: near)
      func entry(_ address: IPAddress) -> Neighbour.Known? { table.first { $0.address == address } }
      #expect(entry(.v4("10.9.0.50"))?.linkAddress == "02:00:00:00:00:50")
      #expect(entry(.v4("10.9.0.50"))?.isPermanent == true && entry(.v6("fd09::50"))?.isPermanent == true)
      #expect(entry(.v4("10.9.0.51"))?.isPermanent == false && entry(.v4("10.9.0.51"))?.isFresh == false)
      #expect(entry(.v4("10.9.0.52")) == nil)
      #expect(try Neighbour.table(interface: 1).allSatisfy { $0.address.isLoopback || $0.isPermanent })
    }
  }
}
