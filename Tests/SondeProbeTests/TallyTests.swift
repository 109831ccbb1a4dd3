import SondeProbe
import TestSupport
import Testing

/// What is kept of round-trip times.
@Suite struct TallyTests {
  private func moments(_ times: some Sequence<Int64>) -> RTTMoments {
    var moments = RTTMoments()
    for time in times { moments.add(time) }
    return moments
  }

  private func expect(_ moments: RTTMoments, of times: [Int64], _ location: SourceLocation = #_sourceLocation) {
    let mean = times.map(Double.init).reduce(0, +) / Double(times.count)
    let square = times.map { (Double($0) - mean) * (Double($0) - mean) }.reduce(0, +) / Double(times.count)
    #expect(moments.count == times.count, sourceLocation: location)
    #expect(moments.min == times.min() && moments.max == times.max(), sourceLocation: location)
    #expect(abs(Double(moments.mean) - mean) <= 1, sourceLocation: location)
    #expect(abs(Double(moments.deviation) - square.squareRoot()) <= 1, sourceLocation: location)
  }

  @Test func twoPartsMergedAreTheWhole() {
    var random = Seeded()
    for _ in 0..<50 {
      let times = (0..<200).map { _ in Int64.random(in: 1...2_000_000, using: &random) }
      let cut = Int.random(in: 0...times.count, using: &random)
      var merged = moments(times[..<cut])
      merged.merge(moments(times[cut...]))
      expect(merged, of: times)
    }
  }

  @Test func nothingMergedChangesNothing() {
    var some = moments([7, 9])
    some.merge(RTTMoments())
    expect(some, of: [7, 9])
    var none = RTTMoments()
    #expect(none.min == 0 && none.max == 0 && none.mean == 0 && none.deviation == 0)
    none.merge(some)
    expect(none, of: [7, 9])
  }

  @Test func percentilesAreOfNearestRank() {
    var times = RTTStatistics()
    #expect(times.percentiles([0, 50, 100]) == [0, 0, 0] && times.percentiles([]).isEmpty)
    for time in [3, 1, 2] as [Int64] { times.add(time) }
    #expect(times.percentiles([33, 34, 66, 67]) == [1, 2, 2, 3])
    times = RTTStatistics()
    for time in (1...100 as ClosedRange<Int64>).reversed() { times.add(time) }
    #expect(times.percentiles([99, 50, 90, 0, 1, 100]) == [99, 50, 90, 1, 1, 100], "in the order asked for")
    #expect(times.percentiles([-1, 101]) == [1, 100] && times.percentile(37) == 37)
  }

  @Test func percentilesAreOfTheLatestAndAllElseOfAll() {
    var times = RTTStatistics()
    for _ in 0..<65_536 { times.add(1_000) }
    for _ in 0..<65_535 { times.add(10) }
    #expect(times.percentiles([99, 100]) == [10, 1_000])
    times.add(10)
    #expect(times.percentiles([100]) == [10] && times.max == 1_000 && times.count == 131_072 && times.mean == 505)
  }

  @Test func twoRunsTimesAreOneRuns() {
    var (first, second) = (Tally(), Tally())
    for time in 1...60 as ClosedRange<Int64> { first.rtt.add(time) }
    for time in 61...100 as ClosedRange<Int64> { second.rtt.add(time) }
    for both in [first + second, second + first] {
      #expect(both.rtt.count == 100 && both.rtt.min == 1 && both.rtt.max == 100 && both.rtt.mean == 50)
      #expect(both.rtt.percentiles([50, 99]) == [50, 99])
    }
  }
}
