import SondeHeaders
import SondeLink
import SondeOctets
import SondeSweep
import Synchronization

/// What a question meets: when its answers come, and which. Kinds: 0 open, 1 closed, 2 noise.
typealias Fate = @Sendable (_ target: SweepTarget, _ attempt: UInt8) -> [(after: Duration, kind: UInt8)]

/// A network on virtual time, as a door and an ear see it.
final class SweepWorld: Sendable {
  struct State: Sendable {
    var now = Instant(nanoseconds: 1_000_000_000)
    var coming: [(at: Instant, octets: [UInt8])] = []
    var asked: [SweepTarget: [UInt8]] = [:]
    var seen: UInt64 = 0
    var dropped: UInt64 = 0
    var calls = 0
  }

  let state = Mutex(State())
  let fate: Fate
  /// What the door says to a call, by its number; nil to take all.
  let refusal: @Sendable (_ call: Int, _ packets: Int) -> BulkOutcome?
  /// How many packets that come are dropped: each of this number.
  let drops: Int
  /// Whether it remembers who was asked.
  let remembers: Bool

  init(
    drops: Int = 0, remembers: Bool = true, refusal: @escaping @Sendable (Int, Int) -> BulkOutcome? = { _, _ in nil },
    fate: @escaping Fate
  ) {
    self.fate = fate
    self.refusal = refusal
    self.drops = drops
    self.remembers = remembers
  }

  var asked: [SweepTarget: [UInt8]] { state.withLock { $0.asked } }

  /// Time passes with every look at the clock, as it does.
  var now: Instant {
    state.withLock {
      $0.now = $0.now + .nanoseconds(50)
      return $0.now
    }
  }

  func pass(until instant: Instant) { state.withLock { $0.now = max($0.now, instant) } }

  func ask(_ octets: [UInt8]) {
    let (target, attempt) = (FakeForm.target(octets), octets[6])
    let fates = fate(target, attempt)
    state.withLock { state in
      if remembers { state.asked[target, default: []].append(attempt) }
      for fate in fates {
        state.seen += 1
        if drops > 0, state.seen % UInt64(drops) == 0 {
          state.dropped += 1
          continue
        }
        var reply = octets
        reply[7] = fate.kind
        let at = state.now + fate.after
        let index = state.coming.lastIndex { $0.at <= at }.map { $0 + 1 } ?? 0
        state.coming.insert((at, reply), at: index)
      }
    }
  }
}

struct FakeDoor: BulkDoor {
  let world: SweepWorld
  var name: String { "fake" }
  var now: Instant { world.now }

  mutating func send(_ batch: borrowing PacketBatch, from first: Int) -> BulkOutcome {
    let call = world.state.withLock { state in
      state.calls += 1
      return state.calls
    }
    let outcome = world.refusal(call, batch.count - first) ?? .all
    let count =
      switch outcome {
      case .all: batch.count - first
      case .full(let sent), .refused(let sent, _): sent
      }
    for index in first..<first + count { world.ask(batch.withPacket(index) { $0.octets }) }
    return outcome
  }

  mutating func waitForRoom() { world.pass(until: world.now + .milliseconds(1)) }
  mutating func sleep(until deadline: Instant) { world.pass(until: deadline) }
}

struct FakeEar: BulkEar {
  let world: SweepWorld
  private let opened: BulkCounts

  init(world: SweepWorld) {
    self.world = world
    opened = world.state.withLock { BulkCounts(seen: $0.seen - UInt64($0.coming.count), dropped: $0.dropped) }
  }

  var now: Instant { world.now }

  mutating func drain(limit: Int, _ take: (RawSpan, BulkFacts) -> Void) -> Int {
    let came = world.state.withLock { state in
      let count = min(limit, state.coming.prefix { $0.at <= state.now }.count)
      let came = Array(state.coming.prefix(count))
      state.coming.removeFirst(count)
      return came
    }
    for (at, octets) in came {
      take(
        octets.rawSpan, BulkFacts(interface: 1, at: at, wall: 7, checksumNotReady: false, length: octets.count))
    }
    return came.count
  }

  mutating func wait(until deadline: Instant) {
    world.state.withLock { $0.now = max($0.now, min(deadline, $0.coming.first?.at ?? deadline)) }
  }

  mutating func counts() -> BulkCounts {
    // What never came into the ear is not in its books: an ear counts what has come up to now.
    world.state.withLock {
      BulkCounts(seen: $0.seen - UInt64($0.coming.count) - opened.seen, dropped: $0.dropped - opened.dropped)
    }
  }

  /// What is still on its way never comes.
  mutating func close() {
    world.state.withLock { state in
      let before = state.coming.count
      state.coming.removeAll { $0.at > state.now }
      state.seen -= UInt64(before - state.coming.count)
    }
  }
}

/// Questions of eight octets: address, port, attempt, kind of answer; more to even ports, if wanted.
struct FakeForm: SweepForm {
  var longest: Int { octets.count }
  var octets = [UInt8](repeating: 0, count: 8)
  /// Whether an answer tells which attempt it answers.
  var tellsAttempt = true
  /// The time that an answer gives back.
  var asked: Instant?

  mutating func write(_ target: SweepTarget, attempt: UInt8, at now: Instant, _ body: (RawSpan) -> Void) {
    guard case .v4(let address) = target.address else { return }
    octets.withMutableBytes {
      $0.store(bigEndian: address.rawValue, at: 0)
      $0.store(bigEndian: target.port, at: 4)
      $0.store(bigEndian: UInt16(attempt) << 8, at: 6)
    }
    body(octets.rawSpan.extracting(0..<(target.port % 2 == 0 ? longest : 8)))
  }

  static func target(_ octets: [UInt8]) -> SweepTarget {
    let address = octets[0..<4].reduce(0) { $0 << 8 | UInt32($1) }
    return SweepTarget(
      address: .v4(IPv4Address(rawValue: address)), port: UInt16(octets[4]) << 8 | UInt16(octets[5]))
  }

  func read(_ packet: RawSpan, _ facts: BulkFacts) -> SweepFinding {
    let octets = packet.octets
    let target = Self.target(octets)
    guard octets[7] != 2 else { return .noise(from: target.address, why: SweepNoise(rawValue: "noise")) }
    return .answer(
      SweepAnswer(
        target: target, attempt: tellsAttempt ? octets[6] : nil, verdict: octets[7] == 0 ? .open : .closed,
        by: Basis(rawValue: "fake"), from: target.address, hopLimit: 64, isPlain: true,
        asked: asked))
  }
}
