/// What a tap sees pass.
///
/// A packet that goes out is seen up to twice: `sent` when the link takes it, with the bytes as asked, and
/// `left` when the kernel's timestamp and the bytes as they left come back, later and not on every link. A
/// sink that writes a capture may write `sent` at once, or hold each by its probe number until its
/// `left` brings the truer time and bytes.
public enum TapEvent: Hashable, Sendable {
  /// The link took a packet; `at` and `wall` are the monotonic and the real time (nanoseconds since 1970)
  /// before the call that took it.
  case sent(Outgoing, at: Instant, wall: Int64)
  /// A packet taken before left.
  case left(Departure)
  /// A frame came in.
  case received(Frame)
  /// A packet could not go, or the link can be read no more (`probe` is nil then, and wherever the
  /// kernel does not say which packet it was).
  case failed(LinkError, probe: UInt64?)

  @frozen
  public enum Direction: Hashable, Sendable {
    case outgoing
    case incoming
  }

  /// Which way the bytes went; nil for a failure.
  public var direction: Direction? {
    switch self {
    case .sent, .left: .outgoing
    case .received: .incoming
    case .failed: nil
    }
  }

  /// The bytes that passed, from the layer that `linkType` names; nil where the event has none.
  public var bytes: [UInt8]? {
    switch self {
    case .sent(let packet, _, _): packet.bytes
    case .left(let departure): departure.bytes
    case .received(let frame): frame.bytes
    case .failed: nil
    }
  }

  /// How the first octet of `bytes` is to be read; nil where the event has none.
  public var linkType: LinkType? {
    switch self {
    case .sent(let packet, _, _): packet.linkType
    case .left(let departure): departure.bytes == nil ? nil : departure.linkType
    case .received(let frame): frame.linkType
    case .failed: nil
    }
  }

  /// The link's monotonic time of the event, as the program saw it; nil for departures and failures.
  public var monotonic: Instant? {
    switch self {
    case .sent(_, let instant, _): instant
    case .received(let frame): frame.stamp.monotonic
    case .left, .failed: nil
    }
  }

  /// The kernel's time of the event, on the link's monotonic clock; nil where it offered none.
  public var kernel: Instant? {
    switch self {
    case .left(let departure): departure.kernel
    case .received(let frame): frame.stamp.kernel
    case .sent, .failed: nil
    }
  }

  /// The real time of the event, in nanoseconds since 1970, the kernel's where it offered one; nil where none
  /// is known.
  public var wall: Int64? {
    switch self {
    case .sent(_, _, let wall): wall
    case .left(let departure): departure.wall
    case .received(let frame): frame.stamp.wall
    case .failed: nil
    }
  }

  /// The number of the probe that went out, left or failed; nil for what came in.
  public var probe: UInt64? {
    switch self {
    case .sent(let packet, _, _): packet.probe
    case .left(let departure): departure.probe
    case .received: nil
    case .failed(_, let probe): probe
    }
  }

  /// Whether the link wrote some of the layers anew (`Frame.isRebuilt`).
  public var isRebuilt: Bool {
    if case .received(let frame) = self { return frame.isRebuilt }
    return false
  }
}

/// A link that shows all that passes over another one, and changes nothing of it.
public struct Tap<Base: PacketLink & ~Copyable>: PacketLink, ~Copyable {
  /// The link that carries the packets.
  public var base: Base
  private let sink: (TapEvent) -> Void

  /// A tap over `base`; `sink` is called in the order of the events, within `send` and `receive`.
  public init(_ base: consuming Base, to sink: @escaping (TapEvent) -> Void) {
    self.base = base
    self.sink = sink
  }

  /// Takes the tap off.
  public consuming func removed() -> Base { base }

  public var now: Instant { base.now }
  public var ownDrops: UInt64 { base.ownDrops }

  public mutating func send(_ batch: [Outgoing]) -> SendOutcome {
    let outcome = base.send(batch)
    for packet in batch.prefix(outcome.count) { sink(.sent(packet, at: outcome.at, wall: outcome.wall)) }
    if let failure = outcome.failure {
      sink(.failed(failure, probe: batch.dropFirst(outcome.count).first?.probe))
    }
    return outcome
  }

  public mutating func receive(until deadline: Instant, into batch: inout [Received]) throws(LinkError) {
    let before = batch.count
    do throws(LinkError) {
      try base.receive(until: deadline, into: &batch)
    } catch {
      show(batch.dropFirst(before))
      sink(.failed(error, probe: nil))
      throw error
    }
    show(batch.dropFirst(before))
  }

  private func show(_ batch: some Sequence<Received>) {
    for received in batch {
      switch received {
      case .frame(let frame): sink(.received(frame))
      case .departure(let departure): sink(.left(departure))
      case .failure(let error, let probe): sink(.failed(error, probe: probe))
      }
    }
  }
}
