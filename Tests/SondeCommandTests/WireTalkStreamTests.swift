import Testing
import WireSupport

/// `sonde talk --raw`, and `sonde talk` at a terminal.
@Suite(.wire) struct WireTalkStreamTests {
  private func withPeer(_ what: String, _ body: (_ network: WireNetwork, _ folder: String) throws -> Void) throws {
    try WireNetwork.run { network in
      let folder = try TemporaryFolder()
      let peer = try network.onFar {
        try network.start("exec \(script("talkpeer.py")) 7300 \(what) > \(folder.path)/log 2>&1")
      }
      defer { network.stop(peer) }
      try Shell.until("grep -q ready \(folder.path)/log")
      try body(network, folder.path)
    }
  }

  @Test(arguments: Side.both)
  func tenMegabytesEachWayThroughLossArriveWhole(side: Side) throws {
    try withPeer("both") { network, folder in
      // One in a hundred, each way, at the host whose kernel speaks: a packet ear hears what its own firewall drops.
      try network.onFar {
        try network.sh(
          "nft 'table inet loss { chain in { type filter hook input priority 0; "
            + "meta l4proto tcp numgen random mod 100 < 1 drop; }; "
            + "chain out { type filter hook output priority 0; meta l4proto tcp numgen random mod 100 < 1 drop; }; }'")
      }
      try network.sh("head -c 10485760 /dev/urandom > \(folder)/in")
      let outcome = try Shell.run("\"$SONDE\" talk --raw \(side.far) 7300 < \(folder)/in > \(folder)/out", seconds: 110)
      #expect(outcome.status == 0 && outcome.errors.isEmpty, "\(outcome)")
      try Shell.until("grep -q took \(folder)/log")
      let digests = try Shell.run("sha256sum < \(folder)/in; sha256sum < \(folder)/out").lines.map { $0.prefix(64) }
      let told = Shell.text("\(folder)/log")
      #expect(told.contains("took 10485760 \(digests[0]) sent \(digests[1])"), "\(told) \(digests)")
    }
  }

  @Test func endOfInputEndsOneSideAndTheOtherIsStillHeard() throws {
    try withPeer("late") { _, folder in
      let outcome = try Shell.run("printf query! | \"$SONDE\" talk --raw 10.9.0.2 7300")
      let wanted =
        String(repeating: "w", count: 36) + String(repeating: "a", count: 8) + String(repeating: "l", count: 14)
      #expect(outcome.status == 0 && outcome.output == wanted, "\(outcome)")
      #expect(Shell.text("\(folder)/log").contains("end b''"))
    }
  }

  @Test func aReaderThatIsGoneEndsTheConnection() throws {
    try withPeer("much") { _, folder in
      let outcome = try Shell.run("\"$SONDE\" talk --raw 10.9.0.2 7300 < /dev/zero | head -c 5")
      #expect(outcome.output == "yyyyy", "\(outcome)")
    }
  }

  /// What a terminal showed, how it was left, and the status.
  private func typed(_ steps: [String]) throws -> String {
    let folder = try TemporaryFolder()
    let lines = steps.joined(separator: "\n")
    let outcome = try Shell.run(
      """
      cat > \(folder.path)/steps <<'END'
      \(lines)
      END
      exec \(script("typist.py")) "$SONDE" talk 10.9.0.2 7300 < \(folder.path)/steps
      """)
    return outcome.output + outcome.errors
  }

  @Test func somebodyTypesAtATerminalAndGetsItBackAsItWas() throws {
    try withPeer("echo") { _, _ in
      // Tab, an arrow up, Control-A and Control-K, and Control-D at the end.
      let shown = try typed([
        #"2 "sta\t\r""#, #"2.5 "write hello\r""#, #"3 "\x1b[A!\r""#, #"3.5 "nonsense\x01\x0bhelp urecv\r""#,
        #"5 "\x04""#,
      ])
      #expect(shown.contains("established> "), "\(shown)")
      #expect(shown.contains("ESTABLISHED") && shown.contains("5 octets: \"hello\""), "\(shown)")
      #expect(shown.contains("6 octets: \"hello!\"") && shown.contains("take the urgent octet"), "\(shown)")
      #expect(shown.contains("left as it was: True\nstatus 0"), "\(shown)")
    }
  }

  @Test(arguments: [2, 15, 3])
  func aSignalGivesTheTerminalBackAndResets(_ signal: Int) throws {
    try withPeer("silent") { _, folder in
      let shown = try typed(["2 \"write half\"", "2.5 signal \(signal)"])
      #expect(shown.contains("left as it was: True\nstatus 0") && shown.contains("[RST, ACK]"), "\(shown)")
      try Shell.until("grep -q reset \(folder)/log")
    }
  }

  @Test func whoeverIsStoppedGivesTheTerminalBackMeanwhile() throws {
    try withPeer("echo") { _, _ in
      let shown = try typed(["2 signal 20", "3 signal 18", #"3.5 "write back\r""#, #"5 "\x04""#])
      #expect(shown.contains("stopped with the terminal as it was: [True]"), "\(shown)")
      #expect(shown.contains("4 octets: \"back\"") && shown.contains("left as it was: True\nstatus 0"), "\(shown)")
    }
  }
}
