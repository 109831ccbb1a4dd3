internal import SondeLink

/// The counts of a run: sent = answered + silent + sendFailed once it is over.
public struct Tally: Sendable {
  /// Probes, those that failed to be sent included.
  public var sent = 0
  public var sendFailed = 0
  /// Probes that got a first answer in time, of any verdict.
  public var answered = 0
  public var silent = 0
  /// Further answers to a probe that say the same as the first.
  public var duplicates = 0
  /// Further answers that contradict the first.
  public var conflicts = 0
  /// Answers that came after their probe's time; they change no other count.
  public var late = 0
  /// Packets that looked like answers and were none.
  public var noise = 0
  /// Probes answered by an ICMP error or an error of this machine's own.
  public var errors = 0
  public var rtt = RTTStatistics()

  public init() {}

  /// The counts of two runs; round-trip times beyond the latest 65,536 of each are in the mean alone.
  public static func + (left: Self, right: Self) -> Self {
    var sum = left
    sum.sent += right.sent
    sum.sendFailed += right.sendFailed
    sum.answered += right.answered
    sum.silent += right.silent
    sum.duplicates += right.duplicates
    sum.conflicts += right.conflicts
    sum.late += right.late
    sum.noise += right.noise
    sum.errors += right.errors
    sum.rtt.merge(right.rtt)
    return sum
  }

  mutating func add(rtt duration: Duration) { rtt.add(duration.nanoseconds) }
}

/// Round-trip times of which the latest 65,536 are kept for percentiles; all else is exact.
public struct RTTStatistics: RoundTripTimes {
  public private(set) var moments = RTTMoments()
  private var recent: [Int64] = []

  public init() {}

  public mutating func add(_ nanoseconds: Int64) {
    if recent.count < 65_536 {
      recent.append(nanoseconds)
    } else {
      recent[count % 65_536] = nanoseconds
    }
    moments.add(nanoseconds)
  }

  mutating func merge(_ other: Self) {
    moments.merge(other.moments)
    recent = (recent + other.recent).suffix(65_536)
  }

  public func percentiles(_ percents: [Int]) -> [Int64] {
    let sorted = recent.sorted()
    return percents.map { percent in
      let rank = (Swift.max(0, Swift.min(100, percent)) * sorted.count + 99) / 100
      return sorted.isEmpty ? 0 : sorted[Swift.max(rank, 1) - 1]
    }
  }
}
