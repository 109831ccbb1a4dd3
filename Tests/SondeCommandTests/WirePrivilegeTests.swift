import Foundation
import Testing
import WireSupport

/// What sonde may do while it runs, and what an ordinary user may do with it.
@Suite(.wire) struct WirePrivilegeTests {
  @Test(arguments: [
    "ping -i 0.1 --door raw 10.9.0.2", "ping -i 0.1 --door datagram fd09::2", "ping -i 0.1 --door cooked 10.9.0.2",
    "probe --json -W 60s --retries 0 -p 7070,7080 10.9.0.2", "sweep --json --cooldown 60s -p 7070,7080 10.9.0.2",
  ])
  func aRunningSondeHasNoPrivilegeLeft(arguments: String) throws {
    try WireNetwork.run { network in
      try network.filterAtFar("tcp dport 7080 drop")
      let folder = try TemporaryFolder()
      let child = try network.start("exec '\(SondeBinary.path)' \(arguments) > \(folder.path)/out")
      defer { Shell.stop(child) }
      // Its first answer is out: the sockets are open.
      try Shell.until("grep -qE 'bytes from|answer' \(folder.path)/out")
      let status = try Shell.run("grep -E '^(Cap(Inh|Prm|Eff|Amb)|NoNewPrivs)' /proc/\(child)/status")
      let values = status.lines.filter { !$0.isEmpty }.map { $0.split(separator: "\t").map(String.init) }
      #expect(values.count == 5, "\(status)")
      for value in values {
        #expect(value.last == (value.first == "NoNewPrivs:" ? "1" : "0000000000000000"), "\(value)")
      }
    }
  }

  /// Runs sonde as nobody, from a copy that nobody can reach.
  private func asNobody(_ body: ((String) throws -> Outcome) throws -> Void) throws {
    try WireNetwork.run { network in
      let folder = try TemporaryFolder()
      try network.sh("cp '\(SondeBinary.path)' \(folder.path)/sonde && chmod 755 \(folder.path)/sonde")
      try body { arguments in
        try Shell.run(
          "exec setpriv --reuid=65534 --regid=65534 --clear-groups --inh-caps=-all \(folder.path)/sonde \(arguments)")
      }
    }
  }

  @Test(arguments: Side.both)
  func anOrdinaryUserPingsByTheDatagramDoor(side: Side) throws {
    try asNobody { run in
      let ping = try run("ping -c 2 -i .05 --id 0x0101 \(side.far)")
      #expect(ping.status == 0 && ping.output.contains("icmp_seq=2 ttl=64"), "\(ping)")
      let sent = try objects(try run("ping --json -v -c 1 --id 0x0101 -t 9 -M do \(side.far)"))
      #expect(sent.of("sent").first?.text("door") == "datagram")
      #expect(sent.of("answer").first?.number("id") == 0x0101)
      let exceeded = try run("ping -c 1 -t 1 \(side.loop)")
      let words = side.family == 4 ? "Time to live exceeded" : "Time exceeded: Hop limit"
      #expect(exceeded.status == 1 && exceeded.output.contains("From \(side.far) icmp_seq=1 \(words)\n"), "\(exceeded)")
      let unreachable = try run("ping -c 1 \(side.beyond)")
      #expect(
        unreachable.status == 1 && unreachable.output.contains("From \(side.far) icmp_seq=1 Dest"), "\(unreachable)")
      let probe = try run("probe -p 9 \(side.far)")
      #expect(
        probe.status == 2 && probe.output.isEmpty && probe.errors.contains("to allow it: sudo setcap cap_net_raw+ep "))
      let wrong = try run("ping -c 1 --checksum 1 \(side.far)")
      #expect(wrong.status == 2 && wrong.errors.contains("sudo setcap cap_net_raw+ep "), "\(wrong)")
    }
  }

  @Test(arguments: Side.both)
  func withTheDoorClosedOneLineNamesTheCommandThatHelps(side: Side) throws {
    try asNobody { run in
      _ = try Shell.run("echo '1 0' > /proc/sys/net/ipv4/ping_group_range")
      let ping = try run("ping -c 1 \(side.far)")
      #expect(ping.status == 2 && ping.output.isEmpty)
      #expect(
        ping.errors.hasSuffix("to allow it: sudo sysctl -w net.ipv4.ping_group_range=\"0 2147483647\"\n"), "\(ping)")
      #expect(ping.errors.split(separator: "\n").count == 1)
      let doctor = try run("doctor --json")
      let doors = try objects(doctor).of("door")
      #expect(doctor.status == 1 && doors.count == 8)
      for door in doors { #expect(door["open"] as? Bool == false && door.text("fix").hasPrefix("sudo "), "\(door)") }
      #expect(try run("doctor -q --json").output == doctor.output)
    }
  }

  @Test func theDoctorTellsOpenDoorsFromClosedOnes() throws {
    try WireNetwork.run { _ in
      let doctor = try sonde("doctor --json")
      #expect(doctor.status == 0)
      for door in try objects(doctor) { #expect(door["open"] as? Bool == true && door.text("fix").isEmpty, "\(door)") }
      let words = try objects(doctor).map { "\($0.text("door")) \($0["family"] as? String ?? "null")" }
      #expect(
        words == [
          "datagram ipv4", "raw ipv4", "icmp ipv4", "datagram ipv6", "raw ipv6", "icmp ipv6", "cooked null",
          "packet null",
        ])
      let quiet = try sonde("doctor -q")
      #expect(quiet.status == 0 && quiet.output.isEmpty, "\(quiet)")
      let text = try sonde("doctor")
      #expect(text.lines.first == "datagram IPv4   open   echo requests without privilege", "\(text)")
    }
  }

  /// A reader that goes ends the run at once and silently, even where nothing would ever be written again.
  @Test(arguments: [
    "ping 10.9.0.77", "ping -i 3600 10.9.0.2", "ping --json -v -i 3600 10.9.0.2", "ping -f -i 3600 10.9.0.2",
    "probe --json -v -p- --rate 1 10.9.0.2", "probe -p 7080 -W 3600 10.9.0.2",
  ])
  func theRunEndsWithItsReader(arguments: String) throws {
    try WireNetwork.run { network in
      try network.filterAtFar("tcp dport 7080 drop")
      let outcome = try Shell.run("\"$SONDE\" \(arguments) | head -n 1", seconds: 60)
      #expect(outcome.status == 0 && outcome.errors.isEmpty && outcome.lines.count == 2, "\(outcome)")
    }
  }
}
