/// What is done to the packets of one direction, each with its own probability from 0 (never) to 1
/// (always).
public struct Faults: Sendable {
  /// Changes the octets of a packet; the generator is the packet's own.
  public typealias Mutation = @Sendable (_ bytes: inout [UInt8], _ generator: inout SeededGenerator) -> Void

  /// The packet vanishes.
  public var loss: Double
  /// The packet goes twice; each of the two is then corrupted, held back and delayed on its own.
  public var duplication: Double
  /// `mutation` is applied.
  public var corruption: Double
  /// The packet is held back until the next one has passed, for `hold` at most.
  public var reordering: Double
  /// How long a packet is held back where no other follows.
  public var hold: Duration
  /// The packet is delayed by `delay` and up to `jitter` more.
  public var delaying: Double
  public var delay: Duration
  /// The width of the even spread above `delay`. Packets may overtake each other by it.
  public var jitter: Duration
  /// What corruption does.
  public var mutation: Mutation

  public init(
    loss: Double = 0, duplication: Double = 0, corruption: Double = 0, reordering: Double = 0,
    hold: Duration = .milliseconds(100), delaying: Double = 1, delay: Duration = .zero, jitter: Duration = .zero,
    mutation: @escaping Mutation = Faults.bitFlips(1)
  ) {
    self.loss = loss
    self.duplication = duplication
    self.corruption = corruption
    self.reordering = reordering
    self.hold = hold
    self.delaying = delaying
    self.delay = delay
    self.jitter = jitter
    self.mutation = mutation
  }

  /// Nothing is done.
  public static let none = Faults()

  /// A mutation that flips up to `count` bits anywhere in the packet; a bit drawn twice flips back, so it
  /// is drawn anew.
  public static func bitFlips(_ count: Int) -> Mutation {
    { bytes, generator in
      let bits = UInt64(bytes.count) * 8
      var flipped: Set<UInt64> = []
      while flipped.count < min(count, Int(clamping: bits)) {
        let bit = generator.next(below: bits)
        guard flipped.insert(bit).inserted else { continue }
        bytes[Int(bit / 8)] ^= 0x80 >> UInt8(bit % 8)
      }
    }
  }
}

/// How often each fault was done in one direction.
public struct FaultCounts: Hashable, Sendable {
  /// Packets that came to be passed on, before any fault.
  public var offered = 0
  public var lost = 0
  /// Packets that went twice.
  public var duplicated = 0
  public var corrupted = 0
  /// Packets held back to be overtaken.
  public var reordered = 0
  /// Packets delayed by more than nothing.
  public var delayed = 0
  /// Packets that were passed on, copies included; what is neither lost nor passed is still held.
  public var passed = 0

  public init() {}
}

/// What a fault can be done to.
protocol Carried {
  var bytes: [UInt8] { get set }
}

extension Outgoing: Carried {}
extension Frame: Carried {}

/// One direction of a faulty link: what waits in it, and the dice.
struct FaultyLane<Item: Carried> {
  struct Held {
    var item: Item
    var admitted: Instant
  }

  var faults: Faults
  var counts = FaultCounts()
  private var generator: SeededGenerator
  private var waiting = Timeline<Held>()
  /// Held back until another passes, in the order in which they came.
  private var overtaken: [(held: Held, due: Instant, limit: Instant)] = []

  init(_ faults: Faults, _ generator: SeededGenerator) {
    self.faults = faults
    self.generator = generator
  }

  var heldCount: Int { waiting.count + overtaken.count }

  /// When something is to be passed on next.
  var nextDue: Instant? {
    let limit = overtaken.map(\.limit).min()
    guard let due = waiting.nextDue else { return limit }
    return min(due, limit ?? due)
  }

  /// Decides what becomes of one packet.
  mutating func admit(_ item: Item, at now: Instant) {
    counts.offered += 1
    // Each packet has dice of its own, thrown in one order: what becomes of the n-th depends on the seed
    // and n, not on how many dice the packets before it needed.
    var dice = generator.split()
    if dice.chance(faults.loss) {
      counts.lost += 1
      return
    }
    let isDuplicated = dice.chance(faults.duplication)
    if isDuplicated { counts.duplicated += 1 }
    for _ in 0...(isDuplicated ? 1 : 0) {
      var own = dice.split()
      admitCopy(item, at: now, &own)
    }
  }

  private mutating func admitCopy(_ item: Item, at now: Instant, _ dice: inout SeededGenerator) {
    var held = Held(item: item, admitted: now)
    var mutationDice = dice.split()
    if dice.chance(faults.corruption) {
      counts.corrupted += 1
      faults.mutation(&held.item.bytes, &mutationDice)
    }
    let isHeldBack = dice.chance(faults.reordering)
    let isDelayed = dice.chance(faults.delaying)
    let spread = UInt64(clamping: faults.jitter.nanoseconds)
    let jitter = Int64(clamping: dice.next(below: spread == .max ? spread : spread + 1))
    var due = now
    if isDelayed {
      due = now + faults.delay + .nanoseconds(jitter)
      if due > now { counts.delayed += 1 }
    }
    if isHeldBack {
      counts.reordered += 1
      overtaken.append((held, due, max(due, now + faults.hold)))
      return
    }
    waiting.insert(held, at: due)
    // Whoever waited to be overtaken follows right behind.
    for (earlier, ownDue, limit) in overtaken { waiting.insert(earlier, at: max(ownDue, min(due, limit))) }
    overtaken.removeAll()
  }

  /// The next packet to be passed on at `now`.
  mutating func next(at now: Instant) -> (held: Held, due: Instant)? {
    while let index = overtaken.firstIndex(where: { $0.limit <= now }) {
      let (held, _, limit) = overtaken.remove(at: index)
      waiting.insert(held, at: limit)
    }
    guard let (held, due) = waiting.popFirst(dueBy: now) else { return nil }
    counts.passed += 1
    return (held, due)
  }

  /// Puts back what could not be passed on.
  mutating func putBack(_ held: Held, until due: Instant) {
    counts.passed -= 1
    waiting.insert(held, at: due)
  }
}
