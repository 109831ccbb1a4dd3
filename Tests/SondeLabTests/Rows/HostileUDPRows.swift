import LabSupport

// What a UDP port may say, and lengths and sums that lie (RFC 768).
extension Situation {
  static let hostileDatagrams: [Situation] =
    Family.both.flatMap { family in
      [
        family.udp(
          "honest", .answered(why: "4001"), because: "A datagram from the port asked: somebody is there (RFC 768)."),
        family.udp(
          "udp other port", .noise(why: "comes from port 4002, not from 4001"), .openOrFiltered,
          because: "Another port answers, as TFTP does (RFC 1350 §4): it says nothing certain of the port asked."),
        family.udp("udp empty", .answered(), because: "A datagram without data is a datagram (RFC 768)."),
        family.udp(
          "udp length 0", .noise(why: "udp"), .openOrFiltered,
          because: "Length 0 is for jumbograms alone (RFC 2675 §4): any other is at least 8 (RFC 768)."),
        family.udp(
          "udp length 7", .noise(why: "udp length"), .openOrFiltered,
          because: "The length counts the header: it is at least 8 (RFC 768)."),
        family.udp(
          "udp length longer", .noise(why: "udp length is 48", "40"), .openOrFiltered,
          because: "A datagram longer than the packet that holds it is cut, and nobody can sum it (RFC 768)."),
        family.udp(
          "udp length shorter", .answered(["inconsistent"], why: "length"),
          because: "The datagram is whole and its sum right, but octets are left over: a surplus area (RFC 9868 §5)."),
        family.udp(
          "udp sum ffff", .answered(),
          because: "A sum of zero goes out as 0xffff, in its complement the same (RFC 768)."),
        family.udp(
          "udp two ports", .noise(why: "comes from port 4002, not from 4001"), .answered(), summary: ["answered": 1],
          because: "A foreign datagram first does not spoil the true one."),
        family.udp(
          "udp closed then open", .answered(["conflict"], why: "port-unreachable"),
          because:
            "A port unreachable can be forged by who sees nothing (RFC 5927 §2.2): a datagram from the port proves it open."
        ),
        family.udp(
          "udp open then closed", .answered(), because: "The datagram settles it: somebody was there."),
        family.udp(
          "udp unswapped", .openOrFiltered,
          because: "A datagram to the port asked is not for us: it is for a server of that number here."),
      ]
    } + [
      Family.v4.udp(
        "zero checksum", .answered(), because: "In IPv4 a checksum of zero means that none was computed (RFC 768)."),
      Family.v6.udp(
        "zero checksum", .noise(why: "udp checksum is 0, which IPv6 forbids"), .openOrFiltered,
        because: "IPv6 has no header checksum, so UDP's is a must: a receiver discards zero (RFC 8200 §8.1)."),
    ]
}
