import SondeLink
import SondeOctets
import Testing

@Suite struct FaultyLinkTests {
  private func numbers(_ received: [Received]) -> [UInt8] {
    received.compactMap { if case .frame(let frame) = $0 { frame.bytes[0] } else { nil } }
  }

  private func link(sending: Faults = .none, receiving: Faults = .none, frames: Int = 0, seed: UInt64 = 1)
    -> FaultyLink<ScriptedLink>
  {
    var base = ScriptedLink()
    base.arrivals = (0..<frames).map {
      let at = Instant.milliseconds(Int64($0 + 1))
      return (at, .frame(frame(UInt8($0 & 0xff), at: at, kernel: at, wall: at.nanoseconds + 1000)))
    }
    return FaultyLink(base, sending: sending, receiving: receiving, seed: seed)
  }

  @Test func withoutFaultsNothingChanges() throws {
    var link = link(frames: 3)
    #expect(link.send((0..<5).map { packet($0) }) == SendOutcome(count: 5, at: .milliseconds(0), wall: 1_000_000))
    #expect(link.base.sent.map(\.packet.probe) == [0, 1, 2, 3, 4])
    var batch: [Received] = []
    for _ in 0..<3 { try link.receive(until: .milliseconds(50), into: &batch) }
    #expect(numbers(batch) == [0, 1, 2])
    #expect(batch[1] == .frame(frame(1, at: .milliseconds(2), kernel: .milliseconds(2), wall: 2_001_000)))
    #expect(link.sendingCounts.passed == 5)
    #expect(link.ownDrops == 7)
  }

  @Test func certainLossTakesAllAndSaysSo() throws {
    var link = link(sending: Faults(loss: 1), receiving: Faults(loss: 1), frames: 4)
    let outcome = link.send([packet(1), packet(2)])
    #expect(outcome == SendOutcome(count: 2, at: .milliseconds(0), wall: 1_000_000))
    #expect(link.base.sent.isEmpty)
    var batch: [Received] = []
    try link.receive(until: .milliseconds(50), into: &batch)
    #expect(batch.isEmpty)
    #expect(link.now == .milliseconds(50))
    #expect(link.sendingCounts.lost == 2)
    #expect(link.receivingCounts.lost == 4)
  }

  @Test(arguments: [UInt64(1), 2, 0xdead_beef]) func probabilitiesAreKept(seed: UInt64) {
    var link = link(sending: Faults(loss: 0.25, duplication: 0.1, corruption: 0.5), seed: seed)
    for probe in 0..<4000 { _ = link.send([packet(UInt64(probe))]) }
    let counts = link.sendingCounts
    // Five standard deviations of the binomial.
    #expect(abs(counts.lost - 1000) < 137, "seed \(seed)")
    #expect(abs(counts.duplicated - 300) < 83, "seed \(seed)")
    #expect(abs(counts.corrupted - (counts.passed / 2)) < 145, "seed \(seed)")
    #expect(counts.passed == 4000 - counts.lost + counts.duplicated)
    #expect(link.base.sent.count == counts.passed)
  }

  @Test func duplicatesFollowAtOnce() {
    var link = link(sending: Faults(duplication: 1))
    _ = link.send([packet(1), packet(2)])
    #expect(link.base.sent.map(\.packet.probe) == [1, 1, 2, 2])
  }

  @Test func corruptionFlipsAsManyBitsAsAsked() {
    for flips in [1, 3, 8] {
      var link = link(sending: Faults(corruption: 1, mutation: Faults.bitFlips(flips)), seed: UInt64(flips))
      let bytes = [UInt8](repeating: 0x5a, count: 20)
      for probe in 0..<50 { _ = link.send([packet(UInt64(probe), bytes)]) }
      for (_, packet) in link.base.sent {
        let distance = zip(packet.bytes, bytes).reduce(0) { $0 + ($1.0 ^ $1.1).nonzeroBitCount }
        #expect(distance == flips)
      }
    }
    // More flips than bits, and none to flip.
    var tiny = link(sending: Faults(corruption: 1, mutation: Faults.bitFlips(99)))
    _ = tiny.send([packet(1, [0x0f]), packet(2, [])])
    #expect(tiny.base.sent.map(\.packet.bytes) == [[0xf0], []])
  }

  @Test func aMutationOfOnesOwnIsApplied() {
    var link = link(sending: Faults(corruption: 1, mutation: { bytes, _ in bytes = Array(bytes.dropLast()) }))
    _ = link.send([packet(1, [1, 2, 3])])
    #expect(link.base.sent.map(\.packet.bytes) == [[1, 2]])
  }

  @Test func delayedFramesComeAtTheirInstantAndNotBefore() throws {
    var link = link(receiving: Faults(delay: .milliseconds(10)), frames: 1)
    var batch: [Received] = []
    try link.receive(until: .milliseconds(5), into: &batch)
    #expect(batch.isEmpty)
    #expect(link.now == .milliseconds(5))
    #expect(link.heldCount == 1)
    // Held beyond one deadline, handed out before the next.
    try link.receive(until: .milliseconds(100), into: &batch)
    #expect(link.now == .milliseconds(11))
    #expect(batch == [.frame(frame(0, at: .milliseconds(11), kernel: .milliseconds(11), wall: 11_001_000))])
    #expect(link.receivingCounts.delayed == 1)
  }

  @Test func delayedPacketsAreSentWhileReceiving() throws {
    var link = link(sending: Faults(delay: .milliseconds(10)))
    _ = link.send([packet(1)])
    #expect(link.base.sent.isEmpty)
    var batch: [Received] = []
    try link.receive(until: .milliseconds(100), into: &batch)
    #expect(link.base.sent.map(\.at) == [.milliseconds(10)])
    #expect(link.now == .milliseconds(100))
  }

  @Test func jitterStaysInItsWidth() throws {
    var link = link(sending: Faults(delay: .milliseconds(10), jitter: .milliseconds(5)), seed: 9)
    _ = link.send((0..<200).map { packet($0) })
    var batch: [Received] = []
    try link.receive(until: .milliseconds(100), into: &batch)
    let times = link.base.sent.map(\.at)
    #expect(times.count == 200)
    #expect(times.allSatisfy { $0 >= .milliseconds(10) && $0 <= .milliseconds(15) })
    #expect(times == times.sorted())
    #expect(Set(times).count > 150)
  }

  @Test func aReorderedPacketIsOvertakenByTheNext() throws {
    var link = link(sending: Faults(reordering: 1))
    _ = link.send([packet(1)])
    #expect(link.base.sent.isEmpty)
    link.sending.reordering = 0
    _ = link.send([packet(2), packet(3)])
    #expect(link.base.sent.map(\.packet.probe) == [2, 1, 3])
    #expect(link.sendingCounts.reordered == 1)
  }

  @Test func aReorderedPacketThatNoneFollowsGoesAfterTheHold() throws {
    var link = link(receiving: Faults(reordering: 1, hold: .milliseconds(20)), frames: 1)
    var batch: [Received] = []
    try link.receive(until: .milliseconds(200), into: &batch)
    #expect(link.now == .milliseconds(21))
    #expect(numbers(batch) == [0])
  }

  @Test func aRefusedPacketMeetsTheSameFaultsAgain() {
    var refusing = link(sending: Faults(loss: 0.5, duplication: 0.3), seed: 3)
    var straight = link(sending: Faults(loss: 0.5, duplication: 0.3), seed: 3)
    for probe in UInt64(0)..<200 {
      refusing.base.room = 0
      refusing.base.failure = outOfBuffers
      let outcome = refusing.send([packet(probe)])
      refusing.base.room = nil
      if outcome.count == 0 {
        #expect(outcome.failure == outOfBuffers)
        _ = refusing.send([packet(probe)])
      }
      _ = straight.send([packet(probe)])
    }
    #expect(refusing.sendingCounts.lost == straight.sendingCounts.lost)
    #expect(Set(refusing.base.sent.map(\.packet.probe)) == Set(straight.base.sent.map(\.packet.probe)))
  }

  @Test func aHeldPacketThatCannotGoIsReported() throws {
    var link = link(sending: Faults(delay: .milliseconds(10)))
    _ = link.send([packet(5)])
    link.base.room = 0
    link.base.failure = outOfBuffers
    var batch: [Received] = []
    try link.receive(until: .milliseconds(100), into: &batch)
    #expect(batch == [.failure(outOfBuffers, probe: 5)])
    #expect(link.now == .milliseconds(10))
  }

  @Test func aHeldPacketWaitsForAFullLink() throws {
    var link = link(sending: Faults(delay: .milliseconds(10)))
    _ = link.send([packet(5)])
    link.base.room = 0
    var batch: [Received] = []
    try link.receive(until: .milliseconds(15), into: &batch)
    #expect(batch.isEmpty)
    #expect(link.heldCount == 1)
    link.base.room = nil
    try link.receive(until: .milliseconds(20), into: &batch)
    #expect(link.base.sent.map(\.packet.probe) == [5])
  }

  @Test func departuresAndFailuresPassUntouched() throws {
    var base = ScriptedLink()
    let departure = Received.departure(Departure(probe: 1, kernel: .milliseconds(4), wall: 4))
    base.arrivals = [(.milliseconds(1), departure), (.milliseconds(1), .failure(outOfBuffers, probe: 1))]
    var link = FaultyLink(base, receiving: Faults(loss: 1), seed: 1)
    var batch: [Received] = []
    try link.receive(until: .milliseconds(9), into: &batch)
    #expect(batch == [departure, .failure(outOfBuffers, probe: 1)])
  }

  @Test func theEndOfTheLinkIsPassedOnWithWhatCameBefore() {
    var base = ScriptedLink()
    base.arrivals = [(.milliseconds(1), .frame(frame(4)))]
    base.end = outOfBuffers
    var link = FaultyLink(base, seed: 1)
    var batch: [Received] = []
    #expect(throws: outOfBuffers) { try link.receive(until: .milliseconds(9), into: &batch) }
    #expect(numbers(batch) == [4])
  }

  @Test func anInterruptionIsPassedOn() throws {
    var link = link(receiving: Faults(delay: .milliseconds(10)), frames: 1)
    link.base.interruptions = 1
    var batch: [Received] = []
    try link.receive(until: .milliseconds(50), into: &batch)
    #expect(batch.isEmpty)
    #expect(link.now == .milliseconds(0))
    try link.receive(until: .milliseconds(50), into: &batch)
    #expect(numbers(batch) == [0])
  }

  @Test func directionsAreIndependent() throws {
    var link = link(sending: Faults(loss: 1), frames: 3)
    _ = link.send([packet(1)])
    var batch: [Received] = []
    for _ in 0..<3 { try link.receive(until: .milliseconds(9), into: &batch) }
    #expect(numbers(batch) == [0, 1, 2])
    #expect(link.base.sent.isEmpty)
  }

  @Test func whatIsLostDependsOnSeedAndPlaceAlone() {
    func survivors(_ faults: Faults, seed: UInt64) -> [UInt64] {
      var link = link(sending: faults, seed: seed)
      for probe in 0..<300 { _ = link.send([packet(UInt64(probe))]) }
      var probes: [UInt64] = []
      for (_, packet) in link.base.sent where probes.last != packet.probe { probes.append(packet.probe) }
      return probes
    }
    let alone = survivors(Faults(loss: 0.4), seed: 11)
    #expect(alone == survivors(Faults(loss: 0.4, duplication: 0.5, corruption: 0.5), seed: 11))
    #expect(alone != survivors(Faults(loss: 0.4), seed: 12))
  }
}
