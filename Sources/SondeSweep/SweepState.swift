/// Where a sweep stands, for a later run to go on from: nothing of it is asked twice but for what was asked last.
public struct SweepState: Hashable, Sendable {
  /// Every question before this place of the shard's order has its verdict, and was told.
  public var settled: UInt64
  /// Every question before this place was asked. From it on a later run asks, but for those that stand in `standings`.
  public var head: UInt64
  /// How the questions from `start` on stand, two bits each, the first in the lowest bits of the first word: 0 no answer
  /// yet, 1 an answer, 2 an answer that says open or alive, 3 it could not be sent, which is still to be told. They may
  /// reach beyond `head`; what they do not reach has no answer.
  public var standings: [UInt64]
  /// The books up to here: `sent` = `answered` + `silent` + `sendFailed` + `pending`, and what came likewise.
  public var counts: SweepCounts

  public init(
    settled: UInt64 = 0, head: UInt64 = 0, standings: [UInt64] = [], counts: SweepCounts = SweepCounts()
  ) {
    self.settled = settled
    self.head = head
    self.standings = standings
    self.counts = counts
  }

  /// The place of the first standing: `settled`, or a few places before it.
  public var start: UInt64 { settled & ~31 }

  /// How the question at a place from `start` on stands.
  public func standing(of place: UInt64) -> UInt64 {
    guard place >= start, (place - start) / 32 < standings.count else { return 0 }
    return standings[Int((place - start) / 32)] >> (place % 32 * 2) & 3
  }

  /// How many questions were asked and have no verdict yet.
  public var pending: UInt64 {
    var pending: UInt64 = 0
    var place = settled
    while place < head {
      if standing(of: place) == 0 { pending += 1 }
      place += 1
    }
    return pending
  }
}
