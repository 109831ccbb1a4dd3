internal import SondeCraft
public import SondeHeaders
internal import SondeLink
internal import SondeOctets
public import SondeProbe

/// Events as JSON Lines: the documented objects of the command line.
public struct EventJSON: Sendable {
  /// What the verb knows of a target, added to its lines.
  public struct Target: Sendable {
    public var host: String
    /// "tcp" or "udp", where ports are asked.
    public var proto: String?
    public var port: UInt16?

    public init(host: String, proto: String? = nil, port: UInt16? = nil) {
      self.host = host
      self.proto = proto
      self.port = port
    }
  }

  private let targets: [Target]
  /// What says what events mean; nil where nobody asked for that.
  private var explainer: Explainer?
  /// The first sequence number, where the verb is one of sequences.
  private let firstSequenceNumber: UInt16?
  /// One line a target, at its end, rather than one a probe.
  private let settles: Bool
  private let printsSent: Bool
  private let door: @Sendable (Dissection) -> String
  private let lineOfTarget: @Sendable (Int) -> Int?
  /// Probes whose line waits for word of how they left; nil where none waits.
  private var held: [UInt64: Departing]?
  private var start: Int64?
  /// Targets that have had their last word.
  private var settledTargets: Set<Int> = []
  /// Noise lines of the current second: at most 100 are printed, the rest counted.
  private var noiseSecond: Int64 = -1
  private var noiseLines = 0

  /// - Parameters:
  ///   - hearsDepartures: whether the link tells how each packet left; `sent` lines then say what the kernel changed.
  ///   - explains: whether answers, silences and noise say in a sentence what they mean.
  ///   - line: the line of the input that a target comes from; nil where there are no lines.
  ///   - door: by which door a packet leaves.
  public init(
    _ targets: [Target], firstSequenceNumber: UInt16? = nil, settles: Bool = false, printsSent: Bool = false,
    hearsDepartures: Bool = false, explains: Bool = false,
    line: @escaping @Sendable (Int) -> Int? = { _ in nil },
    door: @escaping @Sendable (Dissection) -> String
  ) {
    self.targets = targets
    explainer = explains ? Explainer() : nil
    self.firstSequenceNumber = firstSequenceNumber
    self.settles = settles
    self.printsSent = printsSent
    self.door = door
    lineOfTarget = line
    held = hearsDepartures ? [:] : nil
  }

  /// The event's lines: none where it says nothing, and two where it comes before its probe's own line.
  public mutating func lines(_ event: Event) -> [String] {
    let sentence = explainer?.sentence(event)
    switch event {
    case .sent(let sent):
      start = start ?? sent.at.nanoseconds
      guard printsSent else { return [] }
      guard held != nil else { return [line(sent, changed: nil)] }
      held?[sent.probe] = Departing(sent)
      return []
    case .left(let departure):
      held?[departure.probe]?.add(departure)
      guard held?[departure.probe]?.isWhole == true else { return [] }
      return [release(departure.probe)].compactMap { $0 }
    default:
      let before = event.probe.flatMap { release($0) }
      let explained = sentence.map { [("explain", JSON.string($0))] } ?? []
      return [before, line(event, explained)].compactMap { $0 }
    }
  }

  /// The lines of packets sent that still wait: for the end of the run.
  public mutating func rest() -> [String] { (held ?? [:]).keys.sorted().compactMap { release($0) } }

  private mutating func release(_ probe: UInt64) -> String? {
    guard let departing = held?.removeValue(forKey: probe) else { return nil }
    return line(departing.sent, changed: departing.isWhole ? departing.changed : nil)
  }

  private func line(_ sent: Sent, changed: [String]?) -> String {
    var members: [(String, JSON)] = [
      ("type", "sent"), ("probe", .integer(sent.probe)), ("time", .string(rfc3339(sent.wall))),
      ("at_ns", .integer(sent.at.nanoseconds - (start ?? 0))), ("recipe", .string(sent.asked.recipe)),
      ("bytes", .string(Hex.text(sent.asked.bytes))), ("door", .string(door(sent.asked))),
    ]
    if held != nil { members.append(("kernel_changed", changed.map { .array($0.map { .string($0) }) } ?? .null)) }
    if !sent.fragments.isEmpty {
      members.append(("fragments", .array(sent.fragments.map { .string(Hex.text($0)) })))
    }
    return JSON.object(members + self.members(of: sent.target, turn: sent.turn)).line
  }

  private mutating func line(_ event: Event, _ explained: [(String, JSON)]) -> String? {
    switch event {
    case .answer(let answer):
      // A verb of targets prints each target's last word, which tells of conflicts before it; odd further answers are
      // lines of their own.
      let isPartOfTheLastWord = answer.flags.contains(.late) || answer.flags.contains(.conflict)
      if settles, answer.isFirst || isPartOfTheLastWord && !settledTargets.contains(answer.target) { return nil }
      return JSON.object(members(answer) + explained).line
    case .noise(let noise):
      guard admitsNoise(at: noise.frame.stamp.monotonic.nanoseconds) else { return nil }
      return JSON.object(
        [
          ("type", "noise"), ("probe", .integer(noise.probe)), ("from", .text(noise.from)), ("why", .string(noise.why)),
        ] + explained
      ).line
    case .silence(let silence): return settles ? nil : JSON.object(members(silence) + explained).line
    case .sendFailed(let failure):
      if settles { return nil }
      return JSON.object(
        [
          ("type", "silence"), ("probe", .integer(failure.probe)), ("verdict", .text(Verdict.sendFailed)),
          ("why", .string(failure.error.description)),
        ] + members(of: failure.target, turn: failure.turn) + explained
      ).line
    case .settled(let settlement):
      settledTargets.insert(settlement.target)
      return settles ? JSON.object(members(settlement) + explained).line : nil
    case .sent, .left, .pending, .failure: return nil
    }
  }

  private func members(_ answer: Answer) -> [(String, JSON)] {
    var members: [(String, JSON)] = [
      ("type", "answer"), ("probe", .integer(answer.probe)), ("verdict", .text(answer.verdict)),
      ("by", .text(answer.by)),
      ("from", .text(answer.from)), ("rtt_ns", .integer(answer.rtt.map(\.nanoseconds))),
      ("rtt_clock", .string(answer.rttClock.rawValue)), ("flags", .array(answer.flags.map { .string($0.rawValue) })),
      ("why", .string(answer.why)), ("icmp", answer.report.map { Self.json($0, answer.reply) } ?? .null),
      ("recipe", .text(answer.reply?.recipe)),
      ("at_ns", .integer(answer.at.nanoseconds - (start ?? answer.at.nanoseconds))),
    ]
    if let resolution = answer.resolution { members.append(("resolution_ns", .integer(resolution.nanoseconds))) }
    if let wall = answer.frame?.stamp.wall { members.append(("time", .string(rfc3339(wall)))) }
    if let reply = answer.reply {
      members.append(("bytes", .string(Hex.text(reply.bytes))))
      members.append(("ttl", .integer(reply.hopLimit)))
      if let mac = reply.claimedLinkAddress { members.append(("mac", .string(mac.description))) }
      if let told = reply.neighborFlags {
        for flag in ["router", "solicited", "override"] { members.append((flag, .bool(told.contains(flag)))) }
      }
      if firstSequenceNumber != nil {
        members.append(("length", .integer(reply.messageByteCount)))
        members.append(("id", .integer(reply.quoted?.identifier ?? reply.identifier)))
      }
    }
    return members + self.members(of: answer.target, turn: answer.turn)
  }

  private func members(_ silence: Silence) -> [(String, JSON)] {
    [("type", "silence"), ("probe", .integer(silence.probe)), ("verdict", .text(silence.verdict))]
      + members(of: silence.target, turn: silence.turn)
  }

  private func members(_ settlement: Settlement) -> [(String, JSON)] {
    if let answer = settlement.answer { return members(answer) }
    return [
      ("type", "silence"), ("probe", .integer(settlement.probe)), ("verdict", .text(settlement.verdict)),
      ("why", .string(settlement.why)),
    ] + members(of: settlement.target, turn: nil)
  }

  private func members(of target: Int, turn: UInt64?) -> [(String, JSON)] {
    if let line = lineOfTarget(target) { return [("line", .integer(line))] }
    guard targets.indices.contains(target) else { return [] }
    let known = targets[target]
    var members: [(String, JSON)] = [("host", .string(known.host))]
    if let proto = known.proto { members.append(("proto", .string(proto))) }
    if let port = known.port { members.append(("port", .integer(port))) }
    if let firstSequenceNumber, let turn {
      members.append(("seq", .integer(firstSequenceNumber &+ UInt16(truncatingIfNeeded: turn))))
    }
    return members
  }

  static func json(_ report: ErrorReport, _ reply: Dissection?) -> JSON {
    .object([
      ("type", .integer(report.type)), ("code", .integer(report.code)), ("name", .string(report.name)),
      ("mtu", .integer(report.mtu)), ("pointer", .integer(report.pointer)),
      ("quoted", .text(reply?.quoted?.recipe)),
      ("extensions", .array((reply?.extensionObjects ?? []).map { .string($0.description) })),
    ])
  }

  private mutating func admitsNoise(at nanoseconds: Int64) -> Bool {
    let second = nanoseconds / 1_000_000_000
    if second != noiseSecond {
      noiseSecond = second
      noiseLines = 0
    }
    noiseLines += 1
    return noiseLines <= 100
  }

  /// The last line.
  ///
  /// - Parameters:
  ///   - ports: how many targets ended with each verdict, where the verb asks ports.
  ///   - more: members of one verb alone.
  public static func summary(
    _ tally: Tally, ownDrops: UInt64, ports: [(Verdict, Int)]? = nil, more: [(String, JSON)] = []
  ) -> String {
    var members: [(String, JSON)] = [
      ("type", "summary"), ("sent", .integer(tally.sent)), ("send_failed", .integer(tally.sendFailed)),
      ("answered", .integer(tally.answered)), ("silent", .integer(tally.silent)),
      ("duplicates", .integer(tally.duplicates)), ("late", .integer(tally.late)), ("noise", .integer(tally.noise)),
      ("errors", .integer(tally.errors)), ("own_drops", .integer(ownDrops)),
      ("rtt_ns", .times(tally.rtt)),
    ]
    if let ports { members.append(("ports", .object(ports.map { ($0.0.rawValue, .integer($0.1)) }))) }
    return JSON.object(members + more).line
  }
}
