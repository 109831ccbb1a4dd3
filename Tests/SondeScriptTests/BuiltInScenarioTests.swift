import SondeLink
import SondeScript
import Testing

/// The scenarios that are carried along, as texts and on virtual time; on real kernels they are wire tests.
@Suite struct BuiltInScenarioTests {
  private static func scenario(_ text: String, _ name: String) throws -> Scenario {
    try Scenario(text: text, name: name) { (reference) throws(StageError) in
      switch reference {
      case .builtIn(let lab): return BuiltInLab.named(lab)?.topology
      case .file: throw StageError("no file is carried along")
      case .text(let text, let line):
        do throws(TopologyError) {
          return try Topology(text: text, name: name, startingAt: line)
        } catch {
          throw StageError("\(error)")
        }
      }
    }
  }

  @Test(arguments: Scenario.builtIn) func eachIsReadAndTeaches(carried: BuiltInScenario) throws {
    let scenario = try Self.scenario(carried.text, carried.name)
    #expect(scenario.topology != nil && scenario.steps.count >= 3)
    #expect(scenario.title == carried.title && !carried.title.isEmpty)
    #expect(scenario.story.count >= 3, "it says what it is about")
    #expect(scenario.steps.contains { !$0.story.isEmpty }, "it says what its steps are")
    #expect(BuiltInScenario.named(carried.name) == carried)
  }

  @Test func theirNamesAreTheirOwn() {
    #expect(Set(Scenario.builtIn.map(\.name)).count == Scenario.builtIn.count)
    #expect(BuiltInScenario.named("udp") == nil)
  }

  /// Those that start no program.
  @Test(arguments: [
    "arp-request", "arp-reply", "arp-gratuitous", "icmp-echo", "icmp-limits", "udp-simple", "udp-closed", "tcp-closed",
    "conversation",
  ])
  func thoseWithoutProgramsRunInMemory(name: String) throws {
    let text = try #require(BuiltInScenario.named(name)?.text)
    let scenario = try Self.scenario(text, name)
    var stage = try SimulatedStage(try #require(scenario.topology))
    var failed: [String] = []
    let outcome = scenario.run(over: &stage, emit: { if !$0.isMet { failed.append("\($0.step.line): \($0.message)") } })
    #expect(outcome.isMet && outcome.met >= scenario.steps.count, "\(failed)")
  }

  @Test(arguments: [("icmp-echo", "chksum=0xf4fc", "chksum=0xf4fd"), ("udp-closed", "code=3", "code=1")])
  func aWrongNumberFailsInMemoryToo(name: String, old: String, new: String) throws {
    let text = try #require(BuiltInScenario.named(name)?.text)
    let scenario = try Self.scenario(text.replacing(old, with: new), name)
    var stage = try SimulatedStage(try #require(scenario.topology))
    #expect(!scenario.run(over: &stage).isMet)
  }
}
