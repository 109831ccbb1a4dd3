import Foundation
import Testing
import WireSupport

/// Who has a lab, and where its files are.
enum LabUser: CaseIterable, CustomTestStringConvertible, Sendable {
  case root
  case nobody

  var testDescription: String { self == .root ? "root" : "an ordinary user" }
}

/// `sonde lab` as somebody, with a copy of the program that anybody can start, and a folder of records of its own.
final class LabSession {
  let user: LabUser
  let folder: TemporaryFolder
  /// With it begin the names of this session's labs, which no others have.
  let mark: String

  init(_ user: LabUser) throws {
    self.user = user
    folder = try TemporaryFolder()
    mark = "t\(getpid())x" + (folder.path.split(separator: "-").last.map { "\($0)" } ?? "")
    _ = try Shell.run(
      "cp '\(SondeBinary.path)' \(folder.path)/sonde && chmod 755 \(folder.path)/sonde && mkdir \(folder.path)/run && "
        + "chmod 700 \(folder.path)/run && chown \(user == .root ? 0 : 65534) \(folder.path)/run")
  }

  deinit {
    for name in standing where name.hasPrefix(mark) { _ = try? run("lab down \(name)") }
  }

  /// The command that makes a line of shell this session's user's.
  private var prefix: String {
    let rights = user == .root ? "" : "setpriv --reuid=65534 --regid=65534 --clear-groups --inh-caps=-all "
    return "\(rights)env XDG_RUNTIME_DIR=\(folder.path)/run HOME=/nonexistent "
  }

  /// Where the records are.
  var records: String { user == .root ? "/run/sonde/labs" : "\(folder.path)/run/sonde/labs" }

  func command(_ words: String) -> String { "\(prefix) \(folder.path)/sonde \(words)" }

  func line(_ words: String) -> String { "cd / && exec \(command(words))" }

  func run(_ words: String, seconds: Int = 60) throws -> Outcome { try Shell.run(line(words), seconds: seconds) }

  /// Starts a command whose end nobody waits for here.
  func start(_ words: String) throws -> Int32 { try Shell.start("\(line(words)) > \(folder.path)/bg 2>&1 < /dev/null") }

  var standing: [String] { (try? objects(try run("lab status --json")).map { $0.text("name") }) ?? [] }

  func keeper(_ name: String) throws -> Int32 {
    let labs = try objects(try run("lab status --json \(name)"))
    return Int32(try #require(labs.first).number("keeper") ?? 0)
  }

  /// Nothing is left of a lab: no record, no name of a namespace, no mount, no process.
  func expectNothing(of name: String, at location: SourceLocation = #_sourceLocation) throws {
    let records = try Shell.run("ls -A \(records) 2> /dev/null | grep -F '\(name).'")
    #expect(records.output.isEmpty, "\(records)", sourceLocation: location)
    let files = try Shell.run("ls -A /run/netns | grep -F 'sonde-\(name)-'")
    #expect(files.output.isEmpty, "\(files)", sourceLocation: location)
    let mounts = try Shell.run("grep -F 'sonde-\(name)-' /proc/self/mounts")
    #expect(mounts.output.isEmpty, "\(mounts)", sourceLocation: location)
    let processes = try Shell.run(
      "grep -lsFz 'SONDE_LAB=\(name)' /proc/[0-9]*/environ | grep -v self")
    #expect(processes.output.isEmpty, "\(processes)", sourceLocation: location)
  }
}
