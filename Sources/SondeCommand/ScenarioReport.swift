internal import SondeLink
internal import SondeReport
internal import SondeScript

/// What is told of one scenario while it runs, and kept of it for the file.
final class ScenarioReport {
  private let scenario: Scenario
  private let explains: Bool
  private let output: OutputOptions
  private let keepsFrames: Bool
  private let console: Console
  private var text: ScenarioText
  private let json: ScenarioJSON
  private(set) var log: ScenarioLog
  /// The one that is being done.
  private var step: Step?

  init(
    _ scenario: Scenario, explains: Bool, _ output: OutputOptions, log: ScenarioLog, keepsFrames: Bool,
    from start: Instant, _ console: Console
  ) {
    self.scenario = scenario
    self.explains = explains
    self.output = output
    self.log = log
    self.log.begin(on: scenario.topology)
    self.keepsFrames = keepsFrames
    self.console = console
    text = ScenarioText(explains: explains, from: start)
    json = ScenarioJSON(scenario.name, from: start)
  }

  func open() {
    guard !output.json, !output.quiet else { return }
    tell(ScenarioText.heading(scenario, explains: explains))
  }

  func begin(_ step: Step) {
    self.step = step
    guard !output.json, !output.quiet else { return }
    tell(text.story(of: step))
  }

  /// A packet that is sent.
  func send(_ packet: Outgoing, from host: String) {
    if keepsFrames, let step { log.send(packet, from: host, for: step) }
  }

  /// A frame that was seen.
  func see(_ sighting: Sighting) {
    if keepsFrames { log.see(sighting) }
    guard output.verbose, !output.quiet else { return }
    tell([output.json ? json.frame(sighting) : text.frame(sighting)])
  }

  func show(_ outcome: StepOutcome) {
    if keepsFrames { log.judge(outcome) }
    guard !output.quiet else { return }
    tell(output.json ? [json.step(outcome)] : text.lines(outcome))
  }

  func close(_ outcome: ScenarioOutcome, ownDrops: UInt64) {
    tell([
      output.json
        ? ScenarioJSON.summary(scenario, outcome, ownDrops: ownDrops) : ScenarioText.summary(scenario, outcome)
    ])
    if ownDrops > 0 {
      console.complain("\(scenario.name): \(ownDrops) frames were lost on this machine, for want of room")
    }
  }

  /// What the file gets of all that was seen.
  func octets(_ hosts: [StageHost]) -> [UInt8] { log.octets(of: scenario.name, hosts) }

  private func tell(_ lines: [String]) {
    for line in lines { console.print(line) }
    // Nobody waits longer for a step's line than for the step.
    console.flush()
  }
}
