internal import ArgumentParser
internal import SondeLink
internal import SondeLinux
internal import SondeScript

struct LabCommand: ParsableCommand, Verb {
  static let configuration = CommandConfiguration(
    commandName: "lab",
    abstract: "Keep a private network of virtual hosts, each with the kernel's own stack.",
    usage: "sonde lab <up|down|status|run|shell|capture|list|show> [<options>]",
    discussion: """
      Hosts are network namespaces of this machine: nothing in them reaches its own network, and no route leaves a \
      lab. As root they have names for ip netns too; an ordinary user has them in a user namespace of his own. A lab \
      stands until it is taken down; the hosts know each other by name.

      pair is two hosts and a cable, lan4 four stations on one Ethernet, chain has routers between its hosts; any \
      other is a file, a statement a line:

        lab NAME
        network NAME [mtu N] [loss P%] [duplicate P%] [reorder P%] [corrupt P%]
                     [delay T] [jitter T] [rate 10Mbit] [queue N] [seed N]
          HOST[.INTERFACE] [ADDRESS/LENGTH ...] [mac MAC]
        host NAME forwards
        route HOST default|PREFIX via ADDRESS|unreachable|prohibit|blackhole
        neighbour HOST ADDRESS at MAC [on INTERFACE]
        setting HOST ipv4/icmp_ratelimit 0
        rules HOST "nftables rules, the inside of a table of family inet"

      Exit status: 0 it was done, 1 it was not, 2 it could not be tried; of run and shell it is the program's.

      Example: sonde lab up pair && sonde lab run a ping -c 1 b; sonde lab down pair
      """,
    subcommands: [
      LabUpCommand.self, LabDownCommand.self, LabStatusCommand.self, LabRunCommand.self, LabShellCommand.self,
      LabCaptureCommand.self, LabListCommand.self, LabShowCommand.self,
    ])

  func execute(on console: Console) throws -> Int32 {
    throw Failure("lab: a word is missing: \(Self.known); see sonde lab --help")
  }

  /// Names a word that is none of them, which the parser would take for an argument.
  static func check(_ arguments: [String]) throws {
    guard let word = arguments.first, !word.hasPrefix("-"), word != "help" else { return }
    guard !configuration.subcommands.contains(where: { $0.configuration.commandName == word }) else { return }
    throw Failure("lab: \"\(word)\" is none of its words, which are \(known); see sonde lab --help")
  }

  private static var known: String {
    configuration.subcommands.map { $0.configuration.commandName ?? "" }.joined(separator: ", ")
  }
}

extension CommandConfiguration {
  /// The configuration of a word of `lab`.
  init(lab word: String, abstract: String, usage: String, discussion: String = "") {
    self.init(commandName: word, abstract: abstract, usage: "sonde lab \(word) \(usage)", discussion: discussion)
  }
}

/// Which of the labs that stand is meant.
struct StandingLab {
  let folder: LabFolder

  init() throws(LinkError) { folder = try LabFolder() }

  init(_ folder: LabFolder) { self.folder = folder }

  /// The lab of a name, or the one that there is where no name was written.
  ///
  /// - Throws: `Failure` that names those there are.
  func name(_ word: String?) throws -> String {
    let names = folder.names()
    let list = names.joined(separator: ", ")
    if let word {
      guard names.contains(word) else {
        let others = names.isEmpty ? "none does: sonde lab up" : "there are \(list)"
        throw Failure("lab: no lab \"\(word)\" stands; \(others)")
      }
      return word
    }
    switch names.count {
    case 0: throw Failure("lab: no lab stands; sonde lab up makes one")
    case 1: return names[0]
    default:
      throw Failure(
        "lab: several labs stand, say which: \(list) (run, shell and capture take --lab NAME, down and status NAME)")
    }
  }

  /// The record of a lab that stands.
  ///
  /// - Throws: `Failure` where it does not stand, or not yet.
  func record(_ word: String?) throws -> LabRecord {
    let name = try name(word)
    switch folder.state(of: name) {
    case .standing(let record): return record
    case .changing: throw Failure("lab: \(name) is just being built or taken down")
    case .abandoned:
      throw Failure("lab: the keeper of \(name) was killed; sonde lab down \(name) removes what is left")
    case nil: throw Failure("lab: no lab \"\(name)\" stands")
    }
  }

  /// Where a host of a lab is.
  ///
  /// - Throws: `Failure` that names those there are.
  static func place(of host: String, in record: LabRecord) throws -> HostPlace {
    guard let found = record.hosts.first(where: { $0.name == host }) else {
      let known = record.hosts.map(\.name).joined(separator: ", ")
      throw Failure("lab: \(record.name) has no host \"\(host)\"; it has \(known)")
    }
    return HostPlace(
      userNamespace: found.userNamespace, networkNamespace: found.networkNamespace, names: record.names)
  }
}
