import SondeHeaders
import SondeLink
import SondeOctets
import SondeSweep
import Testing

/// What a run told, and what it left behind.
struct Told {
  var answered: [SweepResult] = []
  var repeated: [SweepResult] = []
  var silent: [SweepResult] = []
  var noise: [String] = []
  var states: [SweepState] = []
  var summary: SweepSummary

  /// Each question with a verdict once, by its number.
  var verdicts: [UInt64: Verdict] {
    Dictionary((answered + silent).map { ($0.number, $0.verdict) }, uniquingKeysWith: { first, _ in first })
  }
}

func plan(ports: Int, hosts: Int = 1, seed: UInt64 = 1, shard: Shard = .whole) -> SweepPlan {
  let first: UInt128 = 0xc000_0200
  guard
    let space = SweepSpace(
      ipv4: AddressRanges([first...first + UInt128(hosts - 1)]), ports: (0..<ports).map { UInt16($0 + 1) })
  else { preconditionFailure("a space") }
  var plan = SweepPlan(space: space, order: SweepOrder(total: space.count, seed: seed, shard: shard))
  plan.silence = .filtered
  return plan
}

func sweep<Hops: SweepHops>(
  _ plan: SweepPlan, in world: SweepWorld, rate: Double = 10_000, hops: Hops, form: FakeForm = FakeForm(),
  wish: (Instant) -> SweepWish = { _ in .goOn }
) -> Told {
  var sweep = Sweep(
    plan, form: form, door: FakeDoor(world: world), hops: hops, ear: FakeEar(world: world),
    pacer: Pacer(rate: rate))
  var answered: [SweepResult] = []
  var repeated: [SweepResult] = []
  var silent: [SweepResult] = []
  var noise: [String] = []
  var states: [SweepState] = []
  let summary = sweep.run(wish: { wish(world.now) }, onTick: { states.append($0.state()) }) { event, _ in
    switch event {
    case .answered(let result, _): answered.append(result)
    case .repeated(let result, _): repeated.append(result)
    case .silent(let result): silent.append(result)
    case .noise(_, let why, _, _): noise.append(why.description)
    }
  }
  return Told(
    answered: answered, repeated: repeated, silent: silent, noise: noise, states: states, summary: summary)
}

func sweep(
  _ plan: SweepPlan, in world: SweepWorld, rate: Double = 10_000, wish: (Instant) -> SweepWish = { _ in .goOn }
) -> Told {
  sweep(plan, in: world, rate: rate, hops: FixedHop(), wish: wish)
}

/// The books close, and every question has one verdict.
func expectClosedBooks(
  _ told: Told, questions: UInt64?, sourceLocation: SourceLocation = #_sourceLocation
) {
  let counts = told.summary.counts
  #expect(
    counts.sent == counts.answered + counts.silent + counts.sendFailed, "\(counts)", sourceLocation: sourceLocation)
  #expect(
    counts.frames == counts.answered + counts.duplicates + counts.late + counts.noise + counts.ownDrops, "\(counts)",
    sourceLocation: sourceLocation)
  if let questions {
    let numbers = (told.answered + told.silent).map(\.number)
    #expect(numbers.count == Set(numbers).count, sourceLocation: sourceLocation)
    #expect(UInt64(numbers.count) == questions, sourceLocation: sourceLocation)
    #expect(counts.verdicts.values.reduce(0, +) == questions, sourceLocation: sourceLocation)
  }
}
