internal import SondeLink

/// Losses that asking again proves: of the questions that were answered, those that needed it.
///
/// The loss of a path is not a loss by the rate. What remains of the share after a fall is taken for the path's own.
struct PaceLosses: Sendable {
  /// Where the count begins; nil before that.
  private var first: (tally: PaceTally, at: Instant)?
  /// Until when nothing is counted.
  private var quiet: Instant?
  /// The share that is held to be the path's own.
  private var tolerated = 0.03
  /// The share that was too much, until it is known whether the fall lowered it.
  private var blamed: Double?

  /// Whether this moment's losses call for a fall.
  mutating func arePlain(_ tally: PaceTally, at now: Instant) -> Bool {
    if let quiet, now < quiet { return false }
    guard quiet == nil, let (first, begun) = first else {
      quiet = nil
      self.first = (tally, now)
      return false
    }
    guard now - begun >= Self.window else { return false }
    let recovered = Double(tally.recovered) - Double(first.recovered)
    let share = Proportion(count: recovered, total: recovered + Double(tally.answered) - Double(first.answered))
    self.first = (tally, now)
    guard recovered >= 10 else { return false }
    if let blamed, share.share > 0.7 * blamed { tolerated = max(tolerated, 1.2 * share.share) }
    blamed = nil
    guard share.share > tolerated, share.excess(over: tolerated) > 3 else { return false }
    blamed = share.share
    return true
  }

  /// Counts anew, and not before a moment.
  mutating func ignore(until later: Instant) { quiet = later }

  private static let window = Duration.seconds(1)
}
