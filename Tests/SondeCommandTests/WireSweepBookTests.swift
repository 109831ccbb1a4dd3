import Testing
import WireSupport

/// That a sweep counts all that it sends and all that comes, whatever comes.
@Suite(.wire) struct WireSweepBookTests {
  @Test(arguments: ["0", "10k"], ["xdp", "raw", "packet"])
  func theBooksCloseAtAnyRate(rate: String, door: String) throws {
    try WireNetwork.run { _ in
      let run = try SweepRun("-p 1-8000 --rate \(rate) --door \(door) 10.9.0.2")
      #expect(run.verdicts == ["closed": 8000], "\(run.summary)")
      run.expectBooksClose()
    }
  }

  @Test func anAnswerThatComesTwiceIsCountedOnce() throws {
    try WireNetwork.run { network in
      try network.onFar {
        try network.sh(
          "nft 'table ip sonde { chain out { type filter hook output priority 0; "
            + "tcp flags & rst == rst dup to 10.9.0.1 device far0; } ; }'")
      }
      let run = try SweepRun("-p 1-5000 --rate 5000 10.9.0.2")
      #expect(run.verdicts == ["closed": 5000] && run["answered"] == 5000, "\(run.summary)")
      // The run may be over before the last one's second answer.
      #expect(run["duplicates"] > 4900 && run["duplicates"] <= 5000, "\(run.summary)")
      run.expectBooksClose()
    }
  }

  @Test func whatNobodyAskedForIsNoise() throws {
    try WireNetwork.run { network in
      try network.filterAtFar("tcp dport 9 drop")
      // Resets and SYN-ACKs from ports that are asked, to the port that asks, which acknowledge nothing of ours.
      let forger = try network.onFar {
        try network.start(
          "for flags in '-R -A' '-S -A'; do hping3 -q -s 1000 -p 40000 -c 300 -i u500 $flags 10.9.0.1; done "
            + "> /dev/null 2>&1")
      }
      defer { Shell.stop(forger) }
      let run = try SweepRun("-p 1-3000 --rate 2000 --source-port 40000 10.9.0.2")
      #expect(run.verdicts == ["closed": 2999, "filtered": 1], "\(run.summary)")
      #expect(run["noise"] > 0, "\(run.summary)")
      run.expectBooksClose()
    }
  }

  @Test func whatIsDroppedOnOurSideIsSaidToBeOurs() throws {
    try WireNetwork.run { network in
      let folder = try TemporaryFolder()
      try network.filterAtFar("tcp dport 1-3000 drop")
      let child = try network.start(
        "exec '\(SondeBinary.path)' sweep --json -p 1-3000 --rate 1000 --cooldown 1 --source-port 40000 10.9.0.2 "
          + "> \(folder.path)/out 2> \(folder.path)/err")
      try Shell.until("test $(grep near0 /proc/net/dev | awk '{ print $11 }') -gt 500")
      // While it cannot read, more comes than the ring holds.
      try network.sh("kill -STOP \(child)")
      try network.onFar {
        try network.sh("timeout 2 hping3 --flood -q -R -A -s 80 -p 40000 10.9.0.1 > /dev/null 2>&1; true")
        try network.sh("kill -CONT \(child)")
      }
      let status = Shell.wait(child)
      let outcome = Outcome(
        status: status, output: Shell.text("\(folder.path)/out"), errors: Shell.text("\(folder.path)/err"))
      let summary = try #require(try objects(outcome).of("summary").first, "\(outcome.errors)")
      #expect(summary.number("own_drops") ?? 0 > 0, "\(summary)")
      #expect(outcome.errors.contains("for want of room"), "\(outcome.errors)")
      let heard = ["answered", "duplicates", "late", "noise", "own_drops"].reduce(0) { $0 + (summary.number($1) ?? 0) }
      #expect(summary.number("frames") == heard, "\(summary)")
      #expect(summary.number("sent") == 3000 && summary.number("silent") == 3000, "\(summary)")
    }
  }
}
