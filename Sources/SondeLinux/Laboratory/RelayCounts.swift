/// What an impaired network did to the frames towards one of its ends.
public struct RelayCounts: Hashable, Sendable {
  /// Frames that came to be passed on, before anything was done to them.
  public var offered = 0
  public var lost = 0
  /// Frames that went twice.
  public var duplicated = 0
  public var corrupted = 0
  /// Frames held back to be overtaken.
  public var reordered = 0
  /// Frames for which the queue before a limited rate had no room.
  public var overflowed = 0
  /// Frames that were passed on, copies included.
  public var passed = 0

  public init() {}
}
