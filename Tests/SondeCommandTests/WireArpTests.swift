import Foundation
import Testing
import WireSupport

/// `sonde arp` against the kernel, and against neighbours that do what no kernel does (Scripts/neighbour.py).
@Suite(.wire) struct WireArpTests {
  private static let first = "02:00:00:00:00:0a"
  private static let second = "02:00:00:00:00:0b"

  /// Runs `body` while Scripts/neighbour.py answers at the far host by these rules.
  private func withNeighbours(_ rules: String, _ body: (WireNetwork) throws -> Void) throws {
    try WireNetwork.run { network in
      let folder = try TemporaryFolder()
      let child = try network.onFar {
        try network.start("exec \(script("neighbour.py")) far0 \(rules) > \(folder.path)/log 2>&1")
      }
      defer { network.stop(child) }
      try Shell.until("grep -q ready \(folder.path)/log")
      try body(network)
    }
  }

  private func farAddress(_ network: WireNetwork) throws -> String {
    try network.onFar { try linkAddress("far0") }
  }

  /// The file system tells of the namespace in which it was mounted: netlink is asked.
  private func linkAddress(_ interface: String) throws -> String {
    String(try Shell.run("ip -br link show \(interface) | grep -oE '([0-9a-f]{2}:){5}[0-9a-f]{2}'").lines[0])
  }

  @Test(arguments: Side.both)
  func theOwnerIsNamedAsArpingDoes(side: Side) throws {
    try WireNetwork.run { network in
      let owner = try farAddress(network)
      let text = try sonde("arp \(side.far)")
      #expect(text.status == 0, "\(text)")
      #expect(text.lines[0] == "ARPING \(side.far) from \(side.near) near0")
      let kind = side.family == 4 ? "reply" : "advertisement"
      let time = try Regex("Unicast \(kind) from \(side.far) \\[\(owner)\\] [0-9]+\\.[0-9]{3}ms.*")
      #expect(try time.wholeMatch(in: text.lines[1]) != nil, "\(text)")
      #expect(text.lines.suffix(3) == ["Sent 1 probe (1 broadcast)", "Received 1 response", ""], "\(text)")
      let lines = try objects(try sonde("arp --json -c 3 -i 50ms \(side.far)"))
      let answers = lines.of("answer")
      #expect(answers.count == 3)
      #expect(answers.allSatisfy { $0.text("mac") == owner && $0.text("verdict") == "reply" })
      #expect(answers.allSatisfy { $0.text("host") == side.far && $0.text("rtt_clock") == "kernel" })
      #expect(lines.of("summary").first?.number("answered") == 3)
    }
  }

  @Test(arguments: Side.both)
  func nobodyIsATimeoutAndStatusOne(side: Side) throws {
    try WireNetwork.run { _ in
      let nobody = side.family == 4 ? "10.9.0.77" : "fd09::77"
      let lines = try objects(try sonde("arp --json -c 2 -i 50ms -W 200ms \(nobody)"))
      #expect(lines.of("silence").map { $0.text("verdict") } == ["timeout", "timeout"])
      let text = try sonde("arp -c 2 -i 50ms -W 200ms \(nobody)")
      #expect(text.status == 1 && text.output.contains("\(nobody): no answer to 2 packets"), "\(text)")
    }
  }

  @Test func everyAddressOfARangeIsAskedForOnce() throws {
    try WireNetwork.run { network in
      try network.onFar { try network.sh("ip addr add 10.9.0.5/24 dev far0") }
      let owner = try farAddress(network)
      let capture = try WireCapture("near0", "arp[6:2] == 1 and src 10.9.0.1")
      let text = try sonde("arp -W 300ms --rate 1000 10.9.0.0/29 10.9.0.20-22")
      try capture.finish(atLeast: 9)
      let asked = try capture.fields("arp.dst.proto_ipv4")
      #expect(asked == [1, 2, 3, 4, 5, 6, 20, 21, 22].map { "10.9.0.\($0)" })
      // One host with two addresses: it may be a proxy, and the last lines say so.
      #expect(
        text.output.contains(
          "\n\(owner) answers for 10.9.0.2, 10.9.0.5: a proxy, or one host with several addresses\n"), "\(text)")
      let flags = try objects(try sonde("arp --json -W 300ms 10.9.0.2 10.9.0.5")).of("answer").map(\.flags)
      #expect(flags == [[], ["proxy"]])
    }
  }

  @Test func aProxyAnswersForWhatIsBehindIt() throws {
    try WireNetwork.run { network in
      try network.onFar {
        try network.sh(
          "ip link add behind type veth peer name beyond && ip link set behind up && ip link set beyond up")
        try network.sh("ip route add 10.9.0.64/28 dev behind")
        try network.sh("echo 1 > /proc/sys/net/ipv4/conf/far0/proxy_arp")
        // Else it waits up to 0.8 s before it answers in another's name.
        try network.sh("echo 0 > /proc/sys/net/ipv4/neigh/far0/proxy_delay")
      }
      let owner = try farAddress(network)
      let lines = try objects(try sonde("arp --json -W 500ms 10.9.0.65-67"))
      #expect(lines.of("answer").map { $0.text("mac") } == [owner, owner, owner])
      #expect(lines.of("answer").map(\.flags) == [[], ["proxy"], ["proxy"]])
      #expect(lines.of("answer")[2].text("why").contains("it also answers for 10.9.0.65, 10.9.0.66: a proxy"))
    }
  }

  @Test(arguments: ["10.9.0.50", "fd09::50"])
  func twoOwnersAreAConflict(address: String) throws {
    try withNeighbours("\(address)=\(Self.first),\(Self.second)") { _ in
      let lines = try objects(try sonde("arp --json -c 2 -i 100ms -W 300ms \(address)"))
      let answers = lines.of("answer")
      #expect(answers.map { $0.text("mac") } == [Self.first, Self.second, Self.first, Self.second])
      let flags = answers.map { $0.flags.filter { $0 != "other-address" } }
      #expect(flags == [[], ["conflict"], [], ["conflict"]])
      #expect(answers[1].text("why").contains("\(Self.first) says so too"))
      #expect(lines.of("summary").first?.number("answered") == 2)
      #expect(lines.of("summary").first?.number("duplicates") == 0)
    }
  }

  @Test func whatNearlyAnswersIsNoiseThatNamesTheField() throws {
    let rules = ["request", "target", "sender", "short"].enumerated()
      .map { "10.9.0.\(60 + $0)=\(Self.first)+\($1)" }
    try withNeighbours(rules.joined(separator: " ")) { _ in
      let outcome = try sonde("arp --json -W 500ms 10.9.0.60-63")
      let lines = try objects(outcome)
      #expect(
        Set(lines.of("noise").map { $0.text("why") }) == [
          "is operation 1, not 2, a reply", "is for 192.0.2.77, not for our 10.9.0.1",
          "tells of 10.9.0.190, not of 10.9.0.62", "ends after 20 octets of ARP",
        ], "\(outcome)")
      #expect(outcome.status == 1 && lines.of("answer").isEmpty)
    }
  }

  @Test func aFrameFromAnotherThanItsSenderIsInconsistent() throws {
    try withNeighbours("10.9.0.64=\(Self.first)+source") { _ in
      let outcome = try sonde("arp --json -W 300ms 10.9.0.64")
      let answer = try #require(try objects(outcome).of("answer").first, "\(outcome)")
      #expect(answer.flags == ["inconsistent"] && answer.text("mac") == Self.first, "\(outcome)")
    }
  }

  @Test(arguments: Side.both)
  func detectionTellsFreeFromUsed(side: Side) throws {
    try WireNetwork.run { network in
      let prefix = side.family == 4 ? "10.9.0" : "fd09:"
      let free = try sonde("arp -D -c 2 -i 50ms -W 200ms \(prefix)\(side.family == 4 ? "." : ":")77")
      #expect(free.status == 0 && free.output.contains(" is free: nobody answered 2 probes\n"), "\(free)")
      let used = try sonde("arp -D -c 2 -i 100ms -W 200ms \(side.far)")
      let owner = try farAddress(network)
      #expect(used.status == 1 && used.output.contains("\(side.far) is in use at \(owner)"), "\(used)")
      #expect(used.output.contains("\nSent 1 probe "), "one answer is enough: \(used)")
      let lines = try objects(try sonde("arp --json -D -c 1 -W 200ms \(side.far)"))
      #expect(lines.of("answer").map { $0.text("verdict") } == ["address-in-use"])
      #expect(lines.of("answer").map { $0.text("mac") } == [owner])
    }
  }

  /// RFC 5227 §1.1: PROBE_WAIT, PROBE_NUM, PROBE_MIN, PROBE_MAX, ANNOUNCE_WAIT; and from nobody (§2.1.1).
  @Test func detectionHasTheRFCsPaceAndSender() throws {
    try WireNetwork.run { _ in
      let capture = try WireCapture("near0", "arp")
      let start = Date()
      let free = try sonde("arp -D 10.9.0.77")
      let elapsed = Date().timeIntervalSince(start)
      try capture.finish(atLeast: 3)
      #expect(free.status == 0, "\(free)")
      #expect((4.0...10.0).contains(elapsed), "\(elapsed)")
      let rows = try capture.fields(
        "frame.time_epoch", "arp.opcode", "arp.src.proto_ipv4", "arp.dst.hw_mac", "arp.dst.proto_ipv4", "eth.dst",
        where: "arp.dst.proto_ipv4 == 10.9.0.77"
      ).map { $0.split(separator: "\t").map(String.init) }
      #expect(rows.count == 3)
      let same = ["1", "0.0.0.0", "00:00:00:00:00:00", "10.9.0.77", "ff:ff:ff:ff:ff:ff"]
      #expect(rows.allSatisfy { Array($0.dropFirst()) == same }, "\(rows)")
      let times = rows.compactMap { Double($0[0]) }
      for (before, after) in zip(times, times.dropFirst()) { #expect((0.99...2.2).contains(after - before)) }
    }
  }

  @Test(arguments: ["10.9.0.70", "fd09::70"])
  func whoProbesAtTheSameTimeIsAConflict(address: String) throws {
    try withNeighbours("\(address)=\(Self.first)+probe") { _ in
      let outcome = try sonde("arp --json -D -c 3 -i 200ms -W 200ms \(address)")
      let answers = try objects(outcome).of("answer")
      #expect(outcome.status == 1 && answers.map { $0.text("verdict") } == ["address-in-use"], "\(outcome)")
      #expect(answers[0].flags.contains("conflict") && answers[0].text("mac") == Self.first)
      #expect(answers[0].text("why") == "\(Self.first) probes for \(address) too")
    }
  }

  @Test(arguments: ["-U", "-A"])
  func anAnnouncementChangesANeighboursCache(form: String) throws {
    try WireNetwork.run { network in
      try network.onFar { try network.sh("ip neigh replace 10.9.0.40 lladdr 02:00:00:00:00:99 nud stale dev far0") }
      let outcome = try sonde("arp \(form) -c 1 -I near0 10.9.0.40")
      #expect(outcome.status == 0, "\(outcome)")
      let own = try linkAddress("near0")
      try network.onFar { try Shell.until("ip neigh show 10.9.0.40 dev far0 | grep -q \(own)") }
      // A link address written by hand is announced as well.
      let spoofed = try sonde("arp \(form) -c 1 -I near0 --source-mac 02:00:00:00:00:77 10.9.0.40")
      #expect(spoofed.status == 0)
      // The kernel believes no second change within a second (neigh/default/locktime).
    }
  }

  @Test func anAnnouncementThatIsContestedSaysByWhom() throws {
    try withNeighbours("10.9.0.41=\(Self.first)+defend") { _ in
      let outcome = try sonde("arp -U -c 1 -I near0 -W 300ms 10.9.0.41")
      #expect(outcome.status == 0, "\(outcome)")
      #expect(outcome.output.contains("[conflict]: 10.9.0.41 is in use at \(Self.first)"), "\(outcome)")
      #expect(outcome.output.contains("10.9.0.41 is contested"), "\(outcome)")
    }
  }

  @Test func theKnownOwnerIsAskedAlone() throws {
    try WireNetwork.run { network in
      let owner = try farAddress(network)
      try Shell.until("ip neigh show 10.9.0.2 | grep -q \(owner)")
      let known = try sonde("arp --unicast -c 2 -i 50ms -W 200ms 10.9.0.2")
      #expect(known.status == 0 && known.output.contains("Sent 2 probes (2 unicast)"), "\(known)")
      try network.sh("ip neigh flush dev near0")
      let unknown = try sonde("arp --unicast -c 3 -i 50ms -W 200ms 10.9.0.2")
      #expect(unknown.output.contains("Sent 3 probes (1 broadcast, 2 unicast)"), "\(unknown)")
      let elsewhere = try sonde("arp --target-mac 02:00:00:00:00:99 -W 200ms 10.9.0.2")
      #expect(elsewhere.status == 1, "\(elsewhere)")
    }
  }

  @Test func whatCannotBeAskedIsOneLineAndStatusTwo() throws {
    try WireNetwork.run { _ in
      let cases = [
        ("127.0.0.1", "lo is the loopback interface"), ("::1", "lo is the loopback interface"),
        ("10.9.1.9", "is behind the router 10.9.0.2"), ("10.9.0.255", "is a broadcast address"),
        ("224.0.0.1", "is no address of one host"), ("fe80::7", "is of one link only"), ("198.51.100.1", "-I names"),
        ("10.9.0.9-3", "a range goes up"), ("fd09::1-4", "\"fd09::1-4\" is no address, range (192.0.2.1-9) or prefix"),
        ("fd09::/64", "at most 65536"), ("fd09::/129", "112 to 128 bits"), ("-6 10.9.0.2", "this is no IPv6 address"),
        ("-4 fd09::/124", "this is no IPv4 address"), ("10.9.0.0/33", "0 to 32 bits"), ("10.9.0.0/8", "at most 65536"),
        ("-D -U 10.9.0.2", "exclude each other"), ("-t 3 10.9.0.2", "fields of IP"),
        ("-I nosuch 10.9.0.2", "no interface"),
      ]
      for (arguments, words) in cases {
        let outcome = try sonde("arp \(arguments)")
        #expect(outcome.status == 2 && outcome.output.isEmpty, "\(arguments): \(outcome)")
        #expect(outcome.errors.split(separator: "\n").count == 1 && outcome.errors.contains(words), "\(outcome)")
      }
      let unprivileged = try Shell.run("exec setpriv --reuid 65534 --clear-groups \"$SONDE\" arp 10.9.0.2")
      #expect(unprivileged.status == 2 && unprivileged.errors.contains("sudo setcap cap_net_raw+ep"), "\(unprivileged)")
    }
  }

  /// What an interface is given when it comes up is looked for with -D before, or after.
  @Test(arguments: Side.both)
  func anOwnAddressIsCalledOwnAndNotFree(side: Side) throws {
    try WireNetwork.run { _ in
      let lone = try sonde("arp -D -c 1 -W 200ms -I near0 \(side.near)")
      let words = "\(side.near) is this machine's own, and nobody else has it: nobody answered 1 probe\n"
      #expect(lone.status == 0 && lone.output.contains(words), "\(lone)")
      let line = try objects(try sonde("arp --json -D -c 1 -W 200ms \(side.near)")).of("silence").first
      #expect(
        line?.text("why") == "nobody answered 1 probe: the address is this machine's own, and nobody else has it")
      let asked = try sonde("arp -W 200ms \(side.near)")
      #expect(asked.status == 1 && asked.output.contains("this machine's own address, which it does not"), "\(asked)")
    }
  }

  @Test func anOwnAddressThatAnotherHasIsInUse() throws {
    try withNeighbours("10.9.0.1=\(Self.first)") { _ in
      let used = try sonde("arp -D -c 1 -W 300ms 10.9.0.1")
      #expect(used.status == 1 && used.output.contains("10.9.0.1 is in use, though it is this machine's own too"))
    }
  }

  @Test func aFreeAddressAndAnAnnouncementSayWhatSilenceMeans() throws {
    try WireNetwork.run { _ in
      let free = try objects(try sonde("arp --json -D -c 2 -i 50ms -W 200ms 10.9.0.77")).of("silence")
      #expect(free.map { $0.text("why") } == ["nobody answered 2 probes: the address is free"])
      let cut = try objects(try sonde("arp --json -D -c 3 -i 5s -w 300ms 10.9.0.77")).of("silence")
      #expect(cut.map { $0.text("why") } == ["nobody answered 1 probe, and the run was stopped"])
      for form in ["-U", "-A"] {
        let told = try objects(try sonde("arp \(form) --json -c 2 -i 50ms -W 200ms -I near0 10.9.0.77"))
        #expect(told.of("silence").map { $0.text("why") } == ["nobody objected to 2 announcements"])
        let text = try sonde("arp \(form) -c 1 -W 200ms -I near0 10.9.0.77")
        #expect(
          text.output.contains(
            "10.9.0.77 is announced: nobody objected to 1 announcement\n"
              + "Sent 1 announcement (1 broadcast)\nReceived 0 objections\n"), "\(text)")
      }
    }
  }

  @Test func whatAnAnswerMeansIsExplainedOnce() throws {
    try WireNetwork.run { _ in
      let used = try sonde("arp -D -c 1 -W 200ms --explain 10.9.0.2")
      #expect(used.status == 1 && used.lines.count { $0.hasPrefix("    ") } == 1, "\(used)")
      let free = try sonde("arp -D -c 1 -W 200ms --explain 10.9.0.77")
      #expect(free.status == 0 && free.lines.count { $0.hasPrefix("    ") } == 1, "\(free)")
    }
  }

  @Test func aPrefixOfIPv6IsAskedFor() throws {
    try WireNetwork.run { network in
      let owner = try farAddress(network)
      let outcome = try sonde("arp -W 300ms fd09::/126")
      #expect(outcome.status == 0 && outcome.output.contains(" from fd09::2 [\(owner)] "), "\(outcome)")
      #expect(outcome.lines.count { $0.hasPrefix("ARPING fd09::") } == 3, "\(outcome)")
    }
  }

  @Test func whoDoesNotListenToTheEndKnowsOfNothingFree() throws {
    try WireNetwork.run { _ in
      let cut = try sonde("arp -D -c 1 -W 5s -w 500ms 10.9.0.77")
      #expect(cut.status == 2 || !cut.output.contains("is free"), "\(cut)")
      let closed = try Shell.run("(\"$SONDE\" arp -D -c 1 -i 50ms 10.9.0.77; echo $? >&2) | head -n 1")
      #expect(closed.errors == "2\n", "\(closed)")
    }
  }

  /// As with ping and probe, the status is of what was heard before.
  @Test func aClosedOutputEndsTheRunWithTheStatusSoFar() throws {
    try WireNetwork.run { _ in
      let answered = try Shell.run("(\"$SONDE\" arp -c 9 10.9.0.2; echo $? >&2) | (read a; read b)")
      #expect(answered.errors == "0\n", "\(answered)")
      let range = try Shell.run("(\"$SONDE\" arp -c 9 10.9.0.2-4; echo $? >&2) | head -n 4")
      #expect(range.errors == "0\n", "\(range)")
      let nobody = try Shell.run("(\"$SONDE\" arp -c 9 10.9.0.77; echo $? >&2) | head -n 1")
      #expect(nobody.errors == "1\n", "\(nobody)")
    }
  }

  @Test func npingHearsTheSameOwner() throws {
    try WireNetwork.run { network in
      let owner = try farAddress(network)
      let nping = try Shell.run("nping --arp -c 1 10.9.0.2 2>&1")
      #expect(nping.output.lowercased().contains("arp reply 10.9.0.2 is at \(owner)"), "\(nping)")
      #expect(try sonde("arp 10.9.0.2").output.contains("[\(owner)]"))
    }
  }
}
