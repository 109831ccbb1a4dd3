import Foundation
import LabSupport
import WireSupport

/// Runs rows of the table in a laboratory, and says of each what is wrong with it.
struct RowRunner: Sendable {
  let laboratory: Laboratory

  /// The rows that are not right, each with what was wanted and what came. Rows of one lane run one after another, and
  /// so do rows that ask the same host, as each would hear of the others; all else by so many threads.
  func failures(of rows: [Situation], threads: Int = 12) -> [String] {
    var lanes: [String: [Situation]] = [:]
    for row in rows { lanes[row.lane ?? Self.place(of: row.command) ?? row.name, default: []].append(row) }
    // The long ones first, so that none is left for the end.
    let order = lanes.values.sorted { ($0.count, $1[0].name) > ($1.count, $0[0].name) }
    return inParallel(order, threads: threads) { $0.compactMap(failure) }.flatMap { $0 }
  }

  /// Where a command is heard: at the first address of the laboratory in it; of ARP all there is of it.
  private static func place(of command: String) -> String? {
    if command.hasPrefix("arp ") || command.contains("ARP(") { return "arp" }
    return command.split { !$0.isHexDigit && $0 != "." && $0 != ":" }.first {
      $0.hasPrefix("10.77.") || $0.hasPrefix("fd77:")
    }
    .map(String.init)
  }

  /// What is wrong with one row; nil where it is right.
  func failure(of row: Situation) -> String? {
    let words = row.command.split(separator: " ", maxSplits: 1)
    let line = "exec \"$SONDE\" \(words[0]) --json \(words.dropFirst().joined())"
    guard let outcome = try? laboratory.run(line, on: row.host, seconds: 60) else { return "\(row.name): did not run" }
    let wrongs = Self.wrongs(in: outcome, of: row)
    guard !wrongs.isEmpty else { return nil }
    return """
      \(row.name)
        on \(row.host): sonde \(row.command)
        \(wrongs.joined(separator: "\n  "))
        because \(row.reason)
      \(outcome)
      """
  }

  private static func wrongs(in outcome: Outcome, of row: Situation) -> [String] {
    var wrongs: [String] = []
    if outcome.status != row.status { wrongs.append("status \(outcome.status), not \(row.status)") }
    if let complaint = row.complaint {
      if !outcome.errors.contains(complaint) { wrongs.append("standard error has no “\(complaint)”") }
    } else if !outcome.errors.isEmpty {
      wrongs.append("something on standard error")
    }
    let objects = outcome.output.split(separator: "\n").map { SaidLine($0) }
    if objects.contains(where: { $0 == nil }) { wrongs.append("a line is no object") }
    var said = objects.compactMap { $0 }
    let summary = said.last { $0.type == "summary" }
    said.removeAll { $0.type == "sent" || $0.type == "summary" }
    // Rows that know more of a line choose first.
    for line in row.says.sorted(by: { $0.detail > $1.detail }) {
      for _ in 0..<line.count {
        if let index = said.firstIndex(where: { $0.is(line) }) {
          said.remove(at: index)
        } else {
          wrongs.append("missing: \(line.text)")
        }
      }
    }
    wrongs += said.map { "not expected: \($0.description)" }
    if let summary {
      for (key, value) in row.summary.sorted(by: { $0.key < $1.key }) where summary.number(key) != value {
        wrongs.append("summary: \(key) is \(summary.number(key).map(String.init) ?? "missing"), not \(value)")
      }
      // Whatever else is so, no probe is lost in the counting.
      let parts = ["sent", "answered", "silent", "send_failed"].map { summary.number($0) ?? 0 }
      if parts[0] != parts[1] + parts[2] + parts[3] { wrongs.append("summary: sent ≠ answered + silent + send_failed") }
    } else if row.status != 2 {
      wrongs.append("no summary")
    }
    return wrongs
  }
}

/// A line of JSON that sonde said.
struct SaidLine: CustomStringConvertible {
  private let object: [String: Any]

  init?(_ line: Substring) {
    guard let object = try? JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any] else { return nil }
    self.object = object
  }

  var type: String { text("type") ?? "" }
  private func text(_ key: String) -> String? { object[key] as? String }
  func number(_ key: String) -> Int? { (object[key] as? NSNumber)?.intValue }
  private var flags: Set<String> { Set(object["flags"] as? [String] ?? []) }
  private var error: String? { (object["icmp"] as? [String: Any])?["name"] as? String }

  private func told(_ key: String) -> String? {
    ((object["icmp"] as? [String: Any])?[key] as? NSNumber).map { "\(key) \($0)" }
  }

  func `is`(_ line: Line) -> Bool {
    guard type == line.type else { return false }
    if type == "answer", flags != line.flags { return false }
    let pairs = [
      (line.verdict, text("verdict")), (line.by, text("by")), (line.from, text("from")), (line.error, error),
    ]
    for (wanted, said) in pairs where wanted != nil && wanted != said { return false }
    for (wanted, key) in [(line.mtu, "mtu"), (line.pointer, "pointer")] where wanted != nil {
      let icmp = object["icmp"] as? [String: Any]
      guard (icmp?[key] as? NSNumber)?.intValue == wanted else { return false }
    }
    // An answer without an error in the row has none on the wire.
    if type == "answer", line.error == nil, error != nil { return false }
    return line.why.allSatisfy { (text("why") ?? "").contains($0) }
  }

  var description: String {
    let parts: [String?] = [
      text("verdict"), text("by"), text("from"), error, told("mtu"), told("pointer"),
      "[\(flags.sorted().joined(separator: " "))]", text("why"),
    ]
    return ([type] + parts.compactMap { $0 }).joined(separator: " · ")
  }
}

extension Line {
  /// How much the row knows of it.
  var detail: Int { [verdict, by, from, error].compactMap { $0 }.count + why.count }

  var text: String {
    let parts: [String?] = [
      verdict, by, from, error, mtu.map { "mtu \($0)" }, pointer.map { "pointer \($0)" },
      "[\(flags.sorted().joined(separator: " "))]",
    ]
    return ([type] + parts.compactMap { $0 } + why.map { "“\($0)”" }).joined(separator: " · ")
  }
}
