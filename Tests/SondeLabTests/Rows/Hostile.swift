import LabSupport

/// A question to a hostile host, as the rows of the table put it.
struct Question {
  var family: Family
  /// What the host does, as `Behaviour` calls it.
  var behaviour: String

  var host: String { Behaviour.address(behaviour, family == .v4 ? 4 : 6) }

  /// The address of who speaks: of the host unless it is "router", "other router" or "stranger".
  private func speaker(_ name: String) -> String {
    let numbers = ["stranger": 250, "router": 251, "other router": 252]
    guard let number = numbers[name] else { return name == "host" ? host : name }
    let separator: Character = family == .v4 ? "." : ":"
    return host.prefix(through: host.lastIndex(of: separator) ?? host.startIndex) + String(number)
  }

  /// A row; where words are in pairs, "ttl-exceeded|hop-limit-exceeded", the second is IPv6's.
  func row(
    _ title: String, _ command: String, _ says: [Line], summary: [String: Int] = [:], because reason: String
  ) -> Situation {
    func mine(_ words: String) -> String {
      let pair = words.split(separator: "|", maxSplits: 1)
      return pair.count < 2 || words == "open|filtered" ? words : String(pair[family == .v4 ? 0 : 1])
    }
    let says = says.map { line in
      var line = line
      line.from = line.from.map(speaker) ?? (line.type == "silence" ? nil : host)
      line.error = line.error.map(mine)
      line.verdict = line.verdict.map(mine)
      line.why = line.why.map(mine)
      return line
    }
    let isPing = command.hasPrefix("ping")
    let isAnswered = says.contains { line in
      line.type == "answer" && (!isPing || line.verdict == "reply")
    }
    // A recipe has the address in it, all else behind it.
    let words = command.contains("HOST") ? command.replacing("HOST", with: host) : command + " " + host
    return Situation(
      "\(family) \(title): \(behaviour)", words, says: says, summary: summary, status: isAnswered ? 0 : 1,
      because: reason)
  }
}

extension Family {
  /// Asked by echo, over the door that it takes by itself.
  func ping(
    _ behaviour: String, _ says: Line..., options: String = "-c1 -W.7", summary: [String: Int] = [:],
    because reason: String
  ) -> Situation {
    Question(family: self, behaviour: behaviour)
      .row("ping", "ping \(options)", says, summary: summary, because: reason)
  }

  /// Asked by echo through a raw socket.
  func rawPing(
    _ behaviour: String, _ says: Line..., options: String = "-c1 -W.7", because reason: String
  ) -> Situation {
    Question(family: self, behaviour: behaviour)
      .row("raw ping", "ping --door raw \(options)", says, because: reason)
  }

  func tcp(
    _ behaviour: String, _ says: Line..., options: String = "", summary: [String: Int] = [:],
    because reason: String
  ) -> Situation {
    Question(family: self, behaviour: behaviour)
      .row(
        options.isEmpty ? "tcp" : "tcp \(options)", "probe -p 4000 --retries 0 -W .7 \(options)", says,
        summary: summary, because: reason)
  }

  func udp(
    _ behaviour: String, _ says: Line..., summary: [String: Int] = [:], because reason: String
  ) -> Situation {
    Question(family: self, behaviour: behaviour)
      .row(
        "udp", "probe --udp --data ABCDEFGHIJKLMNOPQRSTUVWXYZ012345 -p 4001 --retries 0 -W .7", says,
        summary: summary, because: reason)
  }
}

extension Family {
  private var ip: String { self == .v4 ? "IP" : "IPv6" }

  /// One SYN, and all that is heard for a while after it: `probe` ends once the port is known.
  func sentSYN(
    _ behaviour: String, _ says: Line..., summary: [String: Int] = [:], because reason: String
  ) -> Situation {
    Question(family: self, behaviour: behaviour)
      .row(
        "sent SYN", "send '\(ip)(dst=\"HOST\")/TCP(dport=4000)' -W .6", says, summary: summary, because: reason)
  }

  /// One datagram, and all that is heard for a while after it.
  func sentUDP(
    _ behaviour: String, _ says: Line..., summary: [String: Int] = [:], because reason: String
  ) -> Situation {
    Question(family: self, behaviour: behaviour)
      .row(
        "sent UDP", "send '\(ip)(dst=\"HOST\")/UDP(dport=4001)/\"hello\"' -W .6", says, summary: summary,
        because: reason)
  }
}

extension Line {
  static func echoed(_ flags: Set<String> = [], why: String..., count: Int = 1) -> Line {
    var line = Line.answer("reply", by: "echo-reply", flags: flags, count: count)
    line.why = why
    return line
  }

  static func accepted(_ flags: Set<String> = [], why: String..., count: Int = 1) -> Line {
    var line = Line.answer("open", by: "tcp-syn-ack", flags: flags, count: count)
    line.why = why
    return line
  }

  static func answered(_ flags: Set<String> = [], why: String..., count: Int = 1) -> Line {
    var line = Line.answer("open", by: "udp", flags: flags, count: count)
    line.why = why
    return line
  }

  /// An ICMP error from the router, or from who is named.
  static func error(
    _ verdict: String, _ error: String, from: String = "router", _ flags: Set<String> = [], why: String...,
    count: Int = 1
  ) -> Line {
    var line = Line.answer(verdict, by: "icmp-error", from: from, flags: flags, error: error, count: count)
    line.why = why
    return line
  }

  static let timeout = Line.silence("timeout")
  static let filtered = Line.silence("filtered")
  static let openOrFiltered = Line.silence("open|filtered")
  static let unreachable = "host-unreachable|address-unreachable"
}
