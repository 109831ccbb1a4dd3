public import SondeHeaders
public import SondeLink
public import SondeOctets

/// What happened in a session, in the order in which it became known.
public enum Event: Sendable {
  /// A probe left our hands.
  case sent(Sent)
  /// The kernel's own time of a probe that left, and its bytes as they left.
  case left(Departure)
  case answer(Answer)
  case noise(Noise)
  /// A probe's time is up without an answer.
  case silence(Silence)
  /// A probe that could not be sent.
  case sendFailed(SendFailure)
  /// The next probe to a target is about to leave and the one before has no answer yet.
  case pending(Silence)
  /// The last word on a target that took more than one probe.
  case settled(Settlement)
  /// Something went wrong on this machine, and nothing says with which probe.
  case failure(LinkError)
}

extension Event {
  /// The probe that it is about; nil where it is about none, or a target as a whole.
  public var probe: UInt64? {
    switch self {
    case .sent(let sent): sent.probe
    case .left(let departure): departure.probe
    case .answer(let answer): answer.probe
    case .noise(let noise): noise.probe
    case .silence(let silence), .pending(let silence): silence.probe
    case .sendFailed(let failure): failure.probe
    case .settled, .failure: nil
    }
  }
}

/// A probe that was sent.
public struct Sent: Sendable {
  public var probe: UInt64
  /// The schedule's number of what was asked: which host, which port.
  public var target: Int
  /// The turn: a sequence number, an attempt.
  public var turn: UInt64
  public var at: Instant
  public var wall: Int64
  /// The whole of it, however many pieces it left in.
  public var asked: Dissection
  /// The octets of each fragment; empty where it left whole.
  public var fragments: [[UInt8]] = []
}

/// Which clocks made a round-trip time.
public enum RTTClock: String, Sendable {
  /// The kernel's transmit and receive stamps, both inside the monotonic bracket.
  case kernel
  /// This program's own monotonic clock, read before the sending call and after the receiving one.
  case monotonic
}

/// A packet that answers a probe.
public struct Answer: Sendable {
  public var probe: UInt64
  public var target: Int
  public var turn: UInt64
  public var verdict: Verdict
  public var by: Basis
  /// Where it came from; nil if this machine itself answered.
  public var from: IPAddress?
  public var rtt: Duration?
  public var rttClock: RTTClock
  /// How long the probe waited for its next hop's link address before it left, which is no part of `rtt`; nil where the
  /// address was known.
  public var resolution: Duration?
  public var flags: [AnswerFlag]
  /// One sentence: why it counts.
  public var why: String
  public var report: ErrorReport?
  /// The answer itself; nil for an error of this machine's own.
  public var reply: Dissection?
  public var frame: Frame?
  public var at: Instant
  /// Whether it is the first answer to its probe, and in time: the one that the counts count. Of a group that is
  /// one member's alone.
  public var isFirst: Bool

  public init(
    probe: UInt64, target: Int, turn: UInt64, verdict: Verdict, by: Basis, from: IPAddress?, rtt: Duration? = nil,
    rttClock: RTTClock = .monotonic, resolution: Duration? = nil, flags: [AnswerFlag] = [], why: String,
    report: ErrorReport? = nil, reply: Dissection? = nil, frame: Frame? = nil, at: Instant, isFirst: Bool
  ) {
    self.probe = probe
    self.target = target
    self.turn = turn
    self.verdict = verdict
    self.by = by
    self.from = from
    self.rtt = rtt
    self.rttClock = rttClock
    self.resolution = resolution
    self.flags = flags
    self.why = why
    self.report = report
    self.reply = reply
    self.frame = frame
    self.at = at
    self.isFirst = isFirst
  }

  /// Whether it is the first of the host that gave it, and in time.
  var isFirstOfItsHost: Bool {
    !flags.contains(.duplicate) && !flags.contains(.late) && !flags.contains(.conflict)
  }
}

/// A packet that looks like an answer and is none.
public struct Noise: Sendable {
  /// The probe it came nearest to.
  public var probe: UInt64?
  public var from: IPAddress?
  public var why: String
  public var frame: Frame
}

/// A probe without an answer.
public struct Silence: Sendable {
  public var probe: UInt64
  public var target: Int
  public var turn: UInt64
  public var verdict: Verdict
}

/// A probe that this machine did not send.
public struct SendFailure: Sendable {
  public var probe: UInt64
  public var target: Int
  public var turn: UInt64
  public var error: LinkError
}

/// What is known of a target in the end.
public struct Settlement: Sendable {
  public var target: Int
  public var verdict: Verdict
  /// The answer that decided; nil where silence did.
  public var answer: Answer?
  /// The last probe that asked.
  public var probe: UInt64
  /// How many probes asked.
  public var attempts: Int
  /// Why silence means what it does; empty where an answer says.
  public var why: String
  /// Whether the run was stopped while there was time left for an answer.
  public var isCutShort: Bool

  public init(
    target: Int, verdict: Verdict, answer: Answer?, probe: UInt64, attempts: Int, why: String = "",
    isCutShort: Bool = false
  ) {
    self.target = target
    self.verdict = verdict
    self.answer = answer
    self.probe = probe
    self.attempts = attempts
    self.why = why
    self.isCutShort = isCutShort
  }
}
