public import SondeProbe

/// Round-trip times of any number in one small room: all is exact but percentiles, which are to within a hundredth of
/// their value.
///
/// Times are counted in classes, sixty-four to each doubling.
public struct RTTHistogram: RoundTripTimes {
  public private(set) var moments = RTTMoments()
  private var classes: [UInt64]

  public init() { classes = [UInt64](repeating: 0, count: Self.place(.max) + 1) }

  /// Counts a time; one below zero counts as zero.
  public mutating func add(_ nanoseconds: Int64) {
    let time = Swift.max(nanoseconds, 0)
    moments.add(time)
    classes[Self.place(time)] += 1
  }

  public func percentiles(_ percents: [Int]) -> [Int64] { percents.map(ranked) }

  private func ranked(_ percent: Int) -> Int64 {
    let share = UInt64(Swift.max(0, Swift.min(100, percent)))
    let rank = Swift.max((UInt64(count) * share + 99) / 100, 1)
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
  static func times(_ rtt: some RoundTripTimes) -> JSON {
    guard rtt.count > 0 else { return .null }
    let percentiles = rtt.percentiles([50, 90, 99])
    return .object([
      ("min", .integer(rtt.min)), ("p50", .integer(percentiles[0])), ("p90", .integer(percentiles[1])),
      ("p99", .integer(percentiles[2])), ("max", .integer(rtt.max)), ("mean", .integer(rtt.mean)),
      ("mdev", .integer(rtt.deviation)),
    ])
  }
}
