import SondeHeaders
import SondeLink
import SondeLinux
import SondeOctets
import SondeSweep
import Synchronization
import Testing

/// A network of two threads in real time: each question is answered, twice, never, or to its retry alone.
private final class BusyWorld: Sendable {
  struct State: Sendable {
    var coming: [(at: Instant, octets: [UInt8])] = []
    var first = 0
    var seen: UInt64 = 0
    var dropped: UInt64 = 0
  }

  let state = Mutex(State())
  /// How many packets wait at most; what comes above that is dropped.
  let room: Int
  private let began = ContinuousClock().now

  init(room: Int = .max) { self.room = room }

  var now: Instant { Instant(nanoseconds: (ContinuousClock().now - began).nanoseconds + 1) }
}

private struct BusyDoor: BulkDoor {
  let world: BusyWorld
  var name: String { "busy" }
  var now: Instant { world.now }

  mutating func send(_ batch: borrowing PacketBatch, from first: Int) -> BulkOutcome {
    let now = world.now
    world.state.withLock { state in
      for index in first..<batch.count {
        let octets = batch.withPacket(index) { $0.octets }
        let fate = octets[5] % 8
        let answers = fate == 0 ? 0 : fate == 1 ? 2 : fate == 2 ? Int(octets[6]) : 1
        for _ in 0..<answers {
          if state.coming.count - state.first < world.room {
            state.coming.append((now, octets))
          } else {
            state.dropped += 1
          }
        }
        state.seen += UInt64(answers)
      }
    }
    return .all
  }

  mutating func waitForRoom() {}
  mutating func sleep(until deadline: Instant) { while world.now < deadline {} }
}

private struct BusyEar: BulkEar {
  let world: BusyWorld
  var now: Instant { world.now }

  mutating func drain(limit: Int, _ take: (RawSpan, BulkFacts) -> Void) -> Int {
    let came = world.state.withLock { state in
      let end = min(state.first + limit, state.coming.count)
      defer { state.first = end }
      return Array(state.coming[state.first..<end])
    }
    for (at, octets) in came {
      take(
        octets.rawSpan, BulkFacts(interface: 1, at: at, wall: 0, checksumNotReady: false, length: octets.count))
    }
    return came.count
  }

  mutating func wait(until deadline: Instant) {
    while world.now < deadline, world.state.withLock({ $0.first == $0.coming.count }) {}
  }

  mutating func counts() -> BulkCounts { world.state.withLock { BulkCounts(seen: $0.seen, dropped: $0.dropped) } }
  mutating func close() {}
}

@Suite(.serialized) struct SweepThreadTests {
  @Test(arguments: [0, 1]) func twoThreadsKeepTheBooksTogether(_ retries: Int) {
    let world = BusyWorld()
    var plan = plan(ports: 20_000)
    plan.retries = retries
    plan.window = 1 << 13
    plan.timeout = .milliseconds(20)
    plan.coolDown = CoolDown(.milliseconds(20))
    plan.tick = .milliseconds(10)
    var sweep = Sweep(
      plan, form: FakeForm(), door: BusyDoor(world: world), hops: FixedHop(), ear: BusyEar(world: world),
      pacer: Pacer(rate: 0))
    var numbers: [UInt64] = []
    var pending: [UInt64] = []
    let summary = sweep.run(
      on: { Worker.begin($0) },
      onTick: { pending.append($0.state().pending) },
      onEvent: { event, _ in
        switch event {
        case .answered(let result, _), .silent(let result): numbers.append(result.number)
        case .repeated, .noise: break
        }
      })
    let counts = summary.counts
    #expect(summary.ending == .complete)
    #expect(numbers.count == 20_000 && Set(numbers).count == 20_000)
    #expect(counts.sent == counts.answered + counts.silent + counts.sendFailed)
    #expect(counts.frames == counts.answered + counts.duplicates + counts.late + counts.noise)
    #expect(pending.last == 0)
    #expect(counts.answered >= 15_000)
  }

  @Test func aSlowListenerSlowsTheQuestionsAndLosesNoAnswer() {
    let world = BusyWorld(room: 2 * 1024 + 256)
    var plan = plan(ports: 30_000)
    plan.ahead = 1024
    plan.coolDown = CoolDown(.milliseconds(20))
    var sweep = Sweep(
      plan, form: FakeForm(), door: BusyDoor(world: world), hops: FixedHop(), ear: BusyEar(world: world),
      pacer: Pacer(rate: 0))
    let summary = sweep.run(on: { Worker.begin($0) }) { _, _ in
      let end = world.now + .microseconds(5)
      while world.now < end {}
    }
    #expect(summary.counts.ownDrops == 0)
    #expect(summary.counts.answered > 20_000)
    #expect(world.state.withLock { $0.seen } == summary.counts.frames)
  }
}
