import SondeHeaders
import SondeLink
import SondeOctets
import SondeSweep
import Testing

@Suite struct SweepTests {
  @Test func everyAnswerIsToldOnceAndTheRunEndsWithTheLast() {
    let world = SweepWorld { target, _ in [(.milliseconds(3), target.port % 7 == 0 ? 0 : 1)] }
    let told = sweep(plan(ports: 1000, hosts: 3), in: world)
    expectClosedBooks(told, questions: 3000)
    #expect(told.summary.counts.answered == 3000)
    #expect(told.summary.ending == .complete)
    #expect(told.answered.allSatisfy { $0.rtt.map { $0 >= .milliseconds(3) && $0 < .milliseconds(4) } ?? false })
    #expect(told.summary.ended - told.summary.began < .milliseconds(310))
    #expect(told.summary.rate.map { abs($0 - 10_000) < 200 } ?? false)
    #expect(world.asked.count == 3000)
  }

  @Test func silenceIsToldInOrderWhenTheWaitIsOver() {
    let world = SweepWorld { target, _ in target.port % 2 == 0 ? [(.milliseconds(1), 1)] : [] }
    var plan = plan(ports: 500)
    plan.coolDown = CoolDown(.milliseconds(300))
    let told = sweep(plan, in: world)
    expectClosedBooks(told, questions: 500)
    #expect(told.summary.counts.silent == 250)
    #expect(told.silent.allSatisfy { $0.verdict == .filtered && $0.attempts == 1 && $0.target.port % 2 == 1 })
    #expect(told.silent.map(\.number) == told.silent.map(\.number).sorted())
    #expect(told.summary.ended - told.summary.began < .milliseconds(400))
  }

  @Test func onlyTheUnansweredAreAskedAgain() {
    let world = SweepWorld { target, attempt in
      if target.port % 3 == 0 { return [] }
      if target.port % 3 == 1 { return [(.milliseconds(1), 0)] }
      return attempt == 1 ? [(.milliseconds(1), 0)] : []
    }
    var plan = plan(ports: 900)
    plan.retries = 2
    plan.timeout = .milliseconds(50)
    plan.coolDown = CoolDown(.milliseconds(50))
    let told = sweep(plan, in: world)
    expectClosedBooks(told, questions: 900)
    for (target, attempts) in world.asked {
      #expect(attempts == [[0, 1, 2], [0], [0, 1]][Int(target.port % 3)])
    }
    #expect(told.summary.counts.sent == 300 * 3 + 300 + 300 * 2)
    #expect(told.summary.counts.silent == 300 * 3 + 300)
    #expect(told.silent.allSatisfy { $0.attempts == 3 })
    #expect(told.answered.allSatisfy { $0.attempts == ($0.target.port % 3 == 1 ? 1 : 2) })
  }

  @Test func duplicatesConflictsLateAnswersAndNoiseAreKeptApart() {
    let world = SweepWorld(drops: 97) { target, _ in
      switch target.port % 5 {
      case 0: [(.milliseconds(1), 0), (.milliseconds(2), 0)]
      case 1: [(.milliseconds(1), 0), (.milliseconds(2), 1)]
      case 2: [(.milliseconds(250), 0), (.milliseconds(260), 0)]
      case 3: [(.milliseconds(1), 2), (.milliseconds(2), 1)]
      default: []
      }
    }
    var plan = plan(ports: 5000)
    plan.timeout = .milliseconds(200)
    plan.coolDown = CoolDown(.milliseconds(200))
    let told = sweep(plan, in: world)
    expectClosedBooks(told, questions: 5000)
    #expect(told.summary.counts.ownDrops > 0)
    #expect(told.repeated.contains { $0.flags == [.duplicate, .conflict] && $0.target.port % 5 == 1 })
    #expect(told.repeated.allSatisfy { $0.flags.contains(.conflict) == ($0.target.port % 5 == 1) })
    #expect(told.repeated.allSatisfy { $0.flags.contains(.late) == ($0.target.port % 5 == 2) })
    #expect(told.summary.counts.late > 500)
    #expect(told.noise.count == Int(told.summary.counts.noise))
  }

  @Test func aFullDoorLosesNothing() {
    let world = SweepWorld(refusal: { call, packets in call % 2 == 1 ? .full(sent: packets / 3) : nil }) { _, _ in
      [(.milliseconds(1), 1)]
    }
    let told = sweep(plan(ports: 3000), in: world, rate: 0)
    expectClosedBooks(told, questions: 3000)
    #expect(told.summary.counts.answered == 3000)
    #expect(told.summary.full > 0)
    #expect(world.asked.values.allSatisfy { $0 == [0] })
  }

  @Test func whatCannotBeSentIsToldAndTheRestGoesOn() {
    let why = LinkError(operation: "send", code: 1, message: "no")
    let world = SweepWorld(refusal: { call, packets in call % 3 == 0 ? .refused(sent: packets / 2, why) : nil }) {
      _, _ in
      [(.milliseconds(1), 1)]
    }
    var plan = plan(ports: 3000)
    plan.retries = 1
    let told = sweep(plan, in: world)
    expectClosedBooks(told, questions: 3000)
    #expect(told.summary.counts.sendFailed > 10)
    #expect(told.silent.count == Int(told.summary.counts.sendFailed))
    #expect(told.silent.allSatisfy { $0.verdict == .sendFailed })
    #expect(told.summary.refusals == [why])
  }

  @Test(arguments: [0, 1, 2]) func aSmallWindowWrapsManyTimes(_ retries: Int) {
    let world = SweepWorld { target, _ in target.port % 4 == 0 ? [] : [(.milliseconds(1), 0), (.milliseconds(90), 0)] }
    var plan = plan(ports: 8000)
    plan.window = 256
    plan.retries = retries
    plan.timeout = .milliseconds(20)
    plan.coolDown = CoolDown(.milliseconds(20))
    let told = sweep(plan, in: world, rate: 100_000)
    expectClosedBooks(told, questions: 8000)
    #expect(told.summary.counts.answered == 6000)
    #expect(world.asked.allSatisfy { $0.value.count == ($0.key.port % 4 == 0 ? retries + 1 : 1) })
  }

  @Test func silencesThatAreNotToldAreCounted() {
    let world = SweepWorld { target, _ in target.port % 4 == 0 ? [(.milliseconds(1), 0)] : [] }
    var plan = plan(ports: 400, hosts: 10)
    plan.tellsSilence = false
    let told = sweep(plan, in: world, rate: 0)
    expectClosedBooks(told, questions: nil)
    #expect(told.summary.counts.verdicts == [.open: 1_000, .filtered: 3_000])
    #expect(told.silent.isEmpty)
  }

  @Test func moreThanAMillionQuestionsHaveOneVerdictEach() {
    let world = SweepWorld(remembers: false) { target, _ in target.port == 1 ? [(.milliseconds(1), 0)] : [] }
    var plan = plan(ports: 64, hosts: 1 << 14 + 1)
    plan.tellsSilence = false
    plan.window = 1 << 16
    plan.coolDown = CoolDown(.milliseconds(20))
    let told = sweep(plan, in: world, rate: 0)
    expectClosedBooks(told, questions: nil)
    #expect(told.summary.counts.sent == 1 << 20 + 64)
    #expect(told.summary.counts.answered == 1 << 14 + 1)
    #expect(Set(told.answered.map(\.target)).count == 1 << 14 + 1)
  }

  @Test func shardsCoverEachQuestionOnce() {
    var seen: [SweepTarget: Int] = [:]
    for index in 0..<3 as Range<UInt64> {
      let world = SweepWorld { _, _ in [(.milliseconds(1), 0)] }
      let told = sweep(plan(ports: 100, hosts: 10, seed: 5, shard: Shard(index: index, of: 3)), in: world)
      expectClosedBooks(told, questions: index == 0 ? 334 : 333)
      for result in told.answered { seen[result.target, default: 0] += 1 }
    }
    #expect(seen.count == 1000)
    #expect(seen.values.allSatisfy { $0 == 1 })
  }
}
