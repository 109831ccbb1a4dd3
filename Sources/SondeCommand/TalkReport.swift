internal import SondeCraft
internal import SondeHeaders
internal import SondeLink
internal import SondeLinux
internal import SondeOctets
internal import SondeProbe
internal import SondeReport
internal import SondeScript

/// What a talk prints, and records.
final class TalkReport {
  private var text: TalkText
  private var json: TalkJSON?
  private let output: OutputOptions
  private let isRaw: Bool
  private let isAbsolute: Bool
  private let console: Console
  private let start: Instant
  private let startWall = Clock.wall
  /// Our address, where there is one peer.
  private let local: IPAddress?
  private var capture = TalkCapture()
  private var file: RunFile

  init(
    _ command: TalkCommand, _ file: consuming RunFile, _ console: Console, local: IPAddress?, at start: Instant
  ) throws(LinkError) {
    self.local = local
    output = command.output
    isRaw = command.manner.raw
    isAbsolute = command.manner.absolute
    let isColored = Console.colors(output.color) && !isRaw
    text = TalkText(isAbsolute: isAbsolute, isColored: isColored)
    json = output.json ? TalkJSON(isAbsolute: isAbsolute) : nil
    self.console = console
    self.start = start
    try file.start(capture.header)
    self.file = file
  }

  /// Why the file is not whole.
  var failure: LinkError? { file.failure }

  /// Whether segments are shown: with --raw they go to standard error, where somebody asks for them.
  private var showsSegments: Bool { isRaw ? output.verbose : !output.quiet }

  private func print(_ line: String) {
    if isRaw { console.note(line) } else { console.print(line) }
  }

  func show(_ event: TalkEvent) {
    record(event)
    guard showsSegments else { return }
    switch event {
    case .sent(let packet): show(packet, .out)
    case .received(let packet): show(packet, .in)
    case .happened(let events, let at):
      if let json {
        for line in json.events(events, at: at - start) { print(line) }
      } else if let line = text.events(events, at: at - start) {
        print(line)
      }
    case .error(let report, let from, let packet):
      // What nobody on the way could deliver the kernel tells itself, from its own address.
      let isOwn = from != nil && from == local
      let sender = isOwn ? "this machine itself" : from.map(\.description) ?? "nowhere"
      show(packet, .in, type: "icmp", remark: "ICMP error from \(sender): \(report.name)")
    case .damaged(let why, let packet): show(packet, .in, type: "noise", remark: "dropped: \(why)")
    case .stranger(let from, let packet):
      if output.verbose || json != nil { show(packet, .in, type: "noise", remark: "\(from) is not the peer") }
    case .failed(let error, let at): remark("not sent: \(error)", at: at)
    }
  }

  private func show(
    _ packet: TalkPacket, _ direction: TalkText.Direction, type: String? = nil, remark: String? = nil
  ) {
    let time = packet.at - start
    guard json != nil else {
      return print(
        text.packet(packet.bytes, direction, at: time, packet.events, edits: packet.edits, remark: remark))
    }
    let lines = json?.packet(
      packet.bytes, direction, at: time, wall: wall(packet), purpose: packet.purpose?.rawValue, packet.events,
      edits: packet.edits, type: type, remark: remark)
    for line in lines ?? [] { print(line) }
  }

  private func record(_ event: TalkEvent) {
    guard file.isWanted else { return }
    switch event {
    case .sent(let packet): record(packet, .out)
    case .received(let packet): record(packet, .in)
    case .error(let report, _, let packet): record(packet, .in, remark: report.name)
    case .damaged(let why, let packet): record(packet, .in, remark: "dropped: \(why)")
    case .stranger(_, let packet): record(packet, .in, remark: "not of the peer")
    case .happened, .failed: break
    }
  }

  private func record(_ packet: TalkPacket, _ direction: TalkText.Direction, remark: String? = nil) {
    let hand = packet.edits.isEmpty ? nil : "by hand: \(packet.edits.map(\.description).joined(separator: " "))"
    file.write(
      capture.packet(
        packet.bytes, direction, wall: wall(packet), packet.events, remark: remark ?? hand))
  }

  /// The real time of a packet.
  private func wall(_ packet: TalkPacket) -> Int64 { packet.wall ?? startWall &+ (packet.at - start).nanoseconds }

  /// The reason why a command could not be done.
  func fail(_ why: String) {
    if let json { print(json.note("error", [("message", .string(why))])) }
    console.complain("talk: \(why)")
  }

  /// A sentence of its own.
  func remark(_ remark: String, at now: Instant, type: String = "remark") {
    guard !output.quiet, !isRaw || output.verbose else { return }
    if let json {
      print(json.note(type, at: now - start, [("message", .string(remark))]))
    } else {
      print(text.remark(remark, at: now - start))
    }
  }

  func show(_ outcome: TalkOutcome, at now: Instant) {
    switch outcome {
    case .data(let octets):
      guard !output.quiet else { return }
      print(json?.data(octets, at: now - start) ?? text.remark(TalkText.data(octets), at: now - start))
    case .datagram(let octets, let from):
      let sender = "\(from.address) port \(from.port)"
      print(
        json?.data(octets, at: now - start, from: sender)
          ?? text.remark("from \(sender), \(TalkText.data(octets))", at: now - start))
    case .urgent(let octet):
      print(
        json?.data([octet], at: now - start, isUrgent: true)
          ?? text.remark("urgent \(TalkText.data([octet]))", at: now - start))
    case .status(let status): show(status)
    case .help(let verb): help(verb)
    case .remark(let words): remark(words, at: now)
    case .failed: break
    }
  }

  private func show(_ status: TalkStatus) {
    if let json {
      return print(json.status(status, type: "status"))
    }
    for line in status.lines(isAbsolute: isAbsolute) { print("             \(line)") }
  }

  private func help(_ verb: String?) {
    let known = TalkInstruction.entries.filter { verb == nil || $0.name == verb }
    if known.isEmpty { console.complain("there is no verb \"\(verb ?? "")\"") }
    let width = verb == nil ? 40 : 0
    for entry in known {
      let pad = String(repeating: " ", count: max(2, width - entry.usage.count))
      print("\(entry.usage)\(pad)\(entry.meaning)")
    }
  }

  /// The last line.
  func close(_ status: TalkStatus?, at now: Instant, ownDrops: UInt64) {
    if let status {
      if let json {
        print(json.status(status, type: "summary"))
      } else if !isRaw || output.verbose {
        let end = status.ending?.words ?? status.state.rawValue
        print("\(end); \(TalkWords.books(status.numbers)); \(TalkText.seconds(now - start)) s")
      }
    }
    if ownDrops > 0 { console.complain("\(ownDrops) packets were lost on this machine, for want of room") }
    console.flush()
  }
}

extension TalkStatus {
  /// Lines for people.
  func lines(isAbsolute: Bool) -> [String] {
    TalkWords.status(
      state, ending, local: local?.words, remote: remote?.words, numbers, readable: readableCount,
      unacknowledged: unacknowledgedCount, isAbsolute: isAbsolute)
  }
}

extension Talk.End {
  var words: String { address.version == 4 ? "\(address):\(port)" : "[\(address)]:\(port)" }
}

extension TalkJSON {
  /// How the connection stands.
  func status(_ status: TalkStatus, type: String) -> String {
    self.status(
      status.state, status.ending, local: status.local?.words, remote: status.remote?.words, status.numbers,
      readable: status.readableCount, unacknowledged: status.unacknowledgedCount, type: type)
  }
}
