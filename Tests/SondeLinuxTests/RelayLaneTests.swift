import SondeLink
import SondeOctets
import Testing

@testable import SondeLinux

@Suite struct RelayLaneTests {
  /// A lane on virtual time, and what it passed on.
  struct Trial {
    var lane: RelayLane
    var passed: [(octets: [UInt8], at: Instant)] = []

    init(_ impairment: Topology.Impairment) {
      lane = RelayLane(impairment, SeededGenerator(seed: impairment.seed))
    }

    mutating func offer(_ octets: [UInt8], at now: Instant) {
      release(until: now)
      var came: [[UInt8]] = []
      lane.admit(octets.rawSpan, at: now) { came.append($0.octets) }
      passed += came.map { ($0, now) }
    }

    mutating func release(until end: Instant) {
      while let due = lane.nextDue, due <= end {
        var came: [[UInt8]] = []
        lane.release(at: due) { came.append($0.octets) }
        passed += came.map { ($0, due) }
      }
    }
  }

  private static func frame(_ number: Int, length: Int = 100) -> [UInt8] {
    [UInt8(truncatingIfNeeded: number >> 8), UInt8(truncatingIfNeeded: number)]
      + [UInt8](repeating: 0, count: length - 2)
  }

  private static func run(_ impairment: Topology.Impairment, count: Int, every gap: Duration) -> Trial {
    var trial = Trial(impairment)
    var now = Instant(nanoseconds: 0)
    for number in 0..<count {
      trial.offer(frame(number), at: now)
      now = now + gap
    }
    trial.release(until: .distantFuture)
    return trial
  }

  @Test func withoutImpairmentEveryFramePassesAtOnceAsItIs() {
    let trial = Self.run(.none, count: 1000, every: .microseconds(10))
    #expect(trial.passed.map(\.octets) == (0..<1000).map { Self.frame($0) })
    #expect(trial.passed.enumerated().allSatisfy { $1.at.nanoseconds == Int64($0) * 10_000 })
  }

  @Test func probabilitiesAreKeptAndCountsAddUp() {
    for seed in UInt64(1)...4 {
      let count = 50_000
      let impairment = Topology.Impairment(
        loss: 0.05, duplication: 0.02, reordering: 0.03, corruption: 0.01, seed: seed)
      let trial = Self.run(impairment, count: count, every: .microseconds(10))
      let counts = trial.lane.counts
      func isNear(_ value: Int, _ share: Double) -> Bool {
        // Four deviations of a binomial distribution.
        let expected = Double(count) * share
        return abs(Double(value) - expected) < 4 * (expected * (1 - share)).squareRoot()
      }
      #expect(counts.offered == count)
      #expect(isNear(counts.lost, 0.05), "seed \(seed): \(counts)")
      #expect(isNear(counts.duplicated, 0.95 * 0.02), "seed \(seed): \(counts)")
      #expect(isNear(counts.reordered, 0.95 * 1.02 * 0.03), "seed \(seed): \(counts)")
      #expect(isNear(counts.corrupted, 0.95 * 1.02 * 0.01), "seed \(seed): \(counts)")
      #expect(counts.passed == count - counts.lost + counts.duplicated)
      #expect(counts.passed == trial.passed.count)
    }
  }

  @Test func theSameSeedDoesTheSameAndAnotherSomethingElse() {
    func order(_ seed: UInt64) -> [[UInt8]] {
      let impairment = Topology.Impairment(
        loss: 0.1, duplication: 0.1, reordering: 0.1, corruption: 0.1, jitter: .milliseconds(1), seed: seed)
      return Self.run(impairment, count: 500, every: .microseconds(100)).passed.map(\.octets)
    }
    #expect(order(7) == order(7))
    #expect(order(7) != order(8))
  }

  @Test func whatIsReorderedIsOvertakenByTheNextFrame() {
    var trial = Trial(Topology.Impairment(reordering: 0.5, seed: 3))
    for number in 0..<100 { trial.offer(Self.frame(number), at: Instant(nanoseconds: Int64(number) * 1000)) }
    trial.release(until: .distantFuture)
    let numbers = trial.passed.map { Int($0.octets[0]) << 8 | Int($0.octets[1]) }
    #expect(numbers.sorted() == Array(0..<100))
    #expect(numbers != Array(0..<100))
    #expect(trial.lane.counts.reordered > 20)
  }

  @Test func aLastFrameThatNoneOvertakesIsNotKept() {
    let trial = Self.run(Topology.Impairment(reordering: 1), count: 1, every: .zero)
    #expect(trial.passed.count == 1)
    #expect(trial.passed.first?.at == Instant(nanoseconds: 20_000_000))
  }

  @Test func delayAndJitterBoundWhenAFramePasses() {
    let impairment = Topology.Impairment(delay: .milliseconds(10), jitter: .milliseconds(2))
    let trial = Self.run(impairment, count: 1000, every: .milliseconds(5))
    var waits: [Int64] = []
    for (octets, at) in trial.passed {
      waits.append(at.nanoseconds - Int64(Int(octets[0]) << 8 | Int(octets[1])) * 5_000_000)
    }
    #expect(waits.allSatisfy { (10_000_000...12_000_000).contains($0) })
    #expect((waits.min() ?? 0) < 10_200_000)
    #expect((waits.max() ?? 0) > 11_800_000)
  }

  @Test func aRateSpacesFramesAndAFullQueueDropsThem() {
    // 1000 octets at 8 Mbit/s are a millisecond.
    var trial = Trial(Topology.Impairment(rate: 8_000_000, queue: 5))
    for number in 0..<10 { trial.offer(Self.frame(number, length: 1000), at: Instant(nanoseconds: 0)) }
    trial.release(until: .distantFuture)
    // One goes, five wait.
    #expect(trial.passed.map { $0.at.nanoseconds } == (1...6).map { $0 * 1_000_000 })
    #expect(trial.lane.counts.overflowed == 4)
    // Spaced as the rate goes, none waits and none is lost.
    var even = Trial(Topology.Impairment(rate: 8_000_000, queue: 1))
    for number in 0..<10 {
      even.offer(Self.frame(number, length: 1000), at: Instant(nanoseconds: Int64(number) * 1_000_000))
    }
    even.release(until: .distantFuture)
    #expect(even.passed.count == 10)
    #expect(even.lane.counts.overflowed == 0)
  }

  @Test func corruptionFlipsOneBit() {
    let trial = Self.run(Topology.Impairment(corruption: 1), count: 200, every: .microseconds(1))
    #expect(trial.passed.count == 200)
    for (number, (octets, _)) in trial.passed.enumerated() {
      let differing = zip(octets, Self.frame(number)).map { ($0 ^ $1).nonzeroBitCount }.reduce(0, +)
      #expect(differing == 1)
    }
  }
}
