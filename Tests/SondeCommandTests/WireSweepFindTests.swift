import Testing
import WireSupport

/// What a sweep finds: all of what is there, at any rate, and nothing else.
@Suite(.wire) struct WireSweepFindTests {
  /// Slower than it goes, and asked again: tests beside this one may leave the listener no time for half a second, and
  /// then the kernel drops answers.
  private static let pace = "--rate \(SondeBinary.isRelease ? "40k" : "1k") --retries 2 --cooldown 1"
  private static let ports = SondeBinary.isRelease ? 65_535 : 2047

  @Test(arguments: Side.both)
  func everyTCPPortOfAHostIsFoundOpenOrClosed(side: Side) throws {
    try WireNetwork.run { network in
      try network.withListeners([22, 80, 443, 1000, 2000]) {
        let run = try SweepRun("-p 1-\(Self.ports) \(Self.pace) \(side.far)")
        #expect(run.outcome.status == 0, "\(run.outcome)")
        #expect(run.verdicts == ["open": 5, "closed": Self.ports - 5], "\(run.summary)")
        #expect(try run.questions() == Self.ports, "a line a port")
        #expect(run["answered"] == Self.ports, "\(run.summary)")
        run.expectBooksClose()
      }
    }
  }

  @Test(arguments: Side.both)
  func everyUDPPortOfAHostIsFoundClosed(side: Side) throws {
    try WireNetwork.run { network in
      try network.onFar { try network.sh("echo > /proc/sys/net/ipv6/icmp/ratemask") }
      try network.withServices {
        let ports = "7071,7072,\(SondeBinary.isRelease ? "1-7070,7073-65535" : "1-2045")"
        let run = try SweepRun("--udp --data hello -p \(ports) \(Self.pace) \(side.far)")
        // One echoes, one hears and says nothing.
        let found = ["closed": Self.ports - 2, "open": 1, "open|filtered": 1]
        #expect(run.verdicts == found, "\(run.summary)")
        run.expectBooksClose()
      }
    }
  }

  @Test func everyHostOfBothFamiliesIsFoundByEcho() throws {
    try WireNetwork.run { network in
      for side in Side.both { try network.routeToFar(side.block, side) }
      let less = SondeBinary.isRelease ? 0 : 6
      let blocks = "\(Side.v4.block(less: less)) \(Side.v6.block(less: 6))"
      let run = try SweepRun("--icmp \(Self.pace) \(blocks)")
      let hosts = (65_536 >> less) + 1024
      #expect(run.verdicts == ["reply": hosts], "\(run.summary)")
      #expect(try run.questions() == hosts)
      run.expectBooksClose()
    }
  }

  @Test func hostsThatAreNotThereAreCountedAndNotNamed() throws {
    try WireNetwork.run { network in
      try network.routeToFar("10.88.0.0/26")
      try network.sh("ip route add 10.88.0.64/26 via 10.9.0.2")
      try network.onFar { try network.sh("ip route add blackhole 10.88.0.64/26") }
      let run = try SweepRun("--icmp --rate 1000 --cooldown 200ms 10.88.0.0/25")
      #expect(run.verdicts == ["reply": 64, "timeout": 64], "\(run.summary)")
      #expect(try run.questions() == 64, "silence has no line")
      run.expectBooksClose()
    }
  }

  @Test func onlyTheUnansweredAreAskedAgain() throws {
    try WireNetwork.run { network in
      try network.filterAtFar("tcp dport 101-200 drop")
      let run = try SweepRun("-p 1-1000 --rate 10k --retries 2 -W 100ms --cooldown 200ms 10.9.0.2")
      #expect(run.verdicts == ["closed": 900, "filtered": 100], "\(run.summary)")
      #expect(run["sent"] == 1200 && run["answered"] == 900 && run["silent"] == 300, "\(run.summary)")
      run.expectBooksClose()
    }
  }

  @Test func aSweepIsNeverFasterThanWasAsked() throws {
    try WireNetwork.run { network in
      let run = try SweepRun("-p 1-6000 --rate 4000 10.9.0.2")
      // How much slower it is on a busy machine is no fault of it.
      #expect(run["elapsed_ns"] >= 1_480_000_000 && run.verdicts == ["closed": 6000], "\(run.summary)")
      #expect(run["rate"] <= 4040, "\(run.summary)")
    }
  }

  @Test func aSweepThatIsInterruptedClosesItsBooks() throws {
    try WireNetwork.run { _ in
      let outcome = try Shell.run("exec timeout -s INT .7 \"$SONDE\" sweep --json -p- --rate 1000 10.9.0.2")
      let summary = try #require(try objects(outcome).of("summary").first, "\(outcome)")
      let sent = try #require(summary.number("sent"))
      #expect(sent > 0 && sent < 60_000 && summary.number("answered") == sent, "\(summary)")
    }
  }
}
