import SondeCapture
import SondeCraft
import SondeHeaders
import SondeLink
import SondeOctets
import SondeReport
import SondeScript
import Testing

/// What is told of scenarios in text and in JSON, and what is written to a file.
@Suite struct ScenarioReportTests {
  private let start = Instant(nanoseconds: 1_000_000)

  private func step(_ line: Int, _ text: String) -> Step {
    Step(line: line, text: text, story: ["Why it is so."], host: "a", .wait(.zero, unless: []))
  }

  private func sighting(_ recipe: String, _ direction: Sighting.Direction, at nanoseconds: Int64) throws -> Sighting {
    let stamp = Stamp(monotonic: Instant(nanoseconds: nanoseconds), wall: 1_700_000_000_000_000_000 + nanoseconds)
    let bytes = try Recipe(recipe).first.packet.encoded().bytes
    return Sighting(host: "a", interface: "eth0", direction, Frame(bytes: bytes, stamp: stamp))
  }

  private func failure() throws -> StepOutcome {
    var outcome = StepOutcome(
      step(5, "a: expect IP()/TCP(flags=\"SA\")"), .unmet, message: "no such frame came within 1 s", began: start,
      ended: start + .seconds(1))
    outcome.expected = "IP()/TCP(flags='SA')"
    outcome.candidates = [
      StepOutcome.Candidate(
        try sighting("IP(src='192.0.2.2', dst='192.0.2.1')/TCP(flags='RA')", .incoming, at: 1_500_000),
        [FieldDifference(layer: "TCP", field: "flags", expected: "'SA'", seen: "'RA'")])
    ]
    outcome.differences = outcome.candidates[0].differences
    outcome.seen = "IP(src='192.0.2.2', dst='192.0.2.1')/TCP(flags='RA')"
    return outcome
  }

  @Test func aStepThatWentWellIsOneLineWithItsTime() {
    var outcome = StepOutcome(step(4, "a: send IP()/ICMP()"), .met, began: start, ended: start + .seconds(2))
    outcome.at = start + .microseconds(1234)
    outcome.taken = ["isn": .number(7)]
    let text = ScenarioText(explains: false, from: start)
    #expect(text.lines(outcome) == ["  0.001234  ok         4  a: send IP()/ICMP()"])
    #expect(text.story(of: outcome.step).isEmpty)
    let told = ScenarioText(explains: true, from: start)
    #expect(told.story(of: outcome.step) == ["", "  Why it is so."])
    #expect(told.lines(outcome).last?.hasSuffix("$isn is 7") == true)
  }

  @Test func aFailureShowsExpectedAndSeenSideBySide() throws {
    let lines = ScenarioText(explains: false, from: start).lines(try failure()).map { line in
      String(line.drop { $0 == " " })
    }
    #expect(lines[0] == "1.000000  FAILED     5  a: expect IP()/TCP(flags=\"SA\")")
    #expect(lines[1] == "no such frame came within 1 s")
    #expect(lines[2] == "expected  IP()/TCP(flags='SA')")
    #expect(lines[3].hasPrefix("seen      IP(src='192.0.2.2', dst='192.0.2.1')/TCP(flags='RA'"))
    #expect(lines[4] == "at 0.000500 on eth0 of a, coming in")
    #expect(lines[5] == "field      expected  seen")
    #expect(lines[6] == "TCP.flags  'SA'      'RA'")
  }

  @Test func whatACommandWroteCannotSteerATerminal() {
    var outcome = StepOutcome(step(4, "a: run x"), .unmet, began: start, ended: start)
    outcome.command = CommandOutcome(status: 1, output: Array("a\u{1b}[2Jb\n".utf8), errors: [])
    let lines = ScenarioText(explains: false, from: start).lines(outcome)
    #expect(lines.contains { $0.hasSuffix("a [2Jb") } && !lines.contains { $0.contains("\u{1b}") })
  }

  @Test func aStepInJSONHasTheFieldsThatDiffer() throws {
    let line = ScenarioJSON("tcp", from: start).step(try failure())
    #expect(
      line.hasPrefix(#"{"type":"step","scenario":"tcp","line":5,"ok":false,"verdict":"unmet","host":"a","text":"#))
    #expect(line.contains(#""differences":[{"layer":"TCP","field":"flags","expected":"'SA'","seen":"'RA'"}]"#))
    #expect(line.contains(#""duration_ns":1000000000"#))
    var met = StepOutcome(step(4, "a: wait"), .met, began: start, ended: start)
    met.taken = ["isn": .number(.max)]
    #expect(ScenarioJSON("tcp", from: start).step(met).contains(#""values":{"isn":18446744073709551615}"#))
  }

  @Test func theFileHoldsWhatFramesCountedForAndReadsBackAsAStage() throws {
    var log = ScenarioLog()
    let sent = try sighting("IP(src='192.0.2.1', dst='192.0.2.2')/TCP(flags='S')", .ours, at: 1_200_000)
    let failure = try failure()
    log.see(sent)
    log.see(failure.candidates[0].sighting)
    log.judge(failure)
    let address: IPAddress = "192.0.2.1"
    let host = StageHost("a", interfaces: [.init("eth0", linkAddress: "02:00:00:00:00:01", addresses: [address])])
    let octets = log.header + log.octets(of: "tcp", [host])
    var reader = CaptureReader()
    reader.feed(octets)
    reader.finish()
    #expect(try reader.next()?.comments == ["sent by the scenario"])
    let comment = try #require(try reader.next()?.comments.first)
    #expect(
      comment.hasPrefix("line 5, FAILED: a: expect IP()/TCP(flags=\"SA\"): no such frame came within 1 s; TCP.flags is")
    )
    var stage = try ReplayStage(octets, scenario: "tcp")
    #expect(stage.hosts == [host])
    var seen: [Sighting] = []
    for _ in 0..<2 { try stage.receive(until: stage.now + .seconds(1), into: &seen) }
    #expect(seen.map(\.direction) == [.ours, .incoming])
    #expect(seen.map(\.frame.bytes) == [sent.frame.bytes, failure.candidates[0].sighting.frame.bytes])
  }

  /// The numbers of the interfaces and the comments of what a file holds, and the directions that a replay has.
  private func kept(_ topology: Topology, _ sightings: [Sighting]) throws -> (records: Int, seen: [String]) {
    var log = ScenarioLog()
    log.begin(on: topology)
    for sighting in sightings { log.see(sighting) }
    let octets = log.header + log.octets(of: "twins", topology.stageHosts)
    var reader = CaptureReader()
    reader.feed(octets)
    reader.finish()
    var records = 0
    while try reader.next() != nil { records += 1 }
    var stage = try ReplayStage(octets, scenario: "twins", topology: topology)
    var seen: [Sighting] = []
    for _ in 0..<8 { try stage.receive(until: stage.now + .seconds(1), into: &seen) }
    return (records, seen.map { "\($0.host) \($0.direction)" })
  }

  @Test func aFrameStandsOnceForItsNetworkAndAReplayShowsItToAll() throws {
    var topology = try Topology(
      text: """
        network lan
          a.eth0 192.0.2.1/24 mac 02:00:00:00:00:01
          b.eth0 192.0.2.2/24 mac 02:00:00:00:00:02
          c.eth0 192.0.2.3/24 mac 02:00:00:00:00:03
        """, name: "twins")
    func frame(_ host: String, _ direction: Sighting.Direction, to last: Int, at time: Int64) throws -> Sighting {
      let recipe =
        "Ether(dst='\(last == 0 ? "ff:ff:ff:ff:ff:ff" : "02:00:00:00:00:0\(last)")')/IP(dst='192.0.2.2')/UDP()"
      let bytes = try Recipe(recipe).first.packet.encoded().bytes
      let stamp = Stamp(monotonic: Instant(nanoseconds: time), wall: time)
      return Sighting(host: host, interface: "eth0", direction, Frame(bytes: bytes, linkType: .ethernet, stamp: stamp))
    }
    let twins = [try frame("a", .outgoing, to: 2, at: 1), try frame("b", .incoming, to: 2, at: 2)]
    #expect(try kept(topology, twins) == (1, ["a outgoing", "b incoming"]))
    // The other end's stamp may come first.
    #expect(try kept(topology, twins.reversed()) == (1, ["a outgoing", "b incoming"]))
    let group =
      [try frame("a", .ours, to: 0, at: 1)] + [
        try frame("b", .incoming, to: 0, at: 2), try frame("c", .incoming, to: 0, at: 2),
      ]
    #expect(try kept(topology, group) == (1, ["a ours", "b incoming", "c incoming"]))
    // Who has an unknown address may be anywhere: a switch floods it.
    #expect(
      try kept(topology, [try frame("a", .outgoing, to: 9, at: 1)]) == (1, ["a outgoing", "b passing", "c passing"]))
    // Near misses: the same octets again, by the same or by another; and what came much later.
    let again = twins + [try frame("a", .outgoing, to: 2, at: 3), try frame("b", .incoming, to: 2, at: 4)]
    #expect(try kept(topology, again).records == 2)
    #expect(try kept(topology, [twins[0], try frame("c", .outgoing, to: 2, at: 2)]).records == 2)
    #expect(try kept(topology, [twins[0], try frame("b", .incoming, to: 2, at: 2_000_000_000)]).records == 2)
    // Where frames may be lost or changed, each end's stand for themselves.
    topology.networks[0].impairment.loss = 0.1
    #expect(try kept(topology, twins) == (2, ["a outgoing", "b incoming"]))
  }

  @Test func theSummaryCounts() {
    let scenario = Scenario(name: "tcp", title: "A thing", steps: [])
    #expect(
      ScenarioText.summary(scenario, ScenarioOutcome(met: 3, unmet: 1, impossible: 1, duration: .milliseconds(12)))
        == "tcp: NOT as expected, 3 of 5 steps, 1 could not be tried in 12.0 ms")
    #expect(
      ScenarioText.summary(scenario, ScenarioOutcome(met: 1, duration: .milliseconds(12)))
        == "tcp: as expected, 1 of 1 step in 12.0 ms")
  }
}
