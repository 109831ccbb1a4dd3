import Testing
import WireSupport

/// What `--dry-run` promises, held to what a run does.
@Suite(.wire) struct WireDryRunTests {
  @Test func aDryRunPrintsThePacketAndTheDoor() throws {
    try WireNetwork.run { _ in
      let run = try sonde("ping --dry-run --id 0x0101 --seq 0x0202 -s 0 --ip-id 1 127.0.0.1")
      #expect(
        run.output == "127.0.0.1 by the raw door: 4500001c0001000040017cde7f0000017f0000010800f4fc01010202\n", "\(run)")
      let probe = try sonde("probe --dry-run -p 80 127.0.0.1 ::1")
      #expect(probe.output.hasPrefix("127.0.0.1 by the raw door: 4500002c"), "\(probe)")
      #expect(probe.output.contains("\n::1 by the raw door: 6000000000180640"), "\(probe)")
    }
  }

  @Test(arguments: [
    "ping -c 1", "ping -c 1 --door raw", "ping -c 1 --data x", "probe -p 9", "probe --udp -p 9 --data x",
    "probe -p 9 --source-port 4444",
  ])
  func aSeedRepeatsTheBytesOfDryRunsAndRuns(arguments: String) throws {
    try WireNetwork.run { _ in
      for host in ["127.0.0.1", "::1"] {
        func sent(_ more: String) throws -> [String] {
          let outcome = try sonde("\(arguments) --json -v \(more) \(host)")
          let lines = try objects(outcome).of("sent")
          #expect(lines.count == 1 && lines[0].number("probe") == 1 && outcome.errors.isEmpty, "\(outcome)")
          return lines.map { "\($0.text("door")) \($0.text("bytes"))" }
        }
        let first = try sent("--seed 7")
        #expect(try sent("--seed 7") == first)
        #expect(try sent("--seed 7 --dry-run") == first)
        #expect(try sent("--seed 8") != first)
      }
    }
  }

  @Test func aClosedDoorIsNamedAndTheNextOpenOneIsTaken() throws {
    try WireNetwork.run { network in
      let folder = try TemporaryFolder()
      try network.sh(
        "cp '\(SondeBinary.path)' \(folder.path)/sonde && echo '1 0' > /proc/sys/net/ipv4/ping_group_range")
      #expect(try sonde("ping --dry-run 127.0.0.1").output.hasPrefix("127.0.0.1 by the raw door: 45"))
      let nobody = "exec setpriv --reuid=65534 --regid=65534 --clear-groups --inh-caps=-all \(folder.path)/sonde"
      let ping = try Shell.run("\(nobody) ping --dry-run ::1")
      #expect(
        ping.status == 0 && ping.output.hasPrefix("::1 by the datagram door, which is not open to you: 60"), "\(ping)")
      let probe = try Shell.run("\(nobody) probe --dry-run --json -p 9 127.0.0.1 127.0.0.2")
      let lines = try objects(probe)
      #expect(probe.status == 0 && lines.map { $0.number("probe") } == [1, 2], "\(probe)")
      #expect(lines.allSatisfy { $0["open"] as? Bool == false && $0.text("door") == "raw" }, "\(probe)")
    }
  }

  @Test func aDryRunOfARecipeShowsItAndTriesTheDoorOfFrames() throws {
    try WireNetwork.run { network in
      let folder = try TemporaryFolder()
      try network.sh("cp '\(SondeBinary.path)' \(folder.path)/sonde")
      let nobody = "exec setpriv --reuid=65534 --regid=65534 --clear-groups --inh-caps=-all \(folder.path)/sonde"
      let frame =
        "send --dry-run -I lo 'Ether(dst=\"02:00:00:00:00:01\", src=\"02:00:00:00:00:02\")"
        + "/IP(dst=\"127.0.0.1\", id=1)/UDP(sport=7)'"
      let open = try sonde(frame)
      #expect(open.status == 0 && open.output.hasPrefix("packet 1 by the packet door: 020000000001"), "\(open)")
      #expect(
        open.lines.dropFirst().first?.hasPrefix("  Ether(dst='02:00:00:00:00:01', src='02:00:00:00:00:02')/IP(")
          == true,
        "\(open)")
      let closed = try Shell.run("\(nobody) \(frame)")
      #expect(closed.output.hasPrefix("packet 1 by the packet door, which is not open to you: 02"), "\(closed)")
      let json = try objects(try Shell.run("\(nobody) \(frame) --json"))
      #expect(json.first?["open"] as? Bool == false && json.first?.text("recipe").hasPrefix("Ether(") == true)
      let packet = try objects(try sonde("send --dry-run --json 'IP(dst=\"127.0.0.1\", id=1)/UDP(sport=7)'"))
      #expect(packet.map { $0.text("door") } == ["raw"] && packet[0]["open"] == nil)
      #expect(packet[0].text("recipe") == "IP(src='127.0.0.1', dst='127.0.0.1')/UDP(sport=7)", "\(packet)")
    }
  }

  /// What 0 means to ping, it means to probe.
  @Test func zeroIsNoLimit() throws {
    try WireNetwork.run { network in
      try network.filterAtFar("tcp dport 7080 drop")
      let closed = try sonde("probe -p 9 -W 0 -w 0 10.9.0.2")
      #expect(closed.status == 0 && closed.output.contains("1 closed"), "\(closed)")
      let waiting = try Shell.run("timeout -s INT .5 \"$SONDE\" probe -p 7080 -W 0 -w 0 10.9.0.2; echo $?")
      #expect(waiting.output.hasSuffix("124\n") && waiting.output.contains("1 probe,"), "\(waiting)")
      let bounded = try sonde("probe -p 7080 -W 0 -w .2 10.9.0.2")
      #expect(bounded.status == 1 && bounded.output.contains("1 filtered"), "\(bounded)")
    }
  }
}
