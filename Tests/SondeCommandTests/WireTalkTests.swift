import Testing
import WireSupport

/// `sonde talk` against this machine's own TCP.
@Suite(.wire) struct WireTalkTests {
  /// A peer of a kind at the far host, and a capture at it.
  private func withPeer(
    _ what: String, _ body: (_ network: WireNetwork, _ log: String, _ capture: WireCapture) throws -> Void
  ) throws {
    try WireNetwork.run { network in
      try network.onFar { try network.sh("ethtool -K far0 tso off gso off gro off tx off > /dev/null") }
      let folder = try TemporaryFolder()
      let log = "\(folder.path)/log"
      let peer = try network.onFar {
        try network.start("exec \(script("talkpeer.py")) 7300 \(what) > \(log) 2>&1")
      }
      defer { network.stop(peer) }
      try Shell.until("grep -q ready \(log)")
      try body(network, log, try WireCapture("near0", "tcp or ip6 proto 6"))
    }
  }

  private func talk(_ side: Side, _ commands: String, _ options: String = "") throws -> Outcome {
    try sonde("talk \(side.far) 7300 \(options) -e '\(commands)'", seconds: 60)
  }

  /// RSTs of the near host: none but sonde's own would be there.
  private func resets(_ side: Side, _ capture: WireCapture) throws -> [String] {
    try capture.fields(
      "frame.number", where: "tcp.flags.reset == 1 && \(side.family == 4 ? "ip" : "ipv6").src == \(side.near)")
  }

  @Test(arguments: Side.both)
  func anEchoIsSpokenFrameByFrameAndTheKernelStaysOutOfIt(side: Side) throws {
    try withPeer("echo") { network, _, capture in
      let outcome = try talk(side, "write \"fifteen octets\\n\"; read 15; shutdown out; wait closed")
      #expect(outcome.status == 0 && outcome.errors.isEmpty, "\(outcome)")
      #expect(outcome.output.contains("15 octets: \"fifteen octets\\n\""))
      for change in ["CLOSED → SYN-SENT", "SYN-SENT → ESTABLISHED", "ESTABLISHED → FIN-WAIT-1", "TIME-WAIT → CLOSED"] {
        #expect(outcome.output.contains(change), "\(outcome)")
      }
      try capture.finish(atLeast: 10)
      let more = side.header - 20
      let lengths = try capture.fields("frame.len").prefix(7).compactMap { Int($0) }
      #expect(lengths == [74, 74, 66, 81, 66, 81, 66].map { $0 + more })
      let source = "\(side.family == 4 ? "ip" : "ipv6").src == \(side.near)"
      #expect(try capture.fields("tcp.checksum.status", where: source).allSatisfy { $0 == "1" })
      #expect(try resets(side, capture).isEmpty)
      // Nothing of the connection is left at the peer: it ended first, and in order.
      let sockets = try network.onFar { try Shell.run("ss -Htan 'sport = :7300'") }
      #expect(sockets.lines.filter { !$0.isEmpty && !$0.contains("LISTEN") }.isEmpty, "\(sockets)")
    }
  }

  @Test(arguments: Side.both)
  func thePeerThatEndsFirstWaitsAsItShould(side: Side) throws {
    try withPeer("late") { network, log, capture in
      let outcome = try talk(
        side, "read 36; write query!; read 8; shutdown out; read 14; wait peer-closed; wait closed")
      #expect(outcome.status == 0, "\(outcome)")
      try Shell.until("grep -q request \(log)")
      #expect(Shell.text(log).contains("request b'query!' end b''"))
      try capture.finish(atLeast: 12)
      #expect(try resets(side, capture).isEmpty)
      let octets = try capture.fields("tcp.len", where: "tcp.len > 0").compactMap { Int($0) }
      #expect(octets == [36, 6, 8, 14])
      let sockets = try network.onFar { try Shell.run("ss -Htan 'sport = :7300'") }
      #expect(sockets.lines.filter { !$0.isEmpty && !$0.contains("LISTEN") }.isEmpty, "\(sockets)")
    }
  }

  @Test(arguments: [("--no-timestamps", [1460, 1460, 1460, 220]), ("", [1448, 1448, 1448, 256])])
  func aLongWriteIsCutIntoSegmentsAndNeverIntoFragments(_ options: String, _ lengths: [Int]) throws {
    try withPeer("echo") { _, _, capture in
      let outcome = try talk(.v4, "write \"x\"*4600; read 4600; shutdown out; wait closed", options + " --no-read")
      #expect(outcome.status == 0, "\(outcome)")
      try capture.finish(atLeast: 14)
      let filter = "ip.src == 10.9.0.1 && tcp.len > 0"
      #expect(try capture.fields("tcp.len", where: filter).compactMap { Int($0) } == lengths)
      #expect(try capture.fields("frame.number", where: "ip.flags.mf == 1 || ip.frag_offset > 0").isEmpty)
    }
  }

  @Test(arguments: Side.both)
  func theUrgentOctetIsOneForBothEnds(side: Side) throws {
    try withPeer("urgent") { _, log, capture in
      let outcome = try talk(side, "usend \"xyz!\"; urecv; write done; shutdown out; wait closed")
      #expect(outcome.status == 0 && outcome.output.contains("urgent 1 octet: \"!\""), "\(outcome)")
      try Shell.until("grep -q urgent \(log)")
      #expect(Shell.text(log).contains("urgent b'!' rest b'xyz'"))
      try capture.finish(atLeast: 8)
      // BSD's and Linux' reading: the pointer names the octet behind.
      let source = "\(side.family == 4 ? "ip" : "ipv6").src == \(side.near)"
      #expect(try capture.fields("tcp.urgent_pointer", where: "tcp.flags.urg == 1 && \(source)").first == "4")
    }
  }

  @Test(arguments: Side.both)
  func aWindowThatNobodyReadsClosesAndOpensAgain(side: Side) throws {
    try withPeer("much") { _, log, capture in
      let outcome = try talk(
        side, "wait 1.5; read 40000; wait peer-closed; shutdown out; wait closed", "--no-read --window 8192")
      #expect(outcome.status == 0, "\(outcome)")
      try Shell.until("grep -q end \(log)")
      try capture.finish(atLeast: 20)
      let source = "\(side.family == 4 ? "ip" : "ipv6").src == \(side.near)"
      let closed = try capture.fields("frame.number", where: "tcp.window_size == 0 && \(source)")
      // The first one closes it, each other answers a question whether it has opened.
      #expect(closed.count > 1, "\(outcome)")
      #expect(try resets(side, capture).isEmpty)
      #expect(outcome.output.contains(", 40000 received"), "\(outcome)")
    }
  }

  @Test func aSpoiledSegmentIsSentAsItIsWrittenAndThenAsItOughtToBe() throws {
    try withPeer("echo") { _, _, capture in
      let outcome = try talk(.v4, "write \"x\" chksum=0 urgptr=9; read 1; shutdown out; wait closed")
      #expect(outcome.status == 0 && outcome.output.contains("by hand: chksum=0 urgptr=9"), "\(outcome)")
      try capture.finish(atLeast: 10)
      let sent = try capture.fields(
        "tcp.checksum.status", "tcp.urgent_pointer", where: "ip.src == 10.9.0.1 && tcp.len == 1")
      #expect(sent == ["0\t9", "1\t0"])
    }
  }

  @Test(arguments: Side.both)
  func aCallerIsAcceptedAndServed(side: Side) throws {
    try WireNetwork.run { network in
      let folder = try TemporaryFolder()
      let server = try network.start(
        "exec '\(SondeBinary.path)' talk --listen 7301 -e 'accept; write welcome; read 6; write answer; shutdown out; "
          + "wait closed' > \(folder.path)/out 2>&1")
      try Shell.until("grep -q LISTEN \(folder.path)/out")
      let client = try network.onFar { try Shell.run("\(script("talkpeer.py")) 7301 client \(side.near)") }
      #expect(client.output == "welcome b'welcome' answer b'answer'\n", "\(client)")
      network.wait(server)
      let lines = Shell.text("\(folder.path)/out")
      #expect(lines.contains("LISTEN → SYN-RECEIVED") && lines.contains("6 octets: \"query!\""), "\(lines)")
      #expect(lines.contains("closed by both ends"))
    }
  }

  @Test func whoIsNotThereAndWhoRefusesAreToldApart() throws {
    try WireNetwork.run { network in
      let refused = try sonde("talk 10.9.0.2 7399 -e 'write x'")
      #expect(refused.status == 1 && refused.errors == "sonde: talk: the opening: refused by the peer\n", "\(refused)")
      try network.filterAtFar("tcp dport 7398 drop")
      let silent = try sonde("talk 10.9.0.2 7398 -w 2 -e 'write x'")
      #expect(silent.status == 1 && silent.output.contains("sent again"), "\(silent)")
      let nowhere = try sonde("talk 203.0.113.1 7 -e 'write x'")
      #expect(nowhere.status == 2 && nowhere.output.isEmpty, "\(nowhere)")
      for wrong in [
        "talk 10.9.0.2", "talk 10.9.0.2 99999", "talk", "talk --listen 7 10.9.0.2 7", "talk --raw --udp a 7",
      ] {
        let outcome = try sonde(wrong)
        #expect(outcome.status == 2 && outcome.errors.split(separator: "\n").count == 1, "\(outcome)")
      }
      let word = try sonde("talk 10.9.0.2 7 -e 'wirte x'")
      #expect(word.status == 2 && word.errors.contains("did you mean \"write\"?"), "\(word)")
    }
  }

  @Test func aPeerThatResetsIsNotTakenForOneThatEnds() throws {
    try withPeer("reset") { _, _, _ in
      let outcome = try talk(.v4, "write x; wait closed")
      #expect(outcome.status == 1 && outcome.output.contains("ended: reset by the peer"), "\(outcome)")
    }
  }

  @Test(arguments: ["INT", "TERM"])
  func whoeverIsInterruptedResetsTheConnection(_ signal: String) throws {
    try withPeer("silent") { network, log, _ in
      let folder = try TemporaryFolder()
      let child = try network.start(
        "exec '\(SondeBinary.path)' talk 10.9.0.2 7300 -e 'write x; wait 30' > \(folder.path)/out 2>&1")
      try Shell.until("grep -q PSH \(folder.path)/out")
      Shell.stop(child, by: signal == "INT" ? 2 : 15)
      try Shell.until("grep -q reset \(log)")
      #expect(Shell.text("\(folder.path)/out").contains("given up by this end"))
    }
  }

  @Test(arguments: Side.both)
  func datagramsGoAndComeAndWhatNobodyWantsIsRefused(side: Side) throws {
    try withPeer("datagrams") { _, _, _ in
      let outcome = try sonde("talk --udp \(side.far) 7300 -W 10 -e 'sendto hello; recvfrom'")
      #expect(outcome.status == 0 && outcome.output.contains("port 7300, 5 octets: \"hello\""), "\(outcome)")
      let refused = try sonde("talk --udp \(side.far) 7399 -W 10 -e 'sendto hello; recvfrom'")
      #expect(refused.status == 1 && refused.errors.contains("port-unreachable"), "\(refused)")
    }
  }
}
