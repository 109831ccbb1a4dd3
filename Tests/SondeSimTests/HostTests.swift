import SondeHeaders
import SondeLink
import SondeOctets
import SondeSim
import Testing

@Suite struct HostTests {
  private let host = SimulatedHost(.v4(them))

  @Test func echoComesBackWithItsPayload() throws {
    let replies = try answers([host], to: [try echo()])
    let reply = try #require(replies.first)
    #expect(replies.count == 1)
    #expect(reply.source == .v4(them))
    #expect(reply.destination == .v4(us))
    let icmp = try #require(reply.first(ICMPv4.self))
    #expect(icmp.type == .echoReply)
    #expect(icmp.identifier == 0x5151)
    #expect(icmp.sequenceNumber == 1)
    #expect(reply.payload == Payload("0123456789").octets)
  }

  @Test func echoOverIPv6ComesBackToo() throws {
    let replies = try answers([SimulatedHost(.v6(them6))], to: [try echo6()])
    let reply = try #require(replies.first)
    #expect(reply.source == .v6(them6))
    #expect(reply.first(ICMPv6.self)?.type == .echoReply)
    #expect(reply.payload == Payload("0123456789").octets)
  }

  @Test func anUnknownAddressIsSilent() throws {
    #expect(try answers([host], to: [try echo(to: "198.51.100.8")]).isEmpty)
    #expect(try answers([host], to: [try echo6()]).isEmpty)
  }

  @Test func wrongSumsDrawNoAnswer() throws {
    let wrong = [
      try bytes(IPv4(from: us, to: them, checksum: 0xdead), ICMPv4.echoRequest()),
      try bytes(IPv4(from: us, to: them), ICMPv4.echoRequest(checksum: 0xdead)),
      try datagram(to: 9, checksum: 0xdead),
      try segment(TCP(from: 1, to: 9, checksum: 0xdead)),
    ]
    var link = SimulatedLink([host])
    _ = link.send(wrong.map { Outgoing(probe: 0, bytes: $0) })
    let received = try listen(&link)
    #expect(received.isEmpty)
    #expect(link.counts.wrongChecksums == 4)
    #expect(link.counts.delivered == 0)
  }

  @Test func aZeroUDPSumIsNoneOverIPv4AndWrongOverIPv6() throws {
    #expect(try answers([host], to: [try datagram(to: 9, checksum: 0)]).count == 1)
    let over6 = try bytes(IPv6(from: us6, to: them6), UDP(from: 40000, to: 9, checksum: 0))
    #expect(try answers([SimulatedHost(.v6(them6))], to: [over6]).isEmpty)
  }

  @Test func timestampsTellTheHostsTimeOfDay() throws {
    var host = host
    host.roundTrip = .milliseconds(20)
    // 1 h after midnight UT, and 5 days into the epoch.
    let offset = Int64(5 * 86_400 + 3600) * 1_000_000_000
    var link = SimulatedLink([host], options: .init(realTime: offset))
    let request = try bytes(
      IPv4(from: us, to: them), ICMPv4.timestampRequest(identifier: 3, sequenceNumber: 4, originate: 77))
    _ = link.send([Outgoing(probe: 0, bytes: request)])
    let frame = try #require(frames(try listen(&link)).first)
    let reply = try #require(Registry.dissect(frame.bytes).first(ICMPv4.self))
    #expect(reply.type == .timestampReply)
    #expect(reply.identifier == 3)
    #expect(reply.numbers == [77, 3_600_010, 3_600_010])
  }

  @Test func closedPortsResetAsTheRFCSays() throws {
    // RFC 9293 §3.5.2: without ACK, <SEQ=0><ACK=SEG.SEQ+SEG.LEN><CTL=RST,ACK>; SYN, FIN and data count.
    for (flags, payload, length) in [
      (TCP.Flags.syn, 0, UInt32(1)), (.fin, 0, 1), ([], 0, 0), ([.syn, .fin], 5, 7), (.psh, 11, 11),
    ] {
      let data = Payload(octets: [UInt8](repeating: 1, count: payload))
      let tcp = TCP(from: 40000, to: 81, flags: flags, sequenceNumber: .max, acknowledgmentNumber: 9)
      let reply = try #require(try answers([host], to: [try segment(tcp, payload: data)]).first?.first(TCP.self))
      #expect(reply.flags == [.rst, .ack])
      #expect(reply.sequenceNumber == 0)
      #expect(reply.acknowledgmentNumber == UInt32.max &+ length)
      #expect(reply.sourcePort == 81)
      #expect(reply.destinationPort == 40000)
    }
    // With ACK: <SEQ=SEG.ACK><CTL=RST>.
    let tcp = TCP(from: 40000, to: 81, flags: [.syn, .ack], sequenceNumber: 5, acknowledgmentNumber: 99)
    let reply = try #require(try answers([host], to: [try segment(tcp)]).first?.first(TCP.self))
    #expect(reply.flags == .rst)
    #expect(reply.sequenceNumber == 99)
  }

  @Test func aResetIsNotAnswered() throws {
    var host = host
    host.tcp[80] = .answer
    for port in [UInt16(80), 81] {
      for flags in [TCP.Flags.rst, [.rst, .ack]] {
        #expect(try answers([host], to: [try segment(TCP(from: 40000, to: port, flags: flags))]).isEmpty)
      }
    }
  }

  @Test func openPortsAcceptAndClosedOnesDoNot() throws {
    var host = host
    host.tcp[80] = .answer
    host.window = 1234
    let replies = try answers(
      [host], to: [try segment(TCP(from: 40000, to: 80, sequenceNumber: 7)), try segment(TCP(from: 40000, to: 81))])
    let reply = try #require(replies.first?.first(TCP.self))
    #expect(reply.flags == [.syn, .ack])
    #expect(reply.acknowledgmentNumber == 8)
    #expect(reply.window == 1234)
    #expect(reply.options == [.mss(1460)])
    #expect(replies.last?.first(TCP.self)?.flags == [.rst, .ack])
  }

  @Test func openPortsPassOverStrayFlagsAndResetAcknowledgments() throws {
    var host = host
    host.tcp[80] = .answer
    for flags in [TCP.Flags.fin, [], [.fin, .psh, .urg], [.syn, .fin]] {
      #expect(try answers([host], to: [try segment(TCP(from: 40000, to: 80, flags: flags))]).isEmpty)
    }
    let ack = TCP(from: 40000, to: 80, flags: .ack, acknowledgmentNumber: 55)
    let reply = try #require(try answers([host], to: [try segment(ack)]).first?.first(TCP.self))
    #expect(reply.flags == .rst)
    #expect(reply.sequenceNumber == 55)
  }

  @Test func openUDPPortsSendThePayloadBack() throws {
    var host = host
    host.udp[7] = .answer
    let replies = try answers([host], to: [try datagram(to: 7)])
    let reply = try #require(replies.first)
    #expect(reply.first(UDP.self)?.sourcePort == 7)
    #expect(reply.first(UDP.self)?.destinationPort == 40000)
    #expect(reply.payload == Payload("hello, world").octets)
  }

  @Test(arguments: [8, 12, 20]) func closedUDPPortsQuoteAsMuchAsTold(count: Int) throws {
    var host = host
    host.quoting = .behindHeader(count)
    let asked = try datagram(to: 9)
    let replies = try answers([host], to: [asked])
    let reply = try #require(replies.first)
    #expect(reply.errorReport?.isPortUnreachable == true)
    #expect(reply.quoted?.bytes == Array(asked.prefix(20 + count)))
    // 20 + 12 octets hold all of a datagram of 8 + 12 octets: more is not there to be quoted.
    #expect(reply.bytes.count == 28 + 20 + count)
  }

  @Test func wholeQuotesStayWithin576And1280() throws {
    let short = try datagram(to: 9)
    #expect(try answers([host], to: [short]).first?.quoted?.bytes == short)
    let long = Payload(octets: [UInt8](repeating: 7, count: 1400))
    let asked = try datagram(to: 9, payload: long)
    let reply = try #require(try answers([host], to: [asked]).first)
    #expect(reply.bytes.count == 576)
    #expect(reply.quoted?.bytes == Array(asked.prefix(548)))
    let asked6 = try bytes(IPv6(from: us6, to: them6), UDP(from: 40000, to: 9), long)
    let reply6 = try #require(try answers([SimulatedHost(.v6(them6))], to: [asked6]).first)
    #expect(reply6.bytes.count == 1280)
    #expect(reply6.errorReport?.isPortUnreachable == true)
    #expect(reply6.quoted?.bytes == Array(asked6.prefix(1232)))
  }

  @Test func rejectionsHaveTheirCodeAndSender() throws {
    var host = host
    host.tcp[22] = .reject(.prohibited.sent(from: .v4("198.51.100.1")))
    let reply = try #require(try answers([host], to: [try segment(TCP(from: 40000, to: 22))]).first)
    #expect(reply.source == .v4("198.51.100.1"))
    #expect(reply.first(ICMPv4.self)?.type == .destinationUnreachable)
    #expect(reply.first(ICMPv4.self)?.code == 13)
    // A sender of the other family cannot speak to us.
    host.tcp[22] = .reject(.prohibited.sent(from: .v6(them6)))
    #expect(try answers([host], to: [try segment(TCP(from: 40000, to: 22))]).isEmpty)
  }

  @Test func unknownProtocolsAreRefusedInEachFamilysWords() throws {
    let asked = try bytes(IPv4(from: us, to: them, protocol: 200), Payload("x"))
    let reply = try #require(try answers([host], to: [asked]).first?.first(ICMPv4.self))
    #expect(reply.type == .destinationUnreachable)
    #expect(reply.code == 2)
    let asked6 = try bytes(IPv6(from: us6, to: them6, nextHeader: 200), Payload("x"))
    let reply6 = try #require(try answers([SimulatedHost(.v6(them6))], to: [asked6]).first?.first(ICMPv6.self))
    #expect(reply6.type == .parameterProblem)
    #expect(reply6.restOfHeader == 6)
  }

  @Test func silentHostsAreSilent() throws {
    let packets = [try echo(), try datagram(to: 9), try segment(TCP(from: 1, to: 9))]
    #expect(try answers([.silent(.v4(them))], to: packets).isEmpty)
  }

  @Test func errorsAboutErrorsAndGroupsAreNotSent() throws {
    let host = SimulatedHost(.v4(them), groups: [.v4("198.51.100.255"), .v4("224.0.0.1")])
    let error = try bytes(
      IPv4(from: us, to: them), ICMPv4.destinationUnreachable(code: 3), Quote(AnyPacket([IPv4(), UDP()])))
    #expect(try answers([host], to: [error]).isEmpty)
    for group: IPv4Address in ["198.51.100.255", "224.0.0.1"] {
      #expect(try answers([host], to: [try bytes(IPv4(from: us, to: group), UDP(from: 4000, to: 9))]).isEmpty)
    }
  }

  @Test func groupsAreAnsweredByEachMember() throws {
    let hosts = (1...3).map { number in
      SimulatedHost(.v4(IPv4Address(198, 51, 100, UInt8(number))), groups: [.v4("198.51.100.255")])
    }
    let stranger = SimulatedHost(.v4("198.51.100.9"))
    let replies = try answers(hosts + [stranger], to: [try echo(to: "198.51.100.255")])
    #expect(replies.map(\.source) == hosts.map(\.address))
  }

  @Test func hostsAreFoundAmongMany() throws {
    let hosts = (0..<20000).map { SimulatedHost(.v4(IPv4Address(rawValue: 0x0a00_0000 + 2 * $0))) }
    var link = SimulatedLink(hosts)
    for number in UInt32(0)..<2000 {
      let address = IPv4Address(rawValue: 0x0a00_0000 + number)
      _ = link.send([Outgoing(probe: UInt64(number), bytes: try echo(to: address))])
    }
    #expect(frames(try listen(&link)).count == 1000)
    #expect(link.counts.unreachable == 1000)
    // A host that moves is found where it went.
    link.hosts[0].address = .v4(them)
    _ = link.send([Outgoing(probe: 0, bytes: try echo())])
    #expect(frames(try listen(&link)).count == 1)
  }

  @Test func malformedPacketsAndFragmentsAreCountedAndDropped() throws {
    var link = SimulatedLink([host])
    let cut = Array(try datagram(to: 9).dropLast(3))
    let fragment = try bytes(IPv4(from: us, to: them, flags: .moreFragments), UDP(to: 9), Payload("12345678"))
    let packets = [[], [0x45], [0xff, 0xff], cut, fragment]
    _ = link.send(packets.map { Outgoing(probe: 0, bytes: $0) })
    let received = try listen(&link)
    #expect(received.isEmpty)
    #expect(link.counts.malformed == 4)
    #expect(link.counts.fragments == 1)
  }
}
