internal import SondeHeaders
internal import SondeOctets
internal import Testing

/// What answers a packet inside a tunnel (RFC 2003), and what nearly does.
@Suite struct TunnelJudgeTests {
  private static let exit: IPv4Address = "203.0.113.50"
  private static let toExit = IPv4(from: Hosts.us, to: exit)
  private static let fromExit = IPv4(from: exit, to: Hosts.us)
  private static let onTheWay = IPv4(from: Hosts.router, to: Hosts.us)
  private static let udp = UDP(from: 40000, to: 33434)
  private static let back = UDP(from: 33434, to: 40000)
  private static let open = Outcome.answer(.open, .udp, [])
  private static let exceeded = Outcome.answer(.timeExceeded, .icmpError, [])
  private static let tunnelled: [any Header] = [toExit, Hosts.there, udp, Payload("data")]

  private static let transports: [any Header] = [
    udp, TCP(from: 40000, to: 443, sequenceNumber: 7), ICMPv4.echoRequest(identifier: 1, sequenceNumber: 2),
  ]

  private func quoting(
    _ quoted: [any Header], cut: Int? = nil, from outer: IPv4 = onTheWay, _ error: ICMPv4 = .timeExceeded(),
    asking: [any Header] = tunnelled
  ) throws -> Outcome {
    try Outcome(asking, [outer, error, Quote(AnyPacket(quoted), cut: cut)])
  }

  // Errors.

  @Test func aRouterInsideTheTunnelQuotesBothHeaders() throws {
    for transport in Self.transports {
      let asked: [any Header] = [Self.toExit, Hosts.there, transport]
      #expect(try quoting(asked, asking: asked) == Self.exceeded)
      #expect(try quoting(asked, cut: 48, asking: asked) == Self.exceeded)
      let foreign = IPv4(from: "192.0.2.50", to: "198.51.100.50")
      let inside: [any Header] = [Self.toExit, foreign, transport]
      #expect(try quoting(inside, asking: inside) == Self.exceeded)
    }
  }

  @Test func aTunnelsInnerHeaderIsComparedToo() throws {
    let elsewhere = IPv4(from: Hosts.us, to: "198.51.100.8")
    let fromElsewhere = IPv4(from: "192.0.2.9", to: Hosts.asked)
    #expect(
      try quoting([Self.toExit, elsewhere, Self.udp]) == .noise("quotes a packet to 198.51.100.8, not to 198.51.100.7"))
    #expect(
      try quoting([Self.toExit, fromElsewhere, Self.udp])
        == .noise("quotes a packet from 192.0.2.9, not from our 192.0.2.1"))
    #expect(try quoting([elsewhere, Hosts.there, Self.udp]).isNoise)
    #expect(try quoting([Hosts.there, Self.toExit, Self.udp]).isNoise)
    #expect(
      try quoting([Self.toExit, Hosts.there6, Self.udp]) == .noise("quotes an IPv6 packet, not an IPv4 one"))
    #expect(try quoting([Self.toExit, Hosts.there, UDP(from: 40000, to: 33435)]).isNoise)
  }

  @Test func aRouterBehindTheTunnelQuotesTheInnerHeaderAlone() throws {
    #expect(try quoting([Hosts.there, Self.udp, Payload("data")]) == Self.exceeded)
    #expect(try quoting([Hosts.there, Self.udp, Payload("data")], cut: 28) == Self.exceeded)
    // Of a shorter datagram lengths and sum differ.
    #expect(
      try quoting([Hosts.there, Self.udp], cut: 28) == .answer(.timeExceeded, .icmpError, [.quoteAltered]))
    #expect(try quoting([IPv4(from: Hosts.us, to: "198.51.100.8"), Self.udp]).isNoise)
    // The exit never sends on a plain packet to itself that was meant for another.
    #expect(try quoting([Self.toExit, Self.udp]).isNoise)
  }

  @Test func onlyTheOutermostHeaderQuotedNamesTheErrorsReceiver() throws {
    let inner = IPv4(from: "192.0.2.9", to: Hosts.asked)
    let asked: [any Header] = [Self.toExit, inner, Self.udp]
    #expect(try quoting(asked, asking: asked) == Self.exceeded)
    #expect(try quoting(asked, from: IPv4(from: Hosts.router, to: "192.0.2.9"), asking: asked).isNoise)
    let bare: [any Header] = [inner, Self.udp]
    #expect(try quoting(bare, from: IPv4(from: Hosts.router, to: "192.0.2.9"), asking: asked) == Self.exceeded)
    #expect(try quoting(bare, asking: asked) == .noise("is for 192.0.2.1, not for our 192.0.2.9"))
  }

  @Test func aQuoteThatEndsInsideTheTunnelIsNoiseWithAReason() throws {
    for transport in Self.transports {
      let asked: [any Header] = [Self.toExit, Hosts.there, transport]
      for cut in 20..<40 {
        #expect(
          try quoting(asked, cut: cut, asking: asked)
            == .noise("quotes only \(cut - 20) octets of the ip header, too few to know it by"))
      }
      #expect(try quoting(asked, cut: 43, asking: asked).isNoise)
    }
    // Somebody else's tunnel is nothing to a plain packet.
    let plain: [any Header] = [Self.toExit, Self.udp]
    #expect(try quoting(Self.tunnelled, cut: 28, asking: plain) == .nothing)
  }

  @Test func aPortIsClosedWhereTheHostBehindTheTunnelSaysSo() throws {
    let closed = ICMPv4.destinationUnreachable(code: 3)
    let inner: [any Header] = [Hosts.there, Self.udp, Payload("data")]
    #expect(try quoting(inner, from: Hosts.back, closed) == .answer(.closed, .icmpError, []))
    #expect(try quoting(inner, from: Self.fromExit, closed) == .answer(.filtered, .icmpError, [.thirdParty]))
    #expect(try quoting(Self.tunnelled, from: Self.fromExit, closed) == .answer(.filtered, .icmpError, [.thirdParty]))
  }

  // Direct answers.

  @Test func anAnswerComesThroughTheTunnelOrWithoutIt() throws {
    #expect(try Outcome(Self.tunnelled, [Self.fromExit, Hosts.back, Self.back]) == Self.open)
    #expect(try Outcome(Self.tunnelled, [Hosts.back, Self.back]) == Self.open)
  }

  @Test func anAnswerFromTheWrongEndIsNoise() throws {
    #expect(
      try Outcome(Self.tunnelled, [Self.fromExit, Self.back])
        == .noise("comes from 203.0.113.50, not from 198.51.100.7"))
    #expect(try Outcome(Self.tunnelled, [Hosts.back, Self.fromExit, Self.back]).isNoise)
    #expect(try Outcome(Self.tunnelled, [Self.fromExit, IPv4(from: "198.51.100.8", to: Hosts.us), Self.back]).isNoise)
    #expect(try Outcome(Self.tunnelled, [IPv4(from: Hosts.asked, to: "192.0.2.9"), Self.back]).isNoise)
    // What was asked plainly is not answered through a tunnel.
    #expect(try Outcome([Hosts.there, Self.udp], [Self.fromExit, Hosts.back, Self.back]).isNoise)
  }

  @Test func versionsAreComparedHeaderByHeader() throws {
    let asked: [any Header] = [Self.toExit, Hosts.there6, Self.udp]
    #expect(try Outcome(asked, [Self.fromExit, Hosts.back6, Self.back]) == Self.open)
    #expect(try Outcome(asked, [Hosts.back6, Self.back]) == Self.open)
    #expect(try Outcome(asked, [Hosts.back, Self.back]) == .noise("is an IPv4 packet, not an IPv6 one"))
    #expect(try Outcome(asked, [Self.fromExit, Hosts.back, Self.back]).isNoise)
    #expect(try quoting(asked, asking: asked) == Self.exceeded)
    #expect(try quoting(asked, cut: 40, asking: asked).isNoise)
    let router = IPv6(from: Hosts.router6, to: Hosts.us6)
    let quote = Quote(AnyPacket([Hosts.there6, Self.udp]))
    #expect(try Outcome(asked, [router, ICMPv6.timeExceeded(), quote]) == Self.exceeded)
  }
}
