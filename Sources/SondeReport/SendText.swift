internal import SondeCraft
internal import SondeHeaders
internal import SondeLink
internal import SondeOctets
public import SondeProbe

/// A run of packets in text: what left, what came, and why it counts.
public enum SendText {
  /// An event's lines.
  ///
  /// - Parameter verbose: also what came and does not count, and the octets of silence.
  public static func lines(_ event: Event, verbose: Bool) -> [String] {
    switch event {
    case .sent(let sent):
      let pieces = sent.fragments.isEmpty ? "" : ", in \(sent.fragments.count) fragments"
      return ["#\(sent.probe) sent\(pieces)  \(sent.asked.recipe)"]
    case .answer(let answer):
      let flags = answer.flags.isEmpty ? "" : " [\(answer.flags.map(\.rawValue).joined(separator: " "))]"
      let from = answer.from.map { " from \($0)" } ?? ""
      let time = answer.rtt.map { " in \(milliseconds($0)) ms" } ?? ""
      let wait = answer.resolution.map { ", after \(milliseconds($0)) ms of waiting for the link address" } ?? ""
      let head = "#\(answer.probe) \(answer.verdict)\(flags) by \(answer.by)\(from)\(time)\(wait): \(answer.why)"
      return [head] + (answer.reply.map { ["    \($0.recipe)"] } ?? [])
    case .noise(let noise):
      guard verbose else { return [] }
      let probe = noise.probe.map { "#\($0) " } ?? ""
      return ["\(probe)noise from \(noise.from.map(\.description) ?? "nowhere"): \(noise.why)"]
    case .silence(let silence): return ["#\(silence.probe) \(silence.verdict): no answer came"]
    case .failure(let error): return ["\(error)"]
    case .left, .sendFailed, .pending, .settled: return []
    }
  }

  /// The last line.
  public static func summary(_ tally: Tally, elapsed: Duration) -> String {
    var parts = ["\(tally.sent) sent", "\(tally.answered) answered", "\(tally.silent) silent"]
    if tally.sendFailed > 0 { parts.append("\(tally.sendFailed) failed") }
    if tally.errors > 0 { parts.append("\(tally.errors) by ICMP errors") }
    if tally.duplicates > 0 { parts.append("\(tally.duplicates) duplicates") }
    if tally.late > 0 { parts.append("\(tally.late) late") }
    if tally.noise > 0 { parts.append("\(tally.noise) foreign") }
    return "\(parts.joined(separator: ", ")); \(milliseconds(elapsed)) ms"
  }

  private static func milliseconds(_ duration: Duration) -> String { pingTime(duration.nanoseconds) }
}
