import Foundation
import SondeHeaders
import SondeLink
import SondeProbe
import SondeReport
import Testing

@testable import SondeSweep

/// What a sweep says in the end.
@Suite struct SweepBooksTests {
  private func books(
    _ verdicts: [Verdict: UInt64], errors: UInt64 = 0, questions: UInt64 = 20, times: ClosedRange<Int64>? = nil
  ) -> SweepBooks {
    var counts = SweepCounts()
    counts.verdicts = verdicts
    counts.errors = errors
    let now = Instant(nanoseconds: 5)
    let run = SweepSummary(
      counts: counts, ending: .complete, state: SweepState(), began: now, ended: now, asked: 0, left: 0, full: 0,
      refusals: [])
    var rtt = RTTHistogram()
    if let times { for time in times { rtt.add(time) } }
    return SweepBooks(run, rtt: rtt, questions: questions, shard: nil, seed: 1, asksPorts: true)
  }

  private func read(_ books: SweepBooks) throws -> [String: Any] {
    try #require(try JSONSerialization.jsonObject(with: Data(books.json.utf8)) as? [String: Any])
  }

  @Test func moreSilentPortsThanErrorsMayBeWithheldErrors() throws {
    let limited = books([.closed: 9, .openOrFiltered: 11], errors: 9)
    let hint = try #require(limited.withheld)
    #expect(hint.hasPrefix("hosts send only so many ICMP errors a second: ports called open|filtered may be closed"))
    #expect(hint.hasSuffix("sonde probe --udp measures that limit and waits"))
    // What programs read holds no advice, and the lines are those of any run.
    #expect(!limited.json.contains("ICMP errors a second") && !limited.lines.contains { $0.contains("a second:") })
  }

  @Test func whereErrorsAreAsManyOrNoneNothingIsWithheld() {
    #expect(books([.closed: 10, .openOrFiltered: 10], errors: 10).withheld == nil)
    #expect(books([.closed: 10, .openOrFiltered: 1], errors: 10).withheld == nil)
    #expect(books([.openOrFiltered: 20]).withheld == nil)
    #expect(books([.closed: 9, .filtered: 11], errors: 9).withheld == nil)
    #expect(books([:]).withheld == nil)
  }

  @Test func whatWasNotSettledIsCounted() throws {
    let cut = books([.open: 3, .closed: 4])
    #expect(try read(cut)["unsettled"] as? Int == 13)
    #expect(cut.lines.contains("13 ports not settled: the run was cut short"))
    for whole in [books([.open: 3, .closed: 17]), books([.open: 21])] {
      #expect(try read(whole)["unsettled"] as? Int == 0)
      #expect(!whole.lines.contains { $0.contains("not settled") })
    }
  }

  @Test func roundTripsAreTheObjectOfAllVerbs() throws {
    #expect(try read(books([.open: 20]))["rtt_ns"] is NSNull)
    // Up to 127 each time has its own class.
    let times = books([.open: 20], times: 1...100)
    #expect(
      try read(times)["rtt_ns"] as? [String: Int]
        == ["min": 1, "p50": 50, "p90": 90, "p99": 99, "max": 100, "mean": 50, "mdev": 28])
    #expect(times.lines.contains("rtt min/p50/p99/max = 0.000/0.000/0.000/0.000 ms"), "\(times.lines)")
  }
}
