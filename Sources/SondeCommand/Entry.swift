public import ArgumentParser
internal import SondeHeaders
internal import SondeLink
internal import SondeLinux

/// The root of the command line: it lists the verbs and writes help; `run` dispatches to them.
public struct Sonde: ParsableCommand {
  public static let configuration = CommandConfiguration(
    commandName: "sonde",
    abstract: "Craft packets by hand, send them by raw sockets, and know which answer is theirs.",
    discussion: """
      Example: sonde ping -c 3 127.0.0.1

      Exit status: 0 what was asked for happened, 1 it did not, 2 it could not be tried.
      """,
    version: "sonde 0.1.0",
    subcommands: [
      PingCommand.self, ProbeCommand.self, SweepCommand.self, SendCommand.self, TraceCommand.self, MTUCommand.self,
      ArpCommand.self, CraftCommand.self, DecodeCommand.self, CaptureCommand.self, ChecksumCommand.self,
      TalkCommand.self, ServeCommand.self, LabCommand.self, RunCommand.self, DoctorCommand.self,
    ])

  public init() {}

  /// Runs a command line, the program's name left out, and ends the process with its exit status.
  public static func start(_ arguments: [String]) -> Never {
    // Without the three streams nobody could be told that they are missing.
    guard (try? StandardStreams.ensureOpen()) != nil else { Process.exit(2) }
    Process.exit(run(arguments))
  }

  /// Runs a command line, the program's name left out, and returns the exit status.
  static func run(_ arguments: [String]) -> Int32 {
    let console = Console()
    guard !Privileges.areOfAnotherUser else {
      console.complain("sonde is not made to be set-uid root; take that away, and use sudo setcap cap_net_raw+ep")
      return 2
    }
    let status = attempt(arguments, console)
    console.flush()
    guard let failure = console.failure else { return status }
    console.complain(failure.description)
    return 2
  }

  private static func attempt(_ arguments: [String], _ console: Console) -> Int32 {
    // While the words are read the kernel gets ready to stamp the first answer.
    let stamping = Self.sending.contains(arguments.first ?? "") ? try? ReceiveStamping() : nil
    defer { _ = stamping }
    do {
      return try verb(arguments).execute(on: console)
    } catch let failure as Failure {
      console.complain(failure.message)
      return 2
    } catch let error as LinkError {
      console.complain(error.description)
      return 2
    } catch let error as CraftError {
      console.complain(error.description)
      return 2
    } catch {
      return report(error, console)
    }
  }

  /// The verbs that time answers.
  private static let sending = ["ping", "probe", "sweep", "send", "trace", "mtu", "arp"]

  /// The verb with its options. Parsing the one verb that is named costs less than asking the whole tree;
  /// help and errors go by the tree, so that they read the same however they come about.
  private static func verb(_ arguments: [String]) throws -> any Verb {
    let arguments = arguments.first == "ping" ? PingLetters.split(arguments) : arguments
    let rest = Array(arguments.dropFirst())
    do {
      switch arguments.first {
      case "ping": return try PingCommand.alone(rest)
      case "probe": return try ProbeCommand.alone(rest)
      case "sweep": return try SweepCommand.alone(rest)
      case "send": return try SendCommand.alone(rest)
      case "trace": return try TraceCommand.alone(rest)
      case "arp": return try ArpCommand.alone(rest)
      case "craft": return try CraftCommand.alone(rest)
      case "checksum": return try ChecksumCommand.alone(rest)
      case "decode": return try DecodeCommand.alone(rest)
      case "capture": return try CaptureCommand.alone(rest)
      case "mtu": return try MTUCommand.alone(rest)
      case "run": return try RunCommand.alone(rest)
      case "talk": return try TalkCommand.alone(rest)
      case "serve": return try ServeCommand.alone(rest)
      case "doctor": return try DoctorCommand.alone(rest)
      default: break
      }
    } catch {}
    guard let first = arguments.first else { throw Failure("a verb is missing: \(verbs); see sonde --help") }
    if !first.hasPrefix("-"), first != "help",
      !configuration.subcommands.contains(where: { $0.configuration.commandName == first })
    {
      throw Failure("\"\(first)\" is no verb of sonde, which are \(verbs)")
    }
    if first == "lab" { try LabCommand.check(rest) }
    var command = try parseAsRoot(arguments)
    if let verb = command as? any Verb { return verb }
    // What is left prints help, of the verb it was asked of, by throwing it.
    try command.run()
    throw CleanExit.helpRequest()
  }

  private static var verbs: String {
    configuration.subcommands.map { $0.configuration.commandName ?? "" }.joined(separator: ", ")
  }

  private static func report(_ error: any Error, _ console: Console) -> Int32 {
    if exitCode(for: error) == .success {
      console.print(fullMessage(for: error))
      console.flush()
      return 0
    }
    let lines = message(for: error).split(separator: "\n").map { $0.drop { $0 == " " } }
    console.complain(lines.joined(separator: " "))
    return 2
  }
}

extension CommandConfiguration {
  /// The configuration of a verb. The name of the command above it keeps the parser from looking in a verb's
  /// own options for a request of a completion script, which only `sonde` itself answers: a quarter of the
  /// time that parsing takes.
  init(verb: String, abstract: String, usage: String? = nil, discussion: String) {
    self.init(commandName: verb, abstract: abstract, usage: usage, discussion: discussion)
    _superCommandName = "sonde"
  }
}

extension ParsableCommand where Self: Verb {
  /// The verb parsed by itself, without the tree of commands around it.
  fileprivate static func alone(_ arguments: [String]) throws -> any Verb {
    guard let verb = try parseAsRoot(arguments) as? Self else { throw CleanExit.helpRequest() }
    return verb
  }
}

/// A command of its own.
protocol Verb {
  /// Does the work and returns the exit status.
  ///
  /// - Throws: `Failure` where it could not be tried.
  func execute(on console: Console) throws -> Int32
}

/// Why something could not be tried: one line, which names the word at fault. Exit status 2.
struct Failure: Error {
  var message: String

  init(_ message: String) { self.message = message }
}
