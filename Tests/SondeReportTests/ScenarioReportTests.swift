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
