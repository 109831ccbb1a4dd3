import Foundation
import Testing
import WireSupport

/// Packets of recipes: what reaches the wire, and what counts as their answer.
@Suite(.wire) struct WireSendTests {
  /// Runs sonde and gives its JSON Lines, each held to the documented keys.
  private func lines(_ arguments: String) throws -> [[String: Any]] {
    let folder = try TemporaryFolder()
    let outcome = try sonde("send --json \(arguments) | tee \(folder.path)/lines")
    #expect(outcome.errors.isEmpty, "\(outcome)")
    let checked = try Shell.run("\(script("jsonlines.py")) < \(folder.path)/lines")
    #expect(checked.status == 0, "\(checked)\n\(outcome)")
    let lines = try objects(outcome)
    // A packet stands before its answer.
    var known: Set<Int> = []
    for line in lines {
      guard let probe = line.number("probe") else { continue }
      if line.text("type") == "sent" { known.insert(probe) }
      #expect(known.contains(probe) || line.text("verdict") == "send-failed", "\(outcome)")
    }
    return lines
  }

  /// The verdict and the kind of each probe's first answer, or of its silence, by its number.
  private func verdicts(_ arguments: String) throws -> [Int: String] {
    let ended = try lines("-W 300ms " + arguments).filter { $0["verdict"] != nil && !$0.flags.contains("duplicate") }
    return Dictionary(
      ended.map { ($0.number("probe") ?? 0, [$0.text("verdict"), $0.text("by")].joined(separator: " ")) }
    ) { first, _ in first }
  }

  @Test func icmpQueriesAreAnswered() throws {
    try WireNetwork.run { _ in
      let found = try verdicts(
        "'IP(dst=\"10.9.0.2\")/ICMP()/\"hello\"' 'IP(dst=\"10.9.0.2\")/ICMP(type=13, ts_ori=1234)' "
          + "'IP(dst=\"10.9.1.9\", ttl=1)/ICMP()' 'IP(dst=\"10.9.2.9\")/ICMP()' 'IP(dst=\"10.9.0.77\")/ICMP()'")
      #expect(
        found == [
          1: "reply echo-reply", 2: "reply timestamp-reply", 3: "time-exceeded icmp-error",
          4: "unreachable icmp-error", 5: "timeout ",
        ])
    }
  }

  @Test(arguments: Side.both)
  func portsAnswerAsTheirFlagsAsk(side: Side) throws {
    try WireNetwork.run { network in
      try network.withServices {
        let ip = side.family == 4 ? "IP(dst=\"\(side.far)\")" : "IPv6(dst=\"\(side.far)\")"
        let flags = ["S", "A", "F"].map { "'\(ip)/TCP(dport=[7070,7073],flags=\"\($0)\",options=[(\"MSS\",1460)])'" }
        let found = try verdicts(flags.joined(separator: " ") + " '\(ip)/UDP(dport=(7071,7073))/\"x\"'")
        #expect(
          found == [
            1: "open tcp-syn-ack", 2: "closed tcp-reset", 3: "unfiltered tcp-reset", 4: "unfiltered tcp-reset",
            5: "open|filtered ", 6: "closed tcp-reset", 7: "open udp", 8: "open|filtered ", 9: "closed icmp-error",
          ])
      }
    }
  }

  @Test func extensionHeadersAndNeighboursAnswer() throws {
    try WireNetwork.run { _ in
      let mac = try Shell.run("ip -o link show near0 | grep -o 'ether [0-9a-f:]*' | cut -c7-").output
        .trimmingCharacters(in: .newlines)
      let ip = "IPv6(dst=\"fd09::2\")"
      let found = try lines(
        "-W 300ms -I near0 '\(ip)/IPv6ExtHdrHopByHop()/ICMPv6EchoRequest()' "
          + "'\(ip)/IPv6ExtHdrDestOpt()/ICMPv6EchoRequest()' '\(ip)/IPv6ExtHdrFragment()/ICMPv6EchoRequest()' "
          + "'\(ip)/ICMPv6ND_NS(tgt=\"fd09::2\")' "
          + "'IPv6(dst=\"ff02::1:ff00:2\")/ICMPv6ND_NS(tgt=\"fd09::2\")/ICMPv6NDOptSrcLLAddr(lladdr=\"\(mac)\")' "
          + "'\(ip)/ICMPv6ND_NS(tgt=\"fd09::7\")'"
      ).filter { $0["verdict"] != nil }.sorted { ($0.number("probe") ?? 0) < ($1.number("probe") ?? 0) }
      #expect(
        found.map { $0.text("by") } == Array(repeating: "echo-reply", count: 3)
          + ["neighbor-advertisement", "neighbor-advertisement", ""])
      try #require(found.count == 6)
      #expect(found[4].flags == ["other-address"] && found[4].text("why").hasPrefix("fd09::2 is at "), "\(found[4])")
    }
  }

  @Test func aProtocolThatTheHostLacksIsUnreachable() throws {
    try WireNetwork.run { _ in
      let found = try lines("--until-answer 'IP(dst=\"10.9.0.2\", proto=253)/\"x\"'")
      let answer = try #require(found.of("answer").first, "\(found)")
      #expect((answer["icmp"] as? [String: Any])?.text("name") == "protocol-unreachable")
      #expect(try verdicts("'IP(dst=\"10.9.0.2\")/SCTP(dport=7)'")[1]?.hasSuffix(" icmp-error") == true)
    }
  }

  @Test func sweepsAreCountedWhole() throws {
    try WireNetwork.run { network in
      try network.withServices {
        let ports = try lines("-W 300ms 'IP(dst=\"10.9.0.2\")/TCP(dport=(7000,7099))'")
        #expect(ports.of("answer").filter { $0.text("verdict") == "open" }.count == 1)
        let summary = try #require(ports.last)
        #expect(summary.number("sent") == 100 && summary.number("answered") == 100, "\(summary)")
      }
      let hosts = try #require(try lines("-W 300ms 'IP(dst=\"10.9.0.0/28\")/ICMP()'").last)
      #expect(hosts.number("sent") == 16 && hosts.number("silent") == 16 - (hosts.number("answered") ?? 0), "\(hosts)")
    }
  }

  @Test func roundsRepeatAndTheFirstAnswerCanEndTheRun() throws {
    try WireNetwork.run { _ in
      let rounds = try lines("-c 3 -i 100ms -W 100ms 'IP(dst=\"10.9.0.2\")/ICMP()'")
      let sent = rounds.of("sent")
      #expect(sent.count == 3 && Set(sent.map { $0.text("bytes") }).count == 3, "each round has its own identifiers")
      #expect(
        zip(sent, sent.dropFirst()).allSatisfy { ($1.number("at_ns") ?? 0) - ($0.number("at_ns") ?? 0) > 95_000_000 })
      let early = try Shell.run("timeout 20 \"$SONDE\" send -q --until-answer -W 60s 'IP(dst=\"10.9.0.2\")/ICMP()'")
      #expect(early.status == 0 && early.output.hasPrefix("1 sent, 1 answered, 0 silent; "), "\(early)")
    }
  }

  @Test func duplicatesAreWaitedForAndFlagged() throws {
    try WireNetwork.run { network in
      // What the far host answers leaves it again and again.
      try network.onFar {
        try network.sh(
          "nft 'table netdev twice { chain out { type filter hook egress device far0 priority 0; "
            + "icmp type echo-reply dup to far0; }; }'")
      }
      let request = "'IP(dst=\"10.9.0.2\")/ICMP()'"
      let found = try lines("-W 300ms \(request)")
      let answers = found.of("answer")
      #expect(answers.first?.flags == [], "\(found)")
      #expect(answers.count > 1 && answers.dropFirst().allSatisfy { $0.flags == ["duplicate"] }, "\(found)")
      #expect(found.last?.number("answered") == 1 && found.last?.number("duplicates") == answers.count - 1)
    }
  }

  @Test func theOptionsFillOnlyWhatTheRecipeLeavesOut() throws {
    try WireNetwork.run { network in
      let capture = try WireCapture("near0", "ip and src 10.9.0.1 and udp")
      let written = "IP(dst=\"10.9.0.2\", src=\"10.9.0.1\", ttl=9, tos=8)/UDP(sport=99, dport=9)"
      _ = try lines(
        "-W 50ms --ttl 5 --tos 4 --source-port 4444 '\(written)' 'IP(dst=\"10.9.0.2\")/UDP(dport=9)'")
      _ = try lines("-W 50ms --source 10.9.0.1 -t 0 'IP(dst=\"10.9.0.2\")/UDP(dport=9, sport=1)'")
      try capture.finish(atLeast: 3)
      let seen = try capture.fields("ip.ttl", "ip.dsfield", "udp.srcport")
      #expect(Set(seen) == ["9\t0x08\t99", "5\t0x04\t4444", "0\t0x00\t1"], "\(seen)")
    }
  }

  @Test(arguments: [[], ["Ether()/"]])
  func aDryRunIsWhatASeededRunSends(opening: [String]) throws {
    try WireNetwork.run { _ in
      let recipes = ["ICMP()", "TCP()", "UDP()/\"x\""].map { "'\(opening.first ?? "")IP(dst=\"10.9.0.2\")/\($0)'" }
      func bytes(_ options: String) throws -> [String] {
        try objects(try sonde("send --json -W 50ms \(options) \(recipes.joined(separator: " "))")).of("sent").map {
          "\($0.text("door")) \($0.text("bytes"))"
        }
      }
      let sent = try bytes("--seed 7")
      #expect(sent.count == 3)
      #expect(try bytes("--seed 7 --dry-run") == sent)
      #expect(try bytes("--seed 7") == sent)
      #expect(try bytes("--seed 8") != sent)
    }
  }

  @Test func aBadLineOfInputIsToldOfAndTheOthersGoOn() throws {
    try WireNetwork.run { _ in
      let capture = try WireCapture("near0", "icmp or tcp")
      let input =
        "printf 'IP(dst=\"10.9.0.2\")/ICMP()\\n\\nIP(dst=\"10.9.0.2\")/TCP(dprt=3)\\nIP(dst=\"10.9.0.2\")/ICMP()\\n'"
      let text = try Shell.run("\(input) | \"$SONDE\" send -q --until-answer -")
      #expect(text.status == 2)
      #expect(
        text.errors == "sonde: recipe: line 3: TCP has no field \"dprt\" at column 24; did you mean \"dport\"?\n")
      let json = try Shell.run("\(input) | \"$SONDE\" send --json --until-answer -")
      let lines = try objects(json)
      #expect(json.status == 2 && json.errors.isEmpty)
      let fault = try #require(lines.first { $0.text("type") == "error" })
      #expect(fault.number("line") == 3 && fault.number("column") == 24)
      for kind in ["sent", "answer"] {
        #expect(lines.filter { $0.text("type") == kind }.map { $0.number("line") } == [1, 4], "\(json)")
      }
      try capture.finish(atLeast: 8)
      #expect(try capture.fields("icmp.type") == ["8", "0", "8", "0", "8", "0", "8", "0"])
    }
  }

  @Test func aBadWordOfTheCommandLineSendsNothing() throws {
    try WireNetwork.run { _ in
      let capture = try WireCapture("near0", "icmp or tcp")
      let outcome = try sonde("send 'IP(dst=\"10.9.0.2\")/ICMP()' 'IP(dst=\"10.9.0.2\")/TCP(dprt=3)'")
      #expect(outcome.status == 2 && outcome.output.isEmpty, "\(outcome)")
      _ = try sonde("send -q --until-answer 'IP(dst=\"10.9.0.2\")/ICMP()'")
      try capture.finish(atLeast: 2)
      #expect(try capture.fields("icmp.type") == ["8", "0"])
    }
  }

  @Test(arguments: [
    ("-6 'IP(dst=\"10.9.0.2\")/ICMP()'", "send: the recipe's packet is IPv4, and -6 was asked for"),
    ("-4 'IPv6(dst=\"fd09::2\")/ICMPv6EchoRequest()'", "send: the recipe's packet is IPv6, and -4 was asked for"),
    ("'IP(dst=\"203.0.113.9\")/ICMP()'", "route to 203.0.113.9: no route to that network from here"),
    ("-I nope0 'IP(dst=\"10.9.0.2\")/ICMP()'", "there is no interface \"nope0\"; there are lo, near0"),
    ("'UDP()/\"x\"'", "udp: packet begins with no IP and no Ethernet header, so that no door takes it"),
    ("'Ether()/\"x\"'", "send: the frame names no host, so that -I must name the interface to leave by"),
    ("'IPv6(dst=\"fe80::1\")/ICMPv6EchoRequest()'", "send: fe80::1 is of one link only: say of which, by -I"),
    (
      "\"IP(dst='10.9.0.2')/UDP()/('$(printf %02000d 0)')\"",
      "send: the packet's 2028 octets exceed the MTU, 1500; --mtu 1500 sends it in fragments"
    ),
  ])
  func whatCannotBeSentIsOneLine(arguments: String, error: String) throws {
    try WireNetwork.run { _ in
      let outcome = try sonde(
        "send \(arguments.replacingOccurrences(of: "/('", with: "/'").replacingOccurrences(of: "')\"", with: "'\""))")
      #expect(outcome.status == 2 && outcome.output.isEmpty && outcome.errors == "sonde: \(error)\n", "\(outcome)")
    }
  }

  @Test func aNeighbourOfOneLinkIsReachedByItsInterface() throws {
    try WireNetwork.run { network in
      let host = try network.onFar {
        try Shell.run("ip -6 -o addr show dev far0 scope link | grep -o 'fe80[0-9a-f:]*' | head -1").output
          .trimmingCharacters(in: .newlines)
      }
      #expect(try verdicts("-I near0 'IPv6(dst=\"\(host)\")/ICMPv6EchoRequest()'") == [1: "reply echo-reply"])
    }
  }

  @Test func withoutPrivilegeOneLineNamesTheCommandThatHelps() throws {
    try WireNetwork.run { network in
      let folder = try TemporaryFolder()
      try network.sh("cp '\(SondeBinary.path)' \(folder.path)/sonde && chmod 755 \(folder.path)/sonde")
      for recipe in ["IP(dst=\"10.9.0.2\")/ICMP()", "Ether()/IP(dst=\"10.9.0.2\")/ICMP()"] {
        let outcome = try Shell.run(
          "exec setpriv --reuid=65534 --regid=65534 --clear-groups --inh-caps=-all \(folder.path)/sonde send '\(recipe)'"
        )
        #expect(outcome.status == 2 && outcome.output.isEmpty)
        #expect(
          outcome.errors.hasSuffix("to allow it: sudo setcap cap_net_raw+ep \(folder.path)/sonde\n"), "\(outcome)")
      }
    }
  }

  @Test func aReaderWhoLeavesEndsTheRun() throws {
    try WireNetwork.run { _ in
      let outcome = try Shell.run(
        "{ timeout 30 \"$SONDE\" send -c 1000 -i 50ms 'IP(dst=\"10.9.0.2\")/ICMP()'; echo $? >&2; } | head -1")
      #expect(outcome.lines.count == 2 && outcome.errors == "0\n", "\(outcome)")
    }
  }
}
