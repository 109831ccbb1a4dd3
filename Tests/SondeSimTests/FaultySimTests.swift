import SondeHeaders
import SondeLink
import SondeOctets
import SondeSim
import Testing

/// The decorators over the simulation: what a test of a user's own looks like.
@Suite struct FaultySimTests {
  /// Everything that a faulty run showed.
  private func trace(seed: UInt64) throws -> [TapEvent] {
    final class Log { var events: [TapEvent] = [] }
    let log = Log()
    let host = SimulatedHost(.v4(them), roundTrip: .milliseconds(25), tcp: [80: .answer])
    let faults = Faults(
      loss: 0.1, duplication: 0.1, corruption: 0.1, reordering: 0.1, delay: .milliseconds(3), jitter: .milliseconds(9))
    let faulty = FaultyLink(
      SimulatedLink([host], options: .init(realTime: 1 << 60, kernelOffset: .zero)), sending: faults, receiving: faults,
      seed: seed)
    var link = Tap(faulty) { log.events.append($0) }
    for probe in 0..<300 {
      let bytes = try probe % 2 == 0 ? echo(sequence: UInt16(probe)) : segment(TCP(from: 40000, to: 80))
      _ = link.send([Outgoing(probe: UInt64(probe), bytes: bytes)])
      var batch: [Received] = []
      let end = link.now + .milliseconds(10)
      while link.now < end { try link.receive(until: end, into: &batch) }
    }
    _ = try listen(&link)
    return log.events
  }

  @Test func theSameSeedBringsTheSameTrace() throws {
    let first = try trace(seed: 42)
    #expect(first.count > 600)
    #expect(first == (try trace(seed: 42)))
    #expect(first != (try trace(seed: 43)))
  }

  @Test func everyFrameIsAccountedFor() throws {
    let sending = Faults(loss: 0.3, duplication: 0.2, corruption: 0.25, jitter: .milliseconds(50))
    let receiving = Faults(loss: 0.2, duplication: 0.1, reordering: 0.2)
    let host = SimulatedHost(.v4(them))
    var link = FaultyLink(SimulatedLink([host]), sending: sending, receiving: receiving, seed: 7)
    _ = link.send(try (0..<1000).map { Outgoing(probe: UInt64($0), bytes: try echo(sequence: UInt16($0))) })
    let received = frames(try listen(&link))
    let (sent, came, carried) = (link.sendingCounts, link.receivingCounts, link.base.counts)
    #expect(sent.offered == 1000)
    #expect(sent.passed == 1000 - sent.lost + sent.duplicated)
    #expect(carried.sent == sent.passed)
    // A flipped bit is a wrong sum, or another address, or a length that lies; in the TTL, the payload or
    // anywhere else one of the two sums catches it. Whatever arrives was not touched.
    #expect(carried.delivered == sent.passed - sent.corrupted)
    #expect(came.offered == carried.delivered)
    #expect(received.count == came.offered - came.lost + came.duplicated)
    #expect(link.heldCount == 0)
    for frame in received { #expect(Registry.dissect(frame.bytes).sums().allSatisfy { $0.verdict == .valid }) }
  }

  @Test func corruptedAnswersAreSeenToBeWrong() throws {
    let host = SimulatedHost(.v4(them))
    var link = FaultyLink(SimulatedLink([host]), receiving: Faults(corruption: 1), seed: 8)
    for probe in 0..<200 {
      _ = link.send([Outgoing(probe: UInt64(probe), bytes: try echo(sequence: UInt16(probe)))])
    }
    let received = frames(try listen(&link))
    #expect(received.count == 200)
    for frame in received {
      let dissection = Registry.dissect(frame.bytes)
      let isSound =
        dissection.stopped == nil && dissection.layers.first?.isCut == false
        && dissection.sums().count == 2 && dissection.sums().allSatisfy { $0.verdict == .valid }
      #expect(!isSound)
    }
  }

  @Test func jitterReordersWhatDelayAloneDoesNot() throws {
    func order(_ faults: Faults) throws -> [UInt16] {
      var link = FaultyLink(SimulatedLink([SimulatedHost(.v4(them))]), sending: faults, seed: 3)
      for number in 0..<50 {
        _ = link.send([Outgoing(probe: UInt64(number), bytes: try echo(sequence: UInt16(number)))])
      }
      return frames(try listen(&link)).compactMap { Registry.dissect($0.bytes).first(ICMPv4.self)?.sequenceNumber }
    }
    let straight = Array(UInt16(0)..<50)
    #expect(try order(Faults(delay: .milliseconds(40))) == straight)
    let jittered = try order(Faults(delay: .milliseconds(40), jitter: .milliseconds(20)))
    #expect(jittered != straight)
    #expect(jittered.sorted() == straight)
  }

  /// Whatever bytes are sent, a network of hosts and routers of both families stands.
  @Test(arguments: UInt64(1)...4) func noBytesBringTheNetworkDown(seed: UInt64) throws {
    let router = SimulatedRouter(.v4("203.0.113.1"), .v6("2001:db8:ff::1"), mtu: 1280)
    let hosts = [
      SimulatedHost(.v4(them), path: [router], tcp: [80: .answer], udp: [7: .answer], errorLimit: .linuxIPv4),
      SimulatedHost(.v6(them6), path: [router], tcp: [80: .serve], udp: [7: .answer]),
    ]
    var link = SimulatedLink(hosts, options: .init(kernelOffset: .zero, offload: .flagged))
    var generator = SeededGenerator(seed: seed)
    let seeds = [
      try echo(), try echo6(), try segment(TCP(from: 1, to: 80)), try datagram(to: 7), try datagram(to: 9, ttl: 1),
      try bytes(IPv6(from: us6, to: them6), TCP(from: 1, to: 80), Payload("data")),
    ]
    for round in 0..<3000 {
      var bytes = seeds[round % seeds.count]
      for _ in 0...generator.next(below: 4) {
        bytes[Int(generator.next(below: UInt64(bytes.count)))] = UInt8(truncatingIfNeeded: generator.next())
      }
      bytes.removeLast(Int(generator.next(below: 3)))
      // With right sums most mutations get past the first check.
      let packet = Registry.dissect(bytes).packet
      if round % 3 != 0, let freed = try? packet.freed().encoded().bytes { bytes = freed }
      _ = link.send([Outgoing(probe: UInt64(round), bytes: bytes)])
    }
    let received = try listen(&link)
    let errors = link.craftErrors
    #expect(errors.isEmpty, "seed \(seed)")
    #expect(frames(received).count > 100, "seed \(seed)")
  }
}
