import SondeHeaders
import SondeLink
import SondeOctets
import SondeSim
import Testing

@Suite struct PathTests {
  private let near = SimulatedRouter(.v4("203.0.113.1"), .v6("2001:db8:ff::1"), roundTrip: .milliseconds(2))
  private let far = SimulatedRouter(.v4("203.0.113.2"), .v6("2001:db8:ff::2"), roundTrip: .milliseconds(4))

  private var host: SimulatedHost {
    SimulatedHost(.v4(them), roundTrip: .milliseconds(6), path: [near, far], hopLimit: 64)
  }

  @Test func eachTTLEndsAtItsRouter() throws {
    var link = SimulatedLink([host])
    for ttl in UInt8(1)...3 { _ = link.send([Outgoing(probe: UInt64(ttl), bytes: try echo(ttl: ttl))]) }
    let received = frames(try listen(&link))
    #expect(received.map(\.stamp.monotonic) == [.milliseconds(2), .milliseconds(4), .milliseconds(6)])
    let replies = received.map { Registry.dissect($0.bytes) }
    #expect(replies.map(\.source) == [.v4("203.0.113.1"), .v4("203.0.113.2"), .v4(them)])
    #expect(replies.map { $0.first(ICMPv4.self)?.type } == [.timeExceeded, .timeExceeded, .echoReply])
    // The way back costs hops too.
    #expect(replies.map { $0.first(IPv4.self)?.timeToLive } == [64, 63, 62])
    #expect(link.counts.expired == 2)
  }

  @Test func theQuoteIsThePacketAsTheRouterHadIt() throws {
    let asked = try echo(ttl: 2)
    let reply = try #require(try answers([host], to: [asked]).first)
    let quoted = try #require(reply.quoted)
    let header = try #require(quoted.first(IPv4.self))
    #expect(header.timeToLive == 1)
    // All but TTL and header checksum is as it was sent.
    var expected = asked
    expected[8] = 1
    expected.replaceSubrange(10..<12, with: quoted.bytes[10..<12])
    #expect(quoted.bytes == expected)
    #expect(quoted.sums().allSatisfy { $0.verdict == .valid })
    #expect(quoted.sums().count == 2)
  }

  @Test func routersThatCountDownFirstQuoteZero() throws {
    var router = near
    router.countsDownBeforeQuoting = true
    var host = host
    host.path = [router]
    let header = try answers([host], to: [try echo(ttl: 1)]).first?.quoted?.first(IPv4.self)
    #expect(header?.timeToLive == 0)
  }

  @Test func hopLimitsOfIPv6EndAlike() throws {
    let host = SimulatedHost(.v6(them6), path: [near, far])
    let replies = try answers([host], to: [try echo6(hopLimit: 1), try echo6(hopLimit: 2), try echo6(hopLimit: 3)])
    let types = Dictionary(
      uniqueKeysWithValues: replies.map { ($0.source, $0.first(ICMPv6.self)?.type) })
    #expect(types[.v6("2001:db8:ff::1")] == .timeExceeded)
    #expect(types[.v6("2001:db8:ff::2")] == .timeExceeded)
    #expect(types[.v6(them6)] == .echoReply)
    let quoted = replies.first { $0.source == .v6("2001:db8:ff::2") }?.quoted
    #expect(quoted?.first(IPv6.self)?.hopLimit == 1)
  }

  @Test func silentRoutersAndThoseOfTheOtherFamilySayNothing() throws {
    var quiet = near
    quiet.isSilent = true
    for router in [quiet, SimulatedRouter(.v6("2001:db8:ff::1")), SimulatedRouter()] {
      var host = host
      host.path = [router]
      #expect(try answers([host], to: [try echo(ttl: 1)]).isEmpty)
      #expect(try answers([host], to: [try echo(ttl: 2)]).count == 1)
    }
  }

  @Test func routersLookAtTheHeaderSumAlone() throws {
    let wrong = try bytes(IPv4(from: us, to: them, ttl: 1), ICMPv4.echoRequest(checksum: 0xdead))
    #expect(try answers([host], to: [wrong]).first?.first(ICMPv4.self)?.type == .timeExceeded)
    let worse = try bytes(IPv4(from: us, to: them, ttl: 1, checksum: 0xdead), ICMPv4.echoRequest())
    #expect(try answers([host], to: [worse]).isEmpty)
  }

  @Test func tooBigPacketsAreRefusedWithTheMTU() throws {
    var narrow = near
    narrow.mtu = 1400
    var host = host
    host.path = [narrow]
    func asked(_ total: Int, _ flags: IPv4.Flags) throws -> [UInt8] {
      try bytes(
        IPv4(from: us, to: them, flags: flags), ICMPv4.echoRequest(),
        Payload(octets: [UInt8](repeating: 0, count: total - 28)))
    }
    let reply = try #require(try answers([host], to: [try asked(1401, .dontFragment)]).first)
    #expect(reply.errorReport?.mtu == 1400)
    #expect(try answers([host], to: [try asked(1400, .dontFragment)]).first?.errorReport == nil)
    #expect(try answers([host], to: [try asked(1401, [])]).first?.errorReport == nil)

    let host6 = SimulatedHost(.v6(them6), path: [narrow])
    let big = try bytes(
      IPv6(from: us6, to: them6), ICMPv6.echoRequest(), Payload(octets: [UInt8](repeating: 0, count: 1353)))
    #expect(try answers([host6], to: [big]).first?.errorReport?.mtu == 1400)
  }
}
