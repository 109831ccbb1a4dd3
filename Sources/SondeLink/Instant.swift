/// A moment of a link's monotonic clock.
///
/// Only the differences between instants of one clock mean anything: on Linux the clock is
/// CLOCK_MONOTONIC, on a simulated network it is the simulation's own.
@frozen
public struct Instant: Hashable, Comparable, Sendable {
  /// Nanoseconds since the clock's own beginning.
  public var nanoseconds: Int64

  @inlinable
  public init(nanoseconds: Int64) { self.nanoseconds = nanoseconds }

  /// Later than every instant that a clock will show.
  public static let distantFuture = Instant(nanoseconds: .max)

  @inlinable
  public static func < (left: Self, right: Self) -> Bool { left.nanoseconds < right.nanoseconds }

  /// The instant `duration` later; sums beyond the clock's range stay at its end.
  public static func + (instant: Self, duration: Duration) -> Self {
    let (sum, overflow) = instant.nanoseconds.addingReportingOverflow(duration.nanoseconds)
    guard overflow else { return Instant(nanoseconds: sum) }
    return Instant(nanoseconds: duration < .zero ? .min : .max)
  }

  /// The time from `right` to `left`; negative if `right` is the later one.
  public static func - (left: Self, right: Self) -> Duration {
    .nanoseconds(left.nanoseconds.subtractingReportingOverflow(right.nanoseconds).partialValue)
  }
}

extension Duration {
  /// The whole duration in nanoseconds, rounded towards zero; beyond 292 years it stays at the end
  /// of the range.
  public var nanoseconds: Int64 {
    let (seconds, attoseconds) = components
    let (product, overflow) = seconds.multipliedReportingOverflow(by: 1_000_000_000)
    let (sum, carried) = product.addingReportingOverflow(attoseconds / 1_000_000_000)
    guard !overflow, !carried else { return seconds < 0 ? .min : .max }
    return sum
  }
}

/// When a frame left or came: the monotonic instant seen by the program and, where the kernel
/// offered one, its own time of the frame.
public struct Stamp: Hashable, Sendable {
  /// Read in user space: before the sending call, after the receiving one.
  public var monotonic: Instant
  /// The kernel's software timestamp. The kernel gives it in real time, which steps; the link has
  /// moved it onto its monotonic clock by the difference of the two clocks at that moment, so that a
  /// step leaves it alone, or throws it outside the bracket where it is not believed.
  public var kernel: Instant?
  /// The real time, in nanoseconds since 1970: the kernel's where it offered one. For people and
  /// capture files; no duration is made of it.
  public var wall: Int64?

  public init(monotonic: Instant, kernel: Instant? = nil, wall: Int64? = nil) {
    self.monotonic = monotonic
    self.kernel = kernel
    self.wall = wall
  }
}
