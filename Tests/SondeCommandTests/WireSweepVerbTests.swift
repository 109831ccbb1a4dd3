import Foundation
import Testing
import WireSupport

/// Many questions at speed: against the real kernel, over veth and lo.
@Suite(.wire) struct WireSweepVerbTests {
  /// The summary, after its books are seen to close.
  private func summary(_ lines: [[String: Any]]) throws -> [String: Any] {
    let summary = try #require(lines.last)
    func count(_ key: String) -> Int { summary.number(key) ?? -1 }
    #expect(summary.text("type") == "summary")
    #expect(count("sent") == count("answered") + count("silent") + count("send_failed"), "\(summary)")
    #expect(
      count("frames") == count("answered") + count("duplicates") + count("late") + count("noise") + count("own_drops"),
      "\(summary)")
    #expect(lines.filter { $0.text("type") == "noise" }.count <= max(count("noise"), 0))
    return summary
  }

  private func sweep(_ arguments: String, complaint: String = "") throws -> [[String: Any]] {
    let outcome = try sonde("sweep --json \(arguments)")
    #expect(outcome.errors.hasPrefix(complaint) && outcome.errors.isEmpty == complaint.isEmpty, "\(outcome)")
    #expect(outcome.status == 0, "\(outcome)")
    return try objects(outcome)
  }

  private func states(_ lines: [[String: Any]]) -> [Int: String] {
    Dictionary(
      lines.filter { $0["port"] != nil }.map {
        ($0.number("port") ?? 0, [$0.text("verdict"), $0.text("by")].joined(separator: " "))
      }
    ) { "\($0) and \($1)" }
  }

  @Test(arguments: Side.both, ["raw", "packet", "xdp"])
  func tcpPortsAreOpenClosedOrFiltered(side: Side, door: String) throws {
    try WireNetwork.run { network in
      try network.filterAtFar("tcp dport 7080 drop; tcp dport 7081 reject with tcp reset")
      try network.withServices {
        let lines = try sweep("\(side.far) -p 7070,7073,7080,7081 --door \(door) --cooldown 300ms")
        #expect(
          states(lines) == [
            7070: "open tcp-syn-ack", 7073: "closed tcp-reset", 7080: "filtered ", 7081: "closed tcp-reset",
          ])
        let summary = try summary(lines)
        #expect(summary.number("sent") == 4 && summary.number("answered") == 3 && summary.number("own_drops") == 0)
        #expect(summary["ports"] as? [String: Int] == ["open": 1, "closed": 2, "filtered": 1])
        let open = try #require(lines.first { $0.number("port") == 7070 })
        #expect(open.text("host") == side.far && open.text("proto") == "tcp" && open.number("ttl") == 64)
        #expect(open.text("why") == "SYN-ACK that acknowledges our SYN" && (open.number("rtt_ns") ?? 0) > 0)
        // A sweep leaves no connection behind.
        try network.onFar { try Shell.until("test -z \"$(ss -Htan state syn-recv)\"") }
      }
    }
  }

  @Test(arguments: Side.both)
  func udpPortsAreOpenClosedOrSilent(side: Side) throws {
    try WireNetwork.run { network in
      try network.withServices {
        let lines = try sweep("\(side.far) --udp --data hello -p 7071-7073 --cooldown 300ms")
        #expect(states(lines) == [7071: "open udp", 7072: "open|filtered ", 7073: "closed icmp-error"])
        let icmp = try #require(lines.first { $0.number("port") == 7073 }?["icmp"] as? [String: Any])
        #expect(icmp.text("name") == "port-unreachable" && icmp.text("quoted").contains("UDP("))
        #expect(try summary(lines).number("errors") == 1)
      }
    }
  }

  @Test func peopleAreToldThatErrorsMayBeWithheldAndProgramsAreNot() throws {
    try WireNetwork.run { network in
      try network.filterAtFar("udp dport 7080-7082 drop")
      let hint = "sonde: hosts send only so many ICMP errors a second: "
      for (ports, format, isTold) in [
        ("7073,7080-7082", "", true), ("7073,7080", "", false), ("7073,7080-7082", "--json", false),
        ("7073,7080-7082", "--csv", false),
      ] {
        let outcome = try sonde("sweep 10.9.0.2 --udp --data hello -p \(ports) --cooldown 300ms \(format)")
        #expect(outcome.status == 0 && outcome.errors.contains(hint) == isTold, "\(format) \(outcome)")
        #expect(!outcome.output.contains("a second:"), "\(format) \(outcome)")
      }
    }
  }

  @Test func whereNoRouteLeadsTheFirstAddressIsNamed() throws {
    try WireNetwork.run { _ in
      for (targets, named) in [
        ("192.0.2.9-12", "192.0.2.9"), ("192.0.2.12 192.0.2.10", "192.0.2.10"), ("2001:db8::9", "2001:db8::9"),
      ] {
        let outcome = try sonde("sweep \(targets) -p 80")
        #expect(outcome.status == 2 && outcome.output.isEmpty, "\(outcome)")
        #expect(outcome.errors == "sonde: sweep: \(named): no route to that network from here\n", "\(outcome)")
      }
      let outcome = try sonde("sweep 10.9.0.2 192.0.2.9 -p 80 --cooldown 100ms")
      #expect(outcome.status == 0 && outcome.output.contains("2 ports: 1 closed, 1 send-failed"), "\(outcome)")
    }
  }

  @Test(arguments: ["127.0.0.1", "::1"])
  func thisMachineIsSweptToo(address: String) throws {
    try WireNetwork.run { network in
      try network.withServices {
        try network.onFar {
          let lines = try sweep("\(address) -p 7000-7100")
          #expect(lines.count == 102 && states(lines)[7070] == "open tcp-syn-ack")
          #expect(states(lines)[7099] == "closed tcp-reset")
          #expect(try summary(lines).number("answered") == 101)
        }
      }
    }
  }

  @Test(arguments: Side.both)
  func liveHostsHaveALineAndOthersAreCounted(side: Side) throws {
    try WireNetwork.run { network in
      // Of a block of sixteen on the link eight are there.
      let block = side.family == 4 ? "10.9.0.96/28" : "fd09::60/124"
      for last in 0..<8 {
        let address = side.family == 4 ? "10.9.0.\(96 + last)/24" : "fd09::6\(last)/64"
        try network.onFar { try network.sh("ip addr add \(address) dev far0 nodad") }
      }
      let lines = try sweep(
        "\(block) --icmp --cooldown 300ms", complaint: "sonde: sweep: 8 packets could not be sent: neighbour")
      let answers = lines.of("answer")
      #expect(answers.count == 8 && Set(answers.map { $0.text("host") }).count == 8)
      #expect(answers.allSatisfy { $0.text("verdict") == "reply" && $0["port"] == nil })
      let hosts = try #require(try summary(lines)["hosts"] as? [String: Int])
      #expect(hosts["reply"] == 8 && hosts.values.reduce(0, +) == 16, "\(hosts)")
    }
  }

  @Test func textTellsOfOpenPortsAloneAndCountsAll() throws {
    try WireNetwork.run { network in
      try network.withServices {
        let outcome = try sonde("sweep 10.9.0.2 -p 7070,7073-7090")
        #expect(outcome.status == 0 && outcome.errors.isEmpty, "\(outcome)")
        #expect(outcome.lines.first?.hasPrefix("SWEEP 1 address x 19 tcp ports, 10,000 packets/s, from ") == true)
        #expect(outcome.lines.count { $0.contains("/tcp") } == 1, "\(outcome)")
        #expect(outcome.output.contains("\n19 ports: 18 closed, 1 open\n"), "\(outcome)")
        let table = try sonde("sweep 10.9.0.2 -p 7070,7073-7090 --csv --open")
        let rows = table.output.split(separator: "\r\n")
        #expect(rows.count == 2 && rows[1].contains(",10.9.0.2,tcp,7070,open,tcp-syn-ack,"), "\(table)")
      }
    }
  }

  @Test func whoIsInterruptedSaysWhatWasFoundAndGoesOnLater() throws {
    try WireNetwork.run { network in
      let folder = try TemporaryFolder()
      let line = "sweep 10.9.0.2 -p 1-4000 --rate 2k --json --resume \(folder.path)/state"
      let child = try network.start("exec '\(SondeBinary.path)' \(line) > \(folder.path)/first")
      try Shell.until("test $(grep -c answer \(folder.path)/first) -gt 500")
      #expect(Shell.stop(child, by: 2) == 0)
      let first = try objects(Outcome(status: 0, output: Shell.text("\(folder.path)/first"), errors: ""))
      _ = try summary(first)
      let rest = try objects(try sonde("\(line) --rate 0"))
      let asked = (first + rest).compactMap { $0.number("port") }
      #expect(asked.count == 4000 && Set(asked).count == 4000, "each port once")
      #expect(first.compactMap { $0.number("port") }.count > 500)
      #expect(try summary(rest).number("answered") == 4000, "the books of both runs")
      let again = try sonde("sweep 10.9.0.2 -p 1-4000 --resume \(folder.path)/state")
      #expect(again.status == 0 && again.output.contains("nothing is left to ask"), "\(again)")
      let other = try sonde("sweep 10.9.0.2 -p 1-4001 --resume \(folder.path)/state")
      #expect(other.status == 2 && other.errors.contains("this is another sweep: the ports"), "\(other)")
    }
  }

  @Test func aClosedOutputEndsTheRunSilently() throws {
    try WireNetwork.run { _ in
      let line = "{ \"$SONDE\" sweep 10.9.0.2 -p 1-60000 --rate 1k --json; echo $? >&2; } | head -n 1"
      let outcome = try Shell.run(line, seconds: 20)
      #expect(outcome.errors == "0\n" && outcome.lines.count == 2, "\(outcome)")
    }
  }

  @Test func everyPacketIsToldAndWrittenIfAskedFor() throws {
    try WireNetwork.run { network in
      let folder = try TemporaryFolder()
      let lines = try sweep("10.9.0.2 -p 7001-7020 -v --write \(folder.path)/sweep.pcapng")
      #expect(lines.of("sent").count == 20 && lines.of("answer").count == 20)
      for answer in lines.of("answer") {
        let sent = try #require(lines.first { $0.text("type") == "sent" && $0.number("port") == answer.number("port") })
        #expect(sent.number("probe") == answer.number("probe") && !sent.text("bytes").isEmpty)
        #expect((sent.number("at_ns") ?? .max) <= (answer.number("at_ns") ?? 0))
      }
      let read = try Shell.run("tshark -r \(folder.path)/sweep.pcapng -T fields -e tcp.flags.str -e frame.comment")
      #expect(read.lines.count { $0.contains("closed by tcp-reset") } == 20, "\(read)")
      #expect(read.lines.count { $0.contains("\tprobe ") } == 40)
    }
  }

  @Test func twoInterfacesAreNamedAndNothingIsSent() throws {
    try WireNetwork.run { network in
      try network.sh(
        "ip link add other0 type veth peer name other1 && ip addr add 192.0.2.1/24 dev other0 && ip link set other0 up && ip link set other1 up"
      )
      let outcome = try sonde("sweep 10.9.0.2 192.0.2.9 --icmp")
      #expect(outcome.status == 2 && outcome.output.isEmpty, "\(outcome)")
      #expect(
        outcome.errors.hasPrefix("sonde: sweep: routing takes some targets by ")
          && outcome.errors.contains("near0") && outcome.errors.contains("other0"), "\(outcome)")
    }
  }

  @Test func withoutPrivilegeOneLineSaysWhatWouldGiveIt() throws {
    try WireNetwork.run { network in
      let folder = try TemporaryFolder()
      try network.sh("cp '\(SondeBinary.path)' \(folder.path)/sonde && chmod 755 \(folder.path)/sonde")
      let outcome = try Shell.run(
        "exec setpriv --reuid=65534 --regid=65534 --clear-groups --inh-caps=-all \(folder.path)/sonde "
          + "sweep 10.9.0.2 -p 80")
      #expect(outcome.status == 2 && outcome.output.isEmpty, "\(outcome)")
      #expect(outcome.errors.contains("cap_net_raw"), "\(outcome)")
    }
  }
}
