internal import SondeHeaders
internal import SondeOctets
internal import Testing

/// What answers a neighbor solicitation, and what nearly does (RFC 4861 §7.2).
@Suite struct NeighborReplyTests {
  private static let solicited: UInt32 = 1 << 30
  private static let asked = IPv6Address(high: 0x2001_0db8_0007_0000, low: 7)
  private static let target: [UInt8] = [0x20, 1, 0x0d, 0xb8, 0, 7, 0, 0, 0, 0, 0, 0, 0, 0, 0, 7]
  private static let solicitation: [any Header] = [
    IPv6(from: Hosts.us6, to: Hosts.asked6, hopLimit: 255), ICMPv6(type: .neighborSolicitation, body: target),
  ]

  private func advertisement(_ word: UInt32 = solicited, _ target: [UInt8] = target) -> [any Header] {
    [
      IPv6(from: Hosts.asked6, to: Hosts.us6, hopLimit: 255),
      ICMPv6(type: .neighborAdvertisement, restOfHeader: word, body: target),
    ]
  }

  @Test func theSolicitedAdvertisementOfTheTargetIsTheAnswer() throws {
    #expect(
      try Outcome(Self.solicitation, advertisement()) == .answer(.reply, .neighborAdvertisement, []))
    #expect(
      try Outcome(Self.solicitation, advertisement(Self.solicited | 1 << 31 | 1 << 29))
        == .answer(.reply, .neighborAdvertisement, []))
  }

  @Test func ofAGroupTheMemberAnswersFromItsOwnAddress() throws {
    var asked = Self.solicitation
    asked[0] = IPv6(from: Hosts.us6, to: "ff02::1:ff00:7", hopLimit: 255)
    #expect(try Outcome(asked, advertisement()) == .answer(.reply, .neighborAdvertisement, [.otherAddress]))
  }

  @Test func nearlyAnAdvertisementIsNone() throws {
    #expect(
      try Outcome(Self.solicitation, advertisement(0))
        == .noise("is of \(Self.asked), and not solicited: its S flag is 0, not 1"))
    var other = Self.target
    other[2] = 0x0e
    #expect(
      try Outcome(Self.solicitation, advertisement(Self.solicited, other))
        == .noise("tells of 2001:eb8:7::7, not of 2001:db8:7::7"))
    #expect(try Outcome(Self.solicitation, Self.solicitation).isNoise)
    #expect(try Outcome(Self.solicitation, advertisement(Self.solicited, Array(Self.target.prefix(15)))).isNoise)
  }

  @Test func whoProbesIsToldThatTheAddressIsInUse() throws {
    let ours = Ethernet(from: "02:00:00:00:00:01", to: "33:33:ff:00:00:07")
    let theirs = Ethernet(from: "02:00:00:00:00:02", to: "33:33:00:00:00:01")
    let probe: [any Header] = [
      IPv6(from: .any, to: "ff02::1:ff00:7", hopLimit: 255), ICMPv6(type: .neighborSolicitation, body: Self.target),
    ]
    func judged(_ from: Ethernet, _ reply: [any Header]) throws -> Outcome {
      let bytes = try AnyPacket([from] + reply).encoded().bytes
      return try Outcome([ours] + probe, reply: bytes, group: true, as: .link(1))
    }
    let all: [any Header] = [
      IPv6(from: Hosts.asked6, to: "ff02::1", hopLimit: 255),
      ICMPv6(type: .neighborAdvertisement, restOfHeader: 1 << 29, body: Self.target),
    ]
    #expect(try judged(theirs, all) == .answer(.addressInUse, .neighborAdvertisement, [.otherAddress]))
    #expect(try judged(theirs, probe) == .answer(.addressInUse, .neighborSolicitation, [.otherAddress, .conflict]))
    #expect(try judged(ours, probe) == .noise("is our own"))
    // Who has an address and asks for this one wants to talk to it.
    var asking = probe
    asking[0] = IPv6(from: Hosts.asked6, to: "ff02::1:ff00:7", hopLimit: 255)
    #expect(try judged(theirs, asking) != .answer(.addressInUse, .neighborSolicitation, [.otherAddress, .conflict]))
    var other = Self.target
    other[15] = 9
    #expect(
      try judged(
        theirs,
        [IPv6(from: .any, to: "ff02::1:ff00:9", hopLimit: 255), ICMPv6(type: .neighborSolicitation, body: other)])
        != .answer(.addressInUse, .neighborSolicitation, [.otherAddress, .conflict]))
  }

  @Test func theTargetsEndNamesTheExchange() throws {
    func token(_ layers: [any Header], _ side: Side) throws -> FlowToken? {
      let bytes = try AnyPacket(layers).encoded().bytes
      return try ICMPv6.token(in: bytes.rawSpan.extracting(40..<bytes.count), side)
    }
    let sent = try #require(try token(Self.solicitation, .sent))
    #expect(try token(advertisement(), .reply) == sent && token(Self.solicitation, .quote) == sent)
    #expect(try token(advertisement(), .sent) == nil)
    // Another's probe names the same address.
    #expect(try token(Self.solicitation, .reply) == sent)
    var other = Self.target
    other[15] = 8
    #expect(try token(advertisement(Self.solicited, other), .reply) != sent)
    let cut: [UInt8] = [135] + [UInt8](repeating: 0, count: 22)
    #expect(throws: ParseError.self) { _ = try ICMPv6.token(in: cut.rawSpan, .sent) }
  }
}
