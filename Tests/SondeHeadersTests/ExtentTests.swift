internal import SondeHeaders
internal import SondeOctets
internal import Testing

/// What is told of a header without making it is what the header tells.
@Suite struct ExtentTests {
  @Test(arguments: Known.all)
  func extentsAreThoseOfTheHeader(_ known: Known) throws {
    for vector in known.vectors { try expectSameExtents(vector.bytes) }
    let vectors = known.vectors
    try Fuzz.trials(share: Known.all.count) { dice in
      try expectSameExtents(Fuzz.bytes(from: vectors, &dice))
    }
  }

  private func expectSameExtents(_ bytes: [UInt8]) throws {
    for type in Registry.known where type != Quote.self && type != Trailer.self {
      for offset in [0, 4, 20, 28, 40, 48] where offset <= bytes.count {
        try expectSameExtent(type, bytes, offset)
      }
    }
  }

  private func expectSameExtent<H: Header>(_ type: H.Type, _ bytes: [UInt8], _ offset: Int) throws {
    let span = bytes.rawSpan
    var reader = Reader(span, at: offset)
    let outer = PseudoHeader(source: .v4("192.0.2.1"), destination: .v4("192.0.2.2"))
    var header: H?
    do { header = try H(from: &reader) } catch { header = nil }
    var extent: Extent?
    do { extent = try H.extent(of: span, at: offset, within: outer) } catch { extent = nil }
    #expect((header == nil) == (extent == nil), "\(H.name) \(Fuzz.comment(bytes))")
    guard let header, let extent else { return }
    #expect(extent.byteCount == header.byteCount, "\(H.name) at \(offset) \(Fuzz.comment(bytes))")
    #expect(extent.following.kind == header.following.kind, "\(H.name) at \(offset) \(Fuzz.comment(bytes))")
    #expect(extent.following.byteCount == header.following.byteCount)
    #expect(extent.following.isMisstated == header.following.isMisstated)
    #expect(extent.pseudoHeader == header.pseudoHeader(within: outer))
    #expect(extent.isFragment == header.isFragment)
  }

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
