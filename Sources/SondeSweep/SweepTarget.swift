public import SondeHeaders
public import SondeLink
public import SondeOctets

/// One question of a sweep: a host, and a port of it where ports are asked.
@frozen
public struct SweepTarget: Hashable, Sendable {
  public var address: IPAddress
  /// The port asked; 0 where the question is one of ICMP.
  public var port: UInt16

  @inlinable
  public init(address: IPAddress, port: UInt16) {
    self.address = address
    self.port = port
  }
}

/// What a packet that came is to a sweep.
public enum SweepFinding: Sendable {
  /// It answers a question, and carries the proof that it was asked.
  case answer(SweepAnswer)
  /// It answers none: it came from elsewhere, or the proof is missing or wrong.
  case noise(from: IPAddress?, why: SweepNoise)
}

/// An answer, as far as the packet itself tells: nothing was remembered of the question.
public struct SweepAnswer: Sendable {
  public var target: SweepTarget
  /// Which attempt it answers, from 0, where the packet tells.
  public var attempt: UInt8?
  public var verdict: Verdict
  public var by: Basis
  /// Who sent it: for an ICMP error it may be a router.
  public var from: IPAddress
  public var hopLimit: UInt8
  /// Whether the packet has the plain form of such an answer, which a sentence of its own describes; else it is to be
  /// dissected to say why it answers.
  public var isPlain: Bool
  /// The ICMP error's type and code; nil for other answers.
  public var icmp: (type: UInt8, code: UInt8)?
  public var flags: [AnswerFlag]
  /// When the question was sent, where the packet brings that back.
  public var asked: Instant?

  public init(
    target: SweepTarget, attempt: UInt8?, verdict: Verdict, by: Basis, from: IPAddress, hopLimit: UInt8,
    isPlain: Bool, icmp: (type: UInt8, code: UInt8)? = nil, flags: [AnswerFlag] = [], asked: Instant? = nil
  ) {
    self.target = target
    self.attempt = attempt
    self.verdict = verdict
    self.by = by
    self.from = from
    self.hopLimit = hopLimit
    self.isPlain = isPlain
    self.icmp = icmp
    self.flags = flags
    self.asked = asked
  }
}

/// Why a packet answers nothing; the end of the sentence "noise: …".
public struct SweepNoise: RawRepresentable, Hashable, Sendable, CustomStringConvertible {
  public var rawValue: String
  public init(rawValue: String) { self.rawValue = rawValue }
  public var description: String { rawValue }
}

/// Writes the questions of a sweep, and recognises their answers by what the questions carried.
///
/// Both halves know the same key and nothing else: a copy each serves the thread that sends and the one that listens.
public protocol SweepForm: Sendable {
  /// The longest packet that `write` makes, in octets from the IP header on.
  var longest: Int { get }

  /// Writes the packet of an attempt, which counts from 0, and lends it, from the IP header on.
  mutating func write(_ target: SweepTarget, attempt: UInt8, at now: Instant, _ body: (RawSpan) -> Void)

  /// What a packet that came is, from its IP header on.
  func read(_ packet: RawSpan, _ facts: BulkFacts) -> SweepFinding
}

/// What a run tells of one question, or of a packet that came.
public enum SweepEvent: Sendable {
  /// A question's first answer: its verdict.
  case answered(SweepResult, SweepAnswer)
  /// One more answer to a question that has its verdict already: a duplicate, or one that came after its time.
  case repeated(SweepResult, SweepAnswer)
  /// A question's time is up, or it could not be sent: its verdict.
  case silent(SweepResult)
  /// A packet that answers nothing.
  case noise(from: IPAddress?, why: SweepNoise, at: Instant, wall: Int64)
}

/// Where a question stands.
public struct SweepResult: Hashable, Sendable {
  public var target: SweepTarget
  /// The question's number in the run, from 1, in the order in which questions are asked.
  public var number: UInt64
  public var verdict: Verdict
  /// How often it has been asked.
  public var attempts: Int
  /// Between the last question and the answer; nil for silence, and where that cannot be told any more.
  public var rtt: Duration?
  /// On the monotonic clock.
  public var at: Instant
  /// The same in real time, in nanoseconds since 1970; 0 for silence.
  public var wall: Int64
  /// `duplicate`, `late`, `conflict`, beside those of the answer.
  public var flags: [AnswerFlag]

  public init(
    target: SweepTarget, number: UInt64, verdict: Verdict, attempts: Int, rtt: Duration? = nil, at: Instant,
    wall: Int64 = 0, flags: [AnswerFlag] = []
  ) {
    self.target = target
    self.number = number
    self.verdict = verdict
    self.attempts = attempts
    self.rtt = rtt
    self.at = at
    self.wall = wall
    self.flags = flags
  }
}

/// The books of a sweep: `sent` = `answered` + `silent` + `sendFailed` at its end, and what the ear's filter let through
/// = `answered` + `duplicates` + `late` + `noise` + `ownDrops`.
public struct SweepCounts: Hashable, Sendable {
  /// Packets that asked, those that could not be sent included.
  public var sent: UInt64 = 0
  public var sendFailed: UInt64 = 0
  /// Questions with a first answer.
  public var answered: UInt64 = 0
  /// Packets that asked and had no answer in their time.
  public var silent: UInt64 = 0
  public var duplicates: UInt64 = 0
  public var late: UInt64 = 0
  public var noise: UInt64 = 0
  /// Of `answered`, those by ICMP errors.
  public var errors: UInt64 = 0
  /// Packets that came and were dropped on this side, for want of room.
  public var ownDrops: UInt64 = 0
  /// What the ear's filter let through.
  public var frames: UInt64 = 0
  /// Questions by their last verdict.
  public var verdicts: [Verdict: UInt64] = [:]

  public init() {}
}
