import Testing
import WireSupport

extension Side {
  /// Sixteen bits of addresses, all of which are the far host, by way of its own.
  var block: String { family == 4 ? "10.88.0.0/16" : "fd88::/112" }
  /// The first 2^(16 - bits) addresses of that.
  func block(less bits: Int) -> String { family == 4 ? "10.88.0.0/\(16 + bits)" : "fd88::/\(112 + bits)" }
}

extension WireNetwork {
  /// Routes a block of addresses to the far host, which takes them all for its own: no neighbour is asked for.
  func routeToFar(_ block: String, _ side: Side = .v4) throws {
    try onFar { try sh("ip -\(side.family) route add local \(block) dev lo") }
    try sh("ip -\(side.family) route add \(block) via \(side.far)")
  }

  /// The far host takes IPv4 packets and gives nothing back; captures there see them.
  func makeFarSilent() throws {
    try onFar {
      try sh(
        "nft 'table netdev sonde { chain sink { type filter hook ingress device far0 priority 0; "
          + "meta protocol ip drop; } ; }'")
    }
  }

  /// Runs `body` while the far host listens on TCP ports.
  func withListeners(_ ports: [Int], _ body: () throws -> Void) throws {
    let folder = try TemporaryFolder()
    let words = ports.map(String.init).joined(separator: " ")
    let child = try onFar { try start("exec \(script("listen.py")) \(words) > \(folder.path)/log 2>&1") }
    defer { stop(child) }
    try Shell.until("grep -q ready \(folder.path)/log")
    try body()
  }
}

/// A sweep's lines, which may be too many to be read here one by one, and its summary.
final class SweepRun {
  let outcome: Outcome
  let summary: [String: Any]
  private let folder: TemporaryFolder
  var file: String { folder.path + "/lines" }

  /// - Parameter line: arguments; `{}` stands for the folder of the output.
  init(_ arguments: String, seconds: Int = 40) throws {
    folder = try TemporaryFolder()
    let file = folder.path + "/lines"
    outcome = try Shell.run("exec \"$SONDE\" sweep --json \(arguments) > \(file)", seconds: seconds)
    let last = try Shell.run("tail -n 1 \(file)")
    summary = try objects(last).of("summary").first ?? [:]
    #expect(!summary.isEmpty, "\(outcome) \(last)")
  }

  subscript(_ key: String) -> Int { summary.number(key) ?? -1 }

  /// Questions by their verdict.
  var verdicts: [String: Int] { (summary["ports"] ?? summary["hosts"]) as? [String: Int] ?? [:] }

  /// How many different questions the lines that match have.
  func questions(_ pattern: String = ".") throws -> Int {
    // Lines that repeat an answer are flagged.
    let line =
      "grep -E '\(pattern)' \(file) | grep -E '\"type\":\"(answer|silence)\"' | grep -v '\"duplicate\"' "
      + "| grep -oE '\"host\":\"[^\"]*\".*\"port\":[0-9]+|\"host\":\"[^\"]*\"' | sort | uniq | wc -l"
    return Int(try Shell.run(line).output.split(separator: "\n").first ?? "") ?? -1
  }

  /// That what was sent, and what came, is each counted once.
  func expectBooksClose(_ location: SourceLocation = #_sourceLocation) {
    #expect(
      self["sent"] == self["answered"] + self["silent"] + self["send_failed"], "\(summary)", sourceLocation: location)
    let heard = ["answered", "duplicates", "late", "noise", "own_drops"].reduce(0) { $0 + self[$1] }
    #expect(self["frames"] == heard, "\(summary)", sourceLocation: location)
  }
}
