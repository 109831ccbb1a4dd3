import SondeHeaders
import SondeLink
import SondeOctets
import SondeSweep
import Synchronization
import Testing

/// Knows some hosts only after a while, and some never.
struct SlowHop: SweepHops {
  var known: [IPAddress: Instant] = [:]

  mutating func hop(to address: IPAddress, at now: Instant) -> HopStanding {
    guard case .v4(let number) = address else { return .wait }
    let since = known[address] ?? now
    known[address] = since
    if now - since < .milliseconds(40) { return .wait }
    if number.rawValue % 8 == 7 { return .never(LinkError(operation: "neighbour", code: 113, message: "silent")) }
    return .ready(NextHop(interface: 1, linkAddress: nil, etherType: 0x0800))
  }
}

@Suite struct SweepResumeTests {
  @Test func questionsWaitForTheirHopsAndAreLostByNone() {
    let world = SweepWorld { _, _ in [(.milliseconds(1), 0)] }
    let told = sweep(plan(ports: 20, hosts: 400), in: world, rate: 50_000, hops: SlowHop())
    expectClosedBooks(told, questions: 8000)
    #expect(told.summary.counts.sendFailed == 1000)
    #expect(told.summary.counts.answered == 7000)
    #expect(world.asked.values.allSatisfy { $0 == [0] })
  }

  @Test(arguments: [7, 100, 333]) func aStoppedRunWaitsForWhatItAskedAndIsResumedExactly(_ milliseconds: Int) {
    let world = SweepWorld { target, _ in target.port % 2 == 0 ? [(.milliseconds(5), 0)] : [] }
    var plan = plan(ports: 5000)
    plan.coolDown = CoolDown(.milliseconds(50))
    let began = world.now
    let first = sweep(plan, in: world) { $0 - began > .milliseconds(milliseconds) ? .stop : .goOn }
    expectClosedBooks(first, questions: first.summary.state.settled)
    #expect(first.summary.ending == .stopped)
    #expect(first.summary.state.settled == first.summary.state.head)
    plan.resumed = first.summary.state
    let second = sweep(plan, in: world)
    #expect(second.summary.ending == .complete)
    expectClosedBooks(second, questions: nil)
    #expect(second.summary.counts.sent == 5000)
    #expect(second.summary.counts.verdicts == [.open: 2500, .filtered: 2500])
    #expect(world.asked.count == 5000)
    #expect(world.asked.values.allSatisfy { $0 == [0] })
    let numbers = (first.answered + first.silent + second.answered + second.silent).map(\.number)
    #expect(numbers.count == 5000 && Set(numbers).count == 5000)
  }

  @Test func aRunThatIsCutAtAnyPlaceIsResumedWithoutSkipping() {
    var plan = plan(ports: 6000)
    plan.retries = 1
    plan.timeout = .milliseconds(300)
    plan.coolDown = CoolDown(.milliseconds(300))
    plan.tick = .milliseconds(83)
    let why = LinkError(operation: "send", code: 1, message: "no")
    let fate: Fate = { target, _ in target.port % 2 == 0 ? [(.milliseconds(5), 0)] : [] }
    let world = SweepWorld(refusal: { call, _ in call % 50 == 0 ? .refused(sent: 0, why) : nil }, fate: fate)
    let whole = sweep(plan, in: world, rate: 4000)
    expectClosedBooks(whole, questions: 6000)
    #expect(whole.states.count > 20)
    for state in whole.states {
      #expect(
        state.counts.sent
          == state.counts.answered + state.counts.silent + state.counts.sendFailed + state.pending)
      var resumed = plan
      resumed.resumed = state
      let after = SweepWorld(fate: fate)
      let told = sweep(resumed, in: after, rate: 0)
      expectClosedBooks(told, questions: nil)
      // What is asked again is what was asked in the last half second and its tick, and has no answer.
      #expect(told.summary.counts.verdicts.values.reduce(0, +) == 6000, "\(state.settled) \(state.head)")
      let firstHalf = Set((whole.answered + whole.silent).filter { $0.number <= state.settled }.map(\.number))
      let verdicts = Set((told.answered + told.silent).map(\.number))
      #expect(firstHalf.isDisjoint(with: verdicts))
      let again = after.asked.filter { $0.value.contains(0) }.count
      #expect(UInt64(again) <= 6000 - state.head)
    }
  }

  @Test func aRunThatIsEndedAtOnceStillClosesItsBooks() {
    let world = SweepWorld { target, _ in target.port % 2 == 0 ? [(.milliseconds(5), 0)] : [] }
    var plan = plan(ports: 5000)
    plan.retries = 1
    let began = world.now
    let told = sweep(plan, in: world) { $0 - began > .milliseconds(200) ? .end : .goOn }
    expectClosedBooks(told, questions: nil)
    #expect(told.summary.ending == .ended)
    #expect(told.summary.ended - began < .milliseconds(220))
    plan.resumed = told.summary.state
    let second = sweep(plan, in: world)
    expectClosedBooks(second, questions: nil)
    #expect(second.summary.counts.verdicts.values.reduce(0, +) == 5000)
    #expect(world.asked.count == 5000)
  }

  @Test func theLimitStopsTheQuestions() {
    let world = SweepWorld { _, _ in [(.milliseconds(1), 0)] }
    var plan = plan(ports: 5000)
    plan.limit = .milliseconds(100)
    let told = sweep(plan, in: world)
    expectClosedBooks(told, questions: told.summary.state.head)
    #expect(told.summary.ending == .stopped)
    #expect(told.summary.state.head > 900 && told.summary.state.head < 1100)
  }

  @Test func aStateFromAnotherSweepIsNoTrap() {
    let world = SweepWorld { _, _ in [(.milliseconds(1), 0)] }
    var plan = plan(ports: 100)
    plan.resumed = SweepState(
      settled: .max, head: 3, standings: [UInt64](repeating: .max, count: 9))
    #expect(sweep(plan, in: world).summary.ending == .complete)
    plan.resumed = SweepState(settled: 3, head: .max, standings: [1, 2])
    #expect(sweep(plan, in: world).summary.ending == .complete)
  }
}
