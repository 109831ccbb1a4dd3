internal import SondeHeaders
internal import SondeLink
internal import SondeOctets
internal import SondeProbe

/// A conversation whose peer is the test: numbers are told relative to both ends' initial ones, so that 1 is the first
/// octet of data.
struct Rig {
  var end: Conversation
  private(set) var now = Instant.ms(0)
  private(set) var events: [Conversation.Event] = []
  private(set) var deadline: Instant?
  let ours: UInt32
  let theirs: UInt32

  init(_ options: Conversation.Options = .plain, ours: UInt32 = 1000, theirs: UInt32 = 0xffff_fff0) {
    self.ours = ours
    self.theirs = theirs
    end = Conversation(from: 40_000, initialSequenceNumber: ours, options: options)
  }

  /// An end that connected to a peer which takes 1000 octets a segment and offers `window`.
  static func established(
    _ options: Conversation.Options = .plain, window: UInt16 = 8000, peer: [TCPOption] = [.mss(1000)],
    ours: UInt32 = 1000, theirs: UInt32 = 0xffff_fff0
  ) throws -> Rig {
    var rig = Rig(options, ours: ours, theirs: theirs)
    try rig.end.connect(to: 7, at: rig.now)
    rig.step()
    rig.hear([.syn, .ack], 0, ack: 1, window: window, options: peer)
    rig.step()
    rig.events.removeAll()
    return rig
  }

  /// The peer sends a segment.
  mutating func hear(
    _ flags: TCP.Flags, _ sequence: Int, ack: Int = 0, window: UInt16 = 8000, urgentPointer: UInt16 = 0,
    options: [TCPOption] = [], _ payload: [UInt8] = []
  ) {
    let header = TCP(
      from: 7, to: 40_000, flags: flags, sequenceNumber: theirs &+ UInt32(truncatingIfNeeded: sequence),
      acknowledgmentNumber: flags.contains(.ack) ? ours &+ UInt32(truncatingIfNeeded: ack) : 0, window: window,
      urgentPointer: urgentPointer, options: options)
    end.receive(header, payload, at: now)
  }

  /// What the conversation does `milliseconds` later, or at once.
  @discardableResult
  mutating func step(after milliseconds: Int64 = 0) -> [Conversation.Segment] {
    now = now + .milliseconds(milliseconds)
    deadline = end.step(at: now)
    events += end.takeEvents()
    return end.takeSegments()
  }

  /// What the conversation does when it asked to be woken; nothing where it never asked.
  mutating func sleep() -> [Conversation.Segment] {
    guard let deadline else { return [] }
    now = max(now, deadline)
    return step()
  }

  mutating func takeEvents() -> [Conversation.Event] {
    events += end.takeEvents()
    defer { events.removeAll() }
    return events
  }

  /// A segment in a line: flags, numbers relative to both ends' initial ones, octets, window.
  func line(_ segment: Conversation.Segment) -> String {
    let header = segment.header
    let names: [(TCP.Flags, String)] = [
      (.syn, "S"), (.fin, "F"), (.rst, "R"), (.psh, "P"), (.urg, "U"), (.ack, "A"),
    ]
    let flags = names.filter { header.flags.contains($0.0) }.map(\.1).joined()
    var line = "\(flags) \(Int32(bitPattern: header.sequenceNumber &- ours))"
    if header.flags.contains(.ack) { line += " ack \(Int32(bitPattern: header.acknowledgmentNumber &- theirs))" }
    if !segment.payload.isEmpty { line += " len \(segment.payload.count)" }
    if header.flags.contains(.urg) { line += " urg \(header.urgentPointer)" }
    return line
  }
}

extension Rig {
  func lines(_ segments: [Conversation.Segment]) -> [String] { segments.map(line) }
}

extension Conversation.Options {
  /// No options but the MSS.
  static var plain: Self {
    var options = Self()
    options.windowScale = nil
    options.timestamps = false
    options.sackPermitted = false
    return options
  }
}

extension [Conversation.Event] {
  var states: [Conversation.State] { compactMap { if case .state(_, let next) = $0 { next } else { nil } } }
  var ignored: [Conversation.IgnoredReason] {
    compactMap { if case .ignored(let reason) = $0 { reason } else { nil } }
  }
  var challenges: [Conversation.ChallengeReason] {
    compactMap { if case .challenged(let reason) = $0 { reason } else { nil } }
  }
}

/// Octets that tell where in a stream they stand.
func pattern(_ count: Int, from start: Int = 0) -> [UInt8] {
  (start..<start + count).map { UInt8(truncatingIfNeeded: $0 &* 31 &+ $0 >> 8) }
}
