import LabSupport

// What else ICMP can ask, and what headers make of a packet: read from their own routers and hosts.
extension Situation {
  /// One packet, told as a recipe; the address takes the place of @. Where an answer is wanted, until it is there.
  private static func send(
    _ name: String, _ family: Family, _ number: Int, _ recipe: String, says: [Line], more: String = "",
    lane: String? = nil, because reason: String
  ) -> Situation {
    let isSilent = says.allSatisfy { $0.type == "silence" }
    let text = recipe.split(separator: "@", omittingEmptySubsequences: false).joined(separator: family.target(number))
    return Situation(
      "\(family) \(name)", "send '\(text)' \(isSilent ? "-W 0.4" : "-W 5 --until-answer")\(more)", says: says,
      summary: isSilent ? ["silent": 1] : ["answered": 1], status: isSilent ? 1 : 0, lane: lane, because: reason)
  }

  static let queries: [Situation] = [
    send(
      "timestamp request", .v4, 61, #"IP(dst="@")/ICMP(type=13)"#,
      says: [.answer("reply", by: "timestamp-reply", from: Family.v4.target(61))],
      because: "Linux tells its time of day by a timestamp reply (RFC 792, RFC 1122 §3.2.2.8)."),
    send(
      "address mask request", .v4, 61, #"IP(dst="@")/ICMP(type=17)"#, says: [.silence("timeout")],
      because: "Only an authority for masks may answer (RFC 1122 §3.2.2.9), and Linux is none."),
    send(
      "information request", .v4, 61, #"IP(dst="@")/ICMP(type=15)"#, says: [.silence("timeout")],
      because: "It is obsolete: hosts should not answer (RFC 1122 §3.2.2.7)."),
    send(
      "extended echo request", .v4, 61, #"IP(dst="@")/ICMP(type=42)"#, says: [.silence("timeout")],
      because: "It must be enabled by hand (RFC 8335 §8), which nobody did."),
    send(
      "unknown type", .v4, 61, #"IP(dst="@")/ICMP(type=99)"#, says: [.silence("timeout")],
      because: "An unknown type is dropped silently (RFC 1122 §3.2.2)."),
    send(
      "unknown informational type", .v6, 61, #"IPv6(dst="@")/ICMPv6EchoRequest(type=200)"#, says: [.silence("timeout")],
      because: "An unknown informational message is dropped silently (RFC 4443 §2.4 b)."),
    send(
      "unasked echo reply", .v4, 62, #"IP(dst="@")/ICMP(type=0)"#, says: [.silence("timeout")],
      because: "A reply answers, and is not answered."),
    send(
      "unasked echo reply", .v6, 62, #"IPv6(dst="@")/ICMPv6EchoReply()"#, says: [.silence("timeout")],
      because: "A reply answers, and is not answered."),
    send(
      "an error of ours", .v4, 62, #"IP(dst="@")/ICMP(type=3, code=3)"#, says: [.silence("timeout")],
      because: "No error is sent about an error (RFC 1122 §3.2.2)."),
    send(
      "echo with code 5", .v4, 63, #"IP(dst="@")/ICMP(code=5)"#,
      says: [.answer("reply", by: "echo-reply", from: Family.v4.target(63), flags: ["odd-code"])],
      because: "Linux sends the code back, though an echo has none but 0 (RFC 792): an answer, and odd."),
    send(
      "echo with code 3", .v6, 63, #"IPv6(dst="@")/ICMPv6EchoRequest(code=3)"#,
      says: [.answer("reply", by: "echo-reply", from: Family.v6.target(63), flags: ["odd-code"])],
      because: "Linux sends the code back, though an echo has none but 0 (RFC 4443 §4.2)."),
    send(
      "echo with a wrong checksum", .v4, 64, #"IP(dst="@")/ICMP(chksum=1)"#, says: [.silence("timeout")],
      because: "What is damaged is dropped without a word (RFC 1122 §3.2.2)."),
    send(
      "echo with a wrong checksum", .v6, 64, #"IPv6(dst="@")/ICMPv6EchoRequest(cksum=1)"#, says: [.silence("timeout")],
      because: "What is damaged is dropped without a word (RFC 4443 §2.3)."),
    send(
      "two equal echoes", .v4, 65, #"IP(dst="@")/ICMP(id=7, seq=9)/"hello""#,
      says: [.answer("reply", by: "echo-reply", from: Family.v4.target(65), count: 2)], more: " -c2 -i 0.05",
      because: "Two requests alike have two replies: neither is a duplicate."
    ).with(summary: ["sent": 2, "answered": 2, "duplicates": 0]),
    send(
      "all hops at once", .v4, 66, #"IP(dst="@", ttl=(1,5))/ICMP()"#,
      says: (1...4).map {
        .answer("time-exceeded", by: "icmp-error", from: Family.v4.router($0), error: "ttl-exceeded")
      } + [.answer("reply", by: "echo-reply", from: Family.v4.target(66))],
      because: "Each error quotes its own probe, so that the order in which they come does not matter."
    ).with(summary: ["sent": 5, "answered": 5, "errors": 4]),
    send(
      "echo in another's name", .v4, 67, #"IP(dst="@", src="10.77.99.1")/ICMP()"#, says: [.silence("timeout")],
      because: "The reply goes to whose address we wrote, not to us."),
  ]

  /// What is wrong with, or odd in, the headers of a packet.
  static let headers: [Situation] = [
    send(
      "unknown protocol", .v4, 68, #"IP(dst="@", proto=200)/"hello""#,
      says: [.answer("unreachable", by: "icmp-error", from: Family.v4.target(68), error: "protocol-unreachable")],
      because: "The host says itself that it does not speak protocol 200 (RFC 1122 §3.2.2.1)."),
    send(
      "unknown next header", .v6, 68, #"IPv6(dst="@", nh=200)/"hello""#,
      says: [
        .answer(
          "parameter-problem", by: "icmp-error", from: Family.v6.target(68), error: "unrecognized-next-header",
          pointer: 6)
      ],
      because: "In IPv6 that is a parameter problem which points to the octet, the next header at 6 (RFC 8200 §4)."),
    send(
      "no next header", .v6, 69, #"IPv6(dst="@", nh=59)/"hello""#, says: [.silence("timeout")],
      because: "Number 59 says that nothing follows, so there is nothing to answer (RFC 8200 §4.7)."),
    send(
      "record route", .v4, 69, #"IP(dst="@", options=[IPOption_RR(length=7, pointer=4, routers=["0.0.0.0"])])/ICMP()"#,
      says: [.answer("reply", by: "echo-reply", from: Family.v4.target(69))],
      because: "Routers write themselves down while there is room; the reply brings it back (RFC 1122 §3.2.2.6)."),
    send(
      "option longer than the header", .v4, 70, #"IP(dst="@", options=[IPOption_RR(length=5, pointer=4)])/ICMP()"#,
      says: [
        .answer(
          "parameter-problem", by: "icmp-error", from: Family.v4.router(1), error: "parameter-problem", pointer: 20)
      ],
      because: "The first router dislikes the option and points to its octet, the first after 20 (RFC 792)."),
    send(
      "source route", .v4, 71, #"IP(dst="@", options=[IPOption_LSRR(routers=["10.77.3.2"])])/ICMP()"#,
      says: [.silence("timeout")],
      because: "Source routes are dropped by whoever is careful (RFC 7126 §4.3); Linux says nothing of it."),
    send(
      "unknown destination option, to skip", .v6, 70,
      #"IPv6(dst="@")/IPv6ExtHdrDestOpt(options=[HBHOptUnknown(otype=0x1e, optdata=b"\x00\x00")])/ICMPv6EchoRequest()"#,
      says: [.answer("reply", by: "echo-reply", from: Family.v6.target(70))],
      because: "The two high bits of its type say what to do who does not know it: 00, skip it (RFC 8200 §4.2)."),
    send(
      "unknown destination option, to drop", .v6, 71,
      #"IPv6(dst="@")/IPv6ExtHdrDestOpt(options=[HBHOptUnknown(otype=0x5e, optdata=b"\x00\x00")])/ICMPv6EchoRequest()"#,
      says: [.silence("timeout")], because: "01: drop the packet without a word (RFC 8200 §4.2)."),
    send(
      "unknown destination option, to tell of", .v6, 72,
      #"IPv6(dst="@")/IPv6ExtHdrDestOpt(options=[HBHOptUnknown(otype=0x9e, optdata=b"\x00\x00")])/ICMPv6EchoRequest()"#,
      says: [
        .answer(
          "parameter-problem", by: "icmp-error", from: Family.v6.target(72), error: "unrecognized-option", pointer: 42)
      ],
      because: "10: say so; the error points to the option, two octets behind the header of 40 (RFC 4443 §3.4)."),
    send(
      "unknown hop-by-hop option, to tell of", .v6, 73,
      #"IPv6(dst="@")/IPv6ExtHdrHopByHop(options=[HBHOptUnknown(otype=0x9e, optdata=b"\x00\x00")])/ICMPv6EchoRequest()"#,
      says: [
        .answer(
          "parameter-problem", by: "icmp-error", from: Family.v6.router(1), error: "unrecognized-option", pointer: 42)
      ],
      because: "Every router reads hop-by-hop options, so the first one speaks (RFC 8200 §4.3)."),
    send(
      "unknown routing header, unfinished", .v6, 74,
      #"IPv6(dst="@")/IPv6ExtHdrRouting(type=200, segleft=1)/ICMPv6EchoRequest()"#,
      says: [
        .answer(
          "parameter-problem", by: "icmp-error", from: Family.v6.target(74), error: "erroneous-header-field",
          pointer: 42)
      ],
      because: "With segments left a host cannot go on; it points to the routing type at 42 (RFC 8200 §4.4)."),
    send(
      "unknown routing header, finished", .v6, 75,
      #"IPv6(dst="@")/IPv6ExtHdrRouting(type=200, segleft=0)/ICMPv6EchoRequest()"#,
      says: [.answer("reply", by: "echo-reply", from: Family.v6.target(75))],
      because: "With no segments left an unknown routing header is skipped (RFC 8200 §4.4)."),
    send(
      "UDP without a checksum", .v4, 76, #"IP(dst="@")/UDP(dport=7, chksum=0)/"hi""#,
      says: [.answer("open", by: "udp", from: Family.v4.target(76))],
      because: "In IPv4 a checksum of 0 means that there is none (RFC 768)."),
    send(
      "UDP without a checksum", .v6, 76, #"IPv6(dst="@")/UDP(dport=7, chksum=0)/"hi""#,
      says: [.silence("open|filtered")],
      because: "In IPv6 it must not be 0, and the datagram is dropped (RFC 8200 §8.1)."),
    send(
      "UDP with a wrong checksum", .v4, 77, #"IP(dst="@")/UDP(dport=7, chksum=5)/"hi""#,
      says: [.silence("open|filtered")], because: "A wrong checksum is dropped without a word (RFC 1122 §4.1.3.4)."),
    send(
      "UDP shorter than its header says", .v4, 78, #"IP(dst="@")/UDP(dport=7, len=5)/"hi""#,
      says: [.silence("open|filtered")], because: "A length below 8 holds not even the header (RFC 768)."),
    send(
      "TCP with a wrong checksum", .v4, 79, #"IP(dst="@")/TCP(dport=7, chksum=7)"#, says: [.silence("filtered")],
      because: "A wrong checksum is dropped without a word, like a filter's work (RFC 9293 §3.1)."),
    send(
      "TCP to port 0", .v4, 80, #"IP(dst="@")/TCP(dport=0)"#,
      says: [.answer("closed", by: "tcp-reset", from: Family.v4.target(80))],
      because: "Nobody can listen on port 0, and it is reset as any closed one."),
    send(
      "SYN with options", .v4, 81,
      #"IP(dst="@")/TCP(dport=7, options=[("MSS", 1460), ("SAckOK", b""), ("Timestamp", (1, 0)), ("WScale", 7)])"#,
      says: [.answer("open", by: "tcp-syn-ack", from: Family.v4.target(81))],
      because: "The listener answers the options that it knows by its own (RFC 9293 §3.2, RFC 7323)."),
    send(
      "UDP from the port asked", .v4, 82, #"IP(dst="@")/UDP(sport=7, dport=7)/"hi""#,
      says: [.answer("open", by: "udp", from: Family.v4.target(82))],
      because: "Both ports are 7 in both directions: the addresses tell which packet is ours."),
    send(
      "echo with TTL 0", .v4, 83, #"IP(dst="@", ttl=0)/ICMP()"#,
      says: [.answer("time-exceeded", by: "icmp-error", from: Family.v4.router(1), error: "ttl-exceeded")],
      because: "No packet may leave with 0 (RFC 1122 §3.2.1.7), yet the first router answers as for 1."),
  ]
}
