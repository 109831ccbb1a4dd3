import Testing
import WireSupport

/// The way through four routers, against the real kernel.
@Suite(.wire) struct WireTraceTests {
  /// How it is asked, and whom.
  struct Manner: Sendable, CustomTestStringConvertible {
    var options: String
    var isIPv6: Bool

    static let all = [false, true].flatMap { isIPv6 in
      ["--icmp", "--udp", "--tcp 7073", "--tcp 7070", "--udp -p 7071 -W 500ms"].map {
        Manner(options: $0, isIPv6: isIPv6)
      }
    }

    var testDescription: String { "\(options) over IPv\(isIPv6 ? 6 : 4)" }
    /// The address by which the host that is so many hops away answers.
    func address(_ hops: Int) -> String { isIPv6 ? "fd88:\(hops)::2" : "10.88.\(hops - 1).2" }
    var target: String { address(5) }
  }

  /// What is said of a hop: who answered, and notes.
  private struct Hop: Equatable {
    var from: [String]
    var notes: [String] = []
  }

  private func trace(_ arguments: String, status: Int32 = 0) throws -> (hops: [Hop], summary: [String: Any]) {
    let outcome = try sonde("trace -n --json \(arguments)")
    #expect(outcome.status == status && outcome.errors.isEmpty, "\(outcome)")
    let lines = try objects(outcome)
    let hops = lines.of("hop")
    #expect(hops.map { $0.number("ttl") } == (0..<hops.count).map { $0 + 1 })
    return (
      hops.map { hop in
        let answers = hop["answers"] as? [[String: Any]] ?? []
        return Hop(from: answers.map { $0.text("from") }, notes: hop["notes"] as? [String] ?? [])
      }, try #require(lines.of("summary").first)
    )
  }

  /// Lets nftables on a host drop or reject by a chain of rules, and forgets those before.
  private func filter(_ chain: RouterChain, _ host: Int, _ table: String, _ hook: String, _ rules: String) throws {
    let chainText = "chain c { type filter hook \(hook) priority 0; \(rules) ; }"
    try chain.on(host) { try chain.sh("nft 'flush ruleset; table \(table) t { \(chainText) ; }'") }
  }

  private func hops(_ manner: Manner, _ count: Int = 5) -> [Hop] {
    (1...count).map { Hop(from: [String](repeating: manner.address($0), count: 3)) }
  }

  @Test func everyProbeFindsTheTopologyHopByHop() throws {
    try RouterChain.run { chain in
      let folder = try TemporaryFolder()
      let child = try chain.on(RouterChain.target) {
        try Shell.start("exec \(script("services.py")) > \(folder.path)/log 2>&1")
      }
      defer { Shell.stop(child) }
      try Shell.until("grep -q ready \(folder.path)/log")
      for manner in Manner.all {
        for pace in ["", " -i 0"] {
          let found = try trace("\(manner.options)\(pace) \(manner.target)")
          #expect(found.hops == hops(manner), "\(manner)\(pace)")
          #expect(found.summary["reached"] as? Bool == true)
          #expect(found.summary.number("hops") == 5)
          #expect(found.summary.number("noise") == 0 || manner.options.contains("tcp"))
        }
      }
    }
  }

  @Test func allProbesAreOneFlowOnTheWire() throws {
    try RouterChain.run { chain in
      for (options, filter, constant, varying) in [
        ("--icmp 10.88.4.2", "icmp.type == 8 && !(icmp.type == 11)", ["icmp.ident", "icmp.checksum"], "icmp.seq"),
        ("--udp 10.88.4.2", "udp && !icmp", ["udp.srcport", "udp.dstport"], "udp.checksum"),
        ("--tcp 9 10.88.4.2", "tcp.flags == 2 && !icmp", ["tcp.srcport", "tcp.dstport"], "tcp.seq_raw"),
        (
          "--icmp fd88:5::2", "icmpv6.type == 128 && !(icmpv6.type == 3)", ["ipv6.flow", "icmpv6.checksum"],
          "icmpv6.echo.sequence_number"
        ),
        ("--udp fd88:5::2", "udp && !icmpv6", ["ipv6.flow", "udp.srcport", "udp.dstport"], "udp.checksum"),
      ] {
        let capture = try WireCapture("far")
        _ = try trace(options)
        // Each of fifteen probes and its answer.
        try capture.finish(atLeast: 30)
        for field in constant { #expect(Set(try capture.fields(field, where: filter)).count == 1, "\(field)") }
        #expect(Set(try capture.fields(varying, where: filter)).count == 15, "\(varying)")
      }
    }
  }

  @Test func silentHopsAreNamed() throws {
    try RouterChain.run { chain in
      try filter(chain, 2, "inet", "output", "icmp type time-exceeded drop; icmpv6 type time-exceeded drop")
      try filter(chain, 3, "ip", "output", "icmp type time-exceeded numgen inc mod 3 < 1 drop")
      for manner in Manner.all where !manner.options.contains("707") {
        let found = try trace("\(manner.options) -W 500ms \(manner.target)")
        var expected = hops(manner)
        expected[1] = Hop(from: [], notes: ["no-answer"])
        if !manner.isIPv6 { expected[2] = Hop(from: Array(expected[2].from.prefix(2)), notes: ["partly-silent"]) }
        #expect(found.hops == expected, "\(manner)")
      }
    }
  }

  @Test func loopsAreNamedAndNobodyIsReached() throws {
    try RouterChain.run { chain in
      for (host, via4, via6) in [
        (0, "10.88.0.2", "fd88:1::2"), (1, "10.88.1.2", "fd88:2::2"), (2, "10.88.2.2", "fd88:3::2"),
        (3, "10.88.2.1", "fd88:3::1"),
      ] {
        try chain.on(host) {
          try chain.sh("ip route add 10.88.9.0/24 via \(via4); ip route add fd88:9::/64 via \(via6)")
        }
      }
      for (target, first) in [("10.88.9.9", 3), ("fd88:9::9", 4)] {
        let found = try trace("--queries 1 -m 6 \(target)")
        // Over IPv6 a router answers from the address by which the packet came in: coming back it is another one.
        let loops = (0..<6).map { $0 < first ? [] : ["loop"] }
        #expect(found.hops.map(\.notes) == loops, "\(target)")
        #expect(found.hops[first].from == found.hops[first - 2].from)
        #expect(found.summary["reached"] as? Bool == false)
      }
    }
  }

  /// A filter on the way speaks in the words of a host; only the host itself has arrived at itself.
  @Test func aRoutersRejectEndsTheTraceAndIsNoArrival() throws {
    try RouterChain.run { chain in
      let rejects = [
        ("icmp", "port-unreachable", "port-unreachable"), ("icmp", "host-unreachable", "host-unreachable"),
        ("icmp", "admin-prohibited", "communication-prohibited"), ("icmpv6", "port-unreachable", "port-unreachable"),
        ("icmpv6", "admin-prohibited", "administratively-prohibited"), ("icmpv6", "no-route", "no-route"),
      ]
      for (family, reject, name) in rejects {
        let isIPv6 = family == "icmpv6"
        let table = isIPv6 ? "ip6" : "ip"
        let manner = Manner(options: "", isIPv6: isIPv6)
        let rule = "\(table) daddr \(manner.target) reject with \(family) type \(reject)"
        try filter(chain, 3, table, "forward", rule)
        for options in ["--icmp", "--udp", "--tcp 7073"] {
          let found = try trace("\(options) \(manner.target)")
          let end = Hop(from: [String](repeating: manner.address(3), count: 3), notes: [name])
          #expect(found.hops == hops(manner, 3) + [end], "\(options) \(reject)")
          #expect(found.summary["reached"] as? Bool == false)
        }
      }
    }
  }

  @Test func labelsAreShownWhereTheirChecksumHolds() throws {
    try RouterChain.run { chain in
      for isIPv6 in [false, true] {
        let manner = Manner(options: "--udp", isIPv6: isIPv6)
        for damage in ["", "wrong"] {
          let folder = try TemporaryFolder()
          // The kernel's own errors stay away: what ends there is dropped before it is looked at.
          try filter(chain, 2, "inet", "prerouting", "ip ttl 1 drop; ip6 hoplimit 1 drop")
          let child = try chain.on(2) {
            let words = "near \(manner.address(2)) \(damage)"
            return try Shell.start("exec \(script("labels.py")) \(words) > \(folder.path)/log 2>&1")
          }
          defer { Shell.stop(child) }
          try Shell.until("grep -q ready \(folder.path)/log")
          let outcome = try sonde("trace -n --json --udp -W 1 \(manner.target)")
          let hop = try #require(try objects(outcome).of("hop").dropFirst().first)
          let answers = hop["answers"] as? [[String: Any]] ?? []
          #expect(answers.map { $0.text("from") } == hops(manner)[1].from, "\(outcome)")
          let labels = answers.first?["mpls"] as? [[String: Any]]
          #expect(labels?.map { $0.number("label") } == (damage.isEmpty ? [16_004, 24] : nil))
          #expect(hop["notes"] as? [String] == (damage.isEmpty ? [] : ["extensions-wrong-checksum"]))
          let text = try sonde("trace -n --udp -W 1 \(manner.target)").lines.dropFirst(2).first ?? ""
          #expect(
            text.contains(
              damage.isEmpty
                ? "[MPLS label 16004 tc 1 s 0 ttl 1, label 24 tc 0 s 1 ttl 9]"
                : "[extensions with a wrong checksum, not believed]"), "\(text)")
        }
      }
    }
  }

  @Test func aResolverThatNeverAnswersDelaysOnlyTheEndAndThatForASecond() throws {
    try RouterChain.run { chain in
      try filter(chain, RouterChain.target, "inet", "input", "udp dport 53 drop")
      let folder = try TemporaryFolder()
      try chain.sh("echo nameserver 10.88.4.2 > \(folder.path)/resolv.conf")
      let mount = "mount --bind \(folder.path)/resolv.conf /etc/resolv.conf"
      let line = "unshare -m sh -c '\(mount) && exec timeout 4 \"$SONDE\" trace --json -v -i 20ms 10.88.4.2'"
      let outcome = try Shell.run(line)
      #expect(outcome.status == 0, "\(outcome)")
      let lines = try objects(outcome)
      #expect(lines.of("hop").count == 5)
      // Fifteen probes, 20 ms apart.
      let last = lines.of("sent").compactMap { $0.number("at_ns") }.max() ?? .max
      #expect(last < 1_000_000_000)
    }
  }

  @Test func whatIsNotATraceIsRefused() throws {
    for (arguments, reason) in [
      ("--icmp --udp 127.0.0.1", "exclude each other"), ("-p 53 127.0.0.1", "--port goes with --udp"),
      ("--ttl 3 127.0.0.1", "--first and --max"), ("-f 9 -m 3 127.0.0.1", "--first is behind --max"),
      ("--source-port 9 127.0.0.1", "--source-port goes with"), ("", "host"), ("127.255.255.255", "many hosts"),
    ] {
      let outcome = try sonde("trace \(arguments)")
      #expect(outcome.status == 2 && outcome.errors.contains(reason) && outcome.output.isEmpty, "\(outcome)")
    }
  }

  @Test func theExampleOfItsHelpWorks() throws {
    try WireNetwork.run { network in
      for (options, proto) in [("127.0.0.1", "ICMP"), ("-n --tcp 443 127.0.0.1", "TCP"), ("--udp ::1", "UDP")] {
        let outcome = try network.onFar { try sonde("trace \(options)") }
        #expect(outcome.status == 0 && outcome.errors.isEmpty)
        #expect(outcome.lines.first?.contains(" by \(proto)") == true)
        #expect(outcome.lines.dropFirst().first?.hasPrefix(" 1  ") == true, "\(outcome)")
        #expect(outcome.output.contains(" is 1 hop away; "))
      }
      let silent = try sonde("trace -n -m 2 -W 100ms \(Side.v4.far) --udp --first 2")
      #expect(silent.status == 0)
      let dry = try sonde("trace --dry-run \(Side.v4.far)")
      #expect(dry.status == 0 && dry.output.contains(" by the raw door: 45"))
      #expect(dry.output.contains("\n  IP("), "\(dry)")
      let told = try sonde("trace -n --explain 127.0.0.1")
      #expect(told.lines.contains { $0.hasPrefix("    TTL 1: ") }, "\(told)")
      try network.filterAtFar("icmp type echo-request drop")
      let stopped = try Shell.run("timeout -s INT .5 \"$SONDE\" trace -n -m 2 \(Side.v4.far)")
      #expect(stopped.output.contains("\n 2  no answer yet\n"), "\(stopped)")
      #expect(stopped.output.contains(" was not reached before the run was stopped; "), "\(stopped)")
      let bounded = try objects(try sonde("trace -n -m 2 -w 500ms --json \(Side.v4.far)"))
      #expect(bounded.of("hop").map { $0["notes"] as? [String] } == [["no-answer-yet"], ["no-answer-yet"]])
    }
  }
}
