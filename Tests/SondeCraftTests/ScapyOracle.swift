import Foundation
import SondeOctets

/// Scapy, asked what recipes make.
enum ScapyOracle {
  static let isCI = ProcessInfo.processInfo.environment["CI"] == "true"

  /// How many times the usual number of random trials are made: SONDE_FUZZ_SECONDS, which is about what one takes.
  static let rounds = max(1, ProcessInfo.processInfo.environment["SONDE_FUZZ_SECONDS"].flatMap { Int($0) } ?? 1)

  /// A Python that has Scapy; nil where there is none, which is said aloud.
  static let python: String? = {
    let found = ["/usr/bin/python3", "/usr/local/bin/python3"].first { path in
      FileManager.default.isExecutableFile(atPath: path)
        && (try? run(path, ["-c", "import scapy.all"], input: ""))?.status == 0
    }
    if found == nil { print("SKIPPED: recipes were not evaluated by Scapy: no python3 here has it") }
    return found
  }()

  static func resource(_ name: String) -> String? { Bundle.module.path(forResource: "Recipes/\(name)", ofType: nil) }

  static func lines(_ name: String) -> [String] {
    guard let path = resource(name), let text = try? String(contentsOfFile: path, encoding: .utf8) else { return [] }
    return text.split(separator: "\n").map(String.init)
  }

  /// What Scapy has against recipes: a text for each that makes other octets than those beside it.
  static func objections(to recipes: [(bytes: [UInt8], recipe: String)], python: String) throws -> String {
    let input = recipes.map { "\($0.bytes.isEmpty ? "-" : Hex.text($0.bytes)) \($0.recipe)\n" }.joined()
    let output = try run(python, [resource("evaluate.py") ?? ""], input: input).output
    let end = "evaluated \(recipes.count)\n"
    return output.hasSuffix(end) ? String(output.dropLast(end.count)) : "\(output)did not read all the recipes"
  }

  static func run(
    _ path: String, _ arguments: [String], input: String
  ) throws -> (output: String, status: Int32) {
    let file = FileManager.default.temporaryDirectory.appendingPathComponent("\(UUID().uuidString).recipes")
    try Data(input.utf8).write(to: file)
    defer { try? FileManager.default.removeItem(at: file) }
    let process = Process()
    let output = Pipe()
    process.executableURL = URL(fileURLWithPath: path)
    process.arguments = arguments
    process.standardInput = try FileHandle(forReadingFrom: file)
    process.standardOutput = output
    process.standardError = FileHandle.nullDevice
    try process.run()
    let text = String(decoding: try output.fileHandleForReading.readToEnd() ?? Data(), as: UTF8.self)
    process.waitUntilExit()
    return (text, process.terminationStatus)
  }
}
