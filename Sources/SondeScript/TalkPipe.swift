internal import SondeHeaders
public import SondeLink
internal import SondeProbe

/// Carries octets through a connection both ways, as they are: the end of the input is a half close, and it is over
/// when both halves are closed.
public struct TalkPipe: TalkPerformer, Sendable {
  public private(set) var talk: Talk
  public private(set) var tookPlace = false
  private let role: TalkPerformance.Role
  /// Whether octets for the output were taken that have not been written yet.
  public var holdsOutput = false
  private var hasEnded = false
  private var isGivenUp = false
  private var outcomes: [TalkOutcome] = []

  /// - Parameter talk: an end that reads only what is asked for (`Talk.Settings.readsAtOnce`).
  public init(_ role: TalkPerformance.Role, _ talk: Talk) {
    self.role = role
    self.talk = talk
  }

  /// How many octets of input there is room for.
  public var room: Int {
    hasEnded || !talk.conversation.state.isSynchronized ? 0 : talk.conversation.writableCount
  }

  /// Takes octets of the input; no more than there is room for.
  public mutating func take(_ octets: [UInt8], at now: Instant) {
    _ = try? talk.write(octets, at: now)
  }

  /// The input has ended.
  public mutating func endInput(at now: Instant) {
    guard !hasEnded else { return }
    hasEnded = true
    try? talk.shutdownWrite(at: now)
  }

  /// Takes octets for the output.
  public mutating func output(_ limit: Int) -> [UInt8] { talk.read(limit) }

  public var isBusy: Bool { true }
  public var isOver: Bool {
    isGivenUp || talk.conversation.ending != nil && talk.conversation.readableCount == 0 && !holdsOutput
  }
  public var standing: String { talk.conversation.state.rawValue.lowercased() }

  public mutating func begin(_ instruction: TalkInstruction, at now: Instant) {
    do throws(ConversationError) {
      switch role {
      case .calls(let from, let to): try talk.connect(from: from, to: to, edits: instruction.edits, at: now)
      case .listens: try talk.listen(edits: instruction.edits)
      }
    } catch {
      outcomes.append(.failed(error.description))
    }
  }

  public mutating func finish(at now: Instant) { endInput(at: now) }

  public mutating func abort(at now: Instant) {
    isGivenUp = true
    talk.abort(at: now)
  }

  public mutating func receive(_ received: Received, at now: Instant) { talk.receive(received, at: now) }
  public mutating func failed(_ error: LinkError, at now: Instant) { talk.failed(error, at: now) }

  public mutating func step(at now: Instant) -> Instant? {
    let next = talk.step(at: now)
    if talk.conversation.state.isSynchronized { tookPlace = true }
    return next
  }

  public var status: TalkStatus { talk.status }
  public mutating func takePackets() -> [Outgoing] { talk.takePackets() }
  public mutating func takeEvents() -> [TalkEvent] { talk.takeEvents() }
  public mutating func takeOutcomes() -> [TalkOutcome] {
    defer { outcomes = [] }
    return outcomes
  }
}
