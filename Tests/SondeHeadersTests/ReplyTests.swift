internal import SondeHeaders
internal import SondeOctets
internal import Testing

/// What counts as a direct answer to ICMP queries and to UDP, each with its near-misses.
@Suite struct ReplyTests {
  private let echo: [any Header] = [
    Hosts.there, ICMPv4.echoRequest(identifier: 0x1234, sequenceNumber: 7), Payload("p"),
  ]
  private let echo6: [any Header] = [Hosts.there6, ICMPv6.echoRequest(identifier: 0x1234, sequenceNumber: 7)]
  private let datagram: [any Header] = [Hosts.there, UDP(from: 40000, to: 53), Payload("ask")]

  private func reply(_ type: UInt8 = 0, code: UInt8 = 0, _ identifier: UInt16 = 0x1234, _ turn: UInt16 = 7) -> ICMPv4 {
    ICMPv4(
      type: .init(rawValue: type), code: code, restOfHeader: UInt32(identifier) << 16 | UInt32(turn))
  }

  @Test func anEchoReplyOfIdentifierAndSequenceNumberAnswers() throws {
    #expect(try Outcome(echo, [Hosts.back, reply()]) == .answer(.reply, .echoReply, []))
    #expect(try Outcome(echo, [Hosts.back, reply(), Payload("other")]) == .answer(.reply, .echoReply, []))
    #expect(
      try Outcome(echo6, [Hosts.back6, ICMPv6.echoReply(identifier: 0x1234, sequenceNumber: 7)])
        == .answer(.reply, .echoReply, []))
  }

  @Test(arguments: [
    (0x1235, 7, "carries id 4661, not our 4660"), (0x3412, 7, "carries id 13330, not our 4660 (byte-swapped)"),
    (0x1234, 8, "carries sequence number 8, not our 7"),
    (0x1234, 0x0700, "carries sequence number 1792, not our 7 (byte-swapped)"),
    (7, 0x1234, "carries id 7, not our 4660"),
  ])
  func anotherIdentifierOrSequenceNumberIsNoise(_ identifier: UInt16, _ turn: UInt16, _ why: String) throws {
    #expect(try Outcome(echo, [Hosts.back, reply(0, identifier, turn)]) == .noise(why))
    #expect(
      try Outcome(echo6, [Hosts.back6, ICMPv6.echoReply(identifier: identifier, sequenceNumber: turn)]) == .noise(why))
  }

  @Test(arguments: [13, 14, 16, 18, 9, 77])
  func anEchoIsAnsweredByAnEchoReplyAlone(_ type: UInt8) throws {
    #expect(try Outcome(echo, [Hosts.back, reply(type)]) == .nothing)
  }

  @Test func ourOwnQuerySentBackIsNoise() throws {
    let why = "is our own echo request sent back, id 4660 and sequence number 7, no reply"
    #expect(try Outcome(echo, [Hosts.back, reply(8), Payload("p")]) == .noise(why))
    #expect(
      try Outcome(echo6, [Hosts.back6, ICMPv6.echoRequest(identifier: 0x1234, sequenceNumber: 7)]) == .noise(why))
    // Any other request is the peer's own.
    #expect(try Outcome(echo, [Hosts.back, reply(8, 0x1234, 8)]) == .nothing)
    #expect(try Outcome(echo, [Hosts.back, reply(8, 0x1235, 7)]) == .nothing)
    #expect(try Outcome(echo6, [Hosts.back6, ICMPv6.echoRequest(identifier: 0x1234, sequenceNumber: 8)]) == .nothing)
  }

  @Test func aTimestampReplyReturnsTheOriginatesTime() throws {
    func message(_ type: UInt8, _ originate: UInt32) -> ICMPv4 {
      ICMPv4(type: .init(rawValue: type), restOfHeader: 0x1234_0007, numbers: [originate, 2, 3])
    }
    let asked: [any Header] = [Hosts.there, message(13, 77)]
    #expect(try Outcome(asked, [Hosts.back, message(14, 77)]) == .answer(.reply, .timestampReply, []))
    #expect(try Outcome(asked, [Hosts.back, message(14, 78)]) == .answer(.reply, .timestampReply, [.dataMismatch]))
  }

  @Test func anICMPv6EchoIsAnsweredByItsOwnReplyAlone() throws {
    #expect(try Outcome(echo6, [Hosts.back6, reply()]) == .nothing)
    #expect(try Outcome(echo6, [Hosts.back6, ICMPv6(type: 250, restOfHeader: 0x1234_0007)]) == .nothing)
  }

  @Test(arguments: [
    (13, 14, Basis.timestampReply), (15, 16, Basis(rawValue: "information-reply")),
    (17, 18, Basis(rawValue: "address-mask-reply")),
  ])
  func eachQueryHasItsReply(_ query: UInt8, _ answer: UInt8, _ basis: Basis) throws {
    let asked: [any Header] = [Hosts.there, reply(query)]
    #expect(try Outcome(asked, [Hosts.back, reply(answer)]) == .answer(.reply, basis, []))
    #expect(try Outcome(asked, [Hosts.back, reply(0)]) == .nothing)
    #expect(try Outcome(asked, [Hosts.back, reply(query)]).isNoise)
    #expect(try Outcome(asked, [Hosts.back, reply(query, 0x1235)]) == .nothing)
    #expect(try Outcome(asked, [Hosts.back, reply(answer, 0x1235, 7)]).isNoise)
  }

  @Test func aReplyCodeThatNoRFCNamesIsOdd() throws {
    #expect(try Outcome(echo, [Hosts.back, reply(code: 5)]) == .answer(.reply, .echoReply, [.oddCode]))
  }

  @Test func anEchoReplyRepeatsThePayloadAndATimestampReplyDoesNot() throws {
    for (query, answer, echoes) in [(8, 0, true), (13, 14, false)] as [(UInt8, UInt8, Bool)] {
      let asked = Registry.dissect(try AnyPacket([Hosts.there, reply(query)]).encoded().bytes)
      let came = Registry.dissect(try AnyPacket([Hosts.back, reply(answer)]).encoded().bytes)
      let judgement = reply(query).judge(reply: ReplyExchange(asked: asked, reply: came))
      guard case .answers(_, _, _, let says, let why) = judgement else {
        Issue.record("\(String(describing: judgement))")
        continue
      }
      #expect(says == echoes)
      #expect(why == "same id 4660 and sequence number 7")
    }
  }

  @Test func aReplyFromAnotherAddressIsNoise() throws {
    let foreign = IPv4(from: Hosts.router, to: Hosts.us)
    #expect(try Outcome(echo, [foreign, reply()]) == .noise("comes from 203.0.113.1, not from 198.51.100.7"))
    let elsewhere = IPv4(from: Hosts.asked, to: "192.0.2.9")
    #expect(try Outcome(echo, [elsewhere, reply()]) == .noise("is for 192.0.2.9, not for our 192.0.2.1"))
    let foreign6 = IPv6(from: Hosts.router6, to: Hosts.us6)
    #expect(try Outcome(echo6, [foreign6, ICMPv6.echoReply(identifier: 0x1234, sequenceNumber: 7)]).isNoise)
  }

  @Test func membersOfAnAskedGroupAnswerFromTheirOwnAddress() throws {
    let query = ICMPv4.echoRequest(identifier: 0x1234, sequenceNumber: 7)
    for group in ["224.0.0.1", "255.255.255.255"] as [IPv4Address] {
      let asked: [any Header] = [IPv4(from: Hosts.us, to: group), query]
      #expect(try Outcome(asked, [Hosts.back, reply()]) == .answer(.reply, .echoReply, [.otherAddress]))
      #expect(try Outcome(asked, [IPv4(from: Hosts.asked, to: "192.0.2.9"), reply()]).isNoise)
      #expect(try Outcome(asked, [Hosts.back, reply(0, 1, 7)]).isNoise)
    }
    // Only routing knows a subnet's broadcast address.
    let subnet: [any Header] = [IPv4(from: Hosts.us, to: "198.51.100.255"), query]
    #expect(try Outcome(subnet, [Hosts.back, reply()]).isNoise)
    #expect(try Outcome(subnet, [Hosts.back, reply()], group: true) == .answer(.reply, .echoReply, [.otherAddress]))
    let asked6: [any Header] = [
      IPv6(from: Hosts.us6, to: "ff02::1"), ICMPv6.echoRequest(identifier: 1, sequenceNumber: 2),
    ]
    #expect(
      try Outcome(asked6, [Hosts.back6, ICMPv6.echoReply(identifier: 1, sequenceNumber: 2)])
        == .answer(.reply, .echoReply, [.otherAddress]))
  }

  @Test func aDatagramWithThePortsSwappedAnswers() throws {
    #expect(try Outcome(datagram, [Hosts.back, UDP(from: 53, to: 40000), Payload("x")]) == .answer(.open, .udp, []))
    #expect(try Outcome(datagram, [Hosts.back, UDP(from: 53, to: 40000)]) == .answer(.open, .udp, []))
    let asked6: [any Header] = [Hosts.there6, UDP(from: 0, to: 53)]
    #expect(try Outcome(asked6, [Hosts.back6, UDP(from: 53, to: 0)]) == .answer(.open, .udp, []))
  }

  @Test(arguments: [
    (40000, 53, "is for port 53, not for our 40000"), (53, 40001, "is for port 40001, not for our 40000"),
    (54, 40000, "comes from port 54, not from 53"), (0, 40000, "comes from port 0, not from 53"),
    (0x3500, 40000, "comes from port 13568, not from 53"),
  ])
  func otherPortsAreNoise(_ source: UInt16, _ destination: UInt16, _ why: String) throws {
    #expect(try Outcome(datagram, [Hosts.back, UDP(from: source, to: destination)]) == .noise(why))
  }

  @Test func aDatagramFromElsewhereIsNoise() throws {
    #expect(try Outcome(datagram, [IPv4(from: Hosts.router, to: Hosts.us), UDP(from: 53, to: 40000)]).isNoise)
    #expect(try Outcome(datagram, [IPv4(from: Hosts.asked, to: "192.0.2.2"), UDP(from: 53, to: 40000)]).isNoise)
    #expect(try Outcome(datagram, [Hosts.there, UDP(from: 53, to: 40000)]).isNoise)
  }

  @Test func anotherProtocolIsNoAnswer() throws {
    #expect(try Outcome(datagram, [Hosts.back, TCP(from: 53, to: 40000)]) == .nothing)
    #expect(try Outcome(echo, [Hosts.back, UDP(from: 0x1234, to: 7)]) == .nothing)
    #expect(
      try Outcome(datagram, [Hosts.back6, UDP(from: 53, to: 40000)]) == .noise("is an IPv6 packet, not an IPv4 one"))
    #expect(try Outcome([Hosts.there6, UDP(from: 40000, to: 53)], [Hosts.back, UDP(from: 53, to: 40000)]).isNoise)
  }

  /// ICMP datagram sockets hand over the message alone.
  @Test func aReplyWithoutItsIPHeaderStillAnswers() throws {
    let asked = Registry.dissect(try AnyPacket(echo).encoded().bytes)
    let came = Registry.dissect(try AnyPacket([reply()]).encoded().bytes, as: .ipProtocol(1))
    let judgements = asked.layers.map { $0.header.judge(reply: ReplyExchange(asked: asked, reply: came)) }
    #expect(judgements[0] == nil)
    #expect(judgements[1] != nil)
  }

  @Test func underASourceRouteItsEndIsAsked() throws {
    let route = IPv4Option.option(kind: 131, data: [4, 198, 51, 100, 7])
    let asked: [any Header] = [IPv4(from: Hosts.us, to: Hosts.router, options: [route]), UDP(from: 40000, to: 53)]
    #expect(try Outcome(asked, [Hosts.back, UDP(from: 53, to: 40000)]) == .answer(.open, .udp, []))
    #expect(try Outcome(asked, [IPv4(from: Hosts.router, to: Hosts.us), UDP(from: 53, to: 40000)]).isNoise)
  }

  @Test(
    arguments: [
      (.syn, .filtered), ([.syn, .fin], .filtered), (.ack, .filtered), ([.syn, .ack], .filtered),
      ([.ack, .psh], .filtered), (.fin, .openOrFiltered), ([], .openOrFiltered), ([.fin, .psh, .urg], .openOrFiltered),
      ([.fin, .ack], .openOrFiltered), (.rst, .openOrFiltered),
    ] as [(TCP.Flags, Verdict)])
  func silenceToATCPSegmentMeans(_ flags: TCP.Flags, _ verdict: Verdict) {
    #expect(TCP(flags: flags).silence == verdict)
  }

  @Test func silenceElsewhereMeans() {
    #expect(UDP().silence == .openOrFiltered)
    #expect(ICMPv4.echoRequest().silence == .timeout)
    #expect(ICMPv6.echoRequest().silence == .timeout)
    #expect(IPv4().silence == nil)
    #expect(Payload("x").silence == nil)
  }
}
