internal import SondeHeaders
internal import SondeOctets
internal import SondeProbe
internal import Testing

/// One row of the table of direct answers: a probe, its answer, and the packets that nearly are one.
struct ReplyRow: Sendable, CustomTestStringConvertible {
  var testDescription: String
  var asked: [any Header]
  var reply: [any Header]
  var expected: Outcome
  /// Packets that are noise, with a word that names what is wrong.
  var nearMisses: [(packet: [any Header], word: String)]
  /// Packets that concern nobody.
  var strangers: [[any Header]] = []
}

@Suite struct ReplyTableTests {
  private static let text = Payload("abcdefghijklmnop")
  private static let echo = ICMPv4.echoRequest(identifier: 0x1234, sequenceNumber: 0x0102)
  private static let echo6 = ICMPv6.echoRequest(identifier: 0x1234, sequenceNumber: 0x0102)
  private static let elsewhere = IPv4(from: Hosts.asked, to: "192.0.2.99")
  private static let elsewhere6 = IPv6(from: Hosts.asked6, to: "2001:db8::99")

  static let rows: [ReplyRow] = [
    ReplyRow(
      testDescription: "echo",
      asked: [Hosts.there, echo, text],
      reply: [Hosts.back, ICMPv4.echoReply(identifier: 0x1234, sequenceNumber: 0x0102), text],
      expected: .answer(.reply, .echoReply, []),
      nearMisses: [
        (
          [Hosts.onTheWay, ICMPv4.echoReply(identifier: 0x1234, sequenceNumber: 0x0102), text], "comes from 203.0.113.1"
        ),
        ([elsewhere, ICMPv4.echoReply(identifier: 0x1234, sequenceNumber: 0x0102), text], "is for 192.0.2.99"),
        ([Hosts.back, ICMPv4.echoReply(identifier: 0x1235, sequenceNumber: 0x0102), text], "id 4661"),
        ([Hosts.back, ICMPv4.echoReply(identifier: 0x3412, sequenceNumber: 0x0102), text], "(byte-swapped)"),
        ([Hosts.back, echo, text], "our own echo request sent back"),
        ([Hosts.back, ICMPv4.echoReply(identifier: 0x1234, sequenceNumber: 0x0103), text], "sequence number 259"),
        ([Hosts.back, ICMPv4.echoReply(identifier: 0x1234, sequenceNumber: 0x0201), text], "sequence number 513"),
      ],
      strangers: [
        [Hosts.there, echo, text],
        [Hosts.back, ICMPv4.echoRequest(identifier: 0x1234, sequenceNumber: 0x0103), text],
        [Hosts.back, ICMPv4.echoReply(identifier: 9, sequenceNumber: 9), text],
        [Hosts.onTheWay, ICMPv4.echoReply(identifier: 9, sequenceNumber: 0x0102), text],
        [Hosts.back, ICMPv4(type: .timestampReply, restOfHeader: 0x1234_0102, numbers: [0, 0, 0])],
        [Hosts.back, UDP(from: 0x0102, to: 0x1234), text],
        [Hosts.back6, ICMPv6.echoReply(identifier: 0x1234, sequenceNumber: 0x0102), text],
      ]),
    ReplyRow(
      testDescription: "echo, IPv6",
      asked: [Hosts.there6, echo6, text],
      reply: [Hosts.back6, ICMPv6.echoReply(identifier: 0x1234, sequenceNumber: 0x0102), text],
      expected: .answer(.reply, .echoReply, []),
      nearMisses: [
        (
          [Hosts.onTheWay6, ICMPv6.echoReply(identifier: 0x1234, sequenceNumber: 0x0102), text],
          "comes from 2001:db8:99::1"
        ),
        ([elsewhere6, ICMPv6.echoReply(identifier: 0x1234, sequenceNumber: 0x0102), text], "is for 2001:db8::99"),
        ([Hosts.back6, ICMPv6.echoReply(identifier: 0x1235, sequenceNumber: 0x0102), text], "id 4661"),
        ([Hosts.back6, ICMPv6.echoReply(identifier: 0x1234, sequenceNumber: 0x0103), text], "sequence number 259"),
        ([Hosts.back6, echo6, text], "our own echo request sent back"),
      ],
      strangers: [
        [Hosts.there6, echo6, text],
        [Hosts.back6, ICMPv6.echoReply(identifier: 9, sequenceNumber: 9), text],
        [Hosts.back6, TCP(from: 443, to: 50000, flags: .ack), text],
      ]),
    ReplyRow(
      testDescription: "timestamp",
      asked: [Hosts.there, ICMPv4.timestampRequest(identifier: 7, sequenceNumber: 8)],
      reply: [Hosts.back, ICMPv4(type: .timestampReply, restOfHeader: 0x0007_0008, numbers: [0, 2, 3])],
      expected: .answer(.reply, .timestampReply, []),
      nearMisses: [
        ([Hosts.back, ICMPv4(type: .timestampReply, restOfHeader: 0x0008_0008, numbers: [1, 2, 3])], "id 8"),
        (
          [Hosts.back, ICMPv4(type: .timestampReply, restOfHeader: 0x0007_0007, numbers: [1, 2, 3])],
          "sequence number 7"
        ),
        (
          [Hosts.onTheWay, ICMPv4(type: .timestampReply, restOfHeader: 0x0007_0008, numbers: [1, 2, 3])], "comes from"
        ),
      ],
      strangers: [[Hosts.back, ICMPv4.echoReply(identifier: 7, sequenceNumber: 8)]]),
    ReplyRow(
      testDescription: "UDP",
      asked: [Hosts.there, UDP(from: 40000, to: 53), text],
      reply: [Hosts.back, UDP(from: 53, to: 40000), Payload("other")],
      expected: .answer(.open, .udp, []),
      nearMisses: [
        ([Hosts.onTheWay, UDP(from: 53, to: 40000), text], "comes from 203.0.113.1"),
        ([elsewhere, UDP(from: 53, to: 40000), text], "is for 192.0.2.99"),
        ([Hosts.back, UDP(from: 54, to: 40000), text], "port 54"),
        ([Hosts.back, UDP(from: 53, to: 40001), text], "port 40001"),
      ],
      strangers: [
        [Hosts.there, UDP(from: 40000, to: 53), text], [Hosts.back, UDP(from: 54, to: 40001), text],
        [Hosts.back, TCP(from: 53, to: 40000, flags: [.syn, .ack])],
        [Hosts.onTheWay, UDP(from: 53, to: 40001), text],
      ]),
    ReplyRow(
      testDescription: "UDP, IPv6, answered by nothing but a header",
      asked: [Hosts.there6, UDP(from: 40000, to: 53)],
      reply: [Hosts.back6, UDP(from: 53, to: 40000)],
      expected: .answer(.open, .udp, []),
      nearMisses: [
        ([Hosts.onTheWay6, UDP(from: 53, to: 40000)], "comes from"),
        ([Hosts.back6, UDP(from: 35, to: 40000)], "port 35"),
      ]),
    ReplyRow(
      testDescription: "SYN, open",
      asked: [Hosts.there, TCP(from: 40000, to: 80, sequenceNumber: 0xffff_ffff)],
      reply: [Hosts.back, TCP(from: 80, to: 40000, flags: [.syn, .ack], sequenceNumber: 77, acknowledgmentNumber: 0)],
      expected: .answer(.open, .tcpSYNACK, []),
      nearMisses: [
        ([Hosts.back, TCP(from: 80, to: 40000, flags: [.syn, .ack], acknowledgmentNumber: 1)], "acknowledges 1"),
        (
          [Hosts.back, TCP(from: 80, to: 40000, flags: [.syn, .ack], acknowledgmentNumber: 0xffff_ffff)], "acknowledges"
        ),
        ([Hosts.back, TCP(from: 80, to: 40000, flags: [.ack], acknowledgmentNumber: 0)], "neither SYN nor RST"),
        ([Hosts.back, TCP(from: 80, to: 40000, flags: [.rst], acknowledgmentNumber: 0)], "RST without ACK"),
        ([Hosts.back, TCP(from: 80, to: 40000, flags: [.rst, .ack], acknowledgmentNumber: 9)], "RST acknowledges 9"),
        ([Hosts.back, TCP(from: 81, to: 40000, flags: [.syn, .ack])], "port 81"),
        ([Hosts.back, TCP(from: 80, to: 40001, flags: [.syn, .ack])], "port 40001"),
        ([Hosts.onTheWay, TCP(from: 80, to: 40000, flags: [.syn, .ack])], "comes from"),
      ],
      strangers: [
        [Hosts.there, TCP(from: 40000, to: 80, sequenceNumber: 0xffff_ffff)],
        [Hosts.back, TCP(from: 443, to: 50000, flags: .ack), text],
        // Another program's connection to the very port that is asked.
        [Hosts.back, TCP(from: 80, to: 50000, flags: [.psh, .ack]), text],
      ]),
    ReplyRow(
      testDescription: "SYN, closed, IPv6",
      asked: [Hosts.there6, TCP(from: 40000, to: 80, sequenceNumber: 41), Payload("xyz")],
      reply: [Hosts.back6, TCP(from: 80, to: 40000, flags: [.rst, .ack], acknowledgmentNumber: 45)],
      expected: .answer(.closed, .tcpReset, []),
      nearMisses: [
        (
          [Hosts.back6, TCP(from: 80, to: 40000, flags: [.rst, .ack], acknowledgmentNumber: 42)], "RST acknowledges 42"
        ),
        ([Hosts.back6, TCP(from: 80, to: 40000, flags: [.rst])], "RST without ACK"),
        ([Hosts.back6, TCP(from: 80, to: 40000, flags: [.syn, .ack], acknowledgmentNumber: 46)], "acknowledges 46"),
      ]),
    ReplyRow(
      testDescription: "simultaneous open",
      asked: [Hosts.there, TCP(from: 40000, to: 80, sequenceNumber: 5)],
      reply: [Hosts.back, TCP(from: 80, to: 40000, flags: .syn)],
      expected: .answer(.open, .tcpSYN, []),
      nearMisses: [
        ([Hosts.back, TCP(from: 80, to: 40002, flags: .syn)], "port 40002"),
        ([Hosts.back, TCP(from: 80, to: 40000, flags: .syn, sequenceNumber: 5)], "is our own SYN sent back"),
      ]),
    ReplyRow(
      testDescription: "ACK",
      asked: [
        Hosts.there, TCP(from: 40000, to: 80, flags: .ack, sequenceNumber: 5, acknowledgmentNumber: 0xdead_beef),
      ],
      reply: [Hosts.back, TCP(from: 80, to: 40000, flags: .rst, sequenceNumber: 0xdead_beef)],
      expected: .answer(.unfiltered, .tcpReset, []),
      nearMisses: [
        ([Hosts.back, TCP(from: 80, to: 40000, flags: .rst, sequenceNumber: 0xefbe_adde)], "sequence number"),
        ([Hosts.back, TCP(from: 80, to: 40000, flags: .rst)], "sequence number 0"),
        ([Hosts.back, TCP(from: 80, to: 40000, flags: [.syn, .ack], acknowledgmentNumber: 6)], "no RST"),
      ]),
    ReplyRow(
      testDescription: "FIN, PSH, URG",
      asked: [Hosts.there, TCP(from: 40000, to: 80, flags: [.fin, .psh, .urg], sequenceNumber: 5)],
      reply: [Hosts.back, TCP(from: 80, to: 40000, flags: [.rst, .ack], acknowledgmentNumber: 6)],
      expected: .answer(.closed, .tcpReset, []),
      nearMisses: [
        ([Hosts.back, TCP(from: 80, to: 40000, flags: [.rst, .ack], acknowledgmentNumber: 5)], "RST acknowledges 5")
      ]),
  ]

  @Test(arguments: rows) func theAnswerCounts(_ row: ReplyRow) throws {
    #expect(try Outcome(asking: row.asked, hearing: row.reply) == row.expected)
  }

  @Test(arguments: rows) func theNearMissIsNoiseThatNamesTheField(_ row: ReplyRow) throws {
    for (packet, word) in row.nearMisses {
      let outcome = try Outcome(asking: row.asked, hearing: packet)
      #expect(outcome.why.contains(word), "\(outcome) instead of \(word)")
    }
  }

  @Test(arguments: rows) func theStrangerIsNobodysNoise(_ row: ReplyRow) throws {
    for packet in row.strangers { #expect(try Outcome(asking: row.asked, hearing: packet) == .nothing) }
    for other in Self.rows where other.testDescription != row.testDescription {
      // All rows share addresses; TCP rows and UDP rows share ports among themselves.
      guard type(of: other.asked[1]) != type(of: row.asked[1]) else { continue }
      #expect(try Outcome(asking: row.asked, hearing: other.reply) == .nothing)
    }
  }

  // Loopback hears our own packets too, and with equal ports they look like answers.

  @Test func ourOwnPacketThatCameBackIsNothing() throws {
    let loop = IPv4(from: .loopback, to: .loopback)
    let loop6 = IPv6(from: .loopback, to: .loopback)
    for asked in [
      [loop, UDP(from: 53, to: 53), Self.text], [loop, TCP(from: 80, to: 80)], [loop6, UDP(from: 53, to: 53)],
      [loop6, TCP(from: 80, to: 80)], [loop, Self.echo], [loop6, Self.echo6], [loop, UDP(from: 40000, to: 53)],
    ] as [[any Header]] {
      #expect(try Outcome(asking: asked, hearing: asked) == .nothing)
    }
    // What the kernel changes in the outermost header makes it no other packet.
    var changed = loop
    changed.identification = 0x7777
    changed.timeToLive = 63
    #expect(try Outcome(asking: [loop, UDP(from: 53, to: 53)], hearing: [changed, UDP(from: 53, to: 53)]) == .nothing)
    // A different datagram between equal ports did not come from us.
    #expect(
      try Outcome(asking: [loop, UDP(from: 53, to: 53)], hearing: [loop, UDP(from: 53, to: 53), Self.text])
        == .answer(.open, .udp, []))
  }

  // Groups: each member answers from its own address.

  @Test func aGroupIsAnsweredFromOtherAddresses() throws {
    let reply: [any Header] = [Hosts.back, ICMPv4.echoReply(identifier: 1, sequenceNumber: 2)]
    let other = Outcome.answer(.reply, .echoReply, [.otherAddress])
    let echo = ICMPv4.echoRequest(identifier: 1, sequenceNumber: 2)
    #expect(try Outcome(asking: [IPv4(from: Hosts.us, to: "224.0.0.1"), echo], hearing: reply) == other)
    #expect(
      try Outcome(asking: [IPv4(from: Hosts.us, to: "198.51.100.255"), echo], hearing: bytes(reply), isGroup: true)
        == other)
    #expect(
      try Outcome(asking: [IPv4(from: Hosts.us, to: "198.51.100.255"), echo], hearing: reply).why.contains("comes from")
    )
    let reply6: [any Header] = [Hosts.back6, ICMPv6.echoReply(identifier: 1, sequenceNumber: 2)]
    let echo6 = ICMPv6.echoRequest(identifier: 1, sequenceNumber: 2)
    #expect(try Outcome(asking: [IPv6(from: Hosts.us6, to: "ff02::1"), echo6], hearing: reply6) == other)
    #expect(
      try Outcome(
        asking: [IPv6(from: Hosts.us6, to: "ff02::1"), echo6],
        hearing: [Hosts.back6, ICMPv6.echoReply(identifier: 1, sequenceNumber: 3)]
      ).why.contains("sequence number 3"))
  }

  // Bytes that Scapy 2.5 wrote: what a host answers to its IP(...)/ICMP(id=0x1234,seq=1)/b"abcdefghij" and the like.

  @Test func scapysRepliesCount() throws {
    let echo: [any Header] = [
      Hosts.there, ICMPv4.echoRequest(identifier: 0x1234, sequenceNumber: 1), Payload("abcdefghij"),
    ]
    for (asked, hex, expected) in [
      (echo, Vectors.echoReply, Outcome.answer(.reply, .echoReply, [])),
      (
        [Hosts.there6, ICMPv6.echoRequest(identifier: 0x1234, sequenceNumber: 1), Payload("abc")], Vectors.echoReply6,
        .answer(.reply, .echoReply, [])
      ),
      ([Hosts.there, TCP(from: 40000, to: 80, sequenceNumber: 4242)], Vectors.synAck, .answer(.open, .tcpSYNACK, [])),
      ([Hosts.there, TCP(from: 40000, to: 80, sequenceNumber: 4242)], Vectors.reset, .answer(.closed, .tcpReset, [])),
      (
        [Hosts.there, UDP(from: 40000, to: 53), Payload("q")], Vectors.portUnreachable, .answer(.closed, .icmpError, [])
      ),
      (
        [Hosts.there6, UDP(from: 40000, to: 53), Payload("q")], Vectors.portUnreachable6,
        .answer(.closed, .icmpError, [])
      ),
      (
        [Hosts.there, UDP(from: 40000, to: 53), Payload("q")], Vectors.timeExceeded,
        // Its identification is not the one that was sent.
        .answer(.timeExceeded, .icmpError, [.quoteAltered])
      ),
    ] as [([any Header], String, Outcome)] {
      #expect(try Outcome(asking: asked, hearing: Vectors.octets(hex)) == expected)
    }
  }
}
