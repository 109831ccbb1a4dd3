internal import SondeLink

/// How long answers take, from each that came: smoothed, how much it varies, and the largest (RFC 6298, section 2).
public struct RoundTrip: Hashable, Sendable {
  /// In nanoseconds; 0 before the first.
  public private(set) var smoothed: Int64 = 0
  public private(set) var variation: Int64 = 0
  /// The largest ever; nil before the first.
  public private(set) var largest: Duration?

  public init() {}

  /// The time in which nearly all answers come: the smoothed one and four times its variation; nil before the first.
  public var usual: Duration? {
    largest == nil ? nil : .nanoseconds(smoothed &+ 4 &* variation)
  }

  public mutating func add(_ time: Duration) {
    let sample = max(0, time.nanoseconds)
    if let largest {
      variation &+= (abs(sample &- smoothed) &- variation) / 4
      smoothed &+= (sample &- smoothed) / 8
      if time > largest { self.largest = time }
    } else {
      (smoothed, variation) = (sample, sample / 2)
      largest = time
    }
  }
}
