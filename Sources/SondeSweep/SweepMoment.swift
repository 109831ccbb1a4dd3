internal import SondeHeaders
internal import SondeLink
internal import SondeOctets

/// A run as `onTick` sees it.
public struct SweepMoment: ~Copyable {
  public let progress: SweepProgress
  let book: SweepBook
  let settled: UInt64
  /// Places before it were asked long enough ago for their answers to have been heard.
  let head: UInt64

  /// Where a later run would go on if this one ended now.
  ///
  /// What was asked within the last half second and has no answer is asked again by it; so nothing is skipped whatever
  /// becomes of this run. Its books close by themselves: what they lack is asked anew.
  public func state() -> SweepState {
    let top = max(progress.asked, head)
    var state = SweepState(settled: settled, head: head, counts: progress.counts)
    var place = state.start
    while place < top {
      state.standings.append(book.standings(around: place))
      place += 32
    }
    // The last word may hold places that were not asked.
    if top > state.start, top % 32 != 0 {
      state.standings[state.standings.count - 1] &= 1 << (top % 32 * 2) - 1
    }
    while state.standings.last == 0 { state.standings.removeLast() }
    let counts = state.counts
    // Earlier runs' numbers come from a file, and may be any.
    state.counts.sent = counts.answered &+ counts.silent &+ counts.sendFailed &+ state.pending
    state.counts.frames =
      counts.answered &+ counts.duplicates &+ counts.late &+ counts.noise &+ counts.ownDrops
    return state
  }
}

extension SweepListener {
  /// Attempts that were made and have neither an answer nor another verdict.
  var pending: UInt64 {
    let sent = base.sent &+ book[.sent]
    let done =
      base.answered &+ base.silent &+ base.sendFailed &+ book[.sendFailed] &+ book[.outrun] &+ counts.answered
      &+ counts.silent
    return sent > done ? sent &- done : 0
  }
}
