import LabSupport

// Replies that come too often, too late, from elsewhere, or altered.
extension Situation {
  static let hostileReplies: [Situation] =
    Family.both.flatMap { family in
      [
        family.ping(
          "duplicate", .echoed(), .echoed(), .echoed(["duplicate"]), options: "-c2 -i.4 -W.7",
          summary: ["answered": 2, "duplicates": 1],
          because:
            "The network may deliver a packet twice (RFC 791 §1.4): one answer, and a duplicate that counts apart."
        ),
        family.sentSYN(
          "duplicate", .accepted(), .accepted(["duplicate"]), summary: ["answered": 1, "duplicates": 1],
          because: "A SYN-ACK is sent again until it is acknowledged (RFC 9293 §3.8.1): the port is open once."),
        family.sentUDP(
          "duplicate", .answered(), .answered(["duplicate"]), summary: ["answered": 1, "duplicates": 1],
          because: "UDP does not guard against duplicates (RFC 768)."),
        family.ping(
          "hundred", .echoed(count: 2), .echoed(["duplicate"], count: 99), options: "-c2 -i.4 -W.7",
          summary: ["answered": 2, "duplicates": 99],
          because: "However many come, one echo was answered once: loss is never negative."),
        family.sentSYN(
          "hundred", .accepted(), .accepted(["duplicate"], count: 99), summary: ["answered": 1, "duplicates": 99],
          because: "However many come, one port is open once."),
        family.sentUDP(
          "hundred", .answered(), .answered(["duplicate"], count: 99), summary: ["answered": 1, "duplicates": 99],
          because: "However many come, one port is open once."),
        family.ping(
          "late", .timeout, .timeout, .echoed(["late"]), options: "-c2 -i1.7 -W.3",
          summary: ["answered": 0, "silent": 2, "late": 1],
          because:
            "After its time a reply is late, not lost, and not the next probe's: its id and sequence number say so."),
        family.ping(
          "late duplicate", .echoed(), .echoed(), .echoed(["duplicate"]), options: "-c2 -i.8 -W.6",
          summary: ["answered": 2, "duplicates": 1],
          because: "The first copy answered in time; the second changes nothing."),
        family.ping(
          "reordered", .echoed(), .echoed(), .echoed(["out-of-order"]), options: "-c3 -i.1 -W1",
          summary: ["answered": 3, "silent": 0],
          because: "IP keeps no order (RFC 791 §1.4): each reply is matched by its number, none by its turn."),
        family.tcp(
          "wrong checksum", .noise(why: "tcp checksum is 0x", ", not 0x"), .filtered,
          because: "A segment whose checksum is wrong is dropped by every host (RFC 9293 §3.1, RFC 1122 §4.2.2.7)."),
        family.udp(
          "wrong checksum", .noise(why: "udp checksum is 0x", ", not 0x"), .openOrFiltered,
          because: "A datagram whose checksum is wrong is discarded (RFC 1122 §4.1.3.4)."),
        family.tcp(
          "zero checksum", .noise(why: "tcp checksum is 0x0000, not 0x"), .filtered,
          because: "Zero means “none” in UDP alone: TCP has always a checksum (RFC 9293 §3.1)."),
        family.ping(
          "wrong id", .noise(why: "carries id ", "not our "), .timeout,
          because: "The identifier says whose echo it is (RFC 792): this reply is another program's."),
        family.ping(
          "swapped id", .noise(why: "carries id 13330, not our 4660 (byte-swapped)"), .timeout,
          options: "-c1 -W.7 --id 0x1234",
          because: "An identifier has an order of octets (RFC 1700): one that is swapped is another."),
        family.tcp(
          "wrong id", .filtered,
          because: "A SYN-ACK to another port of ours answers another program (RFC 9293 §3.3.1)."),
        family.udp(
          "wrong id", .openOrFiltered, because: "A datagram to another port of ours is another program's (RFC 768)."),
        family.ping(
          "wrong sequence", .noise(why: "sequence number 2, not our 1"), .timeout,
          because: "The sequence number says which echo is answered (RFC 792): this one was not sent yet."),
        family.tcp(
          "wrong sequence", .noise(why: "acknowledges ", "not our "), .filtered,
          because: "An acknowledgment of more than was sent is not acceptable (RFC 9293 §3.10.7.3)."),
        family.ping(
          "other source", .noise(from: "stranger", why: "comes from ", "not from "), .timeout,
          because: "A reply comes from the address that was asked (RFC 1122 §3.2.2.6; RFC 4443 §4.2)."),
        family.tcp(
          "other source", .noise(from: "stranger", why: "comes from ", "not from "), .filtered,
          because: "A connection is named by both addresses (RFC 9293 §3.3.1)."),
        family.udp(
          "other source", .noise(from: "stranger", why: "comes from ", "not from "), .openOrFiltered,
          because: "A server answers from the address that was asked (RFC 1122 §4.1.3.5)."),
        family.tcp(
          "other destination", .noise(why: "is for ", "not for our "), .filtered,
          because: "What is for somebody else answers somebody else, even where we hear it."),
        family.udp(
          "other destination", .noise(why: "is for ", "not for our "), .openOrFiltered,
          because: "What is for somebody else answers somebody else, even where we hear it."),
        family.ping(
          "altered payload", .echoed(["data-mismatch"]),
          because:
            "The data of an echo must come back (RFC 1122 §3.2.2.6; RFC 4443 §4.2); who alters it still answered."),
        family.ping(
          "cut payload", .echoed(["data-mismatch"]),
          because: "A reply with less data than was sent is an answer with a flaw (RFC 1122 §3.2.2.6)."),
        family.ping(
          "lengthened payload", .echoed(["data-mismatch"]),
          because: "A reply with more data than was sent is an answer with a flaw (RFC 1122 §3.2.2.6)."),
        family.ping(
          "swapped words", .echoed(["data-mismatch"]),
          because: "The sum of words does not know their order (RFC 1071 §2): only comparing the data shows it."),
        family.ping(
          "odd code", .echoed(["odd-code"]), because: "An echo reply has code 0 and no other (RFC 792; RFC 4443 §4.2)."),
        family.ping(
          "wrong type", .timeout,
          because: "A timestamp reply answers a timestamp, not an echo, whatever numbers it has (RFC 792)."),
        family.ping(
          "ttl 1", .echoed(), because: "A TTL of 1 is enough to arrive with (RFC 791 §3.2)."),
        family.ping("ttl 255", .echoed(), because: "Hosts choose their TTL (RFC 1700: 64; many use 255)."),
        family.ping(
          "two sources", .noise(from: "stranger", why: "comes from "), .echoed(), summary: ["answered": 1],
          because: "A foreign reply first does not spoil the true one."),
        family.tcp(
          "two sources", .noise(from: "stranger", why: "comes from "), .accepted(), summary: ["answered": 1],
          because: "A foreign SYN-ACK first does not spoil the true one."),
        family.udp(
          "wrong then right", .noise(why: "udp checksum"), .answered(), summary: ["answered": 1],
          because: "What is dropped does not use up the probe: the true answer behind it counts."),
        family.tcp(
          "wrong then right", .noise(why: "tcp checksum"), .accepted(), summary: ["answered": 1],
          because: "What is dropped does not use up the probe: the true answer behind it counts."),
        family.ping(
          "altered twice", .echoed(count: 2), .echoed(["duplicate", "data-mismatch"]), options: "-c2 -i.4 -W.7",
          summary: ["answered": 2, "duplicates": 1],
          because: "The second reply is a duplicate, and another than the first."),
        family.ping(
          "silent", .timeout, summary: ["sent": 1, "silent": 1], because: "Silence says nothing of who keeps it."),
        family.tcp(
          "silent", .filtered,
          because: "A host answers every SYN (RFC 9293 §3.5.2): who does not is filtered, or not there."),
        family.udp(
          "silent", .openOrFiltered,
          because:
            "A closed port says so (RFC 1122 §4.1.3.1); an open one need not: silence may be either, or a filter."),
      ]
    } + [
      Family.v4.ping(
        "wrong checksum", .noise(why: "checksum is 0x", ", not 0x"), .timeout,
        because: "A reply whose checksum is wrong is none (RFC 792)."),
      Family.v6.ping(
        "wrong checksum", .timeout,
        because: "The kernel checks ICMPv6 (RFC 4443 §2.3) before any socket hears it: silence, as for every program."),
    ]

  /// Headers of the reply: options, extension headers, fragments, lengths; and packets of ours that come back.
  static let hostileHeaders: [Situation] =
    Family.both.flatMap { family in
      [
        family.tcp(
          "ip options", .accepted(),
          because: "IP options before the segment change nothing of it (RFC 791 §3.1, RFC 8200 §4.3)."),
        family.ping("ip options", .echoed(), because: "A router alert is for routers (RFC 2113, RFC 2711)."),
        family.tcp(
          "malformed ip options", .accepted(["malformed-option"]),
          because:
            "An option longer than its header does not parse to its end (RFC 791 §3.1, RFC 8200 §4.2); the segment is whole."
        ),
        family.udp(
          "malformed ip options", .answered(["malformed-option"]),
          because: "An option longer than its header does not parse to its end (RFC 791 §3.1, RFC 8200 §4.2)."),
        family.tcp(
          "destination options", .accepted(), because: "Padding in a destination options header (RFC 8200 §4.6)."),
        family.ping(
          "destination options", .echoed(), because: "Padding in a destination options header (RFC 8200 §4.6)."),
        family.udp(
          "atomic fragment", .answered(), because: "A fragment that is the whole is no fragment (RFC 6946 §4)."),
        family.udp(
          "fragments", .answered(["fragmented"], why: "fragments"),
          because: "Fragments are put together again before anybody reads them (RFC 791 §3.2, RFC 8200 §4.5)."),
        family.tcp(
          "fragments", .accepted(["fragmented"], why: "fragments"),
          because: "A SYN-ACK in fragments is a whole SYN-ACK (RFC 791 §3.2, RFC 8200 §4.5)."),
        family.udp(
          "fragments last first", .answered(["fragmented"], why: "fragments"),
          because: "Fragments come in any order (RFC 791 §3.2)."),
        family.tcp(
          "fragments last first", .accepted(["fragmented"], why: "fragments"),
          because: "Fragments come in any order (RFC 791 §3.2)."),
        family.ping("fragments last first", .echoed(), because: "The kernel puts together what its ICMP socket hears."),
        family.udp(
          "fragments overlap", .noise(why: "overlap"), .openOrFiltered,
          because: "Fragments that overlap void the datagram (RFC 5722 §4): nobody knows which octets hold."),
        family.udp(
          "fragment missing", .answered(["fragmented"], why: "never came"),
          because: "The first fragment has the ports and proves that the port answers; the rest was not seen."),
        family.udp(
          "fragment first missing", .openOrFiltered, because: "Without the first fragment nobody knows the ports."),
        family.ping(
          "reflected", .timeout, because: "Our own request sent back is a request, not a reply (RFC 792)."),
        family.tcp(
          "reflected", .filtered, because: "Our own SYN sent back with its ports as they were is for another port."),
        family.tcp(
          "reflected ports", .noise(why: "our own SYN"), .filtered,
          because:
            "A SYN with our own sequence number is a mirror, no simultaneous open (RFC 9293 §3.5: numbers are chosen)."),
        family.udp(
          "reflected ports", .answered(), because: "An echo service says just this (RFC 862)."),
        family.ping("own packet", .timeout, because: "What has our own source address was not answered."),
        family.tcp("own packet", .filtered, because: "What has our own source address was not answered."),
        family.udp("own packet", .openOrFiltered, because: "What has our own source address was not answered."),

        family.tcp(
          "cut header", .noise(why: "tcp"), .filtered, because: "Four octets are no TCP header (RFC 9293 §3.1)."),
        family.udp(
          "cut header", .noise(why: "udp"), .openOrFiltered, because: "Four octets are no UDP header (RFC 768)."),
        family.udp(
          "truncated", .noise(why: "length is ", "octets came"), .openOrFiltered,
          because: "A packet shorter than its total length is damaged, and every host drops it (RFC 1122 §3.2.1.2 f)."),
        family.ping(
          "truncated", .timeout, because: "A packet shorter than its total length is damaged, and the kernel drops it."),
        family.tcp(
          "padded", .accepted(),
          because: "Links pad short packets: octets behind the total length are none of IP's (RFC 894)."),
        family.udp(
          "padded", .answered(), because: "Links pad short packets: octets behind the total length are none of IP's."),
        family.ping(
          "padded", .echoed(), because: "Links pad short packets: they are none of the echo's data (RFC 894)."),
        family.ping(
          "unreachable then reply", .error("unreachable", Line.unreachable),
          .error("unreachable", Line.unreachable), .echoed(["conflict"]), options: "-c2 -i.3 -W.6",
          summary: ["answered": 2, "errors": 2],
          because:
            "The error came first and was the answer; that the host replies all the same is a contradiction worth knowing."
        ),
        family.tcp(
          "unreachable then reply", .accepted(["conflict"], why: "SYN-ACK", "unreachable"),
          because:
            "An error may be forged or passing (RFC 5927 §2.2, RFC 1122 §4.2.3.9 calls it soft); a SYN-ACK with our number proves the port open."
        ),
        family.udp(
          "unreachable then reply", .answered(["conflict"], why: "unreachable"),
          because: "An error on the way is soft (RFC 1122 §3.2.2.1); a datagram from the port proves it open."),
        family.tcp(
          "reply then unreachable", .accepted(),
          because: "The SYN-ACK settles it; what a router says later is of no account."),
      ]
    } + [
      Family.v4.tcp(
        "ip checksum", .noise(why: "ip checksum is 0x", ", not 0x"), .filtered,
        because: "A header whose checksum is wrong makes a packet that every host drops (RFC 1122 §3.2.1.2)."),
      Family.v4.udp(
        "ip checksum", .noise(why: "ip checksum is 0x", ", not 0x"), .openOrFiltered,
        because: "A header whose checksum is wrong makes a packet that every host drops (RFC 1122 §3.2.1.2)."),
      Family.v4.ping("ip checksum", .timeout, because: "The kernel drops it before its ICMP socket hears it."),
    ]
}
