import SondeCraft
import SondeHeaders
import SondeLink
import SondeOctets
import SondeScript
import Testing

@Suite struct InterpreterTests {
  private typealias Frames = [(Duration, String, Sighting.Direction, String)]

  private static let reply = "IP(src='192.0.2.2', dst='192.0.2.1')/ICMP(type=0, id=5, seq=1)"
  private static let reset = "IP(src='192.0.2.2', dst='192.0.2.1')/TCP(flags='RA', ack=8)"

  /// The verdicts of the steps.
  private func verdicts(_ text: String, _ frames: Frames = []) throws -> [StepOutcome.Verdict] {
    try outcomes(text, frames).outcomes.map(\.verdict)
  }

  @Test(arguments: [(50, true), (100, true), (101, false)])
  func aFrameComesWithinItsTime(milliseconds: Int, isMet: Bool) throws {
    let run = try outcomes(
      "a: expect within 100ms ICMP(type=0)", [(.milliseconds(milliseconds), "a", .incoming, Self.reply)])
    #expect(run.total.isMet == isMet)
    #expect(run.outcomes[0].verdict == (isMet ? .met : .unmet))
    #expect(run.stage.now - Instant(nanoseconds: 1_000_000_000_000) == .milliseconds(min(milliseconds, 100)))
  }

  @Test(arguments: [(899, false), (900, true), (1100, true), (1101, false)])
  func aFrameComesNoSoonerThanItsTime(milliseconds: Int, isMet: Bool) throws {
    let run = try outcomes(
      "a: expect within 0.9s..1.1s ICMP(type=0)", [(.milliseconds(milliseconds), "a", .incoming, Self.reply)])
    #expect(run.total.isMet == isMet)
    if milliseconds == 899 { #expect(run.outcomes[0].message == "it came after 899 ms, sooner than 900 ms") }
  }

  @Test func timesCountFromWhatHappenedLast() throws {
    let text = "a: expect ICMP(seq=1)\na: expect within 1s..1.2s ICMP(seq=2)\na: expect within 2s..2.2s ICMP(seq=3)"
    func frames(_ at: [Int]) -> Frames {
      at.enumerated().map { (.milliseconds($1), "a", .incoming, "IP()/ICMP(type=0, seq=\($0 + 1))") }
    }
    #expect(try verdicts(text, frames([500, 1600, 3700])) == [.met, .met, .met])
    #expect(try verdicts(text, frames([500, 1400, 3700])) == [.met, .unmet])
    #expect(try verdicts(text, frames([500, 1600, 3500])) == [.met, .met, .unmet])
  }

  @Test func framesAreLookedAtFromBehindTheLastThatMatched() throws {
    let frames: Frames = [
      (.milliseconds(1), "a", .incoming, "IP()/ICMP(type=0, seq=1)"), (.milliseconds(2), "a", .incoming, "IP()/UDP()"),
      (.milliseconds(3), "a", .incoming, "IP()/ICMP(type=0, seq=2)"),
    ]
    #expect(try verdicts("a: expect ICMP(seq=1)\na: expect ICMP(seq=2)", frames) == [.met, .met])
    #expect(try verdicts("a: expect ICMP(seq=2)\na: expect ICMP(seq=1)", frames) == [.met, .unmet])
    #expect(
      try verdicts("a: expect UDP()\na: expect ICMP(type=0)\na: expect ICMP(type=0)", frames) == [.met, .met, .unmet])
    // Another host's frames are its own.
    #expect(try verdicts("b: expect ICMP(seq=1)", frames) == [.unmet])
    // What came while time passed is still to be looked at.
    #expect(try verdicts("wait 1s\na: expect within 1ms ICMP(seq=1)", frames) == [.met, .met])
  }

  @Test func aFrameGoesTheWayThatIsWritten() throws {
    for (direction, ways) in [
      (Sighting.Direction.incoming, "in any"), (.outgoing, "out any"), (.ours, "out any"), (.passing, "passing any"),
      (.unknown, "in out passing any"),
    ] {
      for way in ["in", "out", "passing", "any"] {
        let verdict = try verdicts("a: expect \(way) ICMP()", [(.zero, "a", direction, Self.reply)])
        #expect((verdict == [.met]) == ways.split(separator: " ").contains(way[...]), "\(way) of \(direction)")
      }
    }
  }

  @Test func whatMustNotComeFailsTheStepThatWaits() throws {
    let both: Frames = [(.milliseconds(1), "a", .incoming, Self.reset), (.milliseconds(2), "a", .incoming, Self.reply)]
    let run = try outcomes("a: expect ICMP() unless TCP(flags='RA')\na: wait 1s", both)
    #expect(run.outcomes.map(\.verdict) == [.unmet])
    #expect(run.outcomes[0].message == "TCP(flags='RA') came, which must not")
    #expect(run.outcomes[0].seen?.contains("TCP(") == true)
    #expect(try verdicts("a: expect ICMP() unless TCP(flags='R')", both) == [.met])
    #expect(try verdicts("a: expect ICMP() unless out TCP()", both) == [.met])
    // What comes behind the frame that was expected comes in another step's time.
    #expect(
      try verdicts("a: expect ICMP() unless TCP()", [both[1], (.milliseconds(3), "a", .incoming, Self.reset)]) == [.met]
    )
    // What came before the step is not of its time.
    #expect(
      try verdicts(
        "wait 500ms\na: expect within 1s ICMP() unless TCP()",
        [
          (.milliseconds(1), "a", .incoming, Self.reset), (.milliseconds(600), "a", .incoming, Self.reply),
        ]) == [.met, .met])
  }

  @Test(arguments: [(499, false), (500, false), (501, true)])
  func nothingComesForAWhile(milliseconds: Int, isMet: Bool) throws {
    let frames: Frames = [(.milliseconds(milliseconds), "a", .incoming, Self.reset)]
    let run = try outcomes("a: nothing within 500ms TCP(flags='RA')\nwait 1s", frames)
    #expect(run.outcomes.map(\.verdict) == [isMet ? .met : .unmet, .met])
    #expect(try verdicts("wait 500ms unless TCP()", frames) == [isMet ? .met : .unmet])
    #expect(try verdicts("b: wait 500ms unless TCP()", frames) == [.met])
    #expect(try verdicts("a: nothing within 1s UDP()", frames) == [.met])
  }

  @Test func theNearestFramesStandBesideWhatWasExpected() throws {
    let run = try outcomes(
      "a: expect within 1s IP(src=$b)/TCP(flags='SA', ack=9)",
      [
        (.milliseconds(1), "a", .incoming, "IP(src='192.0.2.2')/UDP()"), (.milliseconds(2), "a", .incoming, Self.reset),
        (.milliseconds(3), "a", .incoming, "IP(src='192.0.2.9')/ICMP()"),
      ])
    #expect(run.outcomes[0].message == "3 frames came within 1 s, and none is the one")
    #expect(
      run.outcomes[0].differences == [
        FieldDifference(layer: "TCP", field: "ack", expected: "9", seen: "8"),
        FieldDifference(layer: "TCP", field: "flags", expected: "'SA'", seen: "'RA'"),
      ])
    #expect(run.outcomes[0].candidates.count == 3)
    #expect(try outcomes("a: expect within 1s TCP()").outcomes[0].message == "nothing came within 1 s")
  }

  @Test func lengthsAreThoseOfFrames() throws {
    let frames: Frames = [
      (.zero, "a", .incoming, "IP()/UDP()/'hello'"), (.zero, "a", .incoming, "Ether()/IP()/UDP()/'hello!'"),
    ]
    #expect(try verdicts("a: expect length 47 UDP()\na: expect length 48 UDP()", frames) == [.met, .met])
    #expect(try verdicts("a: expect length 46..47 UDP()", frames) == [.met])
    let miss = try outcomes("a: expect length 49..50 UDP()", frames).outcomes[0]
    #expect(miss.differences == [FieldDifference(layer: "frame", field: "length", expected: "49..50", seen: "47")])
    #expect(try verdicts("check lengths(a, UDP()) == [47, 48]\ncheck count(a, UDP()) == 2", frames) == [.met, .met])
  }

  @Test func variablesTakeWhatIsSeenAndAgreeThen() throws {
    let text = """
      a: send IP(dst=$b)/TCP(sport=61000, dport=80, seq=$mine, flags="S")
      a: expect TCP(flags="SA", seq=$isn, ack=$mine+1)
      a: send IP(dst=$b)/TCP(sport=61000, dport=80, seq=$mine+1, ack=$isn+1, flags="A")
      check $isn == 4294967295
      """
    let scenario = try Scenario(text: text, name: "test", in: pair())
    var probe = ScriptedStage([])
    _ = scenario.run(over: &probe)
    let drawn = try #require(Registry.dissect(probe.sent[0].packet.bytes).first(TCP.self)).sequenceNumber
    let frames: Frames = [
      (.zero, "a", .incoming, "IP()/TCP(flags='SA', seq=0xffffffff, ack=\(drawn))"),
      (.zero, "a", .incoming, "IP()/TCP(flags='SA', seq=0xffffffff, ack=\(drawn &+ 1))"),
    ]
    let run = try outcomes(text, frames)
    #expect(run.outcomes.map(\.verdict) == [.met, .met, .met, .met])
    #expect(run.outcomes[0].taken == ["mine": .number(UInt64(drawn))])
    #expect(run.outcomes[1].taken == ["isn": .number(0xffff_ffff)])
    let last = try #require(Registry.dissect(run.stage.sent[1].packet.bytes).first(TCP.self))
    #expect(last.acknowledgmentNumber == 0)
    #expect(last.sequenceNumber == drawn &+ 1)
  }

  @Test func whatARecipeLeavesOpenIsFilledIn() throws {
    let run = try outcomes(
      """
      a: send IP(dst=$b)/UDP(dport=9)/"x"
      a: send IPv6(dst=$b)/ICMPv6EchoRequest()
      a: send ARP(pdst=$b)
      b: send Ether()/IP(dst=$a, id=7)/ICMP(id=3)
      """)
    #expect(run.total.isMet)
    let packets = run.stage.sent.map { Registry.dissect($0.packet.bytes, as: .link($0.packet.linkType.rawValue)) }
    #expect(packets[0].source == .v4("192.0.2.1"))
    #expect((61_000...).contains(packets[0].first(UDP.self)?.sourcePort ?? 0))
    #expect(packets[0].first(IPv4.self)?.identification != 1)
    #expect(packets[1].source == .v6("2001:db8::1"))
    #expect(packets[1].destination == .v6("2001:db8::2"))
    #expect(packets[2].first(ARP.self)?.senderProtocolAddress == [192, 0, 2, 1])
    #expect(packets[2].first(Ethernet.self)?.source == MACAddress("02:00:00:00:00:0a"))
    #expect(packets[2].first(Ethernet.self)?.destination == .broadcast)
    #expect(packets[3].first(Ethernet.self)?.destination == MACAddress("02:00:00:00:00:0a"))
    #expect(packets[3].first(IPv4.self)?.identification == 7)
    #expect(run.stage.sent.map(\.interface) == [nil, nil, "right", "left"])
    #expect(run.stage.sent.map(\.packet.linkType) == [.raw, .raw, .ethernet, .ethernet])
  }

  @Test func whatIsLongerThanTheLinksMTULeavesInFragments() throws {
    let run = try outcomes(
      """
      let data = "x" * 4600
      a: send IP(dst=$b, id=$id)/UDP(dport=9)/$data
      a: send IP(dst=$b, flags="DF")/UDP(dport=9)/$data
      check $id != 0
      """, on: try chain(["a", "b"], mtus: [1500]))
    let packets = run.stage.sent.map { Registry.dissect($0.packet.bytes).first(IPv4.self) }
    #expect(packets.map(\.?.totalLength.hand) == [1500, 1500, 1500, 188, 4628])
    #expect(packets.map(\.?.fragmentOffset) == [0, 185, 370, 555, 0])
    #expect(Set(packets.prefix(4).map(\.?.identification)).count == 1)
  }

  @Test func roundsCountAndTakeAnew() throws {
    let text = """
      repeat 3 as $n
        a: send IP(dst=$b)/ICMP(id=5, seq=$n)
        a: expect IP(id=$id)/ICMP(type=0, seq=$n)
        check $id == $n + 100
      end
      check $id == 103
      """
    let frames: Frames = (1...3).map {
      (.milliseconds($0), "a", .incoming, "IP(id=\(100 + $0))/ICMP(type=0, seq=\($0))")
    }
    let run = try outcomes(text, frames)
    #expect(run.total.isMet)
    #expect(run.outcomes.map(\.rounds) == [1, 2, 3].flatMap { Array(repeating: [$0], count: 3) } + [[]])
  }

  @Test func commandsRunAndAreEnded() throws {
    let text = """
      b: hold tcp 1000 + 234
      b: start server: cat $b
        | line
      a: run within 5s ping -c 1 $b
      check status == 1
      check output contains "received"
      check errors lacks "received"
      stop server
      check output(server) == "done"
      """
    func outcome(_ status: Int32, _ output: String) -> CommandOutcome {
      CommandOutcome(status: status, output: Array(output.utf8), errors: [])
    }
    let run = try outcomes(text) { stage in
      stage.commands = ["cat": (.seconds(60), outcome(0, "done")), "ping": (.seconds(2), outcome(1, "0 received"))]
    }
    #expect(run.total.isMet)
    #expect(run.total.met == 8)
    #expect(
      run.stage.started == [
        StageCommand(["cat", "192.0.2.2"], input: Array("line\n".utf8)),
        StageCommand(["ping", "-c", "1", "192.0.2.2"]),
      ])
    #expect(run.stage.held == ["b tcp 1234"])
    #expect(run.stage.ended == [0])
    let late = try outcomes("a: run within 1s ping\na: wait 1s") {
      $0.commands = ["ping": (.seconds(2), outcome(0, ""))]
    }
    #expect(late.outcomes.map(\.verdict) == [.unmet])
    #expect(late.outcomes[0].message == "the command did not end within 1 s")
    // What was started is ended with the scenario, though it failed.
    let failed = try outcomes("b: start s: cat\na: expect within 1s TCP()") { stage in
      stage.commands = ["cat": (.seconds(60), outcome(0, ""))]
    }
    #expect(failed.stage.ended == [0])
    #expect(try outcomes("a: run nothing").outcomes[0].verdict == .impossible)
  }

  @Test func checksGoOnAndExpectationsStop() throws {
    let run = try outcomes("check 1 == 2\ncheck count(a, TCP()) == 0\na: expect within 1s TCP()\ncheck 1 == 1")
    #expect(run.outcomes.map(\.verdict) == [.unmet, .met, .unmet])
    #expect(run.outcomes[0].message == "it is 1, not == 2")
    #expect(run.total == ScenarioOutcome(met: 1, unmet: 2, duration: .seconds(1)))
  }

  @Test func samplesAreOfTheirTime() throws {
    let frames: Frames = [0, 1000, 2000, 3000].map { (.milliseconds($0), "a", .incoming, Self.reply) }
    let text = """
      wait 3.5s
      check count(a, ICMP()) == 4
      check count(a, ICMP(), last 1s) == 1
      check count(a, ICMP(), last 2.5s) == 3
      check count(a, ICMP(), first 1s) == 2
      check count(a, out, ICMP()) == 0
      check count(b, ICMP()) == 0
      check count(ICMP()) == 4
      """
    #expect(try outcomes(text, frames).total == ScenarioOutcome(met: 8, duration: .milliseconds(3500)))
  }

  @Test func overARecordWhatWasSentIsLookedFor() throws {
    let text = """
      a: send IP(dst=$b)/ICMP(id=$id, seq=1)
      a: expect within 100ms IP(src=$b)/ICMP(type=0, id=$id, seq=1)
      b: run echo
      check status == 0
      a: send IP(dst=$b)/UDP(dport=9)/"a payload that left in pieces"
      """
    let frames: Frames = [
      (.seconds(1), "a", .outgoing, "IP(src='192.0.2.1', dst='192.0.2.2')/ICMP(id=5, seq=1)"),
      (.milliseconds(1050), "a", .incoming, Self.reply),
      (.seconds(9), "a", .outgoing, "IP(src='192.0.2.1', dst='192.0.2.2')/UDP(dport=9)/'a pay'"),
    ]
    let run = try outcomes(text, frames) { $0.isRecorded = true }
    #expect(run.outcomes.map(\.verdict) == [.met, .met, .skipped, .skipped, .met])
    #expect(run.outcomes[0].taken == ["id": .number(5)])
    #expect(run.stage.sent.isEmpty)
    let late = try outcomes(text, [frames[0], (.milliseconds(1150), "a", .incoming, Self.reply)]) {
      $0.isRecorded = true
    }
    #expect(late.outcomes.map(\.verdict) == [.met, .unmet])
    #expect(try outcomes("a: send UDP()", frames.dropLast()) { $0.isRecorded = true }.total.unmet == 1)
  }

  @Test func overARecordTimeCountsFromWhatWasSent() throws {
    // The record begins with its first frame, and not with the wait before it.
    let text = "wait 200ms\na: send IP(dst=$b)/ICMP(id=5, seq=1)\na: expect within 5ms ICMP(type=0)"
    func frames(_ milliseconds: Int) -> Frames {
      [
        (.milliseconds(40), "a", .ours, "IP(src='192.0.2.1', dst='192.0.2.2')/ICMP(id=5, seq=1)"),
        (.milliseconds(40 + milliseconds), "a", .incoming, Self.reply),
      ]
    }
    #expect(try outcomes(text, frames(5)) { $0.isRecorded = true }.outcomes.map(\.verdict) == [.met, .met, .met])
    #expect(try outcomes(text, frames(6)) { $0.isRecorded = true }.outcomes.map(\.verdict) == [.met, .met, .unmet])
  }

  @Test func whatARecordDoesNotTellIsSkippedAndNotMet() throws {
    let text = "a: run x\nlet s = status\ncheck $s == 0\ncheck 1 == 1"
    let run = try outcomes(text) { $0.isRecorded = true }
    #expect(run.outcomes.map(\.verdict) == [.skipped, .skipped, .skipped, .met])
    #expect(run.total.met == 1 && run.total.skipped == 3 && run.total.isMet)
  }

  @Test func whatIsExpectedStandsWithTheValuesOfItsVariables() throws {
    let text = "let x = 7\na: expect within 1ms IP(src=$b)/ICMP(id=$x+1, seq=[$x, 3], type=$new)\ncheck $new == 0"
    let told = try outcomes(text).outcomes[1].expected
    #expect(told == "IP(src='192.0.2.2')/ICMP(id=8, seq=[$x, 3], type=$new)")
  }

  @Test func aNumberAndATextAreNotCompared() throws {
    let frames: Frames = [(.zero, "a", .incoming, Self.reset)]
    let text = "a: expect TCP(flags=$f)\ncheck $f "
    #expect(try verdicts(text + "!= 'RA'", frames) == [.met, .impossible])
    #expect(try verdicts(text + "== 'RA'", frames) == [.met, .impossible])
    #expect(try verdicts(text + "!= 2", frames) == [.met, .met])
    #expect(try verdicts("check [1] contains 1") == [.met])
  }

  @Test func noValueGrowsWithoutEnd() throws {
    for (start, more) in [("'aa'", "$s + $s"), ("[1]", "$s + $s"), ("[1]", "[$s, $s]"), ("'a'", "$s * 1000")] {
      let run = try outcomes("let s = \(start)\nrepeat 60\nlet s = \(more)\nend\ncheck $s lacks 'b'")
      #expect(run.total.impossible > 0, "\(more)")
    }
  }

  @Test func aLinkAddressThatTheKernelGivesIsTheHostsOwn() throws {
    let text = "a: expect Ether(src=$b.mac)"
    #expect(
      try verdicts(text, [(.zero, "a", .incoming, "Ether(src='02:00:00:00:00:0b')/IP()/UDP()")]) == [.met])
    #expect(
      try verdicts(text, [(.zero, "a", .incoming, "Ether(src='02:00:00:00:00:0c')/IP()/UDP()")]) == [.unmet])
  }

  @Test func aHostThatIsNotThereIsFoundBeforeAnythingIsSent() throws {
    let run = try outcomes("a: send IP(dst='192.0.2.2')\nc: send IP()", isKnown: false)
    #expect(run.outcomes.map(\.verdict) == [.impossible])
    #expect(run.stage.sent.isEmpty)
    let named = try outcomes("a: send IP(dst='192.0.2.2')\na: send IP(dst=$c.ip4)", isKnown: false)
    #expect(named.outcomes.map(\.verdict) == [.impossible])
    #expect(named.stage.sent.isEmpty)
  }
}
