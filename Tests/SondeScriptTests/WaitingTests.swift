import SondeLink
import SondeScript
import Testing

/// Waiting for what commands do, on virtual time.
@Suite struct WaitingTests {
  private func run(
    _ text: String, lasting time: Duration, _ outcome: CommandOutcome
  ) throws -> (outcomes: [StepOutcome], stage: ScriptedStage, total: ScenarioOutcome) {
    try outcomes(text) { $0.commands = ["cat": (time, outcome)] }
  }

  private static let done = CommandOutcome(status: 3, output: Array("all is said\n".utf8), errors: [])

  @Test(arguments: [(999, true), (1000, true), (1001, false)])
  func aCommandEndsByItselfWithinTheTime(milliseconds: Int, isMet: Bool) throws {
    let text = "b: start client: cat\nwait within 1s for client\ncheck status == 3\ncheck output contains \"said\""
    let run = try run(text, lasting: .milliseconds(milliseconds), Self.done)
    #expect(run.total.isMet == isMet)
    #expect(run.outcomes.map(\.verdict) == (isMet ? [.met, .met, .met, .met] : [.met, .unmet]))
    if isMet { #expect(run.outcomes[1].command == Self.done) }
    if !isMet { #expect(run.outcomes[1].message == "client did not end within 1 s" && run.stage.ended == [0]) }
  }

  @Test func aCommandThatHasEndedIsWaitedForOnce() throws {
    let run = try run("b: start s: cat\nstop s\nwait for s", lasting: .seconds(9), Self.done)
    #expect(run.outcomes.map(\.verdict) == [.met, .met, .impossible])
  }

  @Test func aComparisonIsWaitedFor() throws {
    let text = "b: start s: cat\nwait within 2s until output(s) contains \"said\"\nwait 0s"
    let early = try run(text, lasting: .milliseconds(500), Self.done)
    #expect(early.total.isMet)
    // What has ended writes no more: the rest of the time is not waited for.
    let other = CommandOutcome(status: 0, output: Array("nothing\n".utf8), errors: [])
    let over = try run(text, lasting: .milliseconds(500), other)
    #expect(over.outcomes.map(\.verdict) == [.met, .unmet])
    #expect(over.outcomes[1].message.hasSuffix(", and the command has ended"))
    #expect(over.total.duration < .seconds(1))
    let late = try run(text, lasting: .milliseconds(2500), Self.done)
    #expect(late.outcomes.map(\.verdict) == [.met, .unmet] && late.total.duration < .milliseconds(2100))
  }

  @Test func framesAreCountedUntilThereAreEnough() throws {
    let frames: [(Duration, String, Sighting.Direction, String)] = [
      (.milliseconds(100), "a", .incoming, "IP()/UDP()"), (.milliseconds(900), "a", .incoming, "IP()/UDP()"),
    ]
    #expect(try outcomes("wait within 1s until count(a, UDP()) == 2", frames).total.isMet)
    #expect(try !outcomes("wait within 800ms until count(a, UDP()) == 2", frames).total.isMet)
  }

  @Test(arguments: [
    ("wait for server", 10, "was started"), ("wait within 1s", 15, "for and a command, or until and a comparison"),
    ("wait until status", 18, "a relation"), ("wait within 1s until 1 == 1 or", 29, "does not belong"),
    ("wait within until 1 == 1", 13, "a time is missing"),
  ])
  func whatCannotBeWaitedForIsNamed(text: String, column: Int, words: String) {
    let error = #expect(throws: ScenarioError.self) { try outcomes(text) }
    #expect(error?.column == column && error?.message.contains(words) == true, "\(error?.message ?? "")")
  }
}
