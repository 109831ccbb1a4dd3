/// What a sweep knows of itself at a moment, counted from its beginning.
@frozen
public struct PaceTally: Hashable, Sendable {
  /// First questions that left.
  public var sent: UInt64
  /// Questions that left again.
  public var retried: UInt64
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
    sent: UInt64 = 0, retried: UInt64 = 0, answered: UInt64 = 0, recovered: UInt64 = 0, ownDrops: UInt64 = 0,
    full: UInt64 = 0, roundTrip: Duration? = nil
  ) {
    self.sent = sent
    self.retried = retried
    self.answered = answered
    self.recovered = recovered
    self.ownDrops = ownDrops
    self.full = full
    self.roundTrip = roundTrip
  }
}
