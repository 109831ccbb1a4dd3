public import SondeLink

/// What a sweep knows of itself at a moment, counted from its beginning.
@frozen
public struct PaceTally: Hashable, Sendable {
  /// First questions that left.
  public var sent: UInt64
  /// First questions that were answered before they were asked again.
  public var answered: UInt64
  /// Questions that were answered only when asked again.
  public var recovered: UInt64
  /// Packets lost on this side for want of room.
  public var ownDrops: UInt64
  /// How often the door was full.
  public var full: UInt64
  /// The time in which nearly all answers come (`RoundTrip.usual`); nil before the first answer.
  public var roundTrip: Duration?

  @inlinable
  public init(
    sent: UInt64 = 0, answered: UInt64 = 0, recovered: UInt64 = 0, ownDrops: UInt64 = 0, full: UInt64 = 0,
    roundTrip: Duration? = nil
  ) {
    self.sent = sent
    self.answered = answered
    self.recovered = recovered
    self.ownDrops = ownDrops
    self.full = full
    self.roundTrip = roundTrip
  }
}

/// A rate that rises while the answers keep pace, and falls when they thin out because of it.
public struct AdaptivePace: Sendable {
  public let floor: Double
  public let ceiling: Double
  /// Packets a second.
  public private(set) var rate: Double

  /// - Parameters:
  ///   - floor: what it never falls below, in packets a second.
  ///   - start: what it begins with.
  ///   - ceiling: what it never exceeds; 0 for no such limit.
  public init(floor: Double, start: Double, ceiling: Double) {
    self.floor = floor
    self.ceiling = ceiling
    rate = start
  }

  /// The rate to go on with, after what was seen up to now; to be asked every few milliseconds.
  public mutating func observe(_ tally: PaceTally, at now: Instant) -> Double { rate }
}
