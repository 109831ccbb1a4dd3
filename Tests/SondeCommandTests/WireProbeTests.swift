import Testing
import WireSupport

/// What is open, closed or filtered, and why: against the real kernel, over veth and lo.
@Suite(.wire) struct WireProbeTests {
  /// Where the probes come from and go to.
  struct Way: Sendable, CustomTestStringConvertible {
    var side: Side
    var isLoopback: Bool
    var target: String { isLoopback ? side.family == 4 ? "127.0.0.1" : "::1" : side.far }
    var testDescription: String { "IPv\(side.family) over \(isLoopback ? "lo" : "veth")" }

    static let all = Side.both.flatMap { [Way(side: $0, isLoopback: false), Way(side: $0, isLoopback: true)] }
  }

  /// Runs sonde where the way starts, and gives each port's line by its port.
  private func ports(_ network: WireNetwork, _ way: Way, _ arguments: String) throws -> [Int: [String: Any]] {
    let line = "probe --json \(way.target) \(arguments)"
    let outcome = way.isLoopback ? try network.onFar { try sonde(line) } : try sonde(line)
    #expect(outcome.errors.isEmpty && outcome.status < 2, "\(outcome)")
    let lines = try objects(outcome)
    let settled = lines.filter { $0["port"] != nil }
    #expect(Set(settled.map { $0.number("port") }).count == settled.count, "one line a port")
    return Dictionary(settled.map { ($0.number("port") ?? 0, $0) }) { first, _ in first }
  }

  private func states(_ ports: [Int: [String: Any]]) -> [Int: String] {
    ports.mapValues { [$0.text("verdict"), $0.text("by")].joined(separator: " ") }
  }

  @Test(arguments: Way.all)
  func tcpPortsAreOpenClosedOrFilteredWithTheReason(way: Way) throws {
    try WireNetwork.run { network in
      try network.filterAtFar("tcp dport 7080 drop; tcp dport 7081 reject with tcp reset")
      try network.withServices {
        let found = try ports(network, way, "-p 7070,7073,7080,7081 -W 1s --retries 1")
        #expect(
          states(found) == [
            7070: "open tcp-syn-ack", 7073: "closed tcp-reset", 7080: "filtered ", 7081: "closed tcp-reset",
          ])
        #expect(found[7070]?.text("from") == way.target)
        #expect(found[7080]?.text("type") == "silence")
        // A probe leaves no connection behind.
        try network.onFar { try Shell.until("test -z \"$(ss -Htan state syn-recv)\"") }
      }
    }
  }

  @Test(arguments: Way.all)
  func udpPortsAreOpenClosedOrSilent(way: Way) throws {
    try WireNetwork.run { network in
      try network.withServices {
        let found = try ports(network, way, "--udp --data hello -p 7071-7073 -W 2s --retries 1")
        #expect(states(found) == [7071: "open udp", 7072: "open|filtered ", 7073: "closed icmp-error"])
        let icmp = found[7073]?["icmp"] as? [String: Any]
        #expect(icmp?.text("name") == "port-unreachable")
        #expect(icmp?.number("code") == (way.side.family == 4 ? 3 : 4))
      }
    }
  }

  /// nftables' names of the codes of destination unreachable, with the code and our name.
  private static let codes: [Int: [(nft: String, code: Int)]] = [
    4: [
      ("net-unreachable", 0), ("host-unreachable", 1), ("prot-unreachable", 2), ("port-unreachable", 3),
      ("net-prohibited", 9), ("host-prohibited", 10), ("admin-prohibited", 13),
    ],
    6: [
      ("no-route", 0), ("admin-prohibited", 1), ("addr-unreachable", 3), ("port-unreachable", 4), ("policy-fail", 5),
      ("reject-route", 6),
    ],
  ]

  @Test(arguments: Way.all)
  func everyCodeOfUnreachableMeansFiltered(way: Way) throws {
    let codes = try #require(Self.codes[way.side.family])
    let kind = way.side.family == 4 ? "icmp" : "icmpv6"
    let rules = codes.enumerated().flatMap { index, code in
      ["tcp", "udp"].map {
        "meta nfproto ipv\(way.side.family) \($0) dport \(8000 + index) reject with \(kind) type \(code.nft)"
      }
    }
    try WireNetwork.run { network in
      try network.filterAtFar(rules.joined(separator: "; "))
      let range = "-p 8000-\(7999 + codes.count) -W 30s --retries 0"
      let tcp = try ports(network, way, range)
      let udp = try ports(network, way, "--udp " + range)
      for (index, code) in codes.enumerated() {
        for (found, isUDP) in [(tcp[8000 + index], true), (udp[8000 + index], false)].map({ ($0.0, !$0.1) }) {
          // To UDP a port unreachable of the probed host itself is the honest "closed".
          let isClosed = isUDP && code.nft == "port-unreachable"
          #expect(found?.text("verdict") == (isClosed ? "closed" : "filtered"), "\(code) \(found ?? [:])")
          #expect(found?.text("by") == "icmp-error")
          #expect((found?["icmp"] as? [String: Any])?.number("code") == code.code)
        }
      }
    }
  }

  @Test(arguments: Side.both)
  func otherFlagsAskOtherQuestions(side: Side) throws {
    try WireNetwork.run { network in
      try network.withServices {
        let way = Way(side: side, isLoopback: false)
        let options = "-p 7070,7073 -W 1s --retries 0"
        let stray = [7070: "open|filtered ", 7073: "closed tcp-reset"]
        #expect(states(try ports(network, way, "--flags FPU \(options)")) == stray)
        #expect(states(try ports(network, way, "--flags 0 \(options)")) == stray)
        #expect(states(try ports(network, way, "--flags F \(options)")) == stray)
        let both = [7070: "unfiltered tcp-reset", 7073: "unfiltered tcp-reset"]
        #expect(states(try ports(network, way, "--flags A \(options)")) == both)
        let resets = try ports(network, way, "--flags FA --ack 77 \(options)")
        #expect(states(resets) == [7070: "closed tcp-reset", 7073: "closed tcp-reset"])
        #expect(resets[7070]?.text("why").contains("Linux sends it from open ports too") == true)
      }
    }
  }

  @Test(arguments: Way.all)
  func openPortsAreOpenWithChecksumOffloadOn(way: Way) throws {
    try WireNetwork.run { network in
      try network.onFar {
        let features = try Shell.run("ethtool -k far0 | grep tx-checksum-ip-generic")
        #expect(features.output.contains(": on"), "veth offloads by default: \(features)")
      }
      try network.withServices {
        let tcp = try ports(network, way, "-p 7070 -W 30s")
        #expect(states(tcp) == [7070: "open tcp-syn-ack"])
        let udp = try ports(network, way, "--udp -p 7071 --data x -W 30s")
        #expect(states(udp) == [7071: "open udp"])
      }
    }
  }

  @Test func noPortOfAnEmptyLoopbackIsOpen() throws {
    try WireNetwork.run { network in
      try network.onFar {
        // Our own source ports are of this range: our SYN to itself, heard on lo, is no answer.
        try network.sh("echo '50000 50999' > /proc/sys/net/ipv4/ip_local_port_range")
        let outcome = try sonde("probe --json --rate 100000 -p 50000-50999 127.0.0.1")
        let lines = try objects(outcome)
        let summary = try #require(lines.of("summary").first)
        #expect(outcome.status == 0 && summary.number("sent") == summary.number("answered"))
        #expect((summary["ports"] as? [String: Int]) == ["closed": 1000])
      }
    }
  }

  @Test(arguments: Way.all)
  func twoAtOnceNeverTakeEachOthersAnswers(way: Way) throws {
    try WireNetwork.run { network in
      try network.withServices {
        let one = "\"$SONDE\" probe --json -v \(way.target) -p 7000-7299"
        let line = "\(one) > $D/1 & \(one) > $D/2 & wait; cat $D/1 $D/2"
        let run = { try Shell.run("D=$(mktemp -d); \(line); rm -r $D") }
        let outcome = way.isLoopback ? try network.onFar(run) : try run()
        let summaries = try objects(outcome).of("summary")
        #expect(summaries.count == 2)
        for summary in summaries {
          #expect((summary["ports"] as? [String: Int]) == ["open": 1, "closed": 299], "\(summary)")
          #expect(summary.number("noise") == 0 && summary.number("duplicates") == 0, "\(summary)")
        }
      }
    }
  }

  @Test(arguments: Side.both)
  func twoPingsAtOnceNeverTakeEachOthersAnswers(side: Side) throws {
    try WireNetwork.run { _ in
      for door in ["raw", "datagram"] {
        // The same identifier and sequence numbers: only the cookie tells them apart, where both hear all.
        let id = door == "raw" ? "--id 7" : ""
        let one = "\"$SONDE\" ping --json -v -i 10ms -c 20 \(id) --door \(door) \(side.far)"
        let outcome = try Shell.run("D=$(mktemp -d); \(one) > $D/1 & \(one) > $D/2 & wait; cat $D/1 $D/2; rm -r $D")
        for summary in try objects(outcome).of("summary") {
          #expect(summary.number("answered") == 20, "\(summary)")
          #expect(summary.number("duplicates") == 0 && summary.number("errors") == 0, "\(summary)")
        }
        #expect(try objects(outcome).of("answer").allSatisfy { $0.flags.isEmpty })
      }
    }
  }

  @Test func aLinkLocalAddressIsProbedByItsZone() throws {
    try WireNetwork.run { network in
      try network.withServices {
        let address = try network.onFar {
          try Shell.run("ip -6 -o addr show dev far0 scope link | grep -o 'fe80[^/]*'").output.split(separator: "\n")
        }
        let host = try #require(address.first)
        let found = try sonde("probe \(host)%near0 -p 7070,7073")
        #expect(found.status == 0 && found.output.contains("7070/tcp open"), "\(found)")
        let ping = try sonde("ping -c 1 \(host)%near0")
        #expect(ping.status == 0 && ping.output.contains("64 bytes from \(host)%near0: icmp_seq=1"), "\(ping)")
        let by = try sonde("ping -c 1 -I near0 \(host)")
        #expect(by.status == 0 && by.output.contains("64 bytes from \(host)%near0: icmp_seq=1"), "\(by)")
        for command in ["ping -c 1", "probe -p 7070"] {
          let without = try sonde("\(command) \(host)")
          #expect(without.status == 2 && without.output.isEmpty)
          #expect(without.errors == "sonde: \(host) is of one link only: say of which, as \(host)%eth0\n")
        }
      }
    }
  }

  @Test(arguments: Side.both)
  func aNeighbourThatIsNotThereFillsNoQueueOfOurs(side: Side) throws {
    try WireNetwork.run { _ in
      // More than a socket of the usual size holds while the kernel asks for the neighbour.
      let nobody = side.family == 4 ? "10.9.0.77" : "fd09::77"
      let outcome = try sonde("probe --json -p 1-1000 --rate 100000 -W 100ms --retries 0 \(nobody)")
      let summary = try #require(try objects(outcome).of("summary").first, "\(outcome)")
      #expect(summary.number("sent") == 1000 && summary.number("send_failed") == 0, "\(summary)")
    }
  }

  @Test func aDeadlineEndsTheRunWhateverIsStillOut() throws {
    try WireNetwork.run { network in
      try network.filterAtFar("tcp dport 7080 drop")
      let outcome = try sonde("probe 10.9.0.2 -p 7080 -W 3600 -w 0.2", seconds: 60)
      #expect(outcome.status == 1, "\(outcome)")
      #expect(outcome.output.contains("7080/tcp filtered -          no answer to 1 probe, and the run was stopped"))
    }
  }

  @Test func theTableGivesStateTimeAndReason() throws {
    try WireNetwork.run { network in
      try network.withServices {
        let outcome = try sonde("probe 10.9.0.2 -p 7000-7080")
        #expect(outcome.status == 0)
        let lines = outcome.lines
        #expect(lines.first == "PROBE 10.9.0.2 (10.9.0.2) 81 tcp ports, from 10.9.0.1 by the raw door")
        #expect(
          lines.contains { $0.hasPrefix("7070/tcp open") && $0.hasSuffix("SYN-ACK that acknowledges our SYN, ttl 64") })
        #expect(lines.contains("not listed: 80 closed (tcp-reset)"))
        #expect(outcome.output.contains("\n81 ports: 80 closed, 1 open; 81 probes, "))
        let open = try sonde("probe --open 10.9.0.2 -p 7000-7080")
        #expect(open.lines.count { $0.contains("/tcp") } == 1 && open.output.contains("80 closed, 1 open"), "\(open)")
        let none = try sonde("probe -q 10.9.0.2 -p 7080")
        #expect(none.lines.count == 2 && none.status == 0, "\(none)")
      }
    }
  }
}
