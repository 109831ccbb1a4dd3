internal import SondeHeaders
internal import SondeLink
internal import SondeOctets
internal import SondeProbe
internal import Testing

/// The hosts of these tests.
enum Hosts {
  static let us: IPv4Address = "192.0.2.1"
  static let asked: IPv4Address = "198.51.100.7"
  static let router: IPv4Address = "203.0.113.1"
  static let us6: IPv6Address = "2001:db8::1"
  static let asked6: IPv6Address = "2001:db8:7::7"
  static let router6: IPv6Address = "2001:db8:99::1"

  static let there = IPv4(from: us, to: asked)
  static let back = IPv4(from: asked, to: us)
  static let onTheWay = IPv4(from: router, to: us)
  static let there6 = IPv6(from: us6, to: asked6)
  static let back6 = IPv6(from: asked6, to: us6)
  static let onTheWay6 = IPv6(from: router6, to: us6)
}

extension Instant {
  /// Milliseconds after the test's beginning, which is no round number.
  static func ms(_ milliseconds: Int64) -> Instant { Instant(nanoseconds: 1_234_567_890 + milliseconds * 1_000_000) }
}

/// A schedule of packets at given times.
struct Script: Schedule {
  var items: [(at: Instant, packet: AnyPacket, target: Int)]
  var isGroup = false
  private var next = 0

  init(_ packets: [AnyPacket], every gap: Duration = .zero, from start: Instant = .ms(0), isGroup: Bool = false) {
    var at = start
    items = []
    for packet in packets {
      items.append((at, packet, 0))
      at = at + gap
    }
    self.isGroup = isGroup
  }

  mutating func next(at now: Instant) -> Turn {
    guard next < items.count else { return .finished }
    let item = items[next]
    guard item.at <= now else { return .wait(until: item.at) }
    defer { next += 1 }
    return .probe(Request(target: item.target, turn: UInt64(next), packet: item.packet, isGroup: isGroup))
  }
}

extension Session {
  /// Sends all that there is to send at `now`; what the link took is what `takes` says of each probe.
  @discardableResult
  mutating func send(at now: Instant, takes: (Outgoing) -> LinkError? = { _ in nil }) -> [Outgoing] {
    var sent: [Outgoing] = []
    while case .send(let batch) = step(at: now) {
      let failure = batch.first.flatMap(takes)
      took(batch, SendOutcome(count: failure == nil ? batch.count : 0, failure: failure, at: now, wall: 0))
      if failure == nil { sent += batch }
    }
    return sent
  }

  mutating func receive(_ bytes: [UInt8], at now: Instant, kernel: Instant? = nil) {
    receive(.frame(Frame(bytes: bytes, stamp: Stamp(monotonic: now, kernel: kernel))), at: now)
  }
}

extension [Event] {
  var answers: [Answer] { compactMap { if case .answer(let answer) = $0 { answer } else { nil } } }
  var noise: [Noise] { compactMap { if case .noise(let noise) = $0 { noise } else { nil } } }
  var silences: [Silence] { compactMap { if case .silence(let silence) = $0 { silence } else { nil } } }
  var sent: [Sent] { compactMap { if case .sent(let sent) = $0 { sent } else { nil } } }
  var failures: [SendFailure] { compactMap { if case .sendFailed(let failure) = $0 { failure } else { nil } } }
  var pending: [Silence] { compactMap { if case .pending(let silence) = $0 { silence } else { nil } } }
  var settlements: [Settlement] { compactMap { if case .settled(let settlement) = $0 { settlement } else { nil } } }
}

extension [Event] {
  var linkErrors: [LinkError] { compactMap { if case .failure(let error) = $0 { error } else { nil } } }
}

extension Tally {
  var isBalanced: Bool { sent == answered + silent + sendFailed }
}

/// A packet's bytes.
func bytes(_ layers: [any Header]) throws -> [UInt8] { try AnyPacket(layers).encoded().bytes }

/// What a session makes of one packet that comes after it asked.
enum Outcome: Equatable, CustomStringConvertible {
  case answer(Verdict, Basis, [AnswerFlag])
  case noise(String)
  case nothing

  var description: String {
    switch self {
    case .answer(let verdict, let basis, let flags): "\(verdict) by \(basis) \(flags)"
    case .noise(let why): "noise: \(why)"
    case .nothing: "nothing"
    }
  }

  /// The noise's words; empty for all else.
  var why: String { if case .noise(let why) = self { why } else { "" } }

  init(
    asking asked: [any Header], hearing reply: [UInt8], isGroup: Bool = false, checksumNotReady: Bool = false,
    isRebuilt: Bool = false, isTakenIn: Bool = false
  ) throws {
    var session = Session(Script([AnyPacket(asked)], isGroup: isGroup), timeout: .seconds(1))
    try #require(session.send(at: .ms(0)).count == 1)
    _ = session.takeEvents()
    let frame = Frame(
      bytes: reply, stamp: Stamp(monotonic: .ms(1)), checksumNotReady: checksumNotReady, isRebuilt: isRebuilt,
      isTakenIn: isTakenIn)
    session.receive(.frame(frame), at: .ms(1))
    // An error that quotes little is an answer once the probe's time is up.
    session.stop()
    let events = session.takeEvents()
    let answers = events.answers
    let noise = events.noise
    #expect(answers.count + noise.count <= 1)
    if let answer = answers.first {
      self = .answer(answer.verdict, answer.by, answer.flags)
    } else {
      self = noise.first.map { .noise($0.why) } ?? .nothing
    }
  }

  init(asking asked: [any Header], hearing reply: [any Header], isGroup: Bool = false) throws {
    try self.init(asking: asked, hearing: bytes(reply), isGroup: isGroup)
  }
}
