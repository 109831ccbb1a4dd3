internal import SondeLink
internal import SondeOctets

/// Laboratories in text.
public enum LabText {
  /// The lines of a laboratory: its state, its hosts with their interfaces, its networks and what they did to frames.
  public static func lines(_ lab: LabStatus) -> [String] {
    var lines = ["\(lab.name): \(state(lab))"]
    guard lab.state != .abandoned, let topology = lab.topology else { return lines }
    let names = topology.hosts.map(\.name)
    let width = names.map(\.count).max() ?? 0
    for host in names {
      let ends = topology.ends(of: host)
      if ends.isEmpty { lines.append("  \(padded(host, width))  no interface") }
      for (index, (end, network)) in ends.enumerated() {
        let addresses = end.addresses.map { " \($0.address)/\($0.prefixLength)" }.joined()
        let link = end.linkAddress.map { " \($0)" } ?? ""
        lines.append(
          "  \(padded(index == 0 ? host : "", width))  \(end.interface) on \(network.name)\(addresses)\(link)")
      }
    }
    for network in topology.networks where network.mtu != 1500 || network.impairment != .none {
      lines.append("  network \(network.name): mtu \(network.mtu)\(words(network.impairment))")
      for count in lab.counts.lines where count.network == network.name && network.ends.indices.contains(count.end) {
        let end = network.ends[count.end]
        let told = zip(LabCounts.names, count.values).filter { $0.1 != 0 }.map { "\($0.1) \($0.0)" }
        guard !told.isEmpty else { continue }
        lines.append("    frames to \(end.host).\(end.interface): \(told.joined(separator: ", "))")
      }
    }
    return lines
  }

  private static func state(_ lab: LabStatus) -> String {
    switch lab.state {
    case .standing:
      let names = lab.prefix.map { ", its hosts are the namespaces \($0)-HOST of ip netns" } ?? ""
      return "stands, held by process \(lab.keeper ?? 0)\(names)"
    case .changing: return "is being built or taken down"
    case .abandoned: return "its keeper was killed; what is left goes by sonde lab down \(lab.name)"
    }
  }

  private static func words(_ impairment: Topology.Impairment) -> String {
    impairment == .none ? "" : ", \(impairment.sentence.joined(separator: ", "))"
  }

  private static func padded(_ text: String, _ width: Int) -> String {
    text + String(repeating: " ", count: max(0, width - text.count))
  }
}

extension Topology.Impairment {
  /// What it does, in words.
  fileprivate var sentence: [String] {
    var words: [String] = []
    for (share, word) in [(loss, "lost"), (duplication, "twice"), (reordering, "overtaken"), (corruption, "damaged")]
    where share > 0 {
      let percent = (share * 1_000_000).rounded() / 10_000
      words.append("\(percent == percent.rounded() ? "\(Int(percent))" : "\(percent)")% \(word)")
    }
    if delay != .zero { words.append("\(Self.milliseconds(delay)) late") }
    if jitter != .zero { words.append("spread over \(Self.milliseconds(jitter))") }
    if let rate { words.append("\(rate) bits a second") }
    return words
  }

  private static func milliseconds(_ time: Duration) -> String {
    let (seconds, rest) = time.components
    let value = Double(seconds) * 1000 + Double(rest) / 1e15
    return "\(value == value.rounded() && value < 1e9 ? "\(Int(value))" : "\(value)") ms"
  }
}
