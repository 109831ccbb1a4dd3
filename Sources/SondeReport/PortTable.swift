internal import SondeLink
public import SondeHeaders
public import SondeProbe
internal import SondeOctets

/// Ports, their states and the reasons, as a table for people.
public struct PortTable: Sendable {
  public struct Port: Sendable {
    public var port: UInt16
    /// "tcp" or "udp".
    public var proto: String
    public var settlement: Settlement
    /// What the settlement means, in a sentence; nil where nobody asked for that.
    public var explanation: String?

    public init(port: UInt16, proto: String, settlement: Settlement, explanation: String? = nil) {
      self.port = port
      self.proto = proto
      self.settlement = settlement
      self.explanation = explanation
    }
  }

  /// More ports than this with one state and one reason are counted rather than listed.
  private static let mostAlike = 25

  private let ports: [Port]
  /// Closed ports that are not among them, of the same kind as the closed ones that are.
  private let closed: Int
  private let onlyOpen: Bool
  private let listsAll: Bool
  private let color: Bool

  /// - Parameter closed: how many more ports are closed as those are that are listed.
  public init(_ ports: [Port], closed: Int = 0, onlyOpen: Bool = false, listsAll: Bool = false, color: Bool = false) {
    self.ports = ports.sorted { ($0.port, $0.proto) < ($1.port, $1.proto) }
    self.closed = closed
    self.onlyOpen = onlyOpen
    self.listsAll = listsAll
    self.color = color
  }

  /// The table's lines. An explanation stands below the first port that has it.
  public func lines() -> [String] {
    let groups = Dictionary(grouping: ports) { "\($0.settlement.verdict) (\(reasonKind($0.settlement)))" }
    let hidden =
      listsAll || onlyOpen
      ? [:] : groups.filter { $0.value.count > Self.mostAlike && $0.value[0].settlement.verdict != .open }
    let shown = ports.filter { port in
      if onlyOpen { return port.settlement.verdict == .open }
      return hidden["\(port.settlement.verdict) (\(reasonKind(port.settlement)))"] == nil
    }
    var lines: [String] = []
    var explained: Set<String> = []
    func explain(_ port: Port?) {
      guard let sentence = port?.explanation, explained.insert(sentence).inserted else { return }
      lines.append("    \(sentence)")
    }
    if !shown.isEmpty {
      let width = max(9, (shown.map { label($0).count }.max() ?? 0) + 1)
      let stateWidth = max(6, (shown.map { $0.settlement.verdict.rawValue.count }.max() ?? 0)) + 1
      lines.append(padded("PORT", width) + padded("STATE", stateWidth) + padded("RTT", 11) + "WHY")
      for port in shown {
        let state = padded(port.settlement.verdict.rawValue, stateWidth)
        lines.append(
          padded(label(port), width) + colored(state, port.settlement.verdict) + padded(time(port), 11)
            + why(port.settlement))
        explain(port)
      }
    }
    for (state, ports) in hidden.sorted(by: { $0.value.count > $1.value.count }) {
      let more = ports[0].settlement.verdict == .closed ? closed : 0
      lines.append("not listed: \(ports.count + more) \(state)")
      explain(ports.first)
    }
    return lines
  }

  /// How many ports ended in each state, the most frequent first.
  ///
  /// - Parameter closed: how many more are closed.
  public static func counts(_ settlements: some Sequence<Settlement>, closed: Int = 0) -> [(Verdict, Int)] {
    var counts: [Verdict: Int] = closed > 0 ? [.closed: closed] : [:]
    for settlement in settlements { counts[settlement.verdict, default: 0] += 1 }
    return counts.map { ($0.key, $0.value) }
      .sorted { ($1.1, $0.0.rawValue) < ($0.1, $1.0.rawValue) }
  }

  private func label(_ port: Port) -> String { "\(port.port)/\(port.proto)" }

  private func time(_ port: Port) -> String {
    port.settlement.answer?.rtt.map { "\(pingTime($0.nanoseconds)) ms" } ?? "-"
  }

  private func reasonKind(_ settlement: Settlement) -> String {
    guard let answer = settlement.answer else { return "no answer" }
    return answer.report?.name ?? answer.by.rawValue
  }

  private func why(_ settlement: Settlement) -> String {
    guard let answer = settlement.answer else { return settlement.why }
    var why = answer.why
    if answer.by == .icmpError, let from = answer.from { why += ", from \(from)" }
    if let hops = answer.reply?.hopLimit { why += ", ttl \(hops)" }
    if !answer.flags.isEmpty { why += " [\(answer.flags.map(\.rawValue).joined(separator: " "))]" }
    return why
  }

  private func colored(_ text: String, _ verdict: Verdict) -> String {
    guard color else { return text }
    switch verdict {
    case .open: return "\u{1b}[32m\(text)\u{1b}[0m"
    case .closed, .unreachable: return "\u{1b}[31m\(text)\u{1b}[0m"
    default: return "\u{1b}[33m\(text)\u{1b}[0m"
    }
  }
}
