internal import SondeHeaders
internal import SondeLink
internal import SondeOctets
internal import SondeSweep
internal import Synchronization

/// Prints what a sweep takes for a question beside the kernel's work: its number, its address, and the whole engine
/// with a door and an ear that do nothing but hand answers over.
func engineBenchmark() {
  let first: UInt128 = 0x0a00_0000
  guard
    let hosts = SweepSpace(ipv4: AddressRanges([first...first + 65_535])),
    let ports = SweepSpace(ipv4: AddressRanges([first...first]), ports: (1...65_535).map { UInt16($0) })
  else { return }
  let order = SweepOrder(total: hosts.count, seed: opaque(7))
  compare(
    "sweep",
    [
      (
        "a question",
        [
          Contender(name: "order") { times in
            (0..<UInt64(times)).reduce(0) { $0 &+ order.number(at: $1 & 65_535) }
          },
          Contender(name: "inverse") { times in
            (0..<UInt64(times)).reduce(0) { $0 &+ (order.place(of: $1 & 65_535) ?? 0) }
          },
          Contender(name: "target") { times in
            (0..<UInt64(times)).reduce(0) { $0 &+ UInt64(hosts.target(at: $1 & 65_535).port) }
          },
          Contender(name: "number") { times in
            (0..<UInt64(times)).reduce(0) { sum, time in
              let target = SweepTarget(
                address: .v4(IPv4Address(rawValue: 0x0a00_0000 + UInt32(time & 65_535))), port: 0)
              return sum &+ (hosts.number(of: target) ?? 0)
            }
          },
        ]
      )
    ])
  for (name, space) in [("65,536 hosts", hosts), ("65,535 ports", ports)] {
    for answers in [false, true] {
      run(name + (answers ? ", all answer" : ", none answers"), space, answers: answers)
    }
  }
}

/// The median of nine runs, for a question.
private func run(_ name: String, _ space: SweepSpace, answers: Bool) {
  var took: [Double] = []
  for _ in 0..<9 {
    let plan = mostly(SweepPlan(space: space, order: SweepOrder(total: space.count, seed: 7)))
    let wire = Wire(answers: answers)
    var sweep = Sweep(
      plan, form: WireForm(), door: WireDoor(wire: wire), hops: FixedHop(), ear: WireEar(wire: wire),
      pacer: Pacer(rate: 0))
    var told: UInt64 = 0
    let time = ContinuousClock().measure { consume(sweep.run { _, _ in told &+= 1 }.counts.answered &+ told) }
    took.append(time / .nanoseconds(1) / Double(space.count))
  }
  print("sweep of \(name): \(Int(took.sorted()[4])) ns a question")
}

private func mostly(_ plan: SweepPlan) -> SweepPlan {
  var plan = plan
  plan.coolDown = CoolDown(.zero)
  plan.tellsSilence = false
  return plan
}

/// What left, in memory that is made once.
private final class Wire: Sendable {
  struct State: Sendable {
    var numbers = [UInt64](repeating: 0, count: 256)
    var count = 0
  }

  let answers: Bool
  let state = Mutex(State())
  let began = ContinuousClock().now

  init(answers: Bool) { self.answers = answers }

  var now: Instant { Instant(nanoseconds: (ContinuousClock().now - began).nanoseconds) }
}

private struct WireDoor: BulkDoor {
  let wire: Wire
  var name: String { "wire" }
  var now: Instant { wire.now }

  mutating func send(_ batch: borrowing PacketBatch, from first: Int) -> BulkOutcome {
    wire.state.withLock { state in
      for index in first..<batch.count where wire.answers {
        state.numbers[state.count] = batch.withPacket(index) { $0.bigEndian(at: 0) }
        state.count += 1
      }
    }
    return .all
  }

  mutating func waitForRoom() {}
  mutating func sleep(until deadline: Instant) {}
}

private struct WireEar: BulkEar {
  let wire: Wire
  var octets = [UInt8](repeating: 0, count: 8)
  var now: Instant { wire.now }

  init(wire: Wire) { self.wire = wire }

  mutating func drain(limit: Int, _ take: (RawSpan, BulkFacts) -> Void) -> Int {
    let now = now
    return wire.state.withLock { state in
      for number in state.numbers[..<state.count] {
        octets.withMutableBytes { $0.store(bigEndian: number, at: 0) }
        take(octets.rawSpan, BulkFacts(interface: 1, at: now, wall: 0, checksumNotReady: false, length: 8))
      }
      defer { state.count = 0 }
      return state.count
    }
  }

  mutating func wait(until deadline: Instant) {}
  mutating func counts() -> BulkCounts { BulkCounts() }
  mutating func close() {}
}

/// The least that a question can be: address and port.
private struct WireForm: SweepForm {
  var octets = [UInt8](repeating: 0, count: 40)
  var longest: Int { 40 }

  mutating func write(_ target: SweepTarget, attempt: UInt8, at now: Instant, _ body: (RawSpan) -> Void) {
    guard case .v4(let address) = target.address else { return }
    octets.withMutableBytes { $0.store(bigEndian: UInt64(address.rawValue) << 16 | UInt64(target.port), at: 0) }
    body(octets.rawSpan)
  }

  func read(_ packet: RawSpan, _ facts: BulkFacts) -> SweepFinding {
    let number: UInt64 = packet.bigEndian(at: 0)
    let address = IPAddress.v4(IPv4Address(rawValue: UInt32(truncatingIfNeeded: number >> 16)))
    let target = SweepTarget(address: address, port: UInt16(truncatingIfNeeded: number))
    return .answer(
      SweepAnswer(
        target: target, attempt: nil, verdict: .closed, by: .tcpReset, from: address, hopLimit: 64, isPlain: true))
  }
}
