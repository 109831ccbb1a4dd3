import Foundation
import Testing
import WireSupport

/// Several programs that ask one host at the same time, as fast as they can: each of ours hears its own answers, all of
/// them and no others.
@Suite(.wire, .serialized) struct WirePeersTests {
  /// What ends by itself, bounded in count, beside our programs; the far host's limits of ICMP errors are off.
  private static let peers = [
    "icmp": [
      "ping -f -q -c 3000 HOST", "hping3 -1 -q --faster -c 3000 HOST",
      "nping -q --icmp --rate 1000 -c 1000 HOST",
    ],
    "tcp": [
      "hping3 -S -p 7070 -q --faster -c 3000 HOST", "nping -q --tcp -p 7070,9 --rate 1000 -c 500 HOST",
      "ping -f -q -c 1000 HOST",
    ],
    "udp": [
      "hping3 -2 -p 9 -q --faster -c 3000 HOST", "nping -q --udp -p 9 --rate 1000 -c 500 HOST",
      "ping -f -q -c 1000 HOST",
    ],
  ]

  /// The same in IPv6, which hping3 does not speak, nor nping of ICMP.
  private static func lines(_ kind: String, _ side: Side) -> [String] {
    (peers[kind] ?? []).filter { side.family == 4 || !$0.hasPrefix("hping3") && !$0.contains("--icmp") }.map { line in
      line.replacing("HOST", with: side.far).replacing("nping", with: side.family == 6 ? "nping -6" : "nping")
    }
  }

  /// Runs our programs at once, beside the peers, and gives the objects that each printed.
  private func together(_ ours: [String], beside peers: [String]) throws -> [[[String: Any]]] {
    let folder = try TemporaryFolder()
    var script = ""
    // Peers first, so that they are at full tilt when ours start, and again and again until ours have ended; but what
    // is not optimized cannot hear so much.
    for (index, peer) in peers.enumerated() {
      let again =
        "for n in $(seq \(SondeBinary.isRelease ? 40 : 1)); do test -e \(folder.path)/end && break; timeout -s INT 10 \(peer); echo \(index); done"
      script += "{ \(again); } > \(folder.path)/peer\(index) 2>&1 & "
    }
    script += "sleep 0.1; "
    for (index, line) in ours.enumerated() {
      script += "\"$SONDE\" \(line) > \(folder.path)/\(index) 2> \(folder.path)/\(index).err & ours=\"$ours $!\"; "
    }
    script += "for id in $ours; do wait $id; done; touch \(folder.path)/end; wait"
    _ = try Shell.run(script, seconds: 60)
    for index in peers.indices {
      let told = Shell.text("\(folder.path)/peer\(index)")
      #expect(told.contains("transmitted") || told.contains("packets sent"), "\(peers[index]): \(told)")
    }
    return try ours.indices.map { index in
      let outcome = Outcome(
        status: 0, output: Shell.text("\(folder.path)/\(index)"), errors: Shell.text("\(folder.path)/\(index).err"))
      #expect(outcome.errors.isEmpty, "\(outcome.errors)")
      return try objects(outcome)
    }
  }

  private func expectWhole(_ lines: [[String: Any]], sent: Int, _ comment: String) throws {
    let books = try #require(lines.of("summary").first, "\(comment)")
    #expect(books.number("sent") == sent, "\(comment): \(books)")
    #expect(books.number("answered") == sent, "\(comment): \(books)")
    for count in ["send_failed", "silent", "duplicates", "late", "own_drops"] {
      #expect(books.number(count) == 0, "\(comment): \(count) of \(books)")
    }
  }

  @Test(arguments: Side.both)
  func pingsOfBothDoorsBesideOthers(side: Side) throws {
    try WireNetwork.run { _ in
      let ours = ["datagram", "raw", "datagram", "raw"].map {
        "ping --json --door \($0) -c 500 -i 2ms -W 5 \(side.far)"
      }
      for (line, lines) in zip(ours, try together(ours, beside: Self.lines("icmp", side))) {
        try expectWhole(lines, sent: 500, line)
        let answers = lines.of("answer")
        #expect(answers.allSatisfy { $0.text("verdict") == "reply" && $0.flags.isEmpty })
        #expect(answers.map { $0.number("seq") } == Array(1...500))
        #expect(Set(answers.compactMap { $0.number("id") }).count == 1)
        // The kernel brackets it: never below zero, never the time of another's.
        #expect(answers.allSatisfy { (1..<5_000_000_000).contains($0.number("rtt_ns") ?? 0) })
      }
    }
  }

  /// Two that chose the same numbers: the payload tells whose an answer is.
  @Test(arguments: Side.both)
  func pingsOfTheSameNumbersAreToldApart(side: Side) throws {
    try WireNetwork.run { _ in
      let ours = (0..<2).map { _ in "ping --json --door raw --id 77 -c 300 -i 3ms -W 5 \(side.far)" }
      for lines in try together(ours, beside: []) {
        try expectWhole(lines, sent: 300, "the same id")
        #expect(lines.of("answer").allSatisfy { $0.flags.isEmpty })
        let reasons = Set(lines.of("noise").map { $0.text("why") })
        // The other may be ahead, so that its number is none of ours yet.
        #expect(
          reasons.allSatisfy {
            $0.hasPrefix("carries the cookie ") || $0.hasPrefix("carries sequence number")
          }, "\(reasons)")
      }
    }
  }

  @Test(arguments: Side.both)
  func probesOfTCPBesideOthers(side: Side) throws {
    try WireNetwork.run { network in
      try network.withServices {
        let ours = ["-p 7000-7100", "-p 7000-7100", "-p 1-100,7070"].map {
          "probe --json \($0) --retries 0 -W 5 --rate 1000 \(side.far)"
        }
        let all = try together(ours, beside: Self.lines("tcp", side))
        for (line, lines) in zip(ours, all) {
          try expectWhole(lines, sent: 101, line)
          let verdicts = lines.of("answer").map { ($0.number("port"), $0.text("verdict")) }
          let open = verdicts.filter { $0.1 == "open" }.compactMap { $0.0 }
          #expect(open == [7070], "\(line): \(open)")
          #expect(verdicts.allSatisfy { $0.1 == "open" || $0.1 == "closed" }, "\(line)")
        }
      }
    }
  }

  @Test(arguments: Side.both)
  func probesOfUDPBesideOthers(side: Side) throws {
    try WireNetwork.run { network in
      // Beside the peers' answers there must be room for ours (ip-sysctl.rst, icmp_msgs_per_sec).
      try network.onFar {
        for name in ["icmp_msgs_per_sec", "icmp_msgs_burst"] {
          try network.sh("echo 1000000 > /proc/sys/net/ipv4/\(name)")
        }
      }
      let ours = (0..<2).map { _ in "probe --json --udp -p 1-100 --retries 0 -W 5 --rate 1000 \(side.far)" }
      for lines in try together(ours, beside: Self.lines("udp", side)) {
        try expectWhole(lines, sent: 100, "udp")
        #expect(lines.of("answer").allSatisfy { $0.text("verdict") == "closed" && $0.text("by") == "icmp-error" })
      }
    }
  }

  @Test(arguments: Side.both)
  func sendsAndPingsBesideEachOther(side: Side) throws {
    try WireNetwork.run { _ in
      let ip = side.family == 4 ? "IP" : "IPv6"
      let echo = side.family == 4 ? "ICMP()" : "ICMPv6EchoRequest()"
      let ours = [
        "send --json -c 50 -i 10ms '\(ip)(dst=\"\(side.far)\")/\(echo)'",
        "send --json -c 50 -i 10ms '\(ip)(dst=\"\(side.far)\")/TCP(dport=9)'",
        "send --json -c 50 -i 10ms '\(ip)(dst=\"\(side.far)\")/UDP(dport=9)'",
        "ping --json -c 50 -i 10ms \(side.far)",
      ]
      for (line, lines) in zip(ours, try together(ours, beside: Self.lines("icmp", side))) {
        try expectWhole(lines, sent: 50, line)
      }
    }
  }
}
