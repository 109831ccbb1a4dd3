import Foundation
import Testing
import WireSupport

/// A `sonde capture` that runs in the namespace in which it was started.
private final class Running {
  let folder: TemporaryFolder
  /// The pcapng file that it writes.
  let file: String
  private let child: Int32
  private var isRunning = true

  /// Starts it, and waits until it captures.
  init(_ arguments: String) throws {
    folder = try TemporaryFolder()
    file = folder.path + "/run.pcapng"
    child = try Shell.start(
      "exec '\(SondeBinary.path)' capture --write \(file) \(arguments) > \(folder.path)/out 2> \(folder.path)/err")
    try Shell.until("grep -q 'capturing on' \(folder.path)/err")
  }

  deinit { if isRunning { Shell.stop(child) } }

  var process: Int32 { child }

  /// Waits until so many lines are out, ends it by a signal, and tells what it did.
  @discardableResult
  func finish(lines: Int = 0, by signal: Int32 = 2) throws -> Outcome {
    if lines > 0 { try Shell.until("test $(wc -l < \(folder.path)/out) -ge \(lines)") }
    return outcome(Shell.stop(child, by: signal))
  }

  /// Waits until it ends by itself.
  func end() -> Outcome { outcome(Shell.wait(child)) }

  private func outcome(_ status: Int32) -> Outcome {
    isRunning = false
    let end = status & 0x7f
    return Outcome(
      status: end == 0 ? status >> 8 & 0xff : 128 + end, output: Shell.text(folder.path + "/out"),
      errors: Shell.text(folder.path + "/err"))
  }

  /// The frames in its file, in hexadecimal, as tshark reads them.
  func frames() throws -> [String] {
    try Shell.run(
      "tshark -n -r \(file) -T jsonraw | tr -d ' \\n' | grep -o '\"frame_raw\":\\[\"[0-9a-f]*' | cut -d'\"' -f4"
    ).output.split(separator: "\n").map(String.init)
  }

  func fields(_ names: String) throws -> [String] {
    try Shell.run("tshark -n -r \(file) -T fields \(names)").output.split(separator: "\n").map(String.init)
  }
}

/// Live capture by the program, beside tcpdump at the same time.
@Suite(.wire, .serialized) struct WireCaptureCommandTests {
  private static let room = "-B 65536"
  private static let summary = "0 dropped by the kernel for want of room\n"

  /// Pings of both families, datagrams of all lengths and a TCP conversation from the near host to the far one.
  private static func converse(_ network: WireNetwork) throws {
    try network.sh("ping -q -c 3 -i .01 10.9.0.2 > /dev/null; ping -q -c 3 -i .01 -s 1400 fd09::2 > /dev/null")
    let echo = "import socket\ns=socket.socket();s.bind((\"10.9.0.2\",8080));s.listen();print(1,flush=True)\n"
    let server = try TemporaryFolder()
    let child = try network.onFar {
      try network.start(
        "exec /usr/bin/python3 -c '\(echo)c,_=s.accept()\nwhile d:=c.recv(9999): c.sendall(d)\n' > \(server.path)/out")
    }
    defer { network.stop(child) }
    try Shell.until("test -s \(server.path)/out")
    let client = "import socket\ns=socket.create_connection((\"10.9.0.2\",8080))\n"
    try network.sh(
      "/usr/bin/python3 -c '\(client)for n in (1,2,500,9000): s.sendall(bytes(n)); s.recv(n,256)\ns.close()'")
    try network.sh("bash -c 'for n in 1 2 3; do echo $n > /dev/udp/10.9.0.2/4001; done'")
  }

  @Test(arguments: ["", "tcp port 8080", "icmp6 and greater 1400 or udp dst port 4001"])
  func framesAreThoseThatTcpdumpSees(filter: String) throws {
    try WireNetwork.run { network in
      let theirs = try WireCapture("near0", filter, options: Self.room)
      let ours = try Running("-I near0 \(filter)")
      try Self.converse(network)
      let outcome = try ours.finish(lines: filter.isEmpty ? 30 : 9)
      let frames = try ours.frames()
      try theirs.finish(atLeast: frames.count)
      // Theirs began before and ended after it.
      let seen = try theirs.octets(of: "frame").joined(separator: " ")
      #expect(seen.contains(frames.joined(separator: " ")), "\(filter)")
      if !filter.isEmpty { #expect(seen.count == frames.joined(separator: " ").count) }
      #expect(outcome.lines.count - 1 == frames.count && outcome.status == 0, "\(outcome)")
      #expect(outcome.errors == "capturing on near0\n\(frames.count) packets, \(Self.summary)", "\(outcome)")
      let read = "-e frame.interface_name -e frame.packet_flags_direction"
      #expect(Set(try ours.fields(read)) == ["near0\t0x00000001", "near0\t0x00000002"])
      #expect(try Shell.run("capinfos \(ours.file)").output.contains("Number of stat entries = 1"))
    }
  }

  @Test(arguments: ["", "-v", "-x", "--recipe"])
  func whatIsPrintedIsWhatDecodePrintsOfTheFile(form: String) throws {
    try WireNetwork.run { network in
      let ours = try Running("-I near0 \(form)")
      try Self.converse(network)
      let outcome = try ours.finish(lines: 20)
      let decoded = try sonde("decode \(form) \(ours.file)")
      #expect(outcome.output == decoded.output && !outcome.output.isEmpty, "\(form)")
      #expect(!outcome.output.contains("wrong, should be"))
      if form == "-v" { #expect(outcome.output.contains("(offload: a device had yet to complete it, to 0x")) }
    }
  }

  @Test func decodesFilterPassesWhatACapturesDoes() throws {
    try WireNetwork.run { network in
      let all = try Running("-I near0 --recipe")
      let some = try Running("-I near0 --recipe tcp dst port 8080")
      try Self.converse(network)
      try some.finish(lines: 8)
      try all.finish(lines: 25)
      let decoded = try sonde("decode --recipe --filter 'tcp dst port 8080' \(all.file)")
      #expect(decoded.output == Shell.text(some.folder.path + "/out") && decoded.status == 0)
      #expect(decoded.lines.count > 8)
      let wrong = try sonde("decode --filter 'tcp prot 80' \(all.file)")
      #expect(wrong.status == 2 && wrong.output.isEmpty && wrong.errors.contains("\"prot\", column 5"), "\(wrong)")
    }
  }

  @Test func objectsTellInterfaceDirectionAndUnfinishedSums() throws {
    try WireNetwork.run { network in
      let ours = try Running("-I near0 --json tcp port 8080")
      try Self.converse(network)
      let outcome = try ours.finish(lines: 8)
      let objects = try objects(outcome)
      let packets = objects.of("packet")
      #expect(packets.allSatisfy { $0.text("interface") == "near0" && $0.number("link_type") == 1 })
      #expect(Set(packets.map { $0.text("direction") }) == ["in", "out"])
      #expect(packets.contains { $0["checksum_not_ready"] as? Bool == true })
      #expect(packets.map { $0.number("frame") } == Array(1...packets.count))
      let end = try #require(objects.last)
      #expect(end.text("type") == "summary" && end.number("packets") == packets.count && end.number("own_drops") == 0)
    }
  }

  @Test func loopbackIsShownOnceAndAllInterfacesShowBothDirections() throws {
    try WireNetwork.run { network in
      let filter = "icmp or (ip6[6] = 58 and ip6[40] & 0xfe = 128)"
      let theirs = try WireCapture("any", filter, options: "\(Self.room) -y LINUX_SLL2")
      let loopback = try Running("-I lo '\(filter)'")
      let any = try Running("-I any '\(filter)'")
      let unnamed = try Running("'\(filter)'")
      try network.sh("ping -q -c 2 -i .01 127.0.0.1 > /dev/null; ping -q -c 1 ::1 > /dev/null")
      try network.sh("ping -q -c 2 -i .01 10.9.0.2 > /dev/null")
      try theirs.finish(atLeast: 10)
      let once = try loopback.finish(lines: 6)
      #expect(once.errors.hasSuffix("6 packets, \(Self.summary)"), "\(once)")
      for capture in [any, unnamed] {
        let outcome = try capture.finish(lines: 10)
        #expect(outcome.errors == "capturing on all interfaces\n10 packets, \(Self.summary)", "\(outcome)")
        #expect(try capture.frames() == theirs.octets(of: "frame"))
        let read = "-e frame.interface_name -e frame.packet_flags_direction"
        let near = ["near0\t0x00000002", "near0\t0x00000001", "near0\t0x00000002", "near0\t0x00000001"]
        #expect(try capture.fields(read) == Array(repeating: "lo\t0x00000001", count: 6) + near)
      }
    }
  }

  /// Two echo requests from 10.99.0.1 to 10.99.0.2 in VLAN 7.
  private static let tagged = """
    import socket
    s = socket.socket(17, 3)
    s.bind(("near0", 0))
    packet = bytes.fromhex("4500001c000100004001660f0a6300010a6300020800f4fc01010202")
    for n in range(2): s.send(bytes.fromhex("ffffffffffff020000000001810000070800") + packet + bytes(14))
    """

  @Test func taggedFramesAreWhole() throws {
    try WireNetwork.run { network in
      let theirs = try network.onFar { try WireCapture("far0", "vlan 7", options: Self.room) }
      let tagged = try network.onFar { try Running("-I far0 vlan 7 and icmp") }
      let other = try network.onFar { try Running("-I far0 vlan 8") }
      let all = try network.onFar { try Running("-I far0 vlan or ip") }
      try network.sh("/usr/bin/python3 -c '\(Self.tagged)'")
      try theirs.finish(atLeast: 2)
      let outcome = try tagged.finish(lines: 2)
      let seen = try theirs.octets(of: "frame", where: "icmp")
      #expect(seen.count == 2 && seen.allSatisfy { $0.dropFirst(24).hasPrefix("81000007") }, "\(seen)")
      #expect(try tagged.frames() == seen)
      #expect(outcome.output.contains("10.99.0.1 → 10.99.0.2"), "\(outcome)")
      #expect(try all.finish(lines: 2).lines.count >= 3)
      #expect(try other.finish().output.isEmpty)
    }
  }

  @Test func aBurstIsShownWithoutLoss() throws {
    try WireNetwork.run { network in
      let filter = "udp dst port 4001"
      let theirs = try network.onFar { try WireCapture("far0", filter, options: Self.room) }
      let ours = try network.onFar { try Running("-I far0 \(filter)") }
      let burst = "for n in range(5000): s.sendto(n.to_bytes(2,\"big\"),(\"10.9.0.2\",4001))"
      try network.sh("/usr/bin/python3 -c 'import socket\ns=socket.socket(2,2)\n\(burst)' 2> /dev/null")
      try theirs.finish(atLeast: 5000)
      let outcome = try ours.finish(lines: 5000)
      #expect(outcome.errors.hasSuffix("\n5000 packets, \(Self.summary)"), "\(outcome.errors)")
      #expect(outcome.lines.count == 5001)
      let frames = try ours.frames()
      #expect(frames.count == 5000)
      #expect(try theirs.octets(of: "frame") == frames)
    }
  }

  @Test func whatTheKernelDropsIsCounted() throws {
    try WireNetwork.run { network in
      let ours = try Running("-I lo udp dst port 4001")
      kill(ours.process, SIGSTOP)
      // Twice as much as there is room for.
      let socket = "import socket\ns=socket.socket(2,2)\ns.bind((\"127.0.0.1\",4001))\n"
      let burst = "for n in range(2000): s.sendto(bytes(8000),(\"127.0.0.1\",4001))"
      try network.sh("/usr/bin/python3 -c '\(socket)\(burst)'")
      kill(ours.process, SIGCONT)
      let outcome = try ours.finish(lines: 100)
      let shown = outcome.lines.count - 1
      #expect(shown < 2000)
      #expect(
        outcome.errors == "capturing on lo\n\(shown) packets, \(2000 - shown) dropped by the kernel for want of room\n")
    }
  }

  @Test func moreRoomHoldsMore() throws {
    try WireNetwork.run { network in
      let ours = try Running("-B 32768 -I lo udp dst port 4001")
      kill(ours.process, SIGSTOP)
      let socket = "import socket\ns=socket.socket(2,2)\ns.bind((\"127.0.0.1\",4001))\n"
      let burst = "for n in range(2000): s.sendto(bytes(8000),(\"127.0.0.1\",4001))"
      try network.sh("/usr/bin/python3 -c '\(socket)\(burst)'")
      kill(ours.process, SIGCONT)
      #expect(try ours.finish(lines: 2000).errors == "capturing on lo\n2000 packets, \(Self.summary)")
    }
  }

  @Test func aSignalEndsItWhereTheReaderStalls() throws {
    try WireNetwork.run { network in
      let folder = try TemporaryFolder()
      try network.sh("mkfifo \(folder.path)/pipe")
      let reader = try network.start("exec sleep 60 < \(folder.path)/pipe")
      defer { Shell.stop(reader) }
      let child = try network.start(
        "exec '\(SondeBinary.path)' capture -I lo icmp > \(folder.path)/pipe 2> \(folder.path)/err")
      try Shell.until("grep -q capturing \(folder.path)/err")
      try network.sh("ping -q -f -c 2000 127.0.0.1 > /dev/null")
      #expect(Shell.stop(child, by: 2) == 0)
      #expect(Shell.text(folder.path + "/err").hasSuffix("dropped by the kernel for want of room\n"))
    }
  }

  @Test func aLonePacketIsShownAtOnce() throws {
    try WireNetwork.run { network in
      let read = """
        import sys, json, time, datetime
        for line in sys.stdin:
          now = time.time()
          told = json.loads(line)
          if told["type"] == "packet":
            told = datetime.datetime.fromisoformat(told["time"][:26] + "+00:00").timestamp()
            print(int((now - told) * 1000), flush=True)
        """
      let folder = try TemporaryFolder()
      let child = try network.start(
        "'\(SondeBinary.path)' capture --json -I near0 -c 6 icmp 2> \(folder.path)/err | /usr/bin/python3 -c '\(read)' "
          + "> \(folder.path)/out")
      try Shell.until("grep -q capturing \(folder.path)/err")
      try network.sh("ping -q -c 3 -i .2 10.9.0.2 > /dev/null")
      Shell.wait(child)
      let delays = Shell.text(folder.path + "/out").split(separator: "\n").compactMap { Int($0) }
      #expect(delays.count == 6)
      // A machine that is busy with other things may be late, but not each time.
      #expect(delays.min() ?? 999 < 100, "\(delays)")
    }
  }

  @Test(arguments: [2, 15] as [Int32])
  func aSignalEndsItWithTheSummaryAndLosesNothing(signal: Int32) throws {
    try WireNetwork.run { network in
      let ours = try Running("-I near0 icmp")
      try network.sh("ping -q -c 1 10.9.0.2 > /dev/null")
      let outcome = try ours.finish(by: signal)
      #expect(outcome.status == 0 && outcome.lines.count == 3, "\(outcome)")
      #expect(outcome.errors == "capturing on near0\n2 packets, \(Self.summary)")
      #expect(try ours.frames().count == 2)
    }
  }

  @Test func countAndDeadlineAndQuietEndIt() throws {
    try WireNetwork.run { network in
      let ours = try Running("-I near0 -c 3 --snap 60 icmp")
      try network.sh("ping -q -c 3 -i .01 -s 500 10.9.0.2 > /dev/null")
      let outcome = ours.end()
      #expect(outcome.status == 0 && outcome.lines.count == 4, "\(outcome)")
      #expect(try ours.frames().map(\.count) == [120, 120, 120])
      #expect(try ours.fields("-e frame.len") == ["542", "542", "542"])
      let nothing = try sonde("capture -I near0 -w 100ms udp dst port 4009")
      #expect(nothing.status == 0 && nothing.output.isEmpty, "\(nothing)")
      #expect(nothing.errors == "capturing on near0\n0 packets, \(Self.summary)")
      let quiet = try sonde("capture -q -i lo -w 300ms icmp & sleep .1; ping -q -c 1 127.0.0.1 > /dev/null; wait")
      #expect(quiet.output.isEmpty && quiet.errors == "2 packets, \(Self.summary)", "\(quiet)")
    }
  }

  @Test func theRunEndsSilentlyWithItsReader() throws {
    try WireNetwork.run { network in
      let ping = try network.start("exec ping -q -i .05 10.9.0.2 > /dev/null")
      defer { network.stop(ping) }
      let busy = try Shell.run("\"$SONDE\" capture -I near0 icmp | head -n 1", seconds: 60)
      #expect(busy.errors == "capturing on near0\n" && busy.lines.count == 2, "\(busy)")
      // Nothing would ever be written: its end is noticed all the same.
      let idle = try Shell.run("{ \"$SONDE\" capture udp port 4009; echo $? >&2; } | true", seconds: 60)
      #expect(idle.errors == "capturing on all interfaces\n0\n", "\(idle)")
    }
  }

  @Test func theFileKeepsWhatItHoldsUntilTheCaptureCanStart() throws {
    try WireNetwork.run { network in
      let folder = try TemporaryFolder()
      let file = folder.path + "/run.pcapng"
      try network.sh("echo precious > \(file); ip link add idle0 type veth peer name idle1")
      for (arguments, reason) in [
        ("-I idle0", "capture on idle0: the interface is down"), ("-I idle0 tcp prot 80", "column 5"),
        ("-I nothere", "there is no interface \"nothere\"; there are lo, "),
      ] {
        let refused = try sonde("capture --write \(file) \(arguments)")
        #expect(refused.status == 2 && refused.output.isEmpty && refused.errors.contains(reason), "\(refused)")
        #expect(refused.errors.split(separator: "\n").count == 1 && Shell.text(file) == "precious\n", "\(refused)")
      }
      #expect(try sonde("capture --write \(file) -I lo -w 10ms").status == 0)
      #expect(try Shell.run("capinfos \(file)").status == 0)
    }
  }

  @Test func anInterfaceThatGoesDownEndsItWithTheSummary() throws {
    try WireNetwork.run { network in
      let ours = try Running("-I near0 icmp")
      try network.sh("ping -q -c 1 10.9.0.2 > /dev/null; ip link set near0 down")
      let outcome = ours.end()
      #expect(outcome.status == 2 && outcome.lines.count == 3, "\(outcome)")
      #expect(
        outcome.errors.hasSuffix("\n2 packets, \(Self.summary)sonde: capture on near0: the interface is down\n"),
        "\(outcome)")
      #expect(try ours.frames().count == 2)
    }
  }

  @Test func privilegeIsGivenAwayAndItsWantIsToldWithTheHelp() throws {
    try WireNetwork.run { network in
      let ours = try Running("-I near0")
      let status = try Shell.run("grep -E '^(Cap(Inh|Prm|Eff|Amb)|NoNewPrivs)' /proc/\(ours.process)/status")
      for line in status.lines where !line.isEmpty {
        #expect(line.hasSuffix(line.hasPrefix("NoNewPrivs") ? "\t1" : "\t0000000000000000"), "\(line)")
      }
      #expect(try ours.finish().status == 0)
      let folder = try TemporaryFolder()
      try network.sh("cp '\(SondeBinary.path)' \(folder.path)/sonde && chmod 755 \(folder.path)/sonde")
      let nobody = "setpriv --reuid=65534 --regid=65534 --clear-groups --inh-caps=-all \(folder.path)/sonde capture"
      for arguments in ["", "-I near0", "-I near0 tcp port 80"] {
        let refused = try Shell.run("exec \(nobody) \(arguments)")
        #expect(refused.status == 2 && refused.output.isEmpty, "\(refused)")
        #expect(refused.errors.contains("to allow it: sudo setcap cap_net_raw+ep \(folder.path)/sonde"), "\(refused)")
        #expect(refused.errors.split(separator: "\n").count == 1)
      }
      // What is wrong with the words is told before privilege is asked for.
      let filter = try Shell.run("exec \(nobody) tcp prot 80")
      #expect(filter.status == 2 && filter.errors.contains("\"prot\", column 5"), "\(filter)")
    }
  }
}
