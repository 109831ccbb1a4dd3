import SondeLink
import SondeOctets
import Testing
import WireSupport

@testable import SondeLinux

/// What the ring hears, and how its counts add up.
@Suite(.wire, .serialized) struct RingEarWireTests {
  /// An ear on the far host for the datagrams of `BulkDoorWireTests`.
  private static func ear(
    _ network: WireNetwork, _ question: SweepFilter.Question = .udp(from: 4001...4001), ringSize: Int = 8 << 20,
    interrupter: Interrupter? = nil
  ) throws -> RingEar {
    try network.onFar {
      let far = try NetworkInterface.named("far0")
      return try RingEar(
        BulkOpening([.packet]),
        .init(SweepFilter(question), interfaces: [far.index], ringSize: ringSize, interrupter: interrupter))
    }
  }

  private struct Heard {
    var bytes: [UInt8]
    var facts: BulkFacts
  }

  private static func hear(_ count: Int, by ear: inout RingEar) -> [Heard] {
    var heard: [Heard] = []
    let end = ear.now + .seconds(10)
    while heard.count < count, ear.now < end {
      ear.wait(until: end)
      _ = ear.drain(limit: 50) { heard.append(Heard(bytes: $0.octets, facts: $1)) }
    }
    return heard
  }

  private static func send(_ count: Int, _ ends: Ends, in network: WireNetwork) throws {
    var door = try BulkDoorWireTests.door(.packet)
    let packets = (0..<count).map { BulkDoorWireTests.packet($0, ends) }
    let hop = try BulkDoorWireTests.hop(network, .packet, ends)
    #expect(BulkDoorWireTests.send(packets, to: hop, by: &door).sent == count)
  }

  @Test(arguments: Ends.both) func packetsAreLentWithTheKernelsStamps(ends: Ends) throws {
    try WireNetwork.run { network in
      var ear = try Self.ear(network)
      let begin = (ear.now, Clock.wall)
      try Self.send(1000, ends, in: network)
      let heard = Self.hear(1000, by: &ear)
      let end = (ear.now, Clock.wall)
      #expect(heard.map(\.bytes) == (0..<1000).map { BulkDoorWireTests.packet($0, ends) })
      let far = try network.onFar { try NetworkInterface.named("far0") }
      for one in heard {
        #expect(one.facts.interface == Int32(far.index) && one.facts.length == one.bytes.count)
        #expect(one.facts.at > begin.0 && one.facts.at < end.0)
        #expect(one.facts.wall > begin.1 && one.facts.wall < end.1)
        #expect(!one.facts.checksumNotReady)
      }
      #expect(zip(heard, heard.dropFirst()).allSatisfy { $0.facts.wall <= $1.facts.wall })
    }
  }

  @Test func theKernelsOwnDatagramsHaveUnfinishedSums() throws {
    try WireNetwork.run { network in
      var ear = try Self.ear(network)
      try network.sh("printf hello | ncat -u -w1 --send-only 10.9.0.2 4001")
      let heard = Self.hear(1, by: &ear)
      #expect(heard.map(\.facts.checksumNotReady) == [true])
    }
  }

  @Test(arguments: [64 << 10, 8 << 20]) func seenIsWhatWasLentAndWhatWasDropped(ringSize: Int) throws {
    try WireNetwork.run { network in
      var ear = try Self.ear(network, ringSize: ringSize)
      try Self.send(20_000, .ipv4, in: network)
      ear.close()
      // What comes after the end is not counted.
      try Self.send(100, .ipv4, in: network)
      let counts = ear.counts()
      var lent = 0
      while case let count = ear.drain(limit: 1000, { _, _ in }), count > 0 { lent += count }
      #expect(counts.seen == 20_000)
      #expect(counts.seen == UInt64(lent) + counts.dropped)
      #expect(counts.dropped > 0 || ringSize > 64 << 10)
      #expect(counts.dropped == 0 || ringSize == 64 << 10)
      #expect(ear.counts() == counts)
    }
  }

  /// The block that is being filled when the ear closes comes at once.
  @Test func theLastPacketIsNotLeftInTheRing() throws {
    try WireNetwork.run { network in
      var ear = try Self.ear(network)
      for round in 1...20 {
        try Self.send(1, .ipv4, in: network)
        if round < 20 { #expect(Self.hear(1, by: &ear).count == 1) }
      }
      let begin = ear.now
      ear.close()
      #expect(ear.drain(limit: 10) { _, _ in } == 1)
      #expect(ear.counts() == BulkCounts(seen: 20, dropped: 0))
      #expect(ear.now - begin < .milliseconds(80))
    }
  }

  @Test func onlyWhatTheFilterLetsThroughIsSeen() throws {
    try WireNetwork.run { network in
      var ear = try Self.ear(network, .tcp(from: 4001...4001))
      try Self.send(100, .ipv4, in: network)
      try network.sh("ping -c3 -i0.01 10.9.0.2 > /dev/null")
      ear.close()
      #expect(ear.counts() == BulkCounts())
      #expect(ear.drain(limit: 10) { _, _ in } == 0)
    }
  }

  @Test func oneSocketSendsAndHears() throws {
    try WireNetwork.run { network in
      let near = try NetworkInterface.named("near0")
      let opening = try BulkOpening([.packet])
      var door = try LinuxBulkDoor(opening, .packet, on: near)
      var ear = try RingEar(opening, .init(SweepFilter(.echo), interfaces: [near.index]))
      let hop = try BulkDoorWireTests.hop(network, .packet, .ipv4)
      let requests = (0..<1000).map { Crafted.echo(.v4("10.9.0.1"), .v4("10.9.0.2"), id: 7, sequence: UInt16($0)) }
      #expect(BulkDoorWireTests.send(requests, to: hop, by: &door).sent == 1000)
      let heard = Self.hear(1000, by: &ear)
      #expect(heard.map { Int($0.bytes[26]) << 8 | Int($0.bytes[27]) } == Array(0..<1000))
    }
  }

  @Test func anInterruptionEndsAWait() throws {
    try WireNetwork.run { network in
      let interrupter = try Interrupter()
      var ear = try Self.ear(network, interrupter: interrupter)
      interrupter.interrupt()
      let begin = ear.now
      ear.wait(until: .distantFuture)
      ear.wait(until: ear.now + .milliseconds(20))
      #expect(ear.now - begin >= .milliseconds(20))
    }
  }
}
