import SondeLink
import SondeSweep
import TestSupport
import Testing

/// A thread that sleeps and sends as a pacer tells it, on virtual time, and when each of its packets left.
private struct PacedThread {
  var pacer: Pacer
  var now = Instant(nanoseconds: 7_000_000_123)
  var left: [Int64] = []
  var questions = 0
  /// Of the packets, one after the other and from the first again.
  var octets = [40]
  var random: Seeded

  /// Runs for so long; each sleep ends late by what `late` says, and a call of the door takes what `door` says, in ns.
  mutating func run(
    seconds: Double, late: (inout Seeded) -> Int64,
    door: (inout Seeded) -> Int64 = { .random(in: 500...20_000, using: &$0) }
  ) {
    let end = now + .nanoseconds(Int64(seconds * 1e9))
    while now < end {
      let (count, next) = pacer.allowance(at: now)
      questions += 1
      if count > 0 {
        let took = door(&random)
        let times = (0..<count).map { _ in now.nanoseconds + .random(in: 0...took, using: &random) }
        left += times.sorted()
        now = now + .nanoseconds(took)
        let lengths = (left.count - count..<left.count).map { octets[$0 % octets.count] }
        pacer.sent(count, octets: lengths.map { Pacer.onWire($0) }.reduce(0, +), at: now)
      } else {
        #expect(next > now, "nothing may go, and it is to be asked at once")
      }
      if next > now { now = next + .nanoseconds(late(&random)) }
    }
  }

  /// The most packets in a millisecond that begins anywhere.
  var crowd: Int {
    var (first, most) = (0, 0)
    for (last, time) in left.enumerated() {
      while time - left[first] >= 1_000_000 { first += 1 }
      most = max(most, last - first + 1)
    }
    return most
  }

  /// The least and the most packets a second in any window of this length, over the rate.
  func ratios(to rate: Double, window: Double) -> ClosedRange<Double> {
    let span = Int64(window * 1e9)
    var (first, last, low, high) = (0, 0, Double.infinity, 0.0)
    var begin = left[0]
    while begin + span <= now.nanoseconds {
      while first < left.count, left[first] < begin { first += 1 }
      while last < left.count, left[last] < begin + span { last += 1 }
      let ratio = Double(last - first) / window / rate
      (low, high) = (min(low, ratio), max(high, ratio))
      begin += span / 40
    }
    return low...high
  }
}

struct PacerTests {
  /// Mostly a few microseconds, one in fifty up to 5 ms.
  private static func restless(_ random: inout Seeded) -> Int64 {
    Int.random(in: 0..<50, using: &random) == 0
      ? .random(in: 0...5_000_000, using: &random) : .random(in: 1_000...80_000, using: &random)
  }

  @Test(arguments: [1, 7.5, 100, 999, 1_000, 4_000, 10_000, 33_333, 50_000])
  func rateIsHeldAndNoMillisecondIsCrowdedHoweverTheThreadOversleeps(rate: Double) {
    var thread = PacedThread(pacer: Pacer(rate: rate), random: Seeded("pacer \(rate)"))
    let window = max(10, 1_000 / rate)
    thread.run(seconds: 2 * window, late: Self.restless)
    let ratios = thread.ratios(to: rate, window: window)
    #expect(ratios.lowerBound >= 0.99 && ratios.upperBound <= 1.01, "\(ratios)")
    #expect(Double(thread.crowd) <= 2 * rate / 1_000 + 1, "\(thread.crowd) in a millisecond")
  }

  @Test(arguments: [1, 7.5, 100, 999, 10_000, 33_333, 50_000])
  func noMillisecondIsCrowdedWhenEverySleepIsLateByUpToFiveMilliseconds(rate: Double) {
    var thread = PacedThread(pacer: Pacer(rate: rate), random: Seeded("late \(rate)"))
    thread.run(seconds: 20, late: { .random(in: 0...5_000_000, using: &$0) })
    #expect(Double(thread.crowd) <= 2 * rate / 1_000 + 1, "\(thread.crowd) in a millisecond")
    // What a wake-up may carry at most is less than what 2.5 ms bring from some rate on; below it, nothing is lost.
    guard rate < 400 else { return }
    let window = max(10, 1_000 / rate)
    thread.run(seconds: 2 * window, late: { .random(in: 0...5_000_000, using: &$0) })
    let ratios = thread.ratios(to: rate, window: window)
    #expect(ratios.lowerBound >= 0.99 && ratios.upperBound <= 1.01, "\(ratios)")
  }

  @Test func slowDoorCrowdsNoMillisecondEither() {
    var thread = PacedThread(pacer: Pacer(rate: 50_000), random: Seeded())
    thread.run(
      seconds: 20, late: { .random(in: 0...60_000, using: &$0) },
      door: { Int.random(in: 0..<100, using: &$0) == 0 ? .random(in: 0...3_000_000, using: &$0) : 15_000 })
    let ratios = thread.ratios(to: 50_000, window: 10)
    #expect(ratios.lowerBound >= 0.99 && ratios.upperBound <= 1.01, "\(ratios)")
    #expect(thread.crowd <= 101)
  }

  @Test func fiftyThousandASecondTakeAtMostFiveThousandQuestions() {
    var thread = PacedThread(pacer: Pacer(rate: 50_000), random: Seeded())
    thread.run(seconds: 1, late: { .random(in: 1_000...5_000, using: &$0) })
    #expect((3_000...5_000).contains(thread.questions), "\(thread.questions)")
    #expect(thread.crowd <= 65, "\(thread.crowd) although nothing was late")
  }

  @Test func debtIsPaidAtLessThanOneAndAHalfTimesTheRate() {
    var thread = PacedThread(pacer: Pacer(rate: 10_000), random: Seeded())
    thread.run(seconds: 1, late: { _ in 0 }, door: { _ in 1_000 })
    let (before, halt) = (thread.left.count, thread.now)
    thread.now = halt + .milliseconds(200)
    thread.run(seconds: 0.1, late: { _ in 0 }, door: { _ in 1_000 })
    let soon = thread.left.count - before
    #expect((1_300...1_410).contains(soon), "\(soon) in the 100 ms after a halt of 200 ms")
    thread.run(seconds: 0.7, late: { _ in 0 }, door: { _ in 1_000 })
    #expect(abs(thread.left.count - before - 10_000) <= 20, "nothing is lost")
    #expect(thread.crowd <= 21)
  }

  @Test func haltOfAMinuteIsMadeGoodForASecondOnly() {
    var thread = PacedThread(pacer: Pacer(rate: 1_000), random: Seeded())
    thread.run(seconds: 1, late: { _ in 0 })
    let before = thread.left.count
    thread.now = thread.now + .seconds(60)
    thread.run(seconds: 10, late: { _ in 0 })
    #expect(abs(thread.left.count - before - 11_000) <= 10, "\(thread.left.count - before)")
  }

  @Test func restIsNotMadeGood() {
    var thread = PacedThread(pacer: Pacer(rate: 1_000), random: Seeded())
    thread.run(seconds: 1, late: { _ in 0 })
    let before = thread.left.count
    thread.now = thread.now + .milliseconds(900)
    thread.pacer.rested(at: thread.now)
    thread.run(seconds: 1, late: { _ in 0 })
    #expect(abs(thread.left.count - before - 1_000) <= 2, "\(thread.left.count - before)")
  }

  @Test(arguments: [100_000, 300_000, 1_000_000])
  func fastRatesAreHeldInBatches(rate: Double) {
    var thread = PacedThread(pacer: Pacer(rate: rate), random: Seeded())
    thread.run(
      seconds: 2.1, late: { .random(in: 1_000...80_000, using: &$0) }, door: { .random(in: 500...15_000, using: &$0) })
    let ratios = thread.ratios(to: rate, window: 1)
    #expect(ratios.lowerBound >= 0.99 && ratios.upperBound <= 1.01, "\(ratios)")
  }

  @Test func noRateAsksForABatchAtOnceAndAlways() {
    var pacer = Pacer(rate: 0)
    for nanosecond in 0..<10 {
      let now = Instant(nanoseconds: Int64(nanosecond))
      #expect(pacer.allowance(at: now) == (Pacer.batch, now))
      pacer.sent(Pacer.batch, octets: 4_000, at: now)
    }
  }

  /// By hand: 14 octets of header, 4 of check sequence, 8 of preamble, 12 of gap; no frame is shorter than 64.
  @Test(arguments: [(0, 84), (28, 84), (40, 84), (46, 84), (47, 85), (48, 86), (60, 98), (1_500, 1_538)])
  func theWireCarriesMoreThanThePacket(octets: Int, wire: Int) {
    #expect(Pacer.onWire(octets) == wire)
  }

  @Test(arguments: [(40, 84, 8e6), (1_500, 1_538, 8e6), (40, 84, 64_000), (100, 138, 1e9)])
  func bandwidthIsHeldCountedOnTheWire(octets: Int, wire: Int, bandwidth: Double) {
    let rate = bandwidth / Double(8 * wire)
    var thread = PacedThread(pacer: Pacer(rate: 0, bandwidth: bandwidth), octets: [octets], random: Seeded())
    let late: (inout Seeded) -> Int64 = { .random(in: 1_000...80_000, using: &$0) }
    let window = max(1, 1_000 / rate)
    thread.run(seconds: 2 * window, late: late, door: { _ in 5_000 })
    let ratios = thread.ratios(to: rate, window: window)
    #expect(ratios.lowerBound >= 0.99 && ratios.upperBound <= 1.01, "\(ratios)")
    if rate <= 50_000 { #expect(Double(thread.crowd) <= 2 * rate / 1_000 + 1, "\(thread.crowd)") }
  }

  /// Packets of several lengths: by the wire octets of each, however many padded ones stand beside the long ones.
  @Test(arguments: [[29, 1_500], [29, 29, 29, 29, 90, 46, 47, 300], [1_500, 29, 29, 29, 29, 29, 29, 29]])
  func bandwidthIsHeldWhereLengthsDiffer(octets: [Int]) {
    let wire = octets.map { max($0, 46) + 38 }.reduce(0, +)
    var thread = PacedThread(
      pacer: Pacer(rate: 0, bandwidth: 2e6, expected: 1_500), octets: octets, random: Seeded("lengths \(octets)"))
    thread.run(seconds: 20, late: { .random(in: 1_000...80_000, using: &$0) }, door: { _ in 5_000 })
    let rate = 2e6 / 8 / Double(wire) * Double(octets.count)
    let ratios = thread.ratios(to: rate, window: 10)
    #expect(ratios.lowerBound >= 0.99 && ratios.upperBound <= 1.01, "\(ratios)")
  }

  @Test func theTighterOfRateAndBandwidthHolds() {
    var thread = PacedThread(pacer: Pacer(rate: 1_000, bandwidth: 1e9), random: Seeded())
    thread.run(seconds: 2, late: { _ in 1_000 })
    #expect(abs(thread.left.count - 2_000) <= 2)
    thread = PacedThread(pacer: Pacer(rate: 1e6, bandwidth: 84 * 8 * 1_000), random: Seeded())
    thread.run(seconds: 2, late: { _ in 1_000 })
    #expect(abs(thread.left.count - 2_000) <= 2)
  }

  @Test func anotherRateHoldsFromItsChange() {
    var thread = PacedThread(pacer: Pacer(rate: 1_000), random: Seeded())
    thread.run(seconds: 1, late: { _ in 1_000 })
    for (rate, expected) in [(5_000.0, 5_000), (100, 100), (50_000, 50_000)] {
      let before = thread.left.count
      thread.pacer.change(rate: rate, at: thread.now)
      thread.run(seconds: 1, late: { _ in 1_000 })
      let count = thread.left.count - before
      #expect(abs(count - expected) <= max(2, expected / 200), "\(count) of \(expected)")
    }
  }

  @Test func clockThatStandsStillOrStepsBackGivesNothing() {
    var pacer = Pacer(rate: 1_000)
    let now = Instant(nanoseconds: 5_000_000_000)
    #expect(pacer.allowance(at: now).count == 1)
    pacer.sent(1, octets: 40, at: now)
    #expect(pacer.allowance(at: now).count == 0)
    #expect(pacer.allowance(at: Instant(nanoseconds: 1)).count == 0)
    #expect(pacer.allowance(at: now + .milliseconds(1)).count == 1)
  }
}
