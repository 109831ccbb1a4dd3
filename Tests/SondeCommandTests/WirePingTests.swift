import Foundation
import Testing
import WireSupport

/// Ping's own words: byte for byte those of the system's ping, in the same place, times aside.
@Suite(.wire) struct WirePingTests {
  /// Times replaced by their form: the number of decimals is ping's too, but each run has its own.
  private func timeless(_ text: String) -> String {
    text.replacing(/time=[0-9.]+ ms/, with: "time=T ms")
      .replacing(/time [0-9]+ms/, with: "time Tms")
      .replacing(/(?m)^rtt (\S+) = [0-9.\/]+ ms/) { "rtt \($0.1) = T ms" }
      .replacing(/, pipe [0-9]+/, with: "")
      .replacing(/ipg\/ewma [0-9.\/]+ ms/, with: "ipg/ewma T ms")
      .replacing(/min\/avg\/ewma\/max = [0-9.\/]+ ms/, with: "min/avg/ewma/max = T ms")
      .replacing(/(?m)^\[[0-9]{10}\.[0-9]{6}\]/, with: "[T]")
  }

  /// Runs ping and sonde ping with the same words.
  private func compare(_ arguments: String, in setting: (String) -> String = { $0 }) throws {
    let theirs = try Shell.run(setting("ping \(arguments)"))
    let ours = try Shell.run(setting("\"$SONDE\" ping \(arguments)"))
    #expect(timeless(ours.output) == timeless(theirs.output), "\(arguments)")
    #expect(ours.status == theirs.status, "\(arguments): \(ours)\n\(theirs)")
    #expect(ours.errors == "")
  }

  @Test(arguments: Side.both)
  func repliesAndStatisticsAreThoseOfPing(side: Side) throws {
    try WireNetwork.run { _ in
      for options in [
        "-c1", "-c3 -i0.01", "-c 2 -i 0.01 -n", "-c2 -i.01 -q", "-c2 -i.01 -D", "-c1 -s0", "-c1 -s 15", "-c1 -s16",
        "-c1 -s 1400", "-c1 -p ff", "-c1 -t 9", "-c1 -Q 0x10", "-c1 -M do", "-c2 -O", "-c2 -w30 -i.01", "-c1 -W20",
        "-c 1 -I near0", "-c 1 -I \(side.near)", "-c5 -f -q", "-c1 -e 77", "-c1 -\(side.family)",
      ] {
        // iputils writes " from ADDR near0" with the address that its own probing socket got.
        try compare("\(options) \(side.far)")
      }
    }
  }

  @Test(arguments: Side.both)
  func errorsAndSilenceAreThoseOfPing(side: Side) throws {
    try WireNetwork.run { network in
      // Only once: Linux sends few errors of its own routes, whatever the sysctls say (ip_rt_error_burst).
      try compare("-c1 \(side.beyond)")
      for options in ["-c1", "-c2 -i.2 -W1", "-c1 -q", "-c2 -i.2 -W1 -D"] {
        try compare("\(options) -t1 \(side.loop)")
      }
      try network.filterAtFar("icmp type echo-request drop; icmpv6 type echo-request drop")
      for options in [
        "-c1 -W.2", "-c3 -i.01 -W.2", "-c3 -i.05 -W2 -O", "-c2 -i.05 -W2 -O -D", "-c1 -W.2 -q", "-w1 -i9",
        "-c2 -w1 -i9",
      ] {
        try compare("\(options) \(side.far)")
      }
    }
  }

  /// nftables' names of rejections, which are ping's lines "Destination Net Unreachable" and so on.
  @Test func everyCodeOfUnreachableHasPingsWords() throws {
    try WireNetwork.run { network in
      for name in [
        "net-unreachable", "host-unreachable", "prot-unreachable", "port-unreachable", "net-prohibited",
        "host-prohibited", "admin-prohibited",
      ] {
        try network.filterAtFar("icmp type echo-request reject with icmp type \(name)")
        try compare("-c1 10.9.0.2")
        try network.onFar { try network.sh("nft delete table inet sonde") }
      }
      for name in ["no-route", "admin-prohibited", "addr-unreachable", "port-unreachable"] {
        try network.filterAtFar("icmpv6 type echo-request reject with icmpv6 type \(name)")
        try compare("-c1 fd09::2")
        try network.onFar { try network.sh("nft delete table inet sonde") }
      }
    }
  }

  @Test func lossIsPrintedAsPingDoes() throws {
    try WireNetwork.run { network in
      for (limit, count) in [(1, 3), (2, 3), (1, 7)] {
        try network.filterAtFar(
          "icmp type echo-request limit rate \(limit)/day burst \(limit) packets accept; icmp type echo-request drop")
        let ours = try sonde("ping -c \(count) -i.01 -W1 10.9.0.2")
        try network.onFar { try network.sh("nft delete table inet sonde") }
        try network.filterAtFar(
          "icmp type echo-request limit rate \(limit)/day burst \(limit) packets accept; icmp type echo-request drop")
        let theirs = try Shell.run("ping -c \(count) -i.01 -W1 10.9.0.2")
        try network.onFar { try network.sh("nft delete table inet sonde") }
        #expect(timeless(ours.output) == timeless(theirs.output))
        #expect(ours.status == theirs.status && ours.output.contains("% packet loss"))
      }
    }
  }

  @Test func namesAreThoseThatWereWritten() throws {
    try WireNetwork.run { _ in
      let folder = try TemporaryFolder()
      let hosts = folder.path + "/hosts"
      _ = try Shell.run("printf '127.0.0.1 localhost\\n10.9.0.2 both.example\\nfd09::2 both.example\\n' > \(hosts)")
      let inside = { (line: String) in "exec unshare -m sh -c 'mount --bind \(hosts) /etc/hosts && \(line)'" }
      for options in ["-c1", "-c1 -6", "-c1 -n"] {
        try compare("\(options) both.example", in: inside)
      }
      // iputils 20221126 forgets the name with -4; these are its lines for a name of one family.
      let four = try Shell.run(inside("\"$SONDE\" ping -4 -c1 both.example"))
      #expect(four.lines.first == "PING both.example (10.9.0.2) 56(84) bytes of data.", "\(four)")
      #expect(four.output.contains("64 bytes from both.example (10.9.0.2): icmp_seq=1 ttl=64 time="))
      let probe = try Shell.run(inside("\"$SONDE\" probe -4 -p 9 both.example"))
      #expect(
        probe.lines.first?.hasPrefix("PROBE both.example (10.9.0.2) 1 tcp port, from 10.9.0.1") == true, "\(probe)")
      let unknown = try Shell.run(inside("\"$SONDE\" ping -c1 nobody.invalid"))
      #expect(unknown.status == 2 && unknown.errors.hasPrefix("sonde: nobody.invalid: "), "\(unknown)")
    }
  }

  @Test func severalHostsHaveALineEachAndStatisticsOfTheirOwn() throws {
    try WireNetwork.run { _ in
      let outcome = try sonde("ping -c 2 -i.05 10.9.0.2 fd09::2 10.9.2.9")
      #expect(outcome.status == 1, "one of them gave no reply")
      #expect(outcome.output.contains("\n64 bytes from 10.9.0.2: icmp_seq=2 ttl=64"))
      #expect(outcome.output.contains("\n64 bytes from fd09::2: icmp_seq=2 ttl=64"))
      #expect(outcome.output.contains("\nFrom 10.9.0.2 icmp_seq=2 Destination Host Unreachable"))
      for host in ["10.9.0.2", "fd09::2", "10.9.2.9"] {
        #expect(outcome.output.contains("\n--- \(host) ping statistics ---\n2 packets transmitted, "), "\(outcome)")
      }
    }
  }

  @Test(arguments: ["10.9.0.255", "ff02::1%near0"])
  func eachOfManyRepliersIsAnAnswerAndTheProbeIsReceivedOnce(group: String) throws {
    try WireNetwork.run { network in
      try network.sh("echo 0 > /proc/sys/net/ipv4/icmp_echo_ignore_broadcasts")
      try network.onFar { try network.sh("echo 0 > /proc/sys/net/ipv4/icmp_echo_ignore_broadcasts") }
      let outcome = try sonde("ping -b -c 1 -W 1s \(group)")
      #expect(outcome.status == 0, "\(outcome)")
      #expect(outcome.output.contains("\n1 packets transmitted, 1 received, 0% packet loss"), "\(outcome)")
      #expect(outcome.output.contains("\n2 hosts replied\n") && !outcome.output.contains("DUP"), "\(outcome)")
      for door in ["datagram", "raw"] {
        let lines = try objects(try sonde("ping --json -b -c 1 -W 1s --door \(door) \(group)"))
        let answers = lines.of("answer")
        #expect(Set(answers.map { $0.text("from") }).count == 2 && answers.count == 2)
        #expect(
          answers.allSatisfy { $0.flags.contains("other-address") && !$0.flags.contains("duplicate") }, "\(answers)")
        let summary = try #require(lines.of("summary").first)
        #expect(summary.number("answered") == 1 && summary.number("duplicates") == 0 && summary.number("silent") == 0)
      }
      if group.hasPrefix("10") {
        let refused = try sonde("ping -c 1 \(group)")
        #expect(refused.status == 2 && refused.errors == "sonde: \(group) is a broadcast address; -b allows it\n")
      }
    }
  }

  @Test func signalsPrintTheSummaryOrTheStateSoFar() throws {
    try WireNetwork.run { network in
      for program in ["ping", "'\(SondeBinary.path)' ping"] {
        let folder = try TemporaryFolder()
        let child = try network.start("exec \(program) -i 0.05 10.9.0.2 > \(folder.path)/out 2> \(folder.path)/err")
        try Shell.until("test $(wc -l < \(folder.path)/out) -ge 4 || test $(grep -c bytes \(folder.path)/out) -ge 3")
        _ = try Shell.run("kill -QUIT \(child)")
        try Shell.until("grep -q loss \(folder.path)/err")
        let status = Shell.stop(child, by: 2)
        #expect(status == 0, "\(program) was interrupted, and had replies")
        let interim = Shell.text("\(folder.path)/err").replacing("\r", with: "")
        let state = timeless(interim).wholeMatch(
          of: /(\d+)\/(\d+) packets, (\d+)% loss, min\/avg\/ewma\/max = T ms\n/)
        // The last one may be still under way.
        let missing = state.flatMap { state in Int(state.2).flatMap { sent in Int(state.1).map { sent - $0 } } }
        #expect((missing == 0 && state?.3 == "0") || missing == 1, "\(interim)")
        let text = Shell.text("\(folder.path)/out")
        #expect(text.contains("\n--- 10.9.0.2 ping statistics ---\n") && text.contains("rtt min/avg/max/mdev = "))
      }
    }
  }

  @Test func withADeadlineAsManyRepliesAreWantedAsWereAskedFor() throws {
    try WireNetwork.run { _ in
      let enough = try sonde("ping -q -c 2 -w 30 -i.01 10.9.0.2")
      #expect(enough.status == 0, "\(enough)")
      let few = try sonde("ping -q -c 50 -w 0.2 -i.1 10.9.0.2")
      #expect(few.status == 1, "\(few)")
      let zero = try sonde("ping -q -c 1 -w 0 -W 0 10.9.0.2")
      #expect(zero.status == 0, "0 is no limit, as in ping: \(zero)")
      let some = try sonde("ping -q -w 2 -i.3 10.9.0.2")
      #expect(some.status == 0, "\(some)")
    }
  }

  @Test func whatThisMachineCannotDeliverIsItsOwnWord() throws {
    try WireNetwork.run { network in
      // Nobody answers who-has: the kernel gives up after three seconds and tells itself.
      let silent = try objects(try sonde("ping --json -c 1 -W 30 10.9.0.77"))
      let answer = try #require(silent.of("answer").first, "\(silent)")
      #expect(answer.text("verdict") == "unreachable" && answer.flags.contains("local"), "\(answer)")
      #expect(answer.text("from") == "10.9.0.1")
      let probe = try objects(try sonde("probe --json -p 9 -W 30 --retries 0 10.9.0.78"))
      let settled = try #require(probe.first)
      #expect(settled.text("verdict") != "closed" && settled.text("verdict") != "open", "\(settled)")
      let long = try sonde("ping -c 1 -M do -s 1473 10.9.0.2")
      #expect(long.status == 2 && long.errors.contains("1501 octets exceed the MTU, 1500"), "\(long)")
      let fitting = try sonde("ping -c 1 -M do -s 1472 10.9.0.2")
      #expect(fitting.status == 0, "\(fitting)")
      let nowhere = try sonde("ping -c 1 -I nothere 10.9.0.2")
      #expect(
        nowhere.status == 2 && nowhere.errors == "sonde: there is no interface \"nothere\"; there are lo, near0\n")
      for command in ["ping -c 1", "probe -p 9"] {
        let unrouted = try sonde("\(command) 198.51.100.1")
        #expect(unrouted.status == 2 && unrouted.output.isEmpty)
        #expect(unrouted.errors == "sonde: 198.51.100.1: no route to that network from here\n")
      }
      try network.sh("ip link set near0 down")
      for command in ["ping -c 1 -W.2", "probe -p 9 -W.2"] {
        let down = try sonde("\(command) 10.9.0.2")
        #expect(down.status == 2 && down.output.isEmpty, "\(down)")
        #expect(down.errors.hasPrefix("sonde: 10.9.0.2: ") && down.errors.split(separator: "\n").count == 1, "\(down)")
      }
    }
  }
}
