internal import SondeLink
internal import SondeOctets

/// What an impaired network does to the frames towards one of its ends: dice, and what waits. It knows no clock.
struct RelayLane {
  private let impairment: Topology.Impairment
  private(set) var counts = RelayCounts()
  private var generator: SeededGenerator
  private var waiting = Timeline<[UInt8]>()
  /// Held back until another passes, in the order in which they came.
  private var overtaken: [(frame: [UInt8], due: Instant, limit: Instant)] = []
  /// When the limited rate has sent what it has taken, and when each frame that waits for it begins to go.
  private var isFree = Instant(nanoseconds: .min)
  private var starts: [Instant] = []
  private var gone = 0

  /// How long a frame that is to be overtaken waits where no other follows.
  private static let hold: Duration = .milliseconds(20)

  init(_ impairment: Topology.Impairment, _ generator: SeededGenerator) {
    self.impairment = impairment
    self.generator = generator
  }

  /// When something is to be passed on next; nil where nothing waits.
  var nextDue: Instant? {
    let limit = overtaken.map(\.limit).min()
    guard let due = waiting.nextDue else { return limit }
    return min(due, limit ?? due)
  }

  /// Decides what becomes of one frame, and passes it on if that is at once.
  ///
  /// What is due before `now` has been passed on by `release` already.
  mutating func admit(_ frame: RawSpan, at now: Instant, _ pass: (RawSpan) -> Void) {
    counts.offered += 1
    // Each frame has dice of its own, thrown in one order: what becomes of the n-th depends on the seed and n alone.
    var dice = generator.split()
    if dice.chance(impairment.loss) {
      counts.lost += 1
      return
    }
    let isDuplicated = dice.chance(impairment.duplication)
    if isDuplicated { counts.duplicated += 1 }
    for _ in 0..<(isDuplicated ? 2 : 1) {
      var own = dice.split()
      admitCopy(frame, at: now, &own, pass)
    }
  }

  private mutating func admitCopy(
    _ frame: RawSpan, at now: Instant, _ dice: inout SeededGenerator, _ pass: (RawSpan) -> Void
  ) {
    let isCorrupted = dice.chance(impairment.corruption)
    let bit = dice.next(below: UInt64(frame.byteCount) * 8)
    let isHeldBack = dice.chance(impairment.reordering)
    let spread = UInt64(clamping: impairment.jitter.nanoseconds)
    let jitter = Int64(clamping: dice.next(below: spread == .max ? spread : spread + 1))
    guard let departure = depart(frame.byteCount, at: now) else {
      counts.overflowed += 1
      return
    }
    let due = departure + impairment.delay + .nanoseconds(jitter)
    if isCorrupted { counts.corrupted += 1 }
    if isHeldBack { counts.reordered += 1 }
    if due <= now, !isCorrupted, !isHeldBack {
      pass(frame)
      counts.passed += 1
      let earlier = overtaken
      overtaken.removeAll()
      for held in earlier { keep(held.frame, until: held.due, at: now, pass) }
      return
    }
    var octets = frame.octets
    if isCorrupted, !octets.isEmpty { octets[Int(bit / 8)] ^= 0x80 >> UInt8(bit % 8) }
    if isHeldBack {
      overtaken.append((octets, due, max(due, now + Self.hold)))
      return
    }
    keep(octets, until: due, at: now, pass)
    // Whoever waited to be overtaken follows right behind.
    let earlier = overtaken
    overtaken.removeAll()
    for held in earlier { keep(held.frame, until: max(held.due, min(due, held.limit)), at: now, pass) }
  }

  private mutating func keep(_ frame: [UInt8], until due: Instant, at now: Instant, _ pass: (RawSpan) -> Void) {
    guard due <= now else { return waiting.insert(frame, at: due) }
    pass(frame.rawSpan)
    counts.passed += 1
  }

  /// Passes on what is due.
  mutating func release(at now: Instant, _ pass: (RawSpan) -> Void) {
    while let index = overtaken.firstIndex(where: { $0.limit <= now }) {
      let held = overtaken.remove(at: index)
      waiting.insert(held.frame, at: held.limit)
    }
    while let (frame, _) = waiting.popFirst(dueBy: now) {
      pass(frame.rawSpan)
      counts.passed += 1
    }
  }

  /// When the last bit of a frame has gone by the limited rate; nil if the queue before it is full.
  private mutating func depart(_ octets: Int, at now: Instant) -> Instant? {
    guard let rate = impairment.rate, rate > 0 else { return now }
    while gone < starts.count, starts[gone] <= now { gone += 1 }
    if gone > 1024 {
      starts.removeFirst(gone)
      gone = 0
    }
    guard starts.count - gone < max(1, impairment.queue) else { return nil }
    let start = max(isFree, now)
    if start > now { starts.append(start) }
    let time = (UInt64(octets) * 8_000_000_000 + rate - 1) / rate
    isFree = start + .nanoseconds(Int64(clamping: time))
    return isFree
  }
}
