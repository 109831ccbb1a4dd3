public import SondeHeaders
public import SondeLink

/// What a sweep asks, how often, and for how long it waits.
public struct SweepPlan: Sendable {
  /// All questions of all shards.
  public var space: SweepSpace
  /// The order of their numbers; its total is the space's count.
  public var order: SweepOrder
  /// How often a question without an answer is asked again.
  public var retries = 0
  /// How long an answer is waited for before the question is asked again, and at least before it is called silent while
  /// others are still asked.
  public var timeout = Duration.seconds(1)
  /// How long the answer to a question's last attempt is waited for; after the last question no longer than that.
  public var coolDown = CoolDown.automatic
  /// What it means that nothing came: `filtered` of TCP, `open|filtered` of UDP, `timeout` of ICMP.
  public var silence = Verdict.timeout
  /// Whether each silent question is told; counted it is in any case.
  public var tellsSilence = true
  /// How many packets leave at most before what came is read; an ear has room for as many answers several times over.
  public var ahead: UInt64 = 16_384
  /// Nothing is asked any more after so long; nil for no such limit.
  public var limit: Duration?
  /// Between two calls for progress.
  public var tick = Duration.milliseconds(500)
  /// Where an earlier run of the same sweep stopped.
  public var resumed: SweepState?
  /// Slows down where answers thin out because of the rate; nil to hold the pacer's own rate.
  public var adaptive: AdaptivePace?

  /// How many questions may wait for their verdicts at once: a power of two from 64 on. Where so many wait, nothing more
  /// is asked for a while.
  public var window = 1 << 22

  /// The most retries that there may be.
  public static let mostRetries = 10

  /// - Parameter order: made for `space.count` numbers.
  public init(space: SweepSpace, order: SweepOrder) {
    precondition(order.total == space.count, "an order of the questions of this space")
    self.space = space
    self.order = order
  }
}

/// What the user wants of a sweep that is under way.
@frozen
public enum SweepWish: UInt64, Comparable, Sendable {
  case goOn
  /// Nothing is asked any more; late answers are waited for as at the end of any run.
  case stop
  /// The run ends at once.
  case end

  public static func < (left: Self, right: Self) -> Bool { left.rawValue < right.rawValue }
}

/// How a run came to its end.
public enum SweepEnding: Sendable {
  /// Everything was asked.
  case complete
  /// It was stopped, or its time was up: what was asked was waited for.
  case stopped
  /// It was ended at once.
  case ended
}

/// How far a sweep has come.
public struct SweepProgress: Sendable {
  /// What was counted up to now, by earlier runs too.
  public var counts: SweepCounts
  /// Questions that were asked and wait for their answer: `sent` = `answered` + `silent` + `sendFailed` + `pending`.
  public var pending: UInt64
  /// How many questions this shard has.
  public var questions: UInt64
  /// How many of them were asked, by earlier runs too.
  public var asked: UInt64
  /// How many of them are answered, silent for good or could not be sent, in order; the others are being waited for.
  public var settled: UInt64
  /// Since when this run has been under way.
  public var began: Instant
  public var at: Instant
  /// Packets that this run's door took.
  public var left: UInt64
  /// How often the door was full.
  public var full: UInt64
  /// Everything was asked, or the run was stopped: only late answers are waited for.
  public var isCoolingDown: Bool
  /// When the run ends at the latest; nil while questions are still asked.
  public var ends: Instant?
  /// The rate that is aimed at, in packets a second; 0 for as fast as the door takes them.
  public var rate: Double
}

/// What a run leaves behind.
public struct SweepSummary: Sendable {
  public var counts: SweepCounts
  public var ending: SweepEnding
  /// Where a later run goes on.
  public var state: SweepState
  public var began: Instant
  /// When the first and the last packet that asks left; nil if none did.
  public var firstLeft: Instant?
  public var lastLeft: Instant?
  public var ended: Instant
  /// Places of the order before this one were asked, or could not be.
  public var asked: UInt64
  /// Packets that ask, as many as this run's door took.
  public var left: UInt64
  public var full: UInt64
  /// The largest round trip.
  public var largest: Duration?
  /// Why questions could not be sent: each reason once, the first few.
  public var refusals: [LinkError]

  /// Packets a second between the first and the last that left; nil for fewer than two.
  public var rate: Double? {
    guard let firstLeft, let lastLeft, lastLeft > firstLeft, left > 1 else { return nil }
    return Double(left - 1) / (Double((lastLeft - firstLeft).nanoseconds) / 1e9)
  }
}
