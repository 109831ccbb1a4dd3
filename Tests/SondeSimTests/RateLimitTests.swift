import SondeHeaders
import SondeLink
import SondeOctets
import SondeSim
import Testing

@Suite struct RateLimitTests {
  @Test func aBurstDrawsSixErrorsThenOneASecond() throws {
    let host = SimulatedHost(.v4(them), errorLimit: .linuxIPv4)
    var link = SimulatedLink([host])
    _ = link.send(try (0..<100).map { Outgoing(probe: UInt64($0), bytes: try datagram(to: UInt16(1000 + $0))) })
    let burst = frames(try listen(&link, for: .milliseconds(500)))
    #expect(burst.count == 6)
    #expect(link.counts.rateLimited == 94)

    // Two a second for ten seconds: half of them find a token.
    var later = 0
    for probe in 0..<20 {
      _ = link.send([Outgoing(probe: UInt64(probe), bytes: try datagram(to: 9))])
      later += frames(try listen(&link, for: .milliseconds(500))).count
    }
    #expect(later == 10)
    // After a long rest there is a whole burst again, and no more.
    _ = try listen(&link, for: .seconds(1000))
    _ = link.send(try (0..<100).map { Outgoing(probe: UInt64($0), bytes: try datagram(to: 9)) })
    #expect(frames(try listen(&link)).count == 6)
  }

  @Test func answersAreNotErrors() throws {
    var host = SimulatedHost(.v4(them), errorLimit: .linuxIPv4)
    let packets = try (0..<50).map { try echo(sequence: UInt16($0)) }
    #expect(try answers([host], to: packets).count == 50)
    host.answerLimit = RateLimit(burst: 3, interval: .seconds(1))
    #expect(try answers([host], to: packets).count == 3)
    host.answerLimit = RateLimit(burst: 0, interval: .seconds(1))
    #expect(try answers([host], to: packets).isEmpty)
  }

  @Test func eachAskerHasABucketOfItsOwn() throws {
    let host = SimulatedHost(.v4(them), errorLimit: .linuxIPv4)
    let packets = try [us, "192.0.2.2"].flatMap { source in
      try (0..<20).map { _ in try bytes(IPv4(from: source, to: them), UDP(to: 9)) }
    }
    #expect(try answers([host], to: packets).count == 12)
  }

  @Test func routersAreLimitedToo() throws {
    let router = SimulatedRouter(.v4("203.0.113.1"), errorLimit: .linuxIPv4)
    let host = SimulatedHost(.v4(them), path: [router])
    #expect(try answers([host], to: try (0..<20).map { _ in try echo(ttl: 1) }).count == 6)
  }

  @Test func whereAllComeAtOnceEachIntervalHasItsOwn() throws {
    var link = SimulatedLink([SimulatedHost(.v4(them), errorLimit: .freeBSD)])
    for second in 0..<3 {
      _ = link.send(try (0..<300).map { Outgoing(probe: UInt64($0), bytes: try datagram(to: UInt16(1000 + $0))) })
      #expect(frames(try listen(&link, for: .milliseconds(second == 0 ? 900 : 1000))).count == 200)
      if second == 0 {
        _ = link.send([Outgoing(probe: 0, bytes: try datagram(to: 9))])
        #expect(frames(try listen(&link, for: .milliseconds(100))).isEmpty, "the second is not over")
      }
    }
    #expect(link.counts.rateLimited == 301)
  }
}
