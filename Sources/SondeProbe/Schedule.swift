public import SondeHeaders
public import SondeLink

/// What to send when: the half of a session that differs from verb to verb.
public protocol Schedule: Sendable {
  /// The next probe, or how long there is none.
  mutating func next(at now: Instant) -> Turn
  /// A probe left, or failed to, as number `probe`.
  mutating func sent(_ probe: UInt64, _ request: Request, at now: Instant)
  /// Adds to an answer what no single exchange tells: what others have answered before.
  mutating func consider(_ answer: inout Answer)
  /// A first or a late answer came.
  mutating func answered(_ answer: Answer) -> Settlement?
  /// An answer came to a probe that has another, which says something else.
  mutating func contradicted(_ answer: Answer) -> Settlement?
  /// What time has settled by `now`; called until it has nothing to tell.
  mutating func settled(by now: Instant) -> Settlement?
  /// A probe's time is up.
  mutating func silent(_ silence: Silence, at now: Instant) -> Settlement?
  /// A probe could not be sent.
  mutating func failed(_ failure: SendFailure, at now: Instant) -> Settlement?
  /// The run ends before its time: probes that fall silent from now on may still have been answered.
  mutating func cutShort()
  /// No more is to be sent: what is still open is settled as it stands.
  mutating func stop() -> [Settlement]
}

extension Schedule {
  public mutating func sent(_ probe: UInt64, _ request: Request, at now: Instant) {}
  public mutating func consider(_ answer: inout Answer) {}
  public mutating func answered(_ answer: Answer) -> Settlement? { nil }
  public mutating func contradicted(_ answer: Answer) -> Settlement? { nil }
  public mutating func settled(by now: Instant) -> Settlement? { nil }
  public mutating func silent(_ silence: Silence, at now: Instant) -> Settlement? { nil }
  public mutating func failed(_ failure: SendFailure, at now: Instant) -> Settlement? { nil }
  public mutating func cutShort() {}
  public mutating func stop() -> [Settlement] { [] }
}

/// A schedule's word on what comes next.
public enum Turn: Sendable {
  case probe(Request)
  /// Nothing before this instant, unless an answer changes that.
  case wait(until: Instant)
  /// Nothing more, ever; probes that are out still have their time.
  case finished
  /// The run is over now, whatever is still out.
  case over
}

/// One packet to be sent.
public struct Request: Sendable {
  /// The schedule's number of what is asked.
  public var target: Int
  /// The turn: a sequence number, an attempt.
  public var turn: UInt64
  public var packet: AnyPacket
  /// Whether the address asked names many hosts (routing knows broadcast addresses).
  public var isGroup: Bool
  /// Where it goes; nil reads that from its bytes.
  public var way: Way?
  /// Above how many octets its IP packet is sent as fragments; nil sends it whole.
  public var mtu: Int?
  /// Why it cannot be sent, where that is known before it is tried.
  public var refusal: LinkError?

  public init(
    target: Int, turn: UInt64, packet: AnyPacket, isGroup: Bool = false, way: Way? = nil, mtu: Int? = nil
  ) {
    self.target = target
    self.turn = turn
    self.packet = packet
    self.isGroup = isGroup
    self.way = way
    self.mtu = mtu
  }
}
