internal import SondeLink
internal import SondeHeaders
public import SondeOctets
public import SondeProbe

/// Ping's own words, byte for byte those of iputils, because programs read them.
public struct PingText: Sendable {
  /// One host as it was asked for.
  public struct Host: Sendable {
    /// As the user wrote it.
    public var name: String
    public var address: IPAddress
    /// The zone as the user wrote it: `%eth0`; empty elsewhere.
    public var zone: String
    /// Octets of ICMP data.
    public var dataByteCount: Int
    /// Octets of the whole packet.
    public var packetByteCount: Int
    /// The source and interface that were asked for, as text for the first line: `192.0.2.1 eth0`, and
    /// `192.0.2.1 ` where no interface was.
    public var from: String?
    /// The interface of the link that the packets leave by, where it was written: `eth0`. It names
    /// link-local repliers.
    public var link: String?

    public init(
      name: String, address: IPAddress, zone: String = "", dataByteCount: Int, packetByteCount: Int,
      from: String? = nil,
      link: String? = nil
    ) {
      self.name = name
      self.address = address
      self.zone = zone
      self.dataByteCount = dataByteCount
      self.packetByteCount = packetByteCount
      self.from = from
      self.link = link
    }

    /// The address with its zone.
    var label: String { "\(address)\(zone)" }
    /// The name and the address, or the address alone where the user wrote an address.
    var full: String { IPAddress(name) == nil && name != label ? "\(name) (\(label))" : label }

    /// An address of a replier, with its zone where it needs one.
    func label(_ replier: IPAddress) -> String {
      guard let link, case .v6(let address) = replier, address.isLinkLocal else { return replier.description }
      return "\(replier)%\(link)"
    }
  }

  /// The counts that the last lines give, of one host.
  private struct Counts: Sendable {
    var transmitted = 0
    var received = 0
    /// In no set: there are few, and the first use of a set of a new type costs each start.
    var repliers: [IPAddress] = []
    var duplicates = 0
    var errors = 0
    /// The latest probes that a member of a group answered; members of several probes may answer in any order.
    var groupProbes: [UInt64] = []
    var rtt = RTTStatistics()
    /// Eight times the moving average of round-trip times, in microseconds, each worth an eighth.
    var moving: Int64 = 0
    var firstSent: Int64?
    var lastSeen: Int64 = 0
    var out = 0
    var pipe = 0
    /// The longest that a probe waited for its next hop's link address, and the turn of that probe.
    var resolution: (duration: Duration, turn: UInt64)?

    /// The moving average in nanoseconds.
    var average: Int64 { moving / 8 * 1000 }

    mutating func add(_ nanoseconds: Int64) {
      let microseconds = nanoseconds / 1000
      moving = rtt.count == 0 ? microseconds * 8 : moving + microseconds - moving / 8
      rtt.add(nanoseconds)
    }

    /// Counts the probe of a reply as received, once.
    mutating func receive(_ reply: Answer) {
      if reply.flags.contains(.otherAddress) {
        if groupProbes.contains(reply.probe) { return }
        groupProbes.append(reply.probe)
        if groupProbes.count > 256 { groupProbes.removeFirst() }
      }
      received += 1
    }
  }

  private let hosts: [Host]
  private let firstSequenceNumber: UInt16
  private let isNumeric: Bool
  private let isQuiet: Bool
  private let printsTime: Bool
  private let reportsPending: Bool
  private let isVerbose: Bool
  private let isFlood: Bool
  private var counts: [Counts]

  public init(
    _ hosts: [Host], firstSequenceNumber: UInt16, isNumeric: Bool = false, isQuiet: Bool = false,
    printsTime: Bool = false,
    reportsPending: Bool = false, isVerbose: Bool = false, isFlood: Bool = false
  ) {
    self.hosts = hosts
    self.firstSequenceNumber = firstSequenceNumber
    self.isNumeric = isNumeric
    self.isQuiet = isQuiet
    self.printsTime = printsTime
    self.reportsPending = reportsPending
    self.isVerbose = isVerbose
    self.isFlood = isFlood
    counts = [Counts](repeating: Counts(), count: hosts.count)
  }

  /// The lines before the first probe, one a host.
  public func opening() -> [String] {
    hosts.map { host in
      let from = host.from.map { "from \($0)" }
      switch host.address {
      case .v4:
        let sizes = "\(host.dataByteCount)(\(host.packetByteCount)) bytes of data."
        return "PING \(host.name) (\(host.address)) " + (from.map { "\($0): " } ?? "") + sizes
      case .v6:
        return "PING \(host.name)(\(name(host))) " + (from.map { "\($0): " } ?? "") + "\(host.dataByteCount) data bytes"
      }
    }
  }

  /// Takes an event into the counts, and gives its line where it has one.
  ///
  /// - Parameter wall: the real time now, in nanoseconds since 1970, for lines that no packet brought.
  public mutating func line(_ event: Event, wall: Int64) -> String? {
    switch event {
    case .sent(let sent):
      counts[sent.target].transmitted += 1
      counts[sent.target].firstSent = counts[sent.target].firstSent ?? sent.at.nanoseconds
      counts[sent.target].lastSeen = sent.at.nanoseconds
      counts[sent.target].out += 1
      counts[sent.target].pipe = max(counts[sent.target].pipe, counts[sent.target].out)
      return nil
    case .answer(let answer): return line(answer)
    case .silence(let silence):
      counts[silence.target].out -= 1
      return nil
    case .pending(let silence):
      guard reportsPending, !isQuiet else { return nil }
      return stamp(wall) + "no answer yet for icmp_seq=\(sequenceNumber(silence.turn))"
    case .sendFailed(let failure):
      counts[failure.target].transmitted += 1
      counts[failure.target].errors += 1
      return nil
    case .noise(let noise):
      return isVerbose ? "noise from \(noise.from.map(\.description) ?? "nowhere"): \(noise.why)" : nil
    case .failure(let error): return isVerbose ? "error on this machine: \(error)" : nil
    case .left, .settled: return nil
    }
  }

  private mutating func line(_ answer: Answer) -> String? {
    let index = answer.target
    if let waited = answer.resolution, waited > counts[index].resolution?.duration ?? .zero {
      counts[index].resolution = (waited, answer.turn)
    }
    counts[index].lastSeen = max(counts[index].lastSeen, answer.at.nanoseconds)
    if answer.isFirst, counts[index].out > 0 { counts[index].out -= 1 }
    let isRepeated = answer.flags.contains(.duplicate)
    guard answer.verdict == .reply else {
      if !isRepeated { counts[index].errors += 1 }
      return isQuiet ? nil : errorLine(answer)
    }
    if isRepeated {
      counts[index].duplicates += 1
    } else {
      // Many hosts may answer one probe to a group: each is an answer, the probe is received once.
      counts[index].receive(answer)
      if let from = answer.from, !counts[index].repliers.contains(from) { counts[index].repliers.append(from) }
      if let rtt = answer.rtt { counts[index].add(rtt.nanoseconds) }
    }
    return isQuiet ? nil : replyLine(answer)
  }

  private func replyLine(_ answer: Answer) -> String {
    let host = hosts[answer.target]
    let from = answer.from.map { name($0, of: host) } ?? host.label
    let length = answer.reply?.messageByteCount ?? 0
    var line = stamp(answer.frame?.stamp.wall) + "\(length) bytes from \(from): icmp_seq=\(sequenceNumber(answer.turn))"
    if let hops = answer.reply?.hopLimit { line += " ttl=\(hops)" }
    // Ping puts its clock into the first 16 octets of data, and prints no time where they do not fit.
    if host.dataByteCount >= 16, let rtt = answer.rtt { line += " time=\(pingTime(rtt.nanoseconds)) ms" }
    if answer.flags.contains(.duplicate) { line += " (DUP!)" }
    if answer.flags.contains(.late) { line += " (LATE!)" }
    if answer.flags.contains(.dataMismatch) { line += " (DATA MISMATCH!)" }
    return line
  }

  private func errorLine(_ answer: Answer) -> String {
    let host = hosts[answer.target]
    let from = answer.from.map { name($0, of: host) }
    let words = answer.report.map(PingWords.text) ?? answer.why
    guard let from else { return "sonde: local error: \(words)" }
    return stamp(answer.frame?.stamp.wall) + "From \(from) icmp_seq=\(sequenceNumber(answer.turn)) \(words)"
      + (answer.flags.contains(.duplicate) ? " (DUP!)" : "")
  }

  private func name(_ host: Host) -> String { isNumeric ? host.label : host.full }

  private func name(_ replier: IPAddress, of host: Host) -> String {
    guard replier == host.address else { return host.label(replier) }
    return host.zone.isEmpty && host.full == host.label ? host.label(replier) : name(host)
  }

  private func stamp(_ wall: Int64?) -> String {
    guard printsTime, let wall else { return "" }
    return "[\(fixed(wall / 1000, per: 1_000_000, places: 6))] "
  }

  private func sequenceNumber(_ turn: UInt64) -> UInt16 { firstSequenceNumber &+ UInt16(truncatingIfNeeded: turn) }

  /// The statistics of each host: what ping prints in the end. Ahead of them, where nothing that reads ping's last
  /// lines stumbles over it, is told how long a link address was waited for.
  public func closing() -> [String] {
    hosts.indices.compactMap(resolution)
      + hosts.indices.flatMap { ["", "--- \(hosts[$0].name) ping statistics ---"] + statistics($0) }
  }

  private func resolution(_ index: Int) -> String? {
    guard !isQuiet, let (duration, turn) = counts[index].resolution else { return nil }
    return
      "icmp_seq=\(sequenceNumber(turn)) to \(hosts[index].name) waited \(pingTime(duration.nanoseconds)) ms for the "
      + "link address of its next hop, which no time above includes"
  }

  /// Whether every host gave a reply; with `count`, that many replies.
  public func everyHostReplied(atLeast count: Int = 1) -> Bool { counts.allSatisfy { $0.received >= count } }

  /// One line a host, as ping prints on SIGQUIT.
  public func interim() -> [String] {
    counts.map { counts in
      var line = "\(counts.received)/\(counts.transmitted) packets, "
      line += "\(percent(counts.transmitted - counts.received, of: counts.transmitted))% loss"
      if counts.rtt.count > 0 {
        let times = [counts.rtt.min, counts.rtt.mean, counts.average, counts.rtt.max].map(three).joined(separator: "/")
        line += ", min/avg/ewma/max = \(times) ms"
      }
      return line
    }
  }

  private func statistics(_ index: Int) -> [String] {
    let counts = counts[index]
    var line = "\(counts.transmitted) packets transmitted, \(counts.received) received"
    if counts.duplicates > 0 { line += ", +\(counts.duplicates) duplicates" }
    if counts.errors > 0 { line += ", +\(counts.errors) errors" }
    if counts.transmitted > 0 {
      line += ", \(percent(counts.transmitted - counts.received, of: counts.transmitted))% packet loss"
      line += ", time \((counts.lastSeen - (counts.firstSent ?? counts.lastSeen)) / 1_000_000)ms"
    }
    var lines = [line]
    if counts.repliers.count > 1 { lines.append("\(counts.repliers.count) hosts replied") }
    if counts.rtt.count > 0, hosts[index].dataByteCount >= 16 {
      let rtt = counts.rtt
      let times = [rtt.min, rtt.mean, rtt.max, rtt.deviation].map(three).joined(separator: "/")
      var line = "rtt min/avg/max/mdev = \(times) ms" + (counts.pipe > 1 ? ", pipe \(counts.pipe)" : "")
      if isFlood, counts.transmitted > 1 {
        let gap = (counts.lastSeen - (counts.firstSent ?? counts.lastSeen)) / Int64(counts.transmitted - 1)
        line += ", ipg/ewma \(three(gap))/\(three(counts.average)) ms"
      }
      lines.append(line)
    } else {
      lines.append("")
    }
    return lines
  }

  private func three(_ nanoseconds: Int64) -> String { fixed(nanoseconds / 1000, per: 1000, places: 3) }
}
