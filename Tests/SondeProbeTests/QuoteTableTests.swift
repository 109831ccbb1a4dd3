internal import SondeHeaders
internal import SondeOctets
internal import SondeProbe
internal import Testing

/// The table of ICMP errors: what they must quote to be about us.
@Suite struct QuoteTableTests {
  private static let udp: [any Header] = [Hosts.there, UDP(from: 40000, to: 33434), Payload("sixteen octets!!")]
  private static let tcp: [any Header] = [Hosts.there, TCP(from: 40000, to: 443, sequenceNumber: 0xdead_beef)]
  private static let echo: [any Header] = [
    Hosts.there, ICMPv4.echoRequest(identifier: 0x1234, sequenceNumber: 7), Payload("sixteen octets!!"),
  ]
  private static let udp6: [any Header] = [Hosts.there6, UDP(from: 40000, to: 33434), Payload("sixteen octets!!")]
  private static let tcp6: [any Header] = [Hosts.there6, TCP(from: 40000, to: 443, sequenceNumber: 0xdead_beef)]
  private static let echo6: [any Header] = [
    Hosts.there6, ICMPv6.echoRequest(identifier: 0x1234, sequenceNumber: 7), Payload("sixteen octets!!"),
  ]

  /// The error `error` from `from`, quoting `quoted` cut behind `octets` octets of what its IP header carries.
  private func outcome(
    _ asked: [any Header], _ error: (any Header)? = nil, from: (any Header)? = nil, quoting quoted: [any Header]? = nil,
    octets: Int? = nil
  ) throws -> Outcome {
    let quoted = quoted ?? asked
    let isOld = quoted[0] is IPv4
    let quote = Quote(AnyPacket(quoted), cut: octets.map { quoted[0].byteCount + $0 })
    return try Outcome(
      asking: asked,
      hearing: [
        from ?? (isOld ? Hosts.onTheWay as any Header : Hosts.onTheWay6),
        error ?? (isOld ? ICMPv4.timeExceeded() as any Header : ICMPv6.timeExceeded()), quote,
      ])
  }

  private func error(_ verdict: Verdict, _ flags: [AnswerFlag] = []) -> Outcome { .answer(verdict, .icmpError, flags) }

  @Test(arguments: [8, 12, 20, nil]) func aQuoteCountsHoweverItIsCut(_ octets: Int?) throws {
    for asked in [Self.udp, Self.tcp, Self.echo, Self.udp6, Self.tcp6, Self.echo6] {
      #expect(try outcome(asked, octets: octets) == error(.timeExceeded))
    }
  }

  @Test func aQuoteShorterThanTheTokenIsNoiseWithAReason() throws {
    // Four octets hold the ports, but neither an identifier nor a sequence number.
    #expect(try outcome(Self.udp, octets: 4) == error(.timeExceeded))
    #expect(try outcome(Self.tcp, octets: 4) == error(.timeExceeded, [.weakMatch]))
    #expect(try outcome(Self.tcp6, octets: 4) == error(.timeExceeded, [.weakMatch]))
    for (asked, octets) in [
      (Self.echo, 4), (Self.echo, 7), (Self.echo6, 4), (Self.udp, 2), (Self.tcp, 3), (Self.udp6, 1),
    ] {
      let why = try outcome(asked, octets: octets).why
      #expect(why.contains("only \(octets) octets"), "\(why)")
    }
    // Nothing of the message, and not even the addresses.
    for asked in [Self.udp, Self.tcp, Self.echo] {
      #expect(try outcome(asked, from: Hosts.back, octets: -4).why.contains("quotes"))
      #expect(try outcome(asked, from: Hosts.back, octets: -20).why.contains("quotes no packet"))
      #expect(try outcome(asked, octets: -20) == .nothing)
    }
  }

  @Test func aQuoteOfAnotherPacketNamesWhatDiffers() throws {
    func quoting(_ header: any Header, in ip: IPv4 = Hosts.there) throws -> String {
      let asked: [any Header] =
        switch header {
        case is UDP: Self.udp
        case is TCP: Self.tcp
        default: Self.echo
        }
      return try outcome(asked, quoting: [ip, header, Payload("sixteen octets!!")], octets: 8).why
    }
    #expect(try quoting(UDP(from: 40001, to: 33434)).contains("40001"))
    #expect(try quoting(UDP(from: 40000, to: 33435)).contains("33435"))
    #expect(try quoting(TCP(from: 40000, to: 443, sequenceNumber: 0xefbe_adde)).contains("sequence number 4022250974"))
    #expect(try quoting(TCP(from: 40000, to: 444, sequenceNumber: 0xdead_beef)).contains("444"))
    #expect(try quoting(ICMPv4.echoRequest(identifier: 0x3412, sequenceNumber: 7)).contains("id 13330"))
    #expect(try quoting(ICMPv4.echoRequest(identifier: 0x1234, sequenceNumber: 8)).contains("sequence number 8"))
    #expect(try quoting(ICMPv4.echoReply(identifier: 0x1234, sequenceNumber: 7)).contains("type 0"))
    let foreign = IPv4(from: Hosts.us, to: Hosts.router)
    let spoofed = IPv4(from: "192.0.2.2", to: Hosts.asked)
    #expect(try quoting(UDP(from: 40000, to: 33434), in: foreign).contains("to 203.0.113.1"))
    #expect(try quoting(UDP(from: 40000, to: 33434), in: spoofed).contains("from 192.0.2.2"))
    #expect(try quoting(TCP(from: 40000, to: 443, sequenceNumber: 0xdead_beef), in: foreign).contains("to 203.0.113.1"))
    #expect(
      try quoting(ICMPv4.echoRequest(identifier: 0x1234, sequenceNumber: 7), in: foreign).contains("to 203.0.113.1"))
    // The error itself is for another host.
    #expect(try outcome(Self.udp, from: IPv4(from: Hosts.router, to: "192.0.2.2")).why.contains("is for 192.0.2.2"))
    // A packet of another program's to the same host.
    #expect(try outcome(Self.udp, quoting: [Hosts.there, UDP(from: 50000, to: 53)]) == .nothing)
    #expect(try outcome(Self.udp, quoting: [Hosts.there, TCP(from: 40000, to: 33434)]) == .nothing)
    #expect(try outcome(Self.echo, quoting: Self.udp) == .nothing)
  }

  @Test func aQuoteOfAnotherPacketInIPv6NamesWhatDiffers() throws {
    let foreign = IPv6(from: Hosts.us6, to: Hosts.router6)
    #expect(try outcome(Self.udp6, quoting: [foreign, UDP(from: 40000, to: 33434)]).why.contains("to 2001:db8:99::1"))
    #expect(try outcome(Self.udp6, quoting: [Hosts.there6, UDP(from: 40000, to: 1)]).why.contains("port 1,"))
    #expect(
      try outcome(Self.tcp6, quoting: [Hosts.there6, TCP(from: 40000, to: 443, sequenceNumber: 1)]).why
        .contains("sequence number 1,"))
    #expect(
      try outcome(Self.echo6, quoting: [Hosts.there6, ICMPv6.echoRequest(identifier: 0x1234, sequenceNumber: 8)]).why
        .contains("sequence number 8"))
    #expect(
      try outcome(Self.echo6, quoting: [Hosts.there6, ICMPv6.echoReply(identifier: 0x1234, sequenceNumber: 7)]).why
        .contains("type 129"))
  }

  @Test func whatRoutersAndNATsRewriteIsToldAndStillAnswers() throws {
    let altered = error(.timeExceeded, [.quoteAltered])
    let rewritten = IPv4(
      from: Hosts.us, to: Hosts.asked, ttl: 1, typeOfService: 0xb8, identification: 0x9999, flags: .dontFragment,
      checksum: 0xdead)
    #expect(
      try outcome(Self.udp, quoting: [rewritten, UDP(from: 40000, to: 33434, checksum: 0)]) == altered)
    #expect(
      try outcome(
        Self.tcp, quoting: [rewritten, TCP(from: 40000, to: 443, sequenceNumber: 0xdead_beef, window: 1, checksum: 1)])
        == altered)
    #expect(
      try outcome(
        Self.echo, quoting: [rewritten, ICMPv4.echoRequest(identifier: 0x1234, sequenceNumber: 7, checksum: 9)])
        == altered)
    let rewritten6 = IPv6(from: Hosts.us6, to: Hosts.asked6, hopLimit: 1, trafficClass: 3, flowLabel: 77)
    #expect(try outcome(Self.udp6, quoting: [rewritten6] + Self.udp6.dropFirst()) == altered)
  }

  @Test func theQuotesOwnHeaderLengthIsHonoured() throws {
    let long = IPv4(from: Hosts.us, to: Hosts.asked, options: [.noOperation, .noOperation, .noOperation, .endOfList])
    for asked in [Self.udp, Self.tcp, Self.echo] {
      #expect(
        try outcome(asked, quoting: [long] + asked.dropFirst(), octets: 8) == error(.timeExceeded, [.quoteAltered]))
      #expect(try outcome([long] + asked.dropFirst(), octets: 8) == error(.timeExceeded))
    }
    #expect(try outcome(Self.udp, quoting: [long, UDP(from: 40000, to: 1)], octets: 8).why.contains("port 1,"))
  }

  @Test func whoSaysPortUnreachableDecidesWhatItMeans() throws {
    let unreachable = ICMPv4.destinationUnreachable(code: 3)
    #expect(try outcome(Self.udp, unreachable, from: Hosts.back) == error(.closed))
    #expect(try outcome(Self.udp, unreachable) == error(.filtered, [.thirdParty]))
    #expect(try outcome(Self.udp, ICMPv4.destinationUnreachable(code: 13), from: Hosts.back) == error(.filtered))
    #expect(try outcome(Self.tcp, unreachable, from: Hosts.back) == error(.filtered))
    #expect(try outcome(Self.echo, ICMPv4.destinationUnreachable(code: 1)) == error(.unreachable))
    let unreachable6 = ICMPv6.destinationUnreachable(code: 4)
    #expect(try outcome(Self.udp6, unreachable6, from: Hosts.back6) == error(.closed))
    #expect(try outcome(Self.udp6, unreachable6) == error(.filtered, [.thirdParty]))
    #expect(try outcome(Self.tcp6, ICMPv6.destinationUnreachable(code: 1)) == error(.filtered))
    #expect(try outcome(Self.echo6, ICMPv6.destinationUnreachable(code: 0)) == error(.unreachable))
  }

  @Test func tooBigAndParameterProblemKeepTheirOwnVerdict() throws {
    for asked in [Self.udp, Self.tcp, Self.echo] {
      let long = Array(asked.prefix(2)) + [Payload(octets: [UInt8](repeating: 0x61, count: 1400))]
      #expect(try outcome(long, ICMPv4.destinationUnreachable(code: 4, nextHopMTU: 1300)) == error(.tooBig))
      // What was sent would have fit.
      #expect(
        try outcome(asked, ICMPv4.destinationUnreachable(code: 4, nextHopMTU: 1300)) == error(.tooBig, [.invalidMTU]))
      #expect(try outcome(asked, ICMPv4.parameterProblem(pointer: 20)) == error(.parameterProblem))
    }
    for asked in [Self.udp6, Self.tcp6, Self.echo6] {
      let long = Array(asked.prefix(2)) + [Payload(octets: [UInt8](repeating: 0x61, count: 1400))]
      #expect(try outcome(long, ICMPv6.packetTooBig(mtu: 1280)) == error(.tooBig))
      #expect(try outcome(asked, ICMPv6.packetTooBig(mtu: 1280)) == error(.tooBig, [.invalidMTU]))
      #expect(try outcome(asked, ICMPv6.parameterProblem(pointer: 6)) == error(.parameterProblem))
      #expect(try outcome(asked, ICMPv6(type: 77)) == error(.unreachable, [.oddCode]))
    }
  }

  @Test func adviceAnswersNothing() throws {
    for advice in [ICMPv4(type: .sourceQuench), ICMPv4.redirect(gateway: "192.0.2.254")] {
      for asked in [Self.udp, Self.tcp, Self.echo] {
        #expect(try outcome(asked, advice).why.contains("advises"))
      }
      #expect(try outcome(Self.udp, advice, quoting: [Hosts.there, UDP(from: 50000, to: 53)]) == .nothing)
    }
  }

  /// An unresolved neighbour makes this very machine send itself a host unreachable.
  @Test func anErrorFromOurOwnAddressIsLocal() throws {
    let home = IPv4(from: Hosts.us, to: Hosts.us)
    let unreachable = ICMPv4.destinationUnreachable(code: 1)
    #expect(try outcome(Self.echo, unreachable, from: home) == error(.unreachable, [.local]))
    #expect(try outcome(Self.tcp, unreachable, from: home) == error(.filtered, [.local]))
    #expect(
      try outcome(Self.echo6, ICMPv6.destinationUnreachable(code: 3), from: IPv6(from: Hosts.us6, to: Hosts.us6))
        == error(.unreachable, [.local]))
    // Where we ask ourselves, our own address is the one asked.
    let loop = IPv4(from: .loopback, to: .loopback)
    #expect(
      try outcome([loop, UDP(from: 40000, to: 9)], ICMPv4.destinationUnreachable(code: 3), from: loop) == error(.closed)
    )
  }

  /// A protocol that has no ports is known by its octets.
  @Test func aPacketWithoutATokenIsKnownByItsOctets() throws {
    let raw = IPv4(from: Hosts.us, to: Hosts.asked, protocol: 253)
    let asked: [any Header] = [raw, Payload("experiment")]
    let unreachable = ICMPv4.destinationUnreachable(code: 2)
    #expect(try outcome(asked, unreachable, from: Hosts.back) == error(.unreachable))
    #expect(try outcome(asked, unreachable, from: Hosts.back, octets: 8) == error(.unreachable))
    #expect(try outcome(asked, unreachable, octets: 8) == error(.unreachable, [.thirdParty]))
    #expect(try outcome(asked, unreachable, from: Hosts.back, octets: 4) == error(.unreachable, [.weakMatch]))
    #expect(try outcome(asked, ICMPv4(type: .sourceQuench), from: Hosts.back).why.contains("advises"))
    #expect(try outcome(asked, unreachable, quoting: [raw, Payload("Experiment")], octets: 8) == .nothing)
    #expect(
      try outcome(asked, unreachable, quoting: [IPv4(from: Hosts.us, to: Hosts.router, protocol: 253), asked[1]])
        == .nothing)
    #expect(try outcome(asked, unreachable, quoting: Self.udp) == .nothing)
  }

  @Test func anUnknownQuoteIsNobodys() throws {
    let quote = try bytes([Hosts.onTheWay, ICMPv4.timeExceeded(), Payload(octets: [0x45, 0, 0])])
    #expect(try Outcome(asking: Self.udp, hearing: quote) == .nothing)
  }
}
