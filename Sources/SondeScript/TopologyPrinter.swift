public import SondeLink
internal import SondeOctets

extension Topology {
  /// The lab's text, which `init(text:)` reads back as the same value.
  public var text: String {
    var lines = ["lab \(name)"]
    for host in hosts {
      // The order of the hosts is that in which the text first names them.
      lines.append("host \(host.name)\(host.forwards ? " forwards" : "")")
    }
    for network in networks {
      lines.append("network \(network.name) mtu \(network.mtu)\(network.impairment.words)")
      lines += network.ends.map { "  \($0.text)" }
    }
    for host in hosts {
      lines += host.routes.map { "route \(host.name) \($0.text)" }
      lines += host.neighbours.map {
        "neighbour \(host.name) \($0.address) at \($0.linkAddress) on \($0.interface)"
      }
      lines += host.settings.map { "setting \(host.name) \($0.path) \(quoted($0.value))" }
      if !host.rules.isEmpty { lines.append("rules \(host.name) \(quoted(host.rules))") }
    }
    return lines.map { $0 + "\n" }.joined()
  }

  private func quoted(_ text: String) -> String {
    var quoted = "\""
    for character in text {
      switch character {
      case "\"", "\\": quoted += "\\\(character)"
      case "\n": quoted += "\\n"
      default: quoted.append(character)
      }
    }
    return quoted + "\""
  }
}

extension Topology.End {
  /// The end as a line of its network writes it.
  var text: String {
    let addresses = addresses.map { " \($0.address)/\($0.prefixLength)" }.joined()
    return "\(host).\(interface)\(addresses)\(linkAddress.map { " mac \($0)" } ?? "")"
  }
}

extension Topology.Route {
  /// The route as a line writes it, behind its host.
  var text: String {
    switch kind {
    case .gateway(let gateway) where prefixLength == 0: "default via \(gateway)"
    case .gateway(let gateway): "\(destination)/\(prefixLength) via \(gateway)"
    case .unreachable: "\(destination)/\(prefixLength) unreachable"
    case .prohibit: "\(destination)/\(prefixLength) prohibit"
    case .blackhole: "\(destination)/\(prefixLength) blackhole"
    }
  }
}

extension Topology.Impairment {
  /// What is not as in a network without impairment, each behind a space: " loss 1% delay 10ms".
  public var words: String {
    let none = Self.none
    var words = ""
    func add(_ key: String, _ value: String?) {
      if let value { words += " \(key) \(value)" }
    }
    add("loss", loss == 0 ? nil : Self.share(loss))
    add("duplicate", duplication == 0 ? nil : Self.share(duplication))
    add("reorder", reordering == 0 ? nil : Self.share(reordering))
    add("corrupt", corruption == 0 ? nil : Self.share(corruption))
    add("delay", delay == .zero ? nil : Self.time(delay))
    add("jitter", jitter == .zero ? nil : Self.time(jitter))
    add("rate", rate.map(Self.rate))
    add("queue", queue == none.queue ? nil : "\(queue)")
    add("seed", seed == none.seed ? nil : "\(seed)")
    return words
  }

  private static func share(_ value: Double) -> String {
    // The product may be a last digit off that which gives the value again.
    let percent = value * 100
    let exact = [percent, percent.nextUp, percent.nextDown].first { $0 / 100 == value } ?? percent
    return "\(plain(exact))%"
  }

  /// A number as a word writes it: without exponent, and without decimals that are zero.
  private static func plain(_ value: Double) -> String {
    let text = "\(value)"
    if text.hasSuffix(".0") { return String(text.dropLast(2)) }
    guard let mark = text.firstIndex(of: "e"), let exponent = Int(text[text.index(after: mark)...]), exponent < 0
    else { return text }
    let digits = text[..<mark].filter { $0 != "." }
    return "0." + String(repeating: "0", count: -exponent - 1) + digits
  }

  private static func time(_ value: Duration) -> String {
    let (seconds, rest) = value.components
    let nanoseconds = seconds &* 1_000_000_000 &+ rest / 1_000_000_000
    for (unit, name) in [(Int64(1_000_000_000), "s"), (1_000_000, "ms"), (1000, "us")] where nanoseconds % unit == 0 {
      return "\(nanoseconds / unit)\(name)"
    }
    return "\(nanoseconds)ns"
  }

  private static func rate(_ value: UInt64) -> String {
    for (unit, name) in [(UInt64(1_000_000_000), "Gbit"), (1_000_000, "Mbit"), (1000, "kbit")] where value % unit == 0 {
      return "\(value / unit)\(name)"
    }
    return "\(value)bit"
  }
}
