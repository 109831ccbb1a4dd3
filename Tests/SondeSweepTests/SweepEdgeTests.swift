import SondeHeaders
import SondeLink
import SondeOctets
import SondeSweep
import Testing

/// An ear into which more comes than it lends at a time, for as long as anybody listens.
private struct FloodedEar: BulkEar {
  let world: SweepWorld
  var lent: UInt64 = 0
  var isClosed = false
  var now: Instant { world.now }

  mutating func drain(limit: Int, _ take: (RawSpan, BulkFacts) -> Void) -> Int {
    if isClosed { return 0 }
    let foreign: [UInt8] = [203, 0, 113, 9, 0, 1, 0, 2]
    for _ in 0..<limit {
      take(foreign.rawSpan, BulkFacts(interface: 1, at: now, wall: 7, checksumNotReady: false, length: 8))
    }
    lent += UInt64(limit)
    return limit
  }

  mutating func wait(until deadline: Instant) { world.pass(until: deadline) }
  mutating func counts() -> BulkCounts { BulkCounts(seen: lent) }
  mutating func close() { isClosed = true }
}

@Suite struct SweepEdgeTests {
  @Test func whereNoThreadCanBeMadeASweepLargerThanItsWindowEnds() {
    let world = SweepWorld { target, _ in target.port % 2 == 0 ? [(.milliseconds(1), 0)] : [] }
    var plan = plan(ports: 2000)
    plan.window = 64
    plan.timeout = .milliseconds(20)
    plan.coolDown = CoolDown(.milliseconds(20))
    var sweep = Sweep(
      plan, form: FakeForm(), door: FakeDoor(world: world), hops: FixedHop(), ear: FakeEar(world: world),
      pacer: Pacer(rate: 0))
    let summary = sweep.run(on: { _ in false }) { _, _ in }
    #expect(summary.ending == .complete)
    #expect(summary.counts.answered == 1000 && summary.counts.silent == 1000)
    #expect(summary.asked == 2000)
  }

  @Test func bandwidthIsOfEachPacketsOwnOctets() {
    let world = SweepWorld { _, _ in [(.milliseconds(1), 0)] }
    let form = FakeForm(octets: [UInt8](repeating: 0, count: 1000))
    // Half of them take 84 octets of the wire, half 1,038: a thousand in a second.
    var sweep = Sweep(
      plan(ports: 4000), form: form, door: FakeDoor(world: world), hops: FixedHop(), ear: FakeEar(world: world),
      pacer: Pacer(rate: 0, bandwidth: 500 * (84 + 1_038) * 8, expected: form.longest))
    let summary = sweep.run { _, _ in }
    #expect(summary.counts.answered == 4000)
    #expect(summary.rate.map { abs($0 - 1000) < 10 } ?? false, "\(summary.rate ?? 0)")
  }

  @Test func aShortWaitAtTheEndIsNoneForWhatWasAskedBefore() {
    let world = SweepWorld { _, _ in [(.milliseconds(150), 0)] }
    var plan = plan(ports: 5000)
    plan.coolDown = CoolDown(.milliseconds(10))
    let told = sweep(plan, in: world, rate: 10_000)
    expectClosedBooks(told, questions: 5000)
    // Only what was asked in the last 140 ms is not waited for.
    #expect(told.summary.counts.answered > 3_500 && told.summary.counts.answered < 3_700)
    #expect(told.summary.counts.late == 0)
  }

  @Test func aTimeThatNobodySentIsNoRoundTrip() {
    for asked in [Int64.min, -1, 0, 1_000_000, Int64.max] {
      let world = SweepWorld { _, _ in [(.milliseconds(4), 0)] }
      var form = FakeForm()
      form.asked = Instant(nanoseconds: asked)
      let told = sweep(plan(ports: 100), in: world, hops: FixedHop(), form: form)
      expectClosedBooks(told, questions: 100)
      #expect(told.answered.allSatisfy { $0.rtt.map { $0 >= .milliseconds(4) && $0 < .milliseconds(5) } ?? false })
    }
  }

  @Test func whoIsFloodedComesToAnEndAllTheSame() {
    let world = SweepWorld { _, _ in [] }
    var plan = plan(ports: 600)
    // More than that leaves while what comes never ends.
    plan.ahead = 100
    plan.timeout = .milliseconds(5)
    plan.coolDown = CoolDown(.milliseconds(10))
    plan.window = 64
    var noise: UInt64 = 0
    var sweep = Sweep(
      plan, form: FakeForm(), door: FakeDoor(world: world), hops: FixedHop(), ear: FloodedEar(world: world),
      pacer: Pacer(rate: 0))
    let summary = sweep.run(wish: { noise > 5_000_000 ? .end : .goOn }) { event, _ in
      if case .noise = event { noise += 1 }
    }
    #expect(summary.ending == .complete)
    #expect(summary.counts.silent == 600)
  }

  @Test func whatWaitsForRoomAtTheEndWasNotAsked() {
    let world = SweepWorld(refusal: { call, _ in call > 3 ? .full(sent: 0) : nil }) { _, _ in [] }
    var ticks = 0
    let told = sweep(plan(ports: 1000), in: world, rate: 0) { _ in
      ticks += 1
      return ticks > 20 ? .end : .goOn
    }
    #expect(told.summary.ending == .ended)
    #expect(told.summary.asked == UInt64(world.asked.count))
    #expect(told.summary.asked == told.summary.counts.sent)
    #expect(told.summary.counts.silent == told.summary.counts.sent)
  }
}
