import Foundation
import SondeCapture

/// Another program's reading of capture files.
struct Tool {
  let path: String

  static let isCI = ProcessInfo.processInfo.environment["CI"] == "true"
  static let tshark = Tool(named: "tshark")
  static let capinfos = Tool(named: "capinfos")
  static let editcap = Tool(named: "editcap")
  static let mergecap = Tool(named: "mergecap")
  static let tcpdump = Tool(named: "tcpdump")
  static let all = [tshark, capinfos, editcap, mergecap, tcpdump]

  /// The program of that name on the search path; nil if there is none.
  init?(named name: String) {
    let folders = (ProcessInfo.processInfo.environment["PATH"] ?? "/usr/bin:/bin").split(separator: ":")
    let found = folders.map { "\($0)/\(name)" }.first { FileManager.default.isExecutableFile(atPath: $0) }
    guard let found else { return nil }
    path = found
  }

  /// The lines that the program prints, and its exit status.
  func lines(_ arguments: [String]) throws -> (lines: [String], status: Int32) {
    let process = Process()
    let output = Pipe()
    process.executableURL = URL(fileURLWithPath: path)
    process.arguments = arguments
    process.standardOutput = output
    process.standardError = FileHandle.nullDevice
    // Without it the local time zone would stand in the times.
    process.environment = ProcessInfo.processInfo.environment.merging(["TZ": "UTC", "LC_ALL": "C"]) { $1 }
    try process.run()
    let text = String(decoding: try output.fileHandleForReading.readToEnd() ?? Data(), as: UTF8.self)
    process.waitUntilExit()
    return (
      text.split(separator: "\n", omittingEmptySubsequences: false).dropLast().map(String.init),
      process.terminationStatus
    )
  }
}

/// Lends `body` the path of a file that holds `octets`.
func withFile<R>(_ octets: [UInt8], _ body: (String) throws -> R) throws -> R {
  let file = FileManager.default.temporaryDirectory.appendingPathComponent("\(UUID().uuidString).pcapng")
  try Data(octets).write(to: file)
  defer { try? FileManager.default.removeItem(at: file) }
  return try body(file.path)
}

/// The octets of the file at `path`.
func contents(_ path: String) throws -> [UInt8] { [UInt8](try Data(contentsOf: URL(fileURLWithPath: path))) }

/// What tshark would say of a packet: time, length, captured length, interface (in pcapng files alone), comments,
/// direction.
func facts(_ packet: CapturedPacket, hasInterfaces: Bool = true) -> String {
  let (seconds, rest) = (packet.timestamp ?? 0).quotientAndRemainder(dividingBy: 1_000_000_000)
  let fraction = String(String(1_000_000_000 + rest).dropFirst())
  let direction = packet.direction.map { "0x0000000\($0.rawValue)" } ?? ""
  return [
    "\(seconds).\(fraction)", "\(packet.originalLength)", "\(packet.bytes.count)",
    hasInterfaces ? "\(packet.interface)" : "", packet.comments.joined(separator: ","), direction,
  ].joined(separator: "|")
}
