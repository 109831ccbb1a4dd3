/// Of any number of round-trip times the number, extremes, mean and deviation; in nanoseconds.
public struct RTTMoments: Sendable {
  public private(set) var count = 0
  public private(set) var min: Int64 = 0
  public private(set) var max: Int64 = 0
  private var sum: Double = 0
  private var sumOfSquares: Double = 0

  public init() {}

  public mutating func add(_ nanoseconds: Int64) {
    min = count == 0 ? nanoseconds : Swift.min(min, nanoseconds)
    max = count == 0 ? nanoseconds : Swift.max(max, nanoseconds)
    sum += Double(nanoseconds)
    sumOfSquares += Double(nanoseconds) * Double(nanoseconds)
    count += 1
  }

  /// Adds all that others were made of.
  public mutating func merge(_ other: Self) {
    guard other.count > 0 else { return }
    min = count == 0 ? other.min : Swift.min(min, other.min)
    max = count == 0 ? other.max : Swift.max(max, other.max)
    sum += other.sum
    sumOfSquares += other.sumOfSquares
    count += other.count
  }

  public var mean: Int64 { count == 0 ? 0 : Int64(sum / Double(count)) }

  /// The population standard deviation, as ping prints it.
  public var deviation: Int64 {
    guard count > 0 else { return 0 }
    let mean = sum / Double(count)
    return Int64(Swift.max(0, sumOfSquares / Double(count) - mean * mean).squareRoot())
  }
}

/// Round-trip times of many probes, in nanoseconds.
public protocol RoundTripTimes: Sendable {
  var moments: RTTMoments { get }

  /// For each of these numbers the time that so many hundredths of all do not exceed (nearest rank); 0 where there are
  /// no times.
  ///
  /// - Parameter percents: each from 0 to 100; one beyond counts as the nearer end.
  func percentiles(_ percents: [Int]) -> [Int64]
}

extension RoundTripTimes {
  public var count: Int { moments.count }
  public var min: Int64 { moments.min }
  public var max: Int64 { moments.max }
  public var mean: Int64 { moments.mean }
  public var deviation: Int64 { moments.deviation }

  /// One of `percentiles`.
  public func percentile(_ percent: Int) -> Int64 { percentiles([percent])[0] }
}
