internal import SondeHeaders
internal import SondeOctets
internal import Testing

/// What a message says that the headers around it usually are.
@Suite struct UsualFieldTests {
  /// Neighbour discovery is heard only with a hop limit of 255 (RFC 4861 §7.1).
  @Test func neighbourDiscoverySaysWhatTheHopLimitUsuallyIs() {
    #expect(ICMPv6.routerSolicitation().usual("hopLimit", in: IPv6.self) == .number(255))
    #expect(ICMPv6.routerSolicitation().usual("destination", in: IPv6.self) == .text("ff02::2"))
    #expect(ICMPv6.neighborSolicitation(target: .any).usual("destination", in: IPv6.self) == .text("ff02::1"))
    #expect(ICMPv6.echoRequest().usual("hopLimit", in: IPv6.self) == nil)
    #expect(ICMPv6.routerSolicitation().usual("hopLimit", in: IPv4.self) == nil)
    #expect(ICMPv6.routerSolicitation().usual("payloadLength", in: IPv6.self) == nil)
  }
}
