public import SondeLink
public import SondeProbe

/// What does the instructions of a talk: over TCP (`TalkPerformance`) or by datagrams (`TalkDatagrams`).
public protocol TalkPerformer {
  /// Whether an instruction is under way: the next waits for its end.
  var isBusy: Bool { get }
  /// Whether all is over: there is nobody to speak with, and nothing more to send.
  var isOver: Bool { get }
  /// Whether what was asked for took place: a connection stood, or a datagram was answered.
  var tookPlace: Bool { get }
  /// How the end is called to whom one speaks, for a prompt.
  var standing: String { get }

  /// Begins an instruction; what it cannot do is an outcome.
  mutating func begin(_ instruction: TalkInstruction, at now: Instant)
  /// Ends everything in order: nothing more will be asked.
  mutating func finish(at now: Instant)
  /// Gives everything up at once.
  mutating func abort(at now: Instant)
  mutating func receive(_ received: Received, at now: Instant)
  /// Remembers that this machine did not send a packet.
  mutating func failed(_ error: LinkError, at now: Instant)
  /// Does what is due, and says when to come back if nothing happens before; nil where only a packet or an
  /// instruction can move it.
  mutating func step(at now: Instant) -> Instant?
  mutating func takePackets() -> [Outgoing]
  mutating func takeEvents() -> [TalkEvent]
  mutating func takeOutcomes() -> [TalkOutcome]
}

/// What an instruction brought.
public enum TalkOutcome: Sendable {
  /// Octets of the peer.
  case data([UInt8])
  /// A datagram, and from whom.
  case datagram([UInt8], from: Talk.End)
  /// The octet that was urgent.
  case urgent(UInt8)
  /// How the connection stands.
  case status(TalkStatus)
  case help(String?)
  /// What there is to say of an instruction that has nothing to do.
  case remark(String)
  /// The instruction cannot be done, or its time is up; why.
  case failed(String)
}

/// How a connection stands.
public struct TalkStatus: Sendable {
  public var local: Talk.End?
  public var remote: Talk.End?
  public var state: Conversation.State
  public var ending: Conversation.Ending?
  public var numbers: Conversation.Status
  public var readableCount: Int
  public var unacknowledgedCount: Int
}

extension Talk {
  /// How the connection stands.
  public var status: TalkStatus {
    var numbers = conversation.status
    numbers.segmentsSent -= unsentCount
    return TalkStatus(
      local: local.map { End($0, localPort) }, remote: remote, state: conversation.state, ending: conversation.ending,
      numbers: numbers, readableCount: conversation.readableCount,
      unacknowledgedCount: conversation.unacknowledgedCount)
  }
}
