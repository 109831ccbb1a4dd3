/// Where a sweep stands, for a later run to go on from: nothing of it is asked twice but for what was asked last.
public struct SweepState: Hashable, Sendable {
  /// Every question before this place of the shard's order has its verdict.
  public var settled: UInt64
  /// Every question before this place was asked; from it on a later run asks, but for those that are answered.
  public var head: UInt64
  /// Which questions from `settled` on are answered or could not be sent: bit 0 of the first word is the place
  /// `settled`. May reach beyond `head`; what it does not reach is not answered.
  public var done: [UInt64]
  /// The books up to here: `sent` = `answered` + `silent` + `sendFailed` + `pending`, and what came likewise.
  public var counts: SweepCounts

  public init(settled: UInt64 = 0, head: UInt64 = 0, done: [UInt64] = [], counts: SweepCounts = SweepCounts()) {
    self.settled = settled
    self.head = head
    self.done = done
    self.counts = counts
  }

  /// Whether the question at a place has its answer, or could not be sent.
  public func isDone(_ place: UInt64) -> Bool {
    guard place >= settled else { return true }
    let offset = place - settled
    guard offset / 64 < done.count else { return false }
    return done[Int(offset / 64)] >> (offset % 64) & 1 == 1
  }

  /// How many questions were asked and have no verdict yet.
  public var pending: UInt64 {
    guard head > settled else { return 0 }
    let asked = head - settled
    var answered: UInt64 = 0
    for (index, word) in done.enumerated() {
      let start = UInt64(index) * 64
      guard start < asked else { break }
      let mask = asked - start >= 64 ? UInt64.max : 1 << (asked - start) - 1
      answered += UInt64((word & mask).nonzeroBitCount)
    }
    return asked - answered
  }
}
