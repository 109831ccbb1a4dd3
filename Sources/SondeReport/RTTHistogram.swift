/// Round-trip times of any number in one small room: exact extremes, mean and deviation; percentiles to within a
/// hundredth of their value.
///
/// Times are counted in classes, sixty-four to each doubling.
public struct RTTHistogram: Sendable {
  public private(set) var count: UInt64 = 0
  /// In nanoseconds, as are all of them.
  public private(set) var min: Int64 = 0
  public private(set) var max: Int64 = 0
  private var sum: Double = 0
  private var sumOfSquares: Double = 0
  private var classes: [UInt64]

  public init() { classes = [UInt64](repeating: 0, count: Self.place(.max) + 1) }

  /// Counts a time; one below zero counts as zero.
  public mutating func add(_ nanoseconds: Int64) {
    let time = Swift.max(nanoseconds, 0)
    min = count == 0 ? time : Swift.min(min, time)
    max = Swift.max(max, time)
    sum += Double(time)
    sumOfSquares += Double(time) * Double(time)
    classes[Self.place(time)] += 1
    count += 1
  }

  public var mean: Int64 { count == 0 ? 0 : Int64(sum / Double(count)) }

  /// The population standard deviation, as ping prints it.
  public var deviation: Int64 {
    guard count > 0 else { return 0 }
    let mean = sum / Double(count)
    return Int64(Swift.max(0, sumOfSquares / Double(count) - mean * mean).squareRoot())
  }

  /// The time that `percent` of all do not exceed (nearest rank), to within a hundredth.
  public func percentile(_ percent: Int) -> Int64 {
    guard count > 0 else { return 0 }
    let share = UInt64(Swift.max(0, Swift.min(100, percent)))
    let rank = Swift.max((count * share + 99) / 100, 1)
    var seen: UInt64 = 0
    for (place, number) in classes.enumerated() where number > 0 {
      seen += number
      if seen >= rank { return Swift.min(Swift.max(Self.middle(place), min), max) }
    }
    return max
  }

  private static let perDoubling = 64
  private static let exactBits = 6

  /// The class of a time: below 64 each its own.
  private static func place(_ time: Int64) -> Int {
    guard time >= perDoubling else { return Int(time) }
    let shift = 63 - time.leadingZeroBitCount - exactBits
    return (shift + 1) * perDoubling + Int(time >> Int64(shift)) - perDoubling
  }

  /// The middle of a class.
  private static func middle(_ place: Int) -> Int64 {
    guard place >= 2 * perDoubling else { return Int64(place) }
    let shift = place / perDoubling - 1
    let low = Int64(perDoubling + place % perDoubling) << Int64(shift)
    return low + (Int64(1) << Int64(shift)) / 2
  }
}

extension JSON {
  /// The documented object of round-trip times; null where there are none.
  static func times(_ rtt: RTTHistogram) -> JSON {
    guard rtt.count > 0 else { return .null }
    return .object([
      ("min", .integer(rtt.min)), ("p50", .integer(rtt.percentile(50))), ("p90", .integer(rtt.percentile(90))),
      ("p99", .integer(rtt.percentile(99))), ("max", .integer(rtt.max)), ("mean", .integer(rtt.mean)),
      ("mdev", .integer(rtt.deviation)),
    ])
  }
}
