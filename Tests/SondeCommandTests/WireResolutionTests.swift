import Foundation
import Testing
import WireSupport

/// The time that a link address takes to be found out is in no round-trip time, and told apart.
@Suite(.wire) struct WireResolutionTests {
  /// Runs `body` where the far host's link address is told 300 ms after it is asked for, by Scripts/neighbour.py.
  private func withSlowNeighbour(_ body: (WireNetwork) throws -> Void) throws {
    try WireNetwork.run { network in
      let folder = try TemporaryFolder()
      let addresses = "([0-9a-f]{2}:){5}[0-9a-f]{2}"
      let near = try Shell.run("ip -br link show near0 | grep -oE '\(addresses)'").lines[0]
      let child = try network.onFar {
        let far = try Shell.run("ip -br link show far0 | grep -oE '\(addresses)'").lines[0]
        // The far host knows us, and its kernel tells nobody where it is (ip-sysctl.rst, arp_ignore).
        try network.sh("ip neigh replace 10.9.0.1 lladdr \(near) nud permanent dev far0")
        try network.sh("ip neigh replace fd09::1 lladdr \(near) nud permanent dev far0")
        try network.sh("echo 8 > /proc/sys/net/ipv4/conf/all/arp_ignore")
        let rule = "icmpv6 type nd-neighbor-solicit drop"
        try network.sh("nft 'table ip6 quiet { chain input { type filter hook input priority 0; \(rule) ; } ; }'")
        return try network.start(
          "exec \(script("neighbour.py")) far0 10.9.0.2=\(far)@300 fd09::2=\(far)@300 > \(folder.path)/log 2>&1")
      }
      defer { network.stop(child) }
      try Shell.until("grep -q ready \(folder.path)/log")
      try body(network)
    }
  }

  private func forget(_ network: WireNetwork) throws { try network.sh("ip neigh flush dev near0") }

  @Test(arguments: Side.both, ["datagram", "raw", "cooked"])
  func theFirstTimeIsAsTheOthersAre(side: Side, door: String) throws {
    try withSlowNeighbour { network in
      try forget(network)
      let outcome = try sonde("ping --json -c 8 -i 100ms --door \(door) \(side.far)")
      let answers = try objects(outcome).of("answer").sorted { $0.number("seq") ?? 0 < $1.number("seq") ?? 0 }
      let times = answers.compactMap { $0.number("rtt_ns") }
      #expect(times.count == 8 && answers.allSatisfy { $0.text("rtt_clock") == "kernel" }, "\(outcome)")
      // Far above what they differ by among themselves on a busy machine, far below what was waited for.
      #expect(times.allSatisfy { $0 < 100_000_000 }, "\(times)")
      let waits = answers.map { $0.number("resolution_ns") }
      #expect((250_000_000..<2_000_000_000).contains(try #require(waits[0])), "\(waits)")
      // By the cooked door the first packet alone waits; by the others also what was sent meanwhile, for less long.
      #expect(waits[7] == nil, "\(waits)")
      let told = waits.compactMap { $0 }
      #expect(zip(told, told.dropFirst()).allSatisfy { $0 > $1 }, "\(waits)")
    }
  }

  @Test(arguments: Side.both)
  func theTextSaysSoAheadOfTheStatistics(side: Side) throws {
    try withSlowNeighbour { network in
      try forget(network)
      let cold = try sonde("ping -c 2 -i 500ms \(side.far)")
      let lines = cold.lines
      let place = try #require(lines.firstIndex { $0.contains("waited") }, "\(cold)")
      #expect(lines[place].hasPrefix("icmp_seq=1 to \(side.far) waited "), "\(cold)")
      #expect(lines[place].hasSuffix(" ms for the link address of its next hop, which no time above includes"))
      #expect(lines[place + 1] == "" && lines[place + 2] == "--- \(side.far) ping statistics ---")
      #expect(lines.suffix(2)[lines.endIndex - 2].hasPrefix("rtt min/avg/max/mdev = "), "\(cold)")
      let warm = try sonde("ping -c 2 -i 100ms \(side.far)")
      #expect(!warm.output.contains("waited"), "\(warm)")
      let json = try objects(try sonde("ping --json -c 2 -i 100ms \(side.far)"))
      #expect(json.of("answer").allSatisfy { $0["resolution_ns"] == nil })
    }
  }

  @Test(arguments: Side.both)
  func probeAndSendTellItToo(side: Side) throws {
    try withSlowNeighbour { network in
      let ip = side.family == 4 ? "IP" : "IPv6"
      let echo = side.family == 4 ? "ICMP()" : "ICMPv6EchoRequest()"
      for command in ["probe --json -p 9 \(side.far)", "send --json '\(ip)(dst=\"\(side.far)\")/\(echo)'"] {
        try forget(network)
        let outcome = try Shell.run("exec \"$SONDE\" \(command)")
        let answer = try #require(try objects(outcome).of("answer").first, "\(outcome)")
        #expect((answer.number("resolution_ns") ?? 0) >= 250_000_000, "\(outcome)")
        #expect((answer.number("rtt_ns") ?? .max) < 100_000_000, "\(outcome)")
      }
    }
  }

  @Test func whereThereIsNothingToFindOutNothingIsSaid() throws {
    try WireNetwork.run { network in
      try network.sh("ip neigh flush dev near0")
      for host in ["127.0.0.1", "::1", "10.9.0.1", "fd09::1"] {
        let outcome = try sonde("ping --json -c 1 \(host)")
        #expect(try objects(outcome).of("answer").first.map { $0["resolution_ns"] == nil } == true, "\(outcome)")
      }
    }
  }
}
