public import SondeLink

/// A rate that rises while the answers keep pace, and falls when they thin out because of it.
///
/// The order of a sweep is random, so that the share that answers is the same in each of its parts, unless the rate
/// itself changes it. The share at each rate is therefore compared with the share seen at lower rates, by the
/// two-proportion test. As long as it is no less, the rate doubles; where it is less, the rate falls to
/// what was answered, by half or so at most, and then rises gently. It falls too where the receiver drops, where the door
/// is full, and where questions are answered only when they are asked again. It rises only on enough answers: where all
/// is silent it stays.
public struct AdaptivePace: Sendable {
  /// What it never falls below, in packets a second.
  public let floor: Double
  /// What it never exceeds.
  public let ceiling: Double
  /// Packets a second.
  public private(set) var rate: Double

  private var step: PaceStep?
  /// What has answered at each rate, in quarters of a doubling.
  private var shares = [Proportion](repeating: Proportion(), count: 4 * 28)
  /// About the rate at which there was trouble; above most of it the rate rises gently.
  private var trouble = Double.infinity
  /// Since when the share looks thin; nil while it does not.
  private var suspected: Instant?
  /// The rate and the share where they first were thin, since they last were not.
  private var thin: (rate: Double, share: Proportion)?
  /// Whether it has fallen further than it must to learn what the region answers.
  private var isLearning = false
  /// Whether the last change was a fall, so that what is still on its way tells nothing.
  private var hasFallen = false
  /// Losses that are seen by asking again.
  private var losses = PaceLosses()
  /// When it was last told, and the usual time between.
  private var told: (at: Instant, gap: Duration)?

  /// - Parameters:
  ///   - floor: what it never falls below, in packets a second, above 0.
  ///   - start: what it begins with.
  ///   - ceiling: what it never exceeds; 0 for no such limit.
  public init(floor: Double, start: Double, ceiling: Double = 0) {
    precondition(floor > 0, "a floor of some packets")
    let ceiling = ceiling > 0 ? min(ceiling, Self.utmost) : Self.utmost
    self.ceiling = ceiling
    self.floor = min(floor, ceiling)
    rate = min(max(start, floor), ceiling)
  }

  /// The rate to go on with, after what was seen up to now; to be asked every few milliseconds.
  public mutating func observe(_ tally: PaceTally, at now: Instant) -> Double {
    let isFresh = !wasAway(at: now)
    step?.add(tally, at: now)
    guard isFresh, let step else {
      begin(tally, at: now)
      return rate
    }
    // The ring's block, and the thread that reads it, have their own delay.
    let roundTrip = min((tally.roundTrip ?? Self.unknown) + Self.delay, Self.unknown)
    let passed = now - step.began
    let isDeaf = hasFallen && passed < roundTrip

    if tally.ownDrops > step.first.ownDrops, !isDeaf {
      trouble = min(trouble, step.achieved(tally, at: now))
      fall(to: rate / 2, tally, at: now)
      return rate
    }
    if isDeaf { self.step?.forgive(tally) }
    guard passed >= roundTrip + span else { return rate }
    let achieved = step.achieved(tally, at: now)
    if tally.full > step.first.full, achieved < 0.9 * rate {
      trouble = achieved
      fall(to: 0.95 * achieved, tally, at: now)
      return rate
    }
    if losses.arePlain(tally, at: now) {
      trouble = min(trouble, rate)
      fall(to: rate / 2, tally, at: now)
      return rate
    }
    let share = step.share(roundTrip: roundTrip)
    switch judge(share) {
    case .undecided: suspected = nil
    case .thin:
      let since = suspected ?? now
      suspected = since
      // A reader that stood still for a moment has answers waiting: they are no loss.
      if now - since >= Self.patience { thinOut(share, tally, at: now) }
    case .plenty:
      if isLearning { learn(share) }
      shares[Self.place(rate)].add(share)
      thin = nil
      rise(achieved: achieved, isFull: tally.full > step.first.full)
      begin(tally, at: now)
    }
    return rate
  }

  private enum Judgement {
    case plenty, undecided, thin
  }

  /// The best share seen at lower rates: of all up to some rate, the one that is surely the highest.
  ///
  /// The rates just below this one may have lost already, so that the share of all lower ones would be too low.
  private var best: Proportion {
    var (sum, best, height) = (Proportion(), Proportion(), -1.0)
    for place in 0..<Self.place(rate) where shares[place].total > 0 {
      sum += shares[place]
      guard sum.count >= Self.enough else { continue }
      let sure = sum.share - sum.deviation
      if sure > height { (best, height) = (sum, sure) }
    }
    return best
  }

  /// What the share at lower rates says of this one.
  private func judge(_ share: Proportion) -> Judgement {
    let best = best
    // Near trouble so many that a loss of a few in a hundred shows.
    let isExact = isGentle || isLearning
    guard best.total > 0 else {
      return share.count >= (isExact ? wanted(share) : Self.enough) ? .plenty : .undecided
    }
    let expected = best.share * share.total
    let lack = best.excess(over: share)
    let isLess = share.share < Self.tolerance * best.share
    if isLess, expected >= 10, lack > 3.5 { return .thin }
    guard expected >= (isExact ? wanted(best) : Self.enough) else { return .undecided }
    guard isLess, lack > 1.5 else { return .plenty }
    // A second is waited for certainty, not more.
    if expected < min(Self.plenty, max(Self.enough, rate * best.share)) { return .undecided }
    return Self.isVague(best) && !isLearning ? .thin : .plenty
  }

  /// How many answers it takes to see a loss of a few in a hundred, or as many as half a second brings.
  private func wanted(_ share: Proportion) -> Double {
    max(min(4_000 * (1 - share.share), Self.plenty, 0.5 * rate * share.share), Self.enough)
  }

  /// Whether a share is not known well enough to see that.
  private static func isVague(_ share: Proportion) -> Bool { share.deviation > 0.02 * share.share }

  /// Falls to what was answered, or learns that the rate is not why.
  private mutating func thinOut(_ share: Proportion, _ tally: PaceTally, at now: Instant) {
    if let thin, rate <= 0.6 * thin.rate, share.count >= Self.enough, share.excess(over: thin.share) < 2 {
      // So much slower, and no better: the region has changed, not the rate's effect.
      forget()
      shares[Self.place(rate)].add(share)
      begin(tally, at: now)
      return
    }
    if thin == nil { thin = (rate, share) }
    let best = best
    let kept = share.share / best.share
    trouble = max(floor, rate * kept)
    // What was seen on the way up was little: what the region answers unhurried is to be known well first.
    isLearning = Self.isVague(best)
    fall(to: rate * (isLearning ? min(max(0.5 * kept, 0.2), 0.5) : min(max(0.95 * kept, 0.4), 0.9)), tally, at: now)
  }

  /// Takes what the region answers unhurried for the measure, and sees whether the alarm was a true one.
  private mutating func learn(_ share: Proportion) {
    let isTrue = thin.map { share.excess(over: $0.share) > 2 } ?? true
    let trouble = trouble
    forget()
    if isTrue { self.trouble = trouble }
  }

  private mutating func forget() {
    for place in shares.indices { shares[place] = Proportion() }
    thin = nil
    isLearning = false
    trouble = .infinity
  }

  private mutating func fall(to lower: Double, _ tally: PaceTally, at now: Instant) {
    rate = max(floor, min(lower, rate))
    losses.ignore(until: now + Self.aftermath)
    begin(tally, at: now, hasFallen: true)
  }

  private mutating func rise(achieved: Double, isFull: Bool) {
    // What cannot leave any faster proves nothing of a higher rate.
    guard !isFull, achieved >= 0.8 * rate else { return }
    if rate > 1.25 * trouble { trouble = .infinity }
    let calm = Self.calm * trouble
    let higher = isGentle ? Self.gentle * rate : min(2 * rate, max(calm, Self.gentle * rate))
    rate = min(higher, ceiling)
  }

  private mutating func begin(_ tally: PaceTally, at now: Instant, hasFallen: Bool = false) {
    step = PaceStep(tally, at: now)
    suspected = nil
    self.hasFallen = hasFallen
  }

  /// Whether the caller was away for long, by its own measure: what it saw then does not belong to the moment.
  private mutating func wasAway(at now: Instant) -> Bool {
    guard let told else {
      told = (now, .zero)
      return false
    }
    let gap = now - told.at
    let isLong = gap > .milliseconds(20) && gap > told.gap * 4
    self.told = (now, told.gap + (gap - told.gap) / 8)
    return isLong
  }

  /// How long a step measures, beside its round trip.
  private var span: Duration { isGentle ? .milliseconds(25) : .milliseconds(6) }

  /// Whether it is so near trouble that it rises gently.
  private var isGentle: Bool { rate >= Self.calm * trouble }

  /// The place of a rate in `shares`: four in each doubling.
  private static func place(_ rate: Double) -> Int {
    guard rate >= 1 else { return 0 }
    return min(4 * Int(rate.exponent) + Int(4 * (rate.significand - 1)), 4 * 28 - 1)
  }

  /// So many answers make a judgement.
  private static let enough = 50.0
  /// More answers than these are not waited for.
  private static let plenty = 3_000.0
  /// A share of less than this of the share at lower rates is a loss worth a fall.
  private static let tolerance = 0.97
  /// A rise near trouble.
  private static let gentle = 1.05
  /// The part of the troublesome rate up to which it doubles.
  private static let calm = 0.8
  /// Above every rate that a core reaches.
  private static let utmost = 10_000_000.0
  private static let delay = Duration.milliseconds(3)
  private static let unknown = Duration.seconds(1)
  private static let patience = Duration.milliseconds(15)
  /// How long after a fall questions that were lost before it are still answered when asked again.
  private static let aftermath = Duration.milliseconds(2_500)
}
