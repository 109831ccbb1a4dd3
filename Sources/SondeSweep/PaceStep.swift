internal import SondeLink

/// What was sent and answered since the rate is what it is: of what was asked at this rate, how much has answered.
///
/// An answer comes a round trip after its question. So the answers are counted from a round trip after the step's
/// beginning, and the questions up to a round trip ago: what is counted was asked at this rate, whichever of them
/// answers sooner or later.
struct PaceStep: Sendable {
  private struct Sample {
    var at: Instant
    var sent: Double
    var answered: Double
  }

  let began: Instant
  private(set) var first: PaceTally
  private var samples: [Sample] = []
  /// The least time between two samples; it doubles when there are too many.
  private var spacing = Duration.zero

  private static let most = 64

  init(_ tally: PaceTally, at now: Instant) {
    began = now
    first = tally
    samples.reserveCapacity(Self.most + 1)
    add(tally, at: now)
  }

  mutating func add(_ tally: PaceTally, at now: Instant) {
    if samples.count > 1, now - samples[samples.count - 2].at < spacing { samples.removeLast() }
    samples.append(Sample(at: now, sent: Double(tally.sent), answered: Double(tally.answered)))
    guard samples.count > Self.most else { return }
    samples = samples.indices.filter { $0 % 2 == 0 || $0 == samples.count - 1 }.map { samples[$0] }
    spacing = (now - began) / (Self.most / 2)
  }

  /// Leaves aside what was dropped and refused up to now.
  mutating func forgive(_ tally: PaceTally) {
    first.ownDrops = tally.ownDrops
    first.full = tally.full
  }

  /// A count at a moment of the step, between the samples by the straight line.
  private func value(_ count: (Sample) -> Double, at moment: Instant) -> Double {
    guard let after = samples.firstIndex(where: { $0.at >= moment }) else { return count(samples[samples.count - 1]) }
    guard after > 0 else { return count(samples[0]) }
    let (left, right) = (samples[after - 1], samples[after])
    let whole = Double((right.at - left.at).nanoseconds)
    guard whole > 0 else { return count(right) }
    let part = Double((moment - left.at).nanoseconds) / whole
    return count(left) + (count(right) - count(left)) * part
  }

  /// The share answered of what was asked in the step, but for what was asked less than a round trip ago.
  func share(roundTrip: Duration) -> Proportion {
    let end = samples[samples.count - 1]
    let sent = value(\.sent, at: end.at + (.zero - roundTrip)) - samples[0].sent
    let answered = end.answered - value(\.answered, at: began + roundTrip)
    return Proportion(count: min(max(0, answered), max(0, sent)), total: max(0, sent))
  }

  /// Packets a second that really left.
  func achieved(_ tally: PaceTally, at now: Instant) -> Double {
    let seconds = Double((now - began).nanoseconds) * 1e-9
    let packets = Double(tally.sent) - Double(first.sent) + Double(tally.retried) - Double(first.retried)
    return seconds > 0 ? packets / seconds : 0
  }
}
