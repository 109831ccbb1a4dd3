internal import ArgumentParser
internal import SondeLinux
internal import SondeReport
internal import SondeScript

struct LabStatusCommand: ParsableCommand, Verb {
  static let configuration = CommandConfiguration(
    lab: "status", abstract: "Say which labs stand, with their hosts, and what their networks did to frames.",
    usage: "[<name>] [--json]",
    discussion: """
      Exit status: 0 the lab stands, or one does; 1 none does.

      Example: sonde lab status --json
      """)

  @Argument(help: ArgumentHelp("Which lab (all unless written).", valueName: "name"))
  var lab: String?

  @OptionGroup var output: OutputOptions

  func execute(on console: Console) throws -> Int32 {
    let folder = try StandingLab().folder
    let names = folder.names().filter { lab == nil || $0 == lab }
    let labs = names.map { LabStatus(folder, $0) }
    for status in labs {
      if output.json {
        console.print(LabJSON.object(status).line)
      } else {
        let lines = LabText.lines(status)
        for line in output.quiet ? Array(lines.prefix(1)) : lines { console.print(line) }
      }
    }
    if labs.isEmpty, !output.json {
      console.note(lab.map { "no lab \($0) stands" } ?? "no lab stands; sonde lab up makes one")
    }
    return labs.contains { $0.state == .standing } ? 0 : 1
  }
}

struct LabListCommand: ParsableCommand, Verb {
  static let configuration = CommandConfiguration(
    lab: "list", abstract: "Name the labs that are built in, one a line.", usage: "[-v]",
    discussion: "Example: sonde lab list")

  @OptionGroup var output: OutputOptions

  func execute(on console: Console) throws -> Int32 {
    for lab in BuiltInLab.all {
      if output.json {
        console.print(
          JSON.object([("type", "lab"), ("name", .string(lab.name)), ("title", .string(lab.title))]).line)
      } else {
        let rest = output.verbose ? String(repeating: " ", count: max(1, 8 - lab.name.count)) + lab.title : ""
        console.print(lab.name + rest)
      }
    }
    return 0
  }
}

struct LabShowCommand: ParsableCommand, Verb {
  static let configuration = CommandConfiguration(
    lab: "show", abstract: "Print a lab's text, to copy and change.",
    usage: "<name or file> [--mtu <list>]",
    discussion: """
      A lab that stands shows what it was built of; of a file this says whether it can be read.

      Example: sonde lab show chain > my.lab
      """)

  @Argument(help: ArgumentHelp("Which lab.", valueName: "name or file"))
  var lab: String

  @Option(name: .long, help: ArgumentHelp("Of chain: the MTU of each link.", valueName: "list"), transform: mtuList)
  var mtu: [Int]?

  func execute(on console: Console) throws -> Int32 {
    if BuiltInLab.named(lab) == nil, mtu == nil, let folder = try? LabFolder(),
      case .standing(let record)? = folder.state(of: lab)
    {
      console.write(record.topology)
      return 0
    }
    console.write(try LabSource(lab, mtus: mtu).text)
    return 0
  }
}
