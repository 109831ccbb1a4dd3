internal import ArgumentParser
internal import SondeLink
internal import SondeLinux
internal import SondeReport
internal import SondeScript

struct LabUpCommand: ParsableCommand, Verb {
  static let configuration = CommandConfiguration(
    lab: "up", abstract: "Build a lab, which stands until it is taken down.",
    usage: "[<name or file>] [--as <name>] [--mtu <list>] [-q] [--json]",
    discussion: """
      The lab is one that is built in (sonde lab list; pair unless written), a file, or - for standard input. A \
      process of its own keeps it when the command has ended.

      Example: sonde lab up chain --mtu 1500,1280
      """)

  @Argument(help: ArgumentHelp("Which lab.", valueName: "name or file"))
  var lab = "pair"

  @Option(name: .customLong("as"), help: ArgumentHelp("Call it by another name.", valueName: "name"))
  var newName: String?

  @Option(
    name: .long,
    help: ArgumentHelp("Of chain: the MTU of each link; routers stand between them.", valueName: "list"),
    transform: mtuList)
  var mtu: [Int]?

  @OptionGroup var output: OutputOptions

  func execute(on console: Console) throws -> Int32 {
    var topology = try LabSource(lab, mtus: mtu).topology
    if let newName {
      guard LabSource.isName(newName) else {
        throw Failure(
          "lab: \"\(newName)\" is no name of a lab: letters, digits, underscores and hyphens, a letter first")
      }
      topology.name = newName
    }
    let folder = try LabFolder()
    let name = topology.name
    switch folder.state(of: name) {
    case .standing: throw Failure(Self.standsAlready(name))
    case .changing: throw Failure("lab: \(name) is just being built or taken down")
    case .abandoned, nil: break
    }
    console.flush()
    switch try Keeper.detach() {
    case .keeper(let voice):
      LabKeeping.run(topology, in: folder, voice)
      Process.exit(0)
    case .caller(var report):
      return try hear(&report, name, folder, console)
    }
  }

  static func standsAlready(_ name: String) -> String {
    "lab: \(name) stands already; sonde lab down \(name) ends it, and --as gives another one its own name"
  }

  /// Waits until the keeper has built it.
  private func hear(
    _ report: inout KeeperReport, _ name: String, _ folder: LabFolder, _ console: Console
  ) throws -> Int32 {
    let interrupter = try Interrupter()
    _ = try Signals.watch([.interrupt, .terminate], waking: interrupter)
    var keeper: Int32?
    while let line = report.next(heedsSignals: true) {
      if let number = line.value(of: "keeper") { keeper = Int32(number) }
      if let note = line.value(of: "note") { console.note("sonde: lab: \(note)") }
      if let message = line.value(of: "failure") { throw Failure("lab: \(message)") }
      guard line == "ready" else { continue }
      if Signals.endHasCome { break }
      let status = LabStatus(folder, name)
      if output.json {
        console.print(LabJSON.object(status).line)
      } else if !output.quiet {
        for line in LabText.lines(status) { console.print(line) }
        if Terminal.isTerminal(1), let host = status.topology?.hosts.first?.name {
          console.print("next: sonde lab shell \(host), sonde lab run \(host) PROGRAM, sonde lab down")
        }
      }
      return 0
    }
    guard Signals.endHasCome else { throw Failure("lab: the keeper of \(name) ended before it had built it") }
    // It hears of the end from us, or from the pipe that nobody reads any more; then it takes down what it has built.
    if let keeper { LabRemains.end(keeper: keeper, patience: .seconds(10)) }
    return 1
  }
}

/// The MTUs of a chain's links.
@Sendable
func mtuList(_ text: String) throws -> [Int] {
  let words = text.split(separator: ",", omittingEmptySubsequences: false)
  let numbers = words.compactMap { number($0) }.filter { (68...65_535).contains($0) }.map { Int($0) }
  guard numbers.count == words.count, numbers.count <= BuiltInLab.longestChain else {
    throw Expectation(description: "one to \(BuiltInLab.longestChain) MTUs from 68 to 65535: 1500,1400,1300")
  }
  return numbers
}

extension String {
  /// What stands behind a key and a space.
  fileprivate func value(of key: String) -> String? {
    hasPrefix(key + " ") ? String(dropFirst(key.count + 1)) : nil
  }
}
