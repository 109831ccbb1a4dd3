import Foundation
import Testing
import WireSupport

/// An experiment that is carried along, and what tshark must read in the capture of its run.
struct Experiment: Sendable, CustomTestStringConvertible {
  /// Who runs it.
  enum User: String, Sendable, CaseIterable, CustomTestStringConvertible {
    case root
    case ordinary

    var testDescription: String { rawValue }
  }

  /// Fields of the packets that a display filter lets through.
  struct Reading: Sendable {
    var filter: String
    var fields: [String]
    /// A line a packet, its fields with a space between; `_` stands for a field that may have any value.
    var lines: [String]
  }

  /// A change of the scenario's text, by which it must fail on that line.
  struct NearMiss: Sendable {
    var old: String
    var new: String
  }

  var name: String
  var readings: [Reading]
  var nearMiss: NearMiss

  init(_ name: String, nearMiss old: String, _ new: String, _ readings: [Reading]) {
    self.name = name
    self.readings = readings
    nearMiss = NearMiss(old: old, new: new)
  }

  var testDescription: String { name }

  /// The program where an ordinary user may start it.
  static let program: (folder: TemporaryFolder, path: String)? = {
    guard let folder = try? TemporaryFolder() else { return nil }
    let path = "\(folder.path)/sonde"
    let copied = try? Shell.run("cp \"$SONDE\" \(path) && chmod 755 \(path)")
    return copied?.status == 0 ? (folder, path) : nil
  }()

  /// Runs sonde from the root folder, with no home and nothing in the environment.
  static func sonde(_ arguments: String, as user: User, seconds: Int = 120) throws -> Outcome {
    let path = try #require(program?.path)
    let user = user == .root ? "" : "setpriv --reuid=65534 --regid=65534 --clear-groups --inh-caps=-all"
    return try Shell.run("cd / && exec env -i PATH=/usr/bin:/bin \(user) \(path) \(arguments)", seconds: seconds)
  }
}

/// What an experiment left in a file, as tshark reads it.
struct ExperimentCapture {
  private let folder: TemporaryFolder
  let outcome: Outcome

  /// Runs an experiment to its end.
  init(of name: String, as user: Experiment.User) throws {
    folder = try TemporaryFolder()
    _ = try Shell.run("chmod 777 \(folder.path)")
    outcome = try Experiment.sonde("run --write \(folder.path)/run.pcapng \(name)", as: user)
  }

  /// How tshark reads the file; a fragment is to be told as one.
  private var reader: String { "tshark -n -r \(folder.path)/run.pcapng -o ip.defragment:FALSE" }

  /// The fields of packets, a line a packet.
  func fields(_ names: [String], where filter: String) throws -> [String] {
    let list = names.map { "-e \($0)" }.joined(separator: " ")
    let read = try Shell.run(
      "\(reader) -Y '\(filter)' -T fields -E separator=/s -E occurrence=f \(list) 2> /dev/null")
    return read.lines.filter { !$0.isEmpty }.map(String.init)
  }

  /// The octets of frames, in hexadecimal.
  func octets(where filter: String) throws -> [String] {
    let pick = "tr -d ' \\n' | grep -o '\"frame_raw\":\\[\"[0-9a-f]*' | cut -d'\"' -f4"
    return try Shell.run("\(reader) -Y '\(filter)' -T jsonraw | \(pick)").lines
      .filter { !$0.isEmpty }.map(String.init)
  }

  /// tshark's lines of packets from the addresses on, numbers relative.
  func lines(where filter: String) throws -> [String] {
    try Shell.run("\(reader) -Y '\(filter)' 2> /dev/null").lines
      .filter { !$0.isEmpty }.map { String(Self.told($0)) }
  }

  /// A line from the addresses on, with single spaces.
  static func told(_ line: Substring) -> Substring {
    Substring(line.split(separator: " ").dropFirst(2).joined(separator: " "))
  }
}

/// Whether a line is as expected, `_` standing for any field.
func isLike(_ line: String, _ expected: String) -> Bool {
  let (seen, wanted) = (line.split(separator: " "), expected.split(separator: " "))
  return seen.count == wanted.count && zip(seen, wanted).allSatisfy { $1 == "_" || $0 == $1 }
}
