internal import ArgumentParser
internal import SondeLink
internal import SondeLinux
internal import SondeScript

struct LabRunCommand: ParsableCommand, Verb {
  static let configuration = CommandConfiguration(
    lab: "run", abstract: "Run a program on a host of a lab.",
    usage: "[--lab <name>] <host> <program> [<argument> ...]",
    discussion: """
      All words behind the host are the program's own. It sees the lab's network and this machine's files, reads the \
      hosts' names in /etc/hosts, and may use raw sockets; the exit status is its own. A program called sonde is \
      this one.

      Example: sonde lab run a sonde ping -c 1 b
      """)

  @Option(name: .long, help: ArgumentHelp("Which lab, where several stand.", valueName: "name"))
  var lab: String?

  @Argument(
    parsing: .captureForPassthrough, help: ArgumentHelp("The host, the program and its arguments.", valueName: "word"))
  var words: [String] = []

  func execute(on console: Console) throws -> Int32 {
    if words.first == "--help" || words.first == "-h" { throw CleanExit.helpRequest(self) }
    if let word = words.first, word.hasPrefix("-"), word != "--" {
      throw Failure("lab run: the option \"\(word)\" is not known; a host stands first, then the program's words")
    }
    var words = words[...]
    if words.first == "--" { words.removeFirst() }
    guard let host = words.popFirst() else { throw Failure("lab run: a host and a program are missing") }
    if words.first == "--" { words.removeFirst() }
    guard !words.isEmpty else { throw Failure("lab run: the program is missing: sonde lab run \(host) ping -c 1 b") }
    throw Failure("lab run: \(try HostProgram(lab, host).become(Array(words)))")
  }
}

struct LabShellCommand: ParsableCommand, Verb {
  static let configuration = CommandConfiguration(
    lab: "shell", abstract: "Open a shell on a host of a lab.", usage: "[--lab <name>] <host>",
    discussion: """
      The shell is that of the environment variable SHELL, or /bin/sh; SONDE_LAB and SONDE_HOST say where it is.

      Example: sonde lab shell a
      """)

  @Option(name: .long, help: ArgumentHelp("Which lab, where several stand.", valueName: "name"))
  var lab: String?

  @Argument(help: ArgumentHelp("The host.", valueName: "host"))
  var host: String

  func execute(on console: Console) throws -> Int32 {
    let program = try HostProgram(lab, host)
    if Terminal.isTerminal(0) {
      console.note("this shell is on host \(host) of lab \(program.record.name); exit leaves it")
    }
    let shell = Process.environment("SHELL").flatMap { $0.isEmpty ? nil : $0 } ?? "/bin/sh"
    throw Failure("lab shell: \(program.become([shell]))")
  }
}

struct LabCaptureCommand: ParsableCommand, Verb {
  static let configuration = CommandConfiguration(
    lab: "capture", abstract: "Show packets as they pass an interface of a host of a lab.",
    usage: "[--lab <name>] <host>[:<interface>] [<capture's options and filter> ...]",
    discussion: """
      All words behind the host are those of sonde capture. A host that has one interface needs no name of it; any \
      stands for all.

      Example: sonde lab capture a -w 0.1 icmp
      """)

  @Option(name: .long, help: ArgumentHelp("Which lab, where several stand.", valueName: "name"))
  var lab: String?

  @Argument(
    parsing: .captureForPassthrough, help: ArgumentHelp("The host, and words for capture.", valueName: "word"))
  var words: [String] = []

  func execute(on console: Console) throws -> Int32 {
    if words.first == "--help" || words.first == "-h" { throw CleanExit.helpRequest(self) }
    guard let place = words.first, !place.hasPrefix("-") else { throw Failure("lab capture: a host is missing") }
    let parts = place.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
    let program = try HostProgram(lab, parts[0])
    let topology = try? Topology(text: program.record.topology)
    let interfaces = topology?.ends(of: parts[0]).map(\.end.interface) ?? []
    var options: [String] = []
    if parts.count > 1 {
      guard parts[1] == "any" || parts[1] == "lo" || interfaces.contains(parts[1]) else {
        let known = (interfaces + ["lo", "any"]).joined(separator: ", ")
        throw Failure("lab capture: \(parts[0]) has no interface \"\(parts[1])\"; it has \(known)")
      }
      options = ["-I", parts[1]]
    } else if interfaces.count == 1 {
      options = ["-I", interfaces[0]]
    }
    throw Failure("lab capture: \(program.become(["sonde", "capture"] + options + words.dropFirst()))")
  }
}

/// A program that is to take this one's place, on a host.
struct HostProgram {
  let record: LabRecord
  private let host: String
  private let place: HostPlace

  /// - Throws: `Failure` if there is no such lab or host.
  init(_ lab: String?, _ host: String) throws {
    record = try StandingLab().record(lab)
    self.host = host
    place = try StandingLab.place(of: host, in: record)
  }

  /// Becomes the program; the call returns only where it could not.
  func become(_ words: [String]) -> LinkError {
    var words = words
    if words[0] == "sonde" { words[0] = System.program }
    do throws(LinkError) {
      try place.enter()
      HostPlace.callItself(host)
      // What was ignored here would be ignored there.
      try Signals.restore(.brokenPipe)
    } catch {
      return error
    }
    return HostPlace.become(words, environment: ["SONDE_LAB": record.name, "SONDE_HOST": host])
  }
}
