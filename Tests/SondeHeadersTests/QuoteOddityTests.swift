internal import SondeHeaders
internal import SondeOctets
internal import Testing

/// What an ICMP error tells of itself beside its verdict: altered quotes, impossible MTUs, words of third parties.
@Suite struct QuoteOddityTests {
  private static let data = Payload(octets: [UInt8](repeating: 0x70, count: 1440))
  private static let ip = IPv4(
    from: Hosts.us, to: Hosts.asked, ttl: 9, typeOfService: 2, identification: 77, flags: .dontFragment)
  private static let ip6 = IPv6(from: Hosts.us6, to: Hosts.asked6, hopLimit: 9, trafficClass: 1, flowLabel: 5)
  /// Of a sum that no length changes.
  private static let udp = UDP(from: 40000, to: 33434, checksum: 0x1234)

  private func exchange(
    _ asked: [any Header], _ error: (any Header)? = nil, quoting quoted: [any Header]? = nil, cut: Int? = nil,
    from source: (any Header)? = nil
  ) throws -> QuoteExchange {
    let isOld = asked[0] is IPv4
    let outer: any Header =
      source
      ?? (isOld ? IPv4(from: Hosts.router, to: Hosts.us) : IPv6(from: Hosts.router6, to: Hosts.us6) as any Header)
    let error = error ?? (isOld ? ICMPv4.timeExceeded() : ICMPv6.timeExceeded() as any Header)
    let quote = Quote(AnyPacket(quoted ?? asked), cut: cut)
    let reply = Registry.dissect(try AnyPacket([outer, error, quote]).encoded().bytes)
    return QuoteExchange(
      asked: Registry.dissect(try AnyPacket(asked).encoded().bytes), reply: reply, quoted: try #require(reply.quoted),
      report: try #require(reply.errorReport))
  }

  private func answer(_ exchange: QuoteExchange) throws -> (flags: [AnswerFlag], why: String) {
    guard case .answers(_, _, let flags, _, let why) = exchange.answer(unreachable: .filtered, why: "quoting ours")
    else {
      Issue.record("it is no answer")
      return ([], "")
    }
    return (flags, why)
  }

  /// The end of the sentence behind "the quote is altered: "; empty where it is not.
  private func alteration(_ exchange: QuoteExchange) throws -> String {
    let (flags, why) = try answer(exchange)
    let parts = why.split(separator: "the quote is altered: ", maxSplits: 1)
    #expect(flags.contains(.quoteAltered) == (parts.count == 2))
    return parts.count == 2 ? String(parts[1]) : ""
  }

  @Test func whatHonestPathsChangeIsNoAlteration() throws {
    let asked: [any Header] = [Self.ip, Self.udp, Self.data]
    for ttl in [9, 8, 1, 0] as [UInt8] {
      var ip = Self.ip
      ip.timeToLive = ttl
      #expect(try alteration(exchange(asked, quoting: [ip, Self.udp, Self.data], cut: 28)) == "")
    }
    // Congestion was met (RFC 3168 §5).
    var marked = Self.ip
    marked.typeOfService = 3
    #expect(try alteration(exchange(asked, quoting: [marked, Self.udp, Self.data], cut: 28)) == "")
    var unsummed = Self.ip
    unsummed.checksum = 0xdead
    #expect(try alteration(exchange(asked, quoting: [unsummed, Self.udp, Self.data])) == "")
    #expect(try alteration(exchange([Self.ip6, Self.udp, Self.data], cut: 48)) == "")
    var marked6 = Self.ip6
    marked6.trafficClass = 3
    marked6.hopLimit = 1
    #expect(try alteration(exchange([Self.ip6, Self.udp, Self.data], quoting: [marked6, Self.udp, Self.data])) == "")
  }

  @Test func eachFieldThatNoHonestPathChangesIsNamed() throws {
    func altered(_ change: (inout IPv4) -> Void) throws -> String {
      var ip = Self.ip
      change(&ip)
      return try alteration(exchange([Self.ip, Self.udp, Self.data], quoting: [ip, Self.udp, Self.data], cut: 28))
    }
    #expect(try altered { $0.typeOfService = 0xb8 } == "ip.tos is 184, not 2")
    // Not set by a router: ours was capable of it.
    #expect(try altered { $0.typeOfService = 1 } == "ip.tos is 1, not 2")
    #expect(try altered { $0.identification = 0x4d00 } == "ip.id is 19712, not 77")
    #expect(try altered { $0.flags = [] } == "ip.flags is , not DF")
    #expect(try altered { $0.timeToLive = 10 } == "ip.ttl is 10, not 9")
    #expect(try altered { $0.totalLength = 0xbc05 } == "ip.len is 48133, not 1468")
    #expect(
      try altered {
        $0.fragmentOffset = 0; $0.flags = [.dontFragment, .reserved]
      } == "ip.flags is DF+evil, not DF")
    func altered6(_ change: (inout IPv6) -> Void) throws -> String {
      var ip = Self.ip6
      change(&ip)
      return try alteration(exchange([Self.ip6, Self.udp, Self.data], quoting: [ip, Self.udp, Self.data], cut: 48))
    }
    #expect(try altered6 { $0.trafficClass = 0xb9 } == "ipv6.tc is 185, not 1")
    #expect(try altered6 { $0.flowLabel = 6 } == "ipv6.fl is 6, not 5")
    #expect(try altered6 { $0.payloadLength = 8 } == "ipv6.plen is 8, not 1448")
    #expect(try altered6 { $0.hopLimit = 255 } == "ipv6.hlim is 255, not 9")
  }

  @Test func aRouterMayLabelAFlowThatHasNoLabel() throws {
    var unlabelled = Self.ip6
    unlabelled.flowLabel = 0
    let labelled = try exchange([unlabelled, Self.udp, Self.data], quoting: [Self.ip6, Self.udp, Self.data], cut: 48)
    #expect(try alteration(labelled) == "")
  }

  @Test func sumsLengthsAndDataOfTheTransportAreCompared() throws {
    func altered(_ inner: [any Header], _ cut: Int? = nil, asking asked: [any Header]? = nil) throws -> String {
      try alteration(exchange([Self.ip] + (asked ?? [Self.udp, Self.data]), quoting: [Self.ip] + inner, cut: cut))
    }
    #expect(
      try altered([UDP(from: 40000, to: 33434, checksum: 0), Self.data]).hasPrefix("udp.chksum is 0x0000, not 0x1234"))
    #expect(
      try altered([UDP(from: 40000, to: 33434, length: 8, checksum: 0), Self.data]).hasPrefix("udp.len is 8, not"))
    // The sum is behind the cut.
    #expect(try altered([UDP(from: 40000, to: 33434, checksum: 0), Self.data], 26) == "")
    let tcp = TCP(from: 40000, to: 80, sequenceNumber: 7, window: 512, checksum: 1)
    #expect(
      try altered([TCP(from: 40000, to: 80, sequenceNumber: 7, window: 511, checksum: 1)], asking: [tcp])
        == "tcp.window is 511, not 512")
    #expect(try altered([tcp], asking: [tcp]) == "")
    let fixed = Self.udp
    #expect(
      try altered([fixed, Payload("abcX")], asking: [fixed, Payload("abcd")])
        == "octet 11 of what IP carries is 88, not 100")
    #expect(try altered([fixed, Payload("abcX")], 31, asking: [fixed, Payload("abcd")]) == "")
  }

  @Test func anIdentificationThatTheKernelChoseIsNone() throws {
    let asked = IPv4(from: Hosts.us, to: Hosts.asked, identification: 0)
    let left = IPv4(from: Hosts.us, to: Hosts.asked, identification: 0x5555)
    let other = IPv4(from: Hosts.us, to: Hosts.asked, identification: 0x5556)
    #expect(try alteration(exchange([asked, Self.udp], quoting: [left, Self.udp])) == "")
    // What left is known.
    for (quoted, expected) in [(left, ""), (other, "ip.id is 21846, not 21845")] {
      var exchange = try exchange([asked, Self.udp], quoting: [quoted, Self.udp])
      exchange.sent = Registry.dissect(try AnyPacket([left, Self.udp]).encoded().bytes)
      #expect(try alteration(exchange) == expected)
    }
    // A length set by hand that the raw door writes over.
    var lying = Self.ip
    lying.totalLength = 99
    #expect(try alteration(exchange([lying, Self.udp], quoting: [Self.ip, Self.udp])) == "")
    #expect(try alteration(exchange([lying, Self.udp], quoting: [lying, Self.udp])) == "")
  }

  @Test func aFirstFragmentOfOursIsNoAlterationWhereItMayBeFragmented() throws {
    var free = Self.ip
    free.flags = []
    var first = free
    first.flags = .moreFragments
    first.totalLength = 1420
    #expect(
      try alteration(exchange([free, Self.udp, Self.data], quoting: [first, Self.udp, Self.data], cut: 28)) == "")
    #expect(
      try alteration(exchange([Self.ip, Self.udp, Self.data], quoting: [first, Self.udp, Self.data], cut: 28))
        .contains("ip.flags is MF, not DF"))
    first.totalLength = 1421
    #expect(
      try alteration(exchange([free, Self.udp, Self.data], quoting: [first, Self.udp, Self.data], cut: 28))
        .contains("ip.len is 1421, not 1468"))
  }

  @Test func routesAndTimestampsAreWrittenOnTheWayOtherOptionsAreNot() throws {
    func altered(_ sent: [IPv4Option], _ quoted: [IPv4Option]) throws -> String {
      var (own, other) = (Self.ip, Self.ip)
      (own.options, other.options) = (sent, quoted)
      return try alteration(exchange([own, Self.udp], quoting: [other, Self.udp]))
    }
    let empty = IPv4Option.recordRoute(.init([.any, .any]))
    let written = IPv4Option.recordRoute(.init([Hosts.router, .any], pointer: 8))
    #expect(try altered([empty, .endOfList], [written, .endOfList]) == "")
    #expect(
      try altered([.timestamp(.init(words: [0, 0]))], [.timestamp(.init(words: [99, 0], pointer: 9))]) == "")
    #expect(try altered([.routerAlert(0)], [.routerAlert(1)]) == "ip.options")
    #expect(try altered([], [.routerAlert(0)]).contains("ip.options"))
  }

  @Test func aRebuiltQuoteTellsNothingOfItsIPHeader() throws {
    let other = IPv4(from: Hosts.us, to: Hosts.asked, ttl: 200, typeOfService: 9, identification: 1)
    var exchange = try exchange([Self.ip, Self.udp], quoting: [other, Self.udp])
    exchange.quoteIsRebuilt = true
    #expect(try alteration(exchange) == "")
    exchange.quoteIsRebuilt = false
    #expect(try alteration(exchange) != "")
  }

  // MTUs.

  @Test(
    arguments: [
      (0, true), (1, true), (67, true), (68, false), (576, false), (1467, false), (1468, true), (1500, true),
    ] as [(UInt16, Bool)])
  func anMTUThatCannotBeIsInvalid(_ mtu: UInt16, _ isInvalid: Bool) throws {
    let asked: [any Header] = [Self.ip, Self.udp, Self.data]
    let (flags, why) = try answer(exchange(asked, ICMPv4.destinationUnreachable(code: 4, nextHopMTU: mtu)))
    #expect(flags == (isInvalid ? [.invalidMTU] : []))
    #expect(why.contains("MTU is \(mtu)") == isInvalid)
  }

  @Test(
    arguments: [
      (0, true), (1279, true), (1280, false), (1487, false), (1488, true), (0xffff_ffff, true),
    ] as [(UInt32, Bool)])
  func anMTUThatIPv6DoesNotHaveIsInvalid(_ mtu: UInt32, _ isInvalid: Bool) throws {
    let asked: [any Header] = [Self.ip6, Self.udp, Self.data]
    #expect(try answer(exchange(asked, ICMPv6.packetTooBig(mtu: mtu))).flags == (isInvalid ? [.invalidMTU] : []))
  }

  @Test func ofAFragmentedPacketTheLongestPieceCounts() throws {
    var exchange = try exchange(
      [Self.ip, Self.udp, Self.data], ICMPv4.destinationUnreachable(code: 4, nextHopMTU: 1000))
    #expect(try answer(exchange).flags == [])
    exchange.longestFragment = 1000
    #expect(try answer(exchange).flags == [.invalidMTU])
    exchange.longestFragment = 1004
    #expect(try answer(exchange).flags == [])
  }

  // Third parties.

  @Test func onlyTheHostAskedKnowsItsProtocolsAndPorts() throws {
    let asked: [any Header] = [Self.ip, ICMPv4.echoRequest(identifier: 1)]
    for (error, isItsOwn) in [
      (ICMPv4.destinationUnreachable(code: 2), true), (.destinationUnreachable(code: 3), true),
      (.timeExceeded(code: 1), true), (.destinationUnreachable(code: 1), false), (.timeExceeded(), false),
      (.destinationUnreachable(code: 10), false), (.destinationUnreachable(code: 13), false),
      (.parameterProblem(), false),
    ] {
      #expect(try answer(exchange(asked, error)).flags == (isItsOwn ? [.thirdParty] : []))
      #expect(try answer(exchange(asked, error, from: Hosts.back)).flags == [])
    }
    let asked6: [any Header] = [Self.ip6, ICMPv6.echoRequest(identifier: 1)]
    for (error, isItsOwn) in [
      (ICMPv6.destinationUnreachable(code: 4), true), (.timeExceeded(code: 1), true),
      (.parameterProblem(code: 1), true), (.parameterProblem(code: 2), true), (.parameterProblem(code: 0), false),
      (.destinationUnreachable(code: 1), false), (.timeExceeded(), false),
    ] {
      #expect(try answer(exchange(asked6, error)).flags == (isItsOwn ? [.thirdParty] : []))
      #expect(try answer(exchange(asked6, error, from: Hosts.back6)).flags == [])
    }
  }

  @Test func everyNodeReadsHopByHopOptions() throws {
    let asked: [any Header] = [
      Self.ip6, IPv6HopByHop([.option(type: 0xbe, data: [1, 2, 3, 4])]), ICMPv6.echoRequest(identifier: 1),
    ]
    #expect(try answer(exchange(asked, ICMPv6.parameterProblem(code: 2, pointer: 42))).flags == [])
    #expect(try answer(exchange(asked, ICMPv6.parameterProblem(code: 2, pointer: 48))).flags == [.thirdParty])
  }

  @Test func aMemberOfAGroupIsNoThirdParty() throws {
    var exchange = try exchange([Self.ip, Self.udp], ICMPv4.destinationUnreachable(code: 3))
    #expect(try answer(exchange).flags == [.thirdParty])
    exchange.askedGroup = true
    #expect(try answer(exchange).flags == [])
  }
}
