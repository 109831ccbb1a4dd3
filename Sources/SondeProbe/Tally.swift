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
    sum.rtt.add(right.rtt)
    return sum
  }

  mutating func add(rtt duration: Duration) { rtt.add(duration.nanoseconds) }
}

/// Round-trip times in nanoseconds: exact extremes, mean and deviation of all; percentiles of the
/// latest 65,536.
public struct RTTStatistics: Sendable {
  public private(set) var count = 0
  public private(set) var min: Int64 = 0
  public private(set) var max: Int64 = 0
  private var sum: Double = 0
  private var sumOfSquares: Double = 0
  private var recent: [Int64] = []

  public init() {}

  public mutating func add(_ nanoseconds: Int64) {
    min = count == 0 ? nanoseconds : Swift.min(min, nanoseconds)
    max = count == 0 ? nanoseconds : Swift.max(max, nanoseconds)
    sum += Double(nanoseconds)
    sumOfSquares += Double(nanoseconds) * Double(nanoseconds)
    if recent.count < 65_536 {
      recent.append(nanoseconds)
    } else {
      recent[count % 65_536] = nanoseconds
    }
    count += 1
  }

  mutating func add(_ other: RTTStatistics) {
    guard other.count > 0 else { return }
    min = count == 0 ? other.min : Swift.min(min, other.min)
    max = count == 0 ? other.max : Swift.max(max, other.max)
    sum += other.sum
    sumOfSquares += other.sumOfSquares
    recent = (recent + other.recent).suffix(65_536)
    count += other.count
  }

  public var mean: Int64 { count == 0 ? 0 : Int64(sum / Double(count)) }

  /// The population standard deviation, as ping prints it.
  public var deviation: Int64 {
    guard count > 0 else { return 0 }
    let mean = sum / Double(count)
    return Int64(Swift.max(0, sumOfSquares / Double(count) - mean * mean).squareRoot())
  }

  /// The value that `percent` of the latest times do not exceed (nearest rank).
  public func percentile(_ percent: Int) -> Int64 {
    guard !recent.isEmpty else { return 0 }
    let sorted = recent.sorted()
    let rank = (Swift.max(0, Swift.min(100, percent)) * sorted.count + 99) / 100
    return sorted[Swift.max(rank, 1) - 1]
  }
}
