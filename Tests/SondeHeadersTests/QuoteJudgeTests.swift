internal import SondeHeaders
internal import SondeOctets
internal import Testing

/// What counts as an ICMP error about a packet of ours, and what nearly does.
@Suite struct QuoteJudgeTests {
  private static let udp = UDP(from: 40000, to: 33434)
  private static let tcp = TCP(from: 40000, to: 443, sequenceNumber: 0xdead_beef)
  private static let echo = ICMPv4.echoRequest(identifier: 0x1234, sequenceNumber: 7)
  private static let onTheWay = IPv4(from: Hosts.router, to: Hosts.us)
  /// Long enough for an MTU to be too small for it.
  private static let data = Payload(octets: [UInt8](repeating: 0x70, count: 1440))

  /// An error of `error` from `outer`, quoting `quoted` cut behind `cut` octets of its IP payload.
  private func outcome(
    _ asked: any Header, _ error: ICMPv4 = .timeExceeded(), from outer: IPv4 = onTheWay, quoting ip: IPv4 = Hosts.there,
    _ quoted: (any Header)? = nil, cut: Int? = 8
  ) throws -> Outcome {
    let packet = AnyPacket([ip, quoted ?? asked, Self.data])
    let quote = Quote(packet, cut: cut.map { ip.byteCount + $0 })
    return try Outcome([Hosts.there, asked, Self.data], [outer, error, quote])
  }

  private func error(_ verdict: Verdict, _ flags: [AnswerFlag] = []) -> Outcome { .answer(verdict, .icmpError, flags) }

  @Test(arguments: [nil, 8, 12, 20])
  func aQuoteOfOursAnswersHoweverLong(_ cut: Int?) throws {
    for asked in [Self.udp, Self.tcp, Self.echo] as [any Header] {
      #expect(try outcome(asked, cut: cut) == error(.timeExceeded))
      #expect(try outcome(asked, .parameterProblem(pointer: 20), cut: cut) == error(.parameterProblem))
      #expect(try outcome(asked, .destinationUnreachable(code: 4, nextHopMTU: 1400), cut: cut) == error(.tooBig))
    }
  }

  @Test(arguments: 0...15)
  func unreachableFiltersAPortAndKeepsAnEchoUnreachable(_ code: UInt8) throws {
    guard code != 4 else { return }
    let report = ICMPv4.destinationUnreachable(code: code)
    // A router knows neither the ports nor the protocols of the host asked, whatever was asked there.
    let flags: [AnswerFlag] = code == 2 || code == 3 ? [.thirdParty] : []
    #expect(try outcome(Self.tcp, report) == error(.filtered, flags))
    #expect(try outcome(Self.tcp, report, from: Hosts.back) == error(.filtered))
    #expect(try outcome(Self.echo, report) == error(.unreachable, flags))
    #expect(try outcome(Self.echo, report, from: Hosts.back) == error(.unreachable))
    #expect(try outcome(Self.udp, report) == error(.filtered, flags))
    #expect(try outcome(Self.udp, report, from: Hosts.back) == error(code == 3 ? .closed : .filtered))
  }

  @Test func aCodeThatNoRFCNamesIsOdd() throws {
    for asked in [Self.udp, Self.tcp] as [any Header] {
      #expect(try outcome(asked, .destinationUnreachable(code: 77)) == error(.filtered, [.oddCode]))
    }
    #expect(try outcome(Self.echo, .destinationUnreachable(code: 16)) == error(.unreachable, [.oddCode]))
    #expect(try outcome(Self.echo, .timeExceeded(code: 2)) == error(.timeExceeded, [.oddCode]))
    #expect(try outcome(Self.echo, .timeExceeded(code: 1), from: Hosts.back) == error(.timeExceeded))
    #expect(try outcome(Self.udp, .parameterProblem(code: 3)) == error(.parameterProblem, [.oddCode]))
  }

  @Test(arguments: [ICMPv4(type: .sourceQuench), ICMPv4.redirect(gateway: Hosts.router)])
  func adviceAnswersNothing(_ advice: ICMPv4) throws {
    #expect(advice.errorReport?.isAdvice == true)
    for asked in [Self.udp, Self.tcp, Self.echo] as [any Header] {
      #expect(try outcome(asked, advice).isNoise)
    }
    #expect(
      try outcome(Self.udp, ICMPv4(type: .sourceQuench)) == .noise("source-quench only advises, and answers nothing"))
  }

  @Test(
    arguments: [
      (40001, 33434, "quotes source port 40001, not our 40000"),
      (33434, 40000, "quotes source port 33434, not our 40000"),
      (40000, 33435, "quotes destination port 33435, not 33434"), (0, 33434, "quotes source port 0, not our 40000"),
    ] as [(UInt16, UInt16, String)])
  func aQuoteOfOtherPortsIsNoise(_ source: UInt16, _ destination: UInt16, _ why: String) throws {
    #expect(try outcome(Self.udp, Self.udp, quoting: UDP(from: source, to: destination)) == .noise(why))
  }

  private func outcome(_ asked: any Header, _: any Header, quoting other: any Header) throws -> Outcome {
    try outcome(asked, .timeExceeded(), other)
  }

  @Test func aQuoteOfAForeignSequenceNumberIsNoise() throws {
    for foreign in [0xdead_beee, 0xdead_bef0, 0x5ead_beef, 0xefbe_adde] as [UInt32] {
      let quoted = TCP(from: 40000, to: 443, sequenceNumber: foreign)
      #expect(
        try outcome(Self.tcp, .timeExceeded(), quoted)
          == .noise(
            "quotes sequence number \(foreign), not our 3735928559"
              + (foreign == 0xefbe_adde ? " (byte-swapped)" : "")))
      // Four octets hold the ports alone: then nobody can tell, and the match is weak.
      #expect(try outcome(Self.tcp, .timeExceeded(), quoted, cut: 4) == error(.timeExceeded, [.weakMatch]))
    }
    #expect(try outcome(Self.tcp, cut: 7) == error(.timeExceeded, [.weakMatch]))
    #expect(try outcome(Self.tcp, TCP(from: 40001, to: 443), cut: 4).isNoise)
  }

  private func outcome(_ asked: any Header, _ quoted: any Header, cut: Int) throws -> Outcome {
    try outcome(asked, .timeExceeded(), quoted, cut: cut)
  }

  @Test func aQuoteShorterThanTheTokenIsNoiseWithAReason() throws {
    for cut in 0..<4 {
      #expect(
        try outcome(Self.udp, cut: cut) == .noise("quotes only \(cut) octets of the udp header, too few to know it by"))
      #expect(
        try outcome(Self.tcp, cut: cut) == .noise("quotes only \(cut) octets of the tcp header, too few to know it by"))
    }
    for cut in 0..<8 {
      #expect(
        try outcome(Self.echo, cut: cut)
          == .noise("quotes only \(cut) octets of the icmp header, too few to know it by"))
    }
    for cut in -19..<0 {
      #expect(
        try outcome(Self.tcp, cut: cut)
          == .noise("quotes only \(20 + cut) octets of the ip header, too few to know it by"))
    }
    #expect(try outcome(Self.udp, cut: 4) == error(.timeExceeded))
  }

  @Test func aQuoteOfSomethingElseIsNoAnswer() throws {
    #expect(try outcome(Self.udp, .timeExceeded(), Self.tcp) == .nothing)
    #expect(try outcome(Self.echo, .timeExceeded(), Self.udp) == .nothing)
    #expect(try outcome(Self.echo, .timeExceeded(), ICMPv4.echoReply(identifier: 0x1234, sequenceNumber: 7)).isNoise)
    #expect(try outcome(Self.echo, .timeExceeded(), ICMPv4(type: 13, restOfHeader: 0x1234_0007)).isNoise)
    #expect(try outcome(Self.echo, .timeExceeded(), ICMPv4.echoRequest(identifier: 0x3412, sequenceNumber: 7)).isNoise)
    #expect(try outcome(Self.echo, .timeExceeded(), ICMPv4.echoRequest(identifier: 0x1234, sequenceNumber: 8)).isNoise)
    let garbage = try AnyPacket([Self.onTheWay, ICMPv4.timeExceeded(), Payload(octets: [0, 1, 2, 3])]).encoded().bytes
    #expect(
      try Outcome([Hosts.there, Self.udp], reply: garbage)
        == .noise("quotes no IP header: version 0 at offset 0: 4 or 6"))
  }

  @Test func aQuoteOfTheOtherIPVersionIsNoise() throws {
    let quote = Quote(AnyPacket([Hosts.there6, Self.udp]))
    #expect(
      try Outcome([Hosts.there, Self.udp], [Self.onTheWay, ICMPv4.timeExceeded(), quote])
        == .noise("quotes an IPv6 packet, not an IPv4 one"))
  }

  @Test func aQuoteWithoutAWholeIPHeaderIsNoiseWhateverWasAsked() throws {
    let outer: [any Header] = [Hosts.back6, ICMPv6.timeExceeded()]
    for octets in [[0, 1, 2], [0x45, 0, 0], [0x60], [UInt8](repeating: 0x60, count: 39)] as [[UInt8]] {
      let bytes = try AnyPacket(outer + [Payload(octets: octets)]).encoded().bytes
      #expect(try Outcome([Hosts.there6, Self.udp], reply: bytes).isNoise, "\(octets)")
      #expect(try Outcome([Hosts.there, Self.udp], reply: bytes).isNoise, "\(octets)")
    }
  }

  @Test func aQuoteOfAnotherSourceOrDestinationIsNoise() throws {
    let elsewhere = IPv4(from: Hosts.us, to: "198.51.100.8")
    let fromElsewhere = IPv4(from: "192.0.2.2", to: Hosts.asked)
    for asked in [Self.udp, Self.tcp, Self.echo] as [any Header] {
      #expect(
        try outcome(asked, quoting: elsewhere) == .noise("quotes a packet to 198.51.100.8, not to 198.51.100.7"))
      #expect(
        try outcome(asked, quoting: fromElsewhere)
          == .noise("quotes a packet from 192.0.2.2, not from our 192.0.2.1"))
      #expect(try outcome(asked, quoting: Hosts.back).isNoise)
    }
  }

  @Test func anErrorForSomeoneElseIsNoise() throws {
    #expect(
      try outcome(Self.udp, from: IPv4(from: Hosts.router, to: "192.0.2.2"))
        == .noise("is for 192.0.2.2, not for our 192.0.2.1"))
  }

  /// Routers and NATs rewrite what does not decide whose the quote is; that they did is told.
  @Test func aRewrittenQuoteStillAnswers() throws {
    let rewritten = IPv4(
      from: Hosts.us, to: Hosts.asked, ttl: 0, typeOfService: 0xff, identification: 0xffff, totalLength: 28, checksum: 0
    )
    for total in [28, 0, 8, 0x1c00, 26] as [UInt16] {
      var ip = rewritten
      ip.totalLength = .set(total)
      for asked in [Self.udp, Self.tcp, Self.echo] as [any Header] {
        #expect(try outcome(asked, quoting: ip) == error(.timeExceeded, [.quoteAltered]), "total length \(total)")
      }
    }
    let summed = UDP(from: 40000, to: 33434, length: 7, checksum: 0xdead)
    #expect(try outcome(Self.udp, .timeExceeded(), summed) == error(.timeExceeded, [.quoteAltered]))
  }

  @Test func theQuotesOwnHeaderLengthIsHonoured() throws {
    let route = IPv4Option.option(kind: 7, data: [4] + [UInt8](repeating: 0x9c, count: 12))
    var ip = Hosts.there
    ip.options = [route]
    for asked in [Self.udp, Self.tcp, Self.echo] as [any Header] {
      #expect(try outcome(asked, quoting: ip) == error(.timeExceeded, [.quoteAltered]))
      // The same octets under a header length that leaves the options out are no quote of ours.
      var short = ip
      short.headerLength = 5
      #expect(try outcome(asked, quoting: short) != error(.timeExceeded, [.quoteAltered]))
    }
  }

  @Test func anErrorAboutIPv6Answers() throws {
    let unreachable =
      [
        (0, Verdict.filtered), (1, .filtered), (3, .filtered), (4, .closed), (8, .filtered),
      ] as [(UInt8, Verdict)]
    let asked: [any Header] = [Hosts.there6, Self.udp]
    let quote = Quote(AnyPacket(asked), cut: 48)
    for (code, verdict) in unreachable {
      let report = ICMPv6.destinationUnreachable(code: code)
      #expect(try Outcome(asked, [Hosts.back6, report, quote]) == error(verdict))
      let router = IPv6(from: Hosts.router6, to: Hosts.us6)
      #expect(try Outcome(asked, [router, report, quote]) == error(.filtered, code == 4 ? [.thirdParty] : []))
      #expect(try Outcome(asked, [IPv6(from: Hosts.router6, to: Hosts.router6), report, quote]).isNoise)
    }
    #expect(try Outcome(asked, [Hosts.back6, ICMPv6.packetTooBig(mtu: 1280), quote]) == error(.tooBig, [.invalidMTU]))
    #expect(try Outcome(asked, [Hosts.back6, ICMPv6.timeExceeded(), quote]) == error(.timeExceeded))
    #expect(try Outcome(asked, [Hosts.back6, ICMPv6.parameterProblem(code: 1), quote]) == error(.parameterProblem))
    let echo: [any Header] = [Hosts.there6, ICMPv6.echoRequest(identifier: 1, sequenceNumber: 2)]
    let other: [any Header] = [Hosts.there6, ICMPv6.echoRequest(identifier: 1, sequenceNumber: 3)]
    #expect(
      try Outcome(echo, [Hosts.back6, ICMPv6.timeExceeded(), Quote(AnyPacket(echo), cut: 48)]) == error(.timeExceeded))
    #expect(try Outcome(echo, [Hosts.back6, ICMPv6.timeExceeded(), Quote(AnyPacket(other), cut: 48)]).isNoise)
  }

  /// RFC 4443 §2.4 (a): an unknown error is passed on to whom it is about.
  @Test func aNamelessICMPv6ErrorIsUnreachableAndOdd() throws {
    for asked in [Self.udp, Self.tcp, ICMPv6.echoRequest()] as [any Header] {
      let layers: [any Header] = [Hosts.there6, asked]
      let reply: [any Header] = [Hosts.back6, ICMPv6(type: 99, code: 4), Quote(AnyPacket(layers), cut: 48)]
      #expect(try Outcome(layers, reply) == error(.unreachable, [.oddCode]))
      #expect(try Outcome(layers, [Hosts.back6, ICMPv6(type: 250), Payload(octets: [0x60])]) == .nothing)
    }
  }
}
