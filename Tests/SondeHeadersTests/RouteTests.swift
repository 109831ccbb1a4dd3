internal import SondeHeaders
internal import SondeOctets
internal import Testing

/// Routes and home addresses stand for the addresses in the IPv6 header, in answers, errors and sums.
@Suite struct RouteTests {
  private static let hop: IPv6Address = "2001:db8:99::50"
  private static let last = Hosts.asked6
  private static let toHop = IPv6(from: Hosts.us6, to: hop)
  private static let udp = UDP(from: 40000, to: 33434)
  private static let back = UDP(from: 33434, to: 40000)
  private static let open = Outcome.answer(.open, .udp, [])
  private static let exceeded = Outcome.answer(.timeExceeded, .icmpError, [])
  private static let routes: [IPv6Routing] = [
    IPv6Routing(.addresses([last])), IPv6Routing(type: 2, .addresses([last])),
    IPv6Routing(type: 4, .segments(SegmentRoute([last, hop]))),
  ]

  @Test(arguments: routes)
  func theRoutesEndAnswers(_ route: IPv6Routing) throws {
    let asked: [any Header] = [Self.toHop, route, Self.udp]
    #expect(try Outcome(asked, [Hosts.back6, Self.back]) == Self.open)
    #expect(try Outcome(asked, [IPv6(from: Self.hop, to: Hosts.us6), Self.back]).isNoise)
    let dissection = Registry.dissect(try AnyPacket(asked).encoded().bytes)
    #expect(dissection.destination == .v6(Self.last))
    #expect(dissection.source == .v6(Hosts.us6))
    #expect(dissection.sums().map(\.verdict) == [.valid])
  }

  @Test(arguments: routes)
  func aRouteThatIsUsedUpLeavesTheDestination(_ route: IPv6Routing) throws {
    var used = route
    used.segmentsLeft = 0
    let asked: [any Header] = [Self.toHop, used, Self.udp]
    #expect(try Outcome(asked, [IPv6(from: Self.hop, to: Hosts.us6), Self.back]) == Self.open)
    #expect(try Outcome(asked, [Hosts.back6, Self.back]).isNoise)
  }

  @Test(arguments: routes)
  func aRouterOnTheRouteQuotesItAsItFoundIt(_ route: IPv6Routing) throws {
    let asked: [any Header] = [Self.toHop, route, Self.udp]
    let router = IPv6(from: Hosts.router6, to: Hosts.us6)
    func quoting(_ quoted: [any Header]) throws -> Outcome {
      try Outcome(asked, [router, ICMPv6.timeExceeded(), Quote(AnyPacket(quoted))])
    }
    #expect(try quoting(asked) == Self.exceeded)
    // Behind the last hop but one the addresses have changed places.
    var later = route
    later.segmentsLeft = 0
    #expect(try quoting([Hosts.there6, later, Self.udp]) == Self.exceeded)
    #expect(try quoting([Self.toHop, later, Self.udp]).isNoise)
    let elsewhere = IPv6Routing(.addresses(["2001:db8:7::8"]))
    #expect(try quoting([Self.toHop, elsewhere, Self.udp]).isNoise)
  }

  @Test func aHomeAddressIsAnsweredAndTheCareOfAddressGetsErrors() throws {
    let home: IPv6Address = "2001:db8:1::1"
    let asked: [any Header] = [Hosts.there6, IPv6Destination([.homeAddress(home)]), Self.udp]
    #expect(Registry.dissect(try AnyPacket(asked).encoded().bytes).sums().map(\.verdict) == [.valid])
    // A correspondent answers through a route of type 2 (RFC 6275 §6.4).
    let route = IPv6Routing(type: 2, .addresses([home]))
    #expect(try Outcome(asked, [Hosts.back6, route, Self.back]) == Self.open)
    #expect(try Outcome(asked, [IPv6(from: Hosts.asked6, to: home), Self.back]) == Self.open)
    #expect(try Outcome(asked, [Hosts.back6, Self.back]).isNoise)
    let error: [any Header] = [ICMPv6.timeExceeded(), Quote(AnyPacket(asked))]
    #expect(try Outcome(asked, [IPv6(from: Hosts.router6, to: Hosts.us6)] + error) == Self.exceeded)
    #expect(try Outcome(asked, [IPv6(from: Hosts.router6, to: "2001:db8::2")] + error).isNoise)
  }

  /// What a reply says of its own home is believed by nobody without a binding.
  @Test func aHomeAddressInAReplyDoesNotReplaceItsSource() throws {
    let asked: [any Header] = [Hosts.there6, Self.udp]
    let claim = IPv6Destination([.homeAddress(Hosts.asked6)])
    #expect(try Outcome(asked, [IPv6(from: "2001:db8:66::6", to: Hosts.us6), claim, Self.back]).isNoise)
    let other = IPv6Destination([.homeAddress("2001:db8:66::6")])
    #expect(try Outcome(asked, [Hosts.back6, other, Self.back]) == Self.open)
  }

  @Test(arguments: [0, 2, 3, 4, 253] as [UInt8])
  func aReplyOnItsWayElsewhereIsNotOurs(_ type: UInt8) throws {
    let asked: [any Header] = [Hosts.there6, Self.udp]
    let elsewhere: IPv6Address = "2001:db8:66::6"
    func route(_ address: IPv6Address, left: UInt8) -> IPv6Routing {
      let content: IPv6Routing.Content = type == 4 ? .segments(SegmentRoute([address])) : .addresses([address])
      return IPv6Routing(type: type, content, segmentsLeft: .set(left))
    }
    let toUs = IPv6(from: Hosts.asked6, to: Hosts.us6)
    let toThem = IPv6(from: Hosts.asked6, to: elsewhere)
    #expect(try Outcome(asked, [toThem, route(Hosts.us6, left: 1), Self.back]).isNoise)
    #expect(try Outcome(asked, [toUs, route(elsewhere, left: 1), Self.back]).isNoise)
    #expect(try Outcome(asked, [toUs, route(elsewhere, left: 0), Self.back]) == Self.open)
    let error: [any Header] = [ICMPv6.timeExceeded(), Quote(AnyPacket(asked))]
    let router = IPv6(from: Hosts.router6, to: elsewhere)
    #expect(try Outcome(asked, [router, route(Hosts.us6, left: 1)] + error).isNoise)
  }

  @Test func aReplyOnAnIPv4RouteThatIsNotUsedUpIsNotOurs() throws {
    let asked: [any Header] = [Hosts.there, Self.udp]
    func back(_ pointer: UInt8) throws -> Outcome {
      var toThem = IPv4(from: Hosts.back.source, to: pointer > 7 ? Hosts.back.destination : "198.51.100.66")
      toThem.options = [.looseSourceRoute(.init([Hosts.back.destination], pointer: pointer))]
      return try Outcome(asked, [toThem, Self.back])
    }
    #expect(try back(4).isNoise)
    #expect(try back(8) == Self.open)
  }

  /// A route of type 2 has one address; of other types than 0, 2 and 4 nobody knows where they end.
  @Test func sumsBehindARouteToNobodyKnowsWhereAreUnverifiable() throws {
    let (one, two) = ([Self.last], [Self.last, Self.hop])
    for (type, addresses, left, expected) in [
      (0, two, 1, SumCheck.Verdict.valid), (2, one, 1, .valid), (2, two, 1, .unverifiable), (2, two, 0, .valid),
      (3, two, 2, .unverifiable), (3, two, 0, .valid), (253, one, 1, .unverifiable), (253, one, 0, .valid),
      (0, [], 1, .unverifiable), (0, [], 0, .valid),
    ] as [(UInt8, [IPv6Address], UInt8, SumCheck.Verdict)] {
      let route = IPv6Routing(type: type, .addresses(addresses), segmentsLeft: .set(left))
      let read = Registry.dissect(try AnyPacket([Self.toHop, route, Self.udp]).encoded().bytes)
      #expect(read.sums().map(\.verdict) == [expected], "type \(type), \(addresses.count), \(left)")
      if expected == .unverifiable { #expect(read.destination == .v6(Self.hop)) }
    }
  }

  @Test func aHomeAddressForEveryHopIsNone() throws {
    let asked: [any Header] = [Hosts.there6, IPv6HopByHop([.homeAddress("2001:db8:1::1")]), Self.udp]
    #expect(try Outcome(asked, [Hosts.back6, Self.back]) == Self.open)
  }

  /// Each version's control messages name themselves to that version alone, as in Scapy; a hand may name them.
  @Test func controlMessagesUnderTheOtherVersionAreNamedByHand() throws {
    let echo6 = try AnyPacket([Hosts.there, ICMPv6.echoRequest(identifier: 1)]).encoded().bytes
    #expect(echo6[9] == 0)
    let echo4 = try AnyPacket([Hosts.there6, ICMPv4.echoRequest(identifier: 1)]).encoded().bytes
    #expect(echo4[6] == 59)
    for (header, number, at) in [(echo6, UInt8(58), 9), (echo4, 1, 6)] {
      var bytes = header
      bytes[at] = number
      #expect(Registry.dissect(bytes).layers.count == 2)
      #expect(try Registry.dissect(bytes).packet.freed().encoded().bytes[at] == number)
    }
  }

  @Test func extensionHeadersOfIPv6AreDataUnderIPv4() throws {
    for header in [IPv6HopByHop(), IPv6Destination(), IPv6Fragment()] as [any Header] {
      let bytes = try AnyPacket([Hosts.there, header, Self.udp]).encoded().bytes
      #expect(Registry.dissect(bytes).layers.map { type(of: $0.header).name.rawValue } == ["ip", "raw"])
      let inside = try AnyPacket([Hosts.there6, header, Self.udp]).encoded().bytes
      #expect(Registry.dissect(inside).layers.count == 3)
    }
  }
}
