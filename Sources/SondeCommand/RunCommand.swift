internal import ArgumentParser
internal import SondeLink
internal import SondeLinux
internal import SondeReport
internal import SondeScript

struct RunCommand: ParsableCommand, Verb {
  static let configuration = CommandConfiguration(
    verb: "run",
    abstract: "Run scenarios: send, expect with time limits, check; a verdict a line.",
    usage: """
      sonde run [<options>] <name or file> ...
      sonde run --list | --all
      """,
    discussion: """
      A name is that of a scenario that is carried along; a word with a slash or a dot is a file, and - is standard \
      input. A scenario that names a lab gets one of its own, of namespaces that end with the run: as root, or as an \
      ordinary user where the system allows user namespaces. One that names none takes place on this machine. \
      --sim runs it in memory, --replay looks for it in a capture.

      Exit status: 0 everything went as expected, 1 it did not, 2 it could not be tried.

      Example: sonde run udp-closed
      Example: sonde run --explain --write closed.pcapng udp-closed
      Example: sonde run --sim udp-closed
      """)

  @Argument(help: ArgumentHelp("Scenarios: names, or files.", valueName: "name or file"))
  var words: [String] = []

  @Flag(name: .long, help: "Print the names of the scenarios that are carried along; with -v what they show.")
  var list = false

  @Flag(name: .long, help: "Run all of them.")
  var all = false

  @Flag(name: .long, help: "Tell the story as it goes: what is sent, what comes back, why, and which RFC says so.")
  var explain = false

  @Flag(name: .long, help: "Print the scenarios' text, to read, copy and change.")
  var show = false

  @Flag(name: .long, help: "Read and verify the scenarios; send nothing.")
  var dryRun = false

  @Flag(name: .long, help: "Run in memory, on virtual time, without privilege.")
  var sim = false

  @Option(
    name: .long, help: ArgumentHelp("Look for what should happen in a capture (pcapng, pcap).", valueName: "file"))
  var replay: String?

  @Option(
    name: .long, help: ArgumentHelp("Take this lab instead of the scenario's own: a name, or a file.", valueName: "lab")
  )
  var lab: String?

  @Option(
    name: .long,
    help: ArgumentHelp(
      "Write all that was seen to a pcapng file: an interface a host's, verdicts as comments.", valueName: "file"))
  var write: String?

  @Option(
    name: .long, help: ArgumentHelp("Draw the same random numbers again.", valueName: "number"),
    transform: number(0...UInt64.max))
  var seed: UInt64?

  @OptionGroup(title: "Output") var output: OutputOptions

  mutating func validate() throws {
    if words.isEmpty, !list, !all { throw ValidationError("a scenario is missing; see sonde run --list") }
    if !words.isEmpty, list || all { throw ValidationError("--list and --all are of all scenarios: name none") }
    if sim, replay != nil { throw ValidationError("--sim and --replay exclude each other") }
  }

  func execute(on console: Console) throws -> Int32 {
    if list {
      for scenario in BuiltInScenario.all { console.print(listed(scenario)) }
      return 0
    }
    let sources = all ? BuiltInScenario.all.map { ScenarioSource($0) } : try words.map { try ScenarioSource($0) }
    if show {
      for source in sources { console.write(source.text) }
      return 0
    }
    let laboratory = try lab.map { try ScenarioSource.laboratory($0) }
    let scenarios = try sources.map { try $0.scenario(in: laboratory) }
    if dryRun {
      for scenario in scenarios { console.print(verified(scenario)) }
      return 0
    }
    var run = try ScenarioRun(
      explains: explain, output, seed: seed ?? UInt64.random(in: 0...UInt64.max), write: write, console)
    if let replay {
      let octets = try InputFile(replay).whole(limit: 1 << 30)
      return try run.replay(scenarios, octets)
    }
    return try sim ? run.simulate(scenarios) : run.live(scenarios)
  }

  private func listed(_ scenario: BuiltInScenario) -> String {
    if output.json {
      return JSON.object([
        ("type", "scenario"), ("name", .string(scenario.name)), ("title", .string(scenario.title)),
      ]).line
    }
    return output.verbose ? "\(scenario.name): \(scenario.title)" : scenario.name
  }

  private func verified(_ scenario: Scenario) -> String {
    let place = scenario.topology.map { "in lab \($0.name)" } ?? "on this machine"
    if output.json {
      return JSON.object([
        ("type", "scenario"), ("name", .string(scenario.name)), ("title", .string(scenario.title)),
        ("lab", .text(scenario.topology?.name)), ("steps", .integer(scenario.steps.count)),
      ]).line
    }
    return "\(scenario.name): \(scenario.steps.count) \(scenario.steps.count == 1 ? "step" : "steps"), \(place)"
  }
}
