internal import SondeHeaders
internal import SondeOctets
internal import Testing

/// The fifth law: sent, quoted and answered, a flow has one token.
@Suite struct TokenTests {
  /// The true reply's header, for protocols that are answered; by the RFCs, not by our judges.
  private static func reply(to header: any Header) -> (any Header)? {
    switch header {
    case let udp as UDP: return UDP(from: udp.destinationPort, to: udp.sourcePort)
    case let tcp as TCP: return TCP(from: tcp.destinationPort, to: tcp.sourcePort, flags: [.syn, .ack])
    case let icmp as ICMPv4:
      let types: [UInt8: UInt8] = [8: 0, 13: 14, 15: 16, 17: 18, 42: 43]
      return types[icmp.type.rawValue].map { ICMPv4(type: .init(rawValue: $0), restOfHeader: icmp.restOfHeader) }
    case let icmp as ICMPv6 where icmp.type == .neighborSolicitation:
      return ICMPv6(type: .neighborAdvertisement, restOfHeader: 0x6000_0000, body: Array(icmp.body.prefix(16)))
    case let icmp as ICMPv6:
      let types: [UInt8: UInt8] = [128: 129, 160: 161]
      return types[icmp.type.rawValue].map { ICMPv6(type: .init(rawValue: $0), restOfHeader: icmp.restOfHeader) }
    case let sctp as SCTP: return SCTP(from: sctp.destinationPort, to: sctp.sourcePort)
    case let arp as ARP:
      var answer = arp
      answer.operation = ARP.reply
      swap(&answer.senderHardwareAddress, &answer.targetHardwareAddress)
      swap(&answer.senderProtocolAddress, &answer.targetProtocolAddress)
      return answer
    default: return nil
    }
  }

  @Test(arguments: Known.all)
  func sentQuotedAndAnsweredTokensAgree(_ known: Known) throws {
    let vectors = known.vectors
    for vector in vectors { try expectAgreement(known, vector.bytes, vector.start) }
    try Fuzz.trials(share: Known.all.count) { dice in
      let (bytes, start) = Fuzz.packet(from: vectors, &dice)
      try expectAgreement(known, bytes, start)
    }
  }

  /// What random octets once made.
  @Test func aSolicitationAndItsAdvertisementHaveOneToken() throws {
    let known = try #require(Known.all.first { $0.type.name.rawValue == "icmpv6" })
    let solicitation = ICMPv6(
      type: .neighborSolicitation, code: 140, restOfHeader: 837_353_472,
      body: [0, 0, 0, 0, 0, 0, 1, 99, 1, 207, 79, 0, 0, 0, 0, 96])
    try expectAgreement(known, try AnyPacket([IPv6(), solicitation]).encoded().bytes, .ip)
  }

  private func expectAgreement(_ known: Known, _ bytes: [UInt8], _ start: Registry.Start) throws {
    let dissection = Registry.dissect(bytes, as: start)
    guard let layer = known.layers(in: dissection).first, dissection.layers.count > 1 else { return }
    guard let sent = token(known.type, dissection, .sent) else { return }
    let answer = try #require(Self.reply(to: layer.header), "a protocol with a token has a reply in this test")
    let isARP = answer is ARP
    var outer: any Header = type(of: answer).announced.ipVersion == 6 ? IPv6() as any Header : IPv4()
    if isARP { outer = Ethernet() }
    let reply = Registry.dissect(try AnyPacket([outer, answer]).encoded().bytes, as: isARP ? .link(1) : .ip)
    #expect(token(known.type, reply, .reply) == sent, Fuzz.comment(bytes))
    // Who announces an address by ARP names the same address twice.
    let isAnnouncement = (layer.header as? ARP).map { $0.senderProtocolAddress == $0.targetProtocolAddress } ?? false
    #expect(
      token(known.type, reply, .sent) != sent || isSymmetric(sent) || isAnnouncement, Fuzz.comment(bytes))
    // A solicitation names its flow by the target, which no quote of eight octets has; it meets no router either.
    if (layer.header as? ICMPv6)?.type == .neighborSolicitation { return }
    // A quote begins with the IP header just outside; whatever else it holds, eight octets suffice.
    let outside = dissection.layers.last { $0.offset < layer.offset && ($0.header is IPv4 || $0.header is IPv6) }
    guard let outside, outside.offset + outside.header.byteCount == layer.offset else { return }
    // A quote is read by the version that its first octet says, which a link's EtherType may belie.
    guard bytes[outside.offset] >> 4 == (outside.header is IPv4 ? 4 : 6) else { return }
    for end in layer.offset + 8..<max(bytes.count, layer.offset + 9) where end <= bytes.count {
      let quoted = Registry.dissect(Array(bytes[outside.offset..<end]), as: .quote)
      #expect(token(known.type, quoted, .quote) == sent, Fuzz.comment(bytes))
    }
    let under = Registry.dissect(Array(bytes[outside.offset..<layer.offset + 3]), as: .quote)
    #expect(token(known.type, under, .quote) == nil, Fuzz.comment(bytes))
  }

  private func isSymmetric(_ token: FlowToken) -> Bool { token.ours == token.theirs }

  private func token<H: Header>(_ type: H.Type, _ dissection: Dissection, _ side: Side) -> FlowToken? {
    dissection.token(of: type, side)
  }

  @Test func protocolsWithAnswersHaveTokens() throws {
    for name in ["udp", "tcp", "icmp", "icmpv6", "sctp", "arp"] {
      let known = try #require(Known.all.first { $0.type.name.rawValue == name })
      #expect(known.vectors.contains { token(known.type, $0.dissection, .sent) != nil })
    }
  }

  @Test func tokensOfTwoProtocolsNeverMeet() throws {
    let ports = try AnyPacket([IPv4(), UDP(from: 8, to: 9)]).encoded().bytes
    let tcp = try AnyPacket([IPv4(), TCP(from: 8, to: 9)]).encoded().bytes
    let echo = try AnyPacket([IPv4(), ICMPv4.echoRequest(identifier: 8, sequenceNumber: 9)]).encoded().bytes
    let stamp = try AnyPacket([IPv4(), ICMPv4.timestampRequest(identifier: 8, sequenceNumber: 9)]).encoded().bytes
    let echo6 = try AnyPacket([IPv6(), ICMPv6.echoRequest(identifier: 8, sequenceNumber: 9)]).encoded().bytes
    let tokens = [
      Registry.dissect(ports).token(of: UDP.self, .sent), Registry.dissect(tcp).token(of: TCP.self, .sent),
      Registry.dissect(echo).token(of: ICMPv4.self, .sent), Registry.dissect(stamp).token(of: ICMPv4.self, .sent),
      Registry.dissect(echo6).token(of: ICMPv6.self, .sent),
    ]
    #expect(!tokens.contains(nil))
    #expect(Set(tokens).count == tokens.count)
  }

  @Test func aQueryIsNoReplyAndAReplyNoQuery() throws {
    let query = Registry.dissect(try AnyPacket([IPv4(), ICMPv4.echoRequest(identifier: 8)]).encoded().bytes)
    let reply = Registry.dissect(try AnyPacket([IPv4(), ICMPv4.echoReply(identifier: 8)]).encoded().bytes)
    // A query that comes may be our own, sent back: it is looked for where its reply is.
    #expect(query.token(of: ICMPv4.self, .reply) == reply.token(of: ICMPv4.self, .reply))
    #expect(reply.token(of: ICMPv4.self, .sent) == nil)
    #expect(reply.token(of: ICMPv4.self, .quote) == nil)
    #expect(query.token(of: ICMPv4.self, .sent) == reply.token(of: ICMPv4.self, .reply))
  }
}
