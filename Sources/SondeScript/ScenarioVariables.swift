internal import SondeCraft
internal import SondeHeaders
internal import SondeLink

/// What is known of a scenario's variables at a place of its text, so that a misspelt one is found before anything is
/// sent: each must have a value where one is needed, and must be named again where it was given one.
struct ScenarioVariables {
  /// A variable that has been given a value.
  private struct Known {
    /// A value like those that it has.
    var sample: FieldValue
    /// Where it was given.
    var line: Int
    var column: Int
    var isUsed = false
  }

  private var known: [String: Known] = [:]
  private var order: [String] = []
  /// nil where nobody knows the hosts yet, but only some of their names.
  var hosts: HostNames?
  var hostNames: Set<String>

  private static let noLink = "00:00:00:00:00:00"

  init(hosts: HostNames?, named names: Set<String>) {
    self.hosts = hosts
    hostNames = names.union(hosts?.hosts.map(\.name) ?? [])
  }

  /// A value like the one that a variable has here; nil where it has none.
  func sample(_ name: String, _ form: FieldSpec.Form?) -> FieldValue? {
    if let known = known[name] { return known.sample }
    guard isHost(name) else { return nil }
    if let hosts { return hosts.value(name, form) ?? (hosts.leavesOpen(name, form) ? .text(Self.noLink) : nil) }
    switch (name.split(separator: ".").last, form) {
    case ("mac", _), (_, .macAddress): return .text(Self.noLink)
    case ("ip6", _), (_, .ipv6Address): return .text("::")
    default: return .text("0.0.0.0")
    }
  }

  /// Whether it is the name of a host, or begins with one.
  func isHost(_ name: String) -> Bool {
    let host = String(name.prefix { $0 != "." })
    if hostNames.contains(host) { return true }
    return hosts == nil && host != name
  }

  func has(_ name: String) -> Bool { known[name] != nil || isHost(name) && sample(name, nil) != nil }

  /// Notes that a variable with a value is named.
  mutating func use(_ name: String) { known[name]?.isUsed = true }

  mutating func set(_ name: String, to sample: FieldValue, line: Int, column: Int) {
    if known[name] == nil {
      order.append(name)
      known[name] = Known(sample: sample, line: line, column: column)
    } else {
      known[name]?.sample = sample
    }
  }

  /// The name that somebody may have meant.
  func nearest(to name: String) -> String? {
    Suggestion.nearest(to: name, among: (order + hostNames).filter { $0 != name })
  }

  /// The first variable that was given a value and not named again.
  var unused: (name: String, line: Int, column: Int)? {
    for name in order {
      if let known = known[name], !known.isUsed { return (name, known.line, known.column) }
    }
    return nil
  }
}
