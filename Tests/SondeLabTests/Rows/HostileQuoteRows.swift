import LabSupport

// Errors whose quote is short, of another packet, or rewritten (RFC 792, RFC 4443 §2.4 c, RFC 5927).
extension Situation {
  static let hostileQuotes: [Situation] =
    Family.both.flatMap { family in
      [
        family.udp(
          "quote nothing", .openOrFiltered,
          because: "An error that quotes nothing is about nothing that we know of (RFC 1122 §3.2.2)."),
        family.tcp(
          "quote 4", .filtered,
          because: "Four octets of an IP header have no address: nobody knows whose packet it was."),
        family.udp(
          "quote 12", .openOrFiltered,
          because: "Twelve octets end before the addresses: nobody knows whose packet it was."),
        family.udp(
          "own quote nothing", .noise(why: "quotes no packet"), .openOrFiltered,
          because: "It comes from the host asked, but says of no packet that it is unreachable."),
        family.tcp(
          "own quote 12", .noise(why: "quotes"), .filtered,
          because: "It comes from the host asked, but quotes too little to be believed."),
        family.udp(
          "quote header", .noise(from: "router", why: "quotes only 0 octets of the udp header"), .openOrFiltered,
          because:
            "The addresses are ours, but so are those of every other datagram to the host (RFC 792: eight octets are due)."
        ),
        family.tcp(
          "quote header", .noise(from: "router", why: "quotes only 0 octets of the tcp header"), .filtered,
          because:
            "The addresses are ours, but so are those of every other segment to the host (RFC 792: eight octets are due)."
        ),
        family.rawPing(
          "quote header", .noise(from: "router", why: "quotes only 0 octets"), .timeout,
          because: "Without identifier and sequence number it may be any echo's (RFC 792: eight octets are due)."),
        family.udp(
          "quote header 4", .error("filtered", Line.unreachable),
          because: "Four octets of UDP are both ports: all that names the exchange (RFC 768)."),
        family.tcp(
          "quote header 4", .error("filtered", Line.unreachable, ["weak-match"]),
          because:
            "Four octets of TCP are the ports; without the sequence number a blind forger could have sent it (RFC 5927 §4.1)."
        ),
        family.rawPing(
          "quote header 4", .noise(from: "router", why: "quotes only 4 octets"), .timeout,
          because: "Type, code and checksum name no echo: the identifier stands behind them (RFC 792)."),
        family.tcp(
          "quote header 6", .error("filtered", Line.unreachable, ["weak-match"]),
          because: "Half a sequence number proves nothing (RFC 5927 §4.1)."),
        family.tcp(
          "quote header 8", .error("filtered", Line.unreachable),
          because: "Eight octets hold ports and sequence number: enough (RFC 792)."),
        family.udp(
          "quote header 8", .error("filtered", Line.unreachable),
          because: "Eight octets are the whole UDP header (RFC 792)."),
        family.ping(
          "quote header 8", .error("unreachable", Line.unreachable),
          because: "Eight octets hold identifier and sequence number: enough (RFC 792)."),
        family.udp(
          "quote port 8", .error("closed", "port-unreachable", from: "host"),
          because: "The least that RFC 792 asks for, from the host itself."),
        family.udp(
          "quote other flow", .noise(from: "router", why: "quotes source port "), .openOrFiltered,
          because: "It is about another port of ours: another program's datagram."),
        family.tcp(
          "quote other flow", .noise(from: "router", why: "quotes source port "), .filtered,
          because: "It is about another port of ours: another program's connection."),
        family.udp(
          "quote other port", .noise(from: "router", why: "quotes destination port 4002, not 4001"), .openOrFiltered,
          because: "It is about another port of the host."),
        family.tcp(
          "quote other port", .noise(from: "router", why: "quotes destination port 4001, not 4000"), .filtered,
          because: "It is about another port of the host."),
        family.ping(
          "quote other port", .noise(from: "router", why: "quotes sequence number 2, not our 1"), .timeout,
          because: "It is about an echo that was not sent yet."),
        family.udp(
          "quote other source", .noise(from: "router", why: "quotes a packet from "), .openOrFiltered,
          because: "It is about somebody else's datagram."),
        family.rawPing(
          "quote other source", .noise(from: "router", why: "quotes a packet from "), .timeout,
          because: "It is about somebody else's echo."),
        family.tcp(
          "quote other destination", .noise(from: "router", why: "quotes a packet to "), .filtered,
          because: "It is about a packet to somebody else."),
        family.ping(
          "quote other destination", .noise(from: "router", why: "quotes a packet to "), .timeout,
          because: "It is about an echo to somebody else."),
        family.tcp(
          "quote other number", .noise(from: "router", why: "quotes sequence number "), .filtered,
          because: "A forger that is not on the way does not know our sequence number (RFC 5927 §4.1)."),
        family.udp(
          "quote other protocol", .openOrFiltered,
          because: "It is about another protocol's packet, of numbers like ours."
        ),
        family.rawPing(
          "quote other type", .noise(from: "router", why: "quotes type 0, not our 8|quotes type 129, not our 128"),
          .timeout, because: "It is about an echo reply of ours, not about the request."),
        family.tcp(
          "quote smaller ttl", .error("filtered", Line.unreachable),
          because: "Every router on the way takes one off (RFC 791 §3.2)."),
        family.udp(
          "quote smaller ttl", .error("filtered", Line.unreachable),
          because: "Every router on the way takes one off (RFC 791 §3.2)."),
        family.tcp(
          "quote greater ttl", .error("filtered", Line.unreachable, ["quote-altered"], why: "255"),
          because: "No router adds to the TTL: somebody rewrote the packet; the flow is still ours."),
        family.udp(
          "quote tos", .error("filtered", Line.unreachable, ["quote-altered"], why: "184"),
          because: "Networks remark traffic at their borders (RFC 2474 §4.2): worth knowing, and still our packet."),
        family.tcp(
          "quote identification", .error("filtered", Line.unreachable, ["quote-altered"]),
          options: family == .v4 ? "" : "--flow-label 5",
          because: "A NAT may number anew (RFC 6864 §5.3); in IPv6 a flow label is to be kept (RFC 6437 §3)."),
        family.udp(
          "quote length", .error("filtered", Line.unreachable, ["quote-altered"]),
          because:
            "A total length that is not the one sent: some systems store it in their own order, or less the header."),
        family.tcp(
          "quote stale sum", .error("filtered", Line.unreachable),
          because:
            "A router that lowers the TTL need not sum again what it only quotes: the header checksum is nobody's proof."
        ),
        family.udp(
          "quote no sum", .error("filtered", Line.unreachable, ["quote-altered"], why: "0x0000"),
          because: "NATs zeroed UDP's checksum, or forgot to undo theirs (RFC 5508 §4.2)."),
        family.ping(
          "quote payload", .error("unreachable", Line.unreachable, ["quote-altered"]),
          because: "Other data in the quote than was sent; id and sequence number are ours."),
        family.udp(
          "quote payload", .error("filtered", Line.unreachable, ["quote-altered"]),
          because: "Other data in the quote than was sent; the ports are ours."),
        family.udp(
          "quote longer", .error("filtered", Line.unreachable),
          because: "What stands behind our packet's end is padding, as routers quote whole buffers."),
        family.udp(
          "quote NAT", .error("closed", "port-unreachable", from: "host", ["quote-altered"]),
          because: "A NAT rewrote what it may; addresses and ports are ours again (RFC 5508 §4.2): the port is closed."),
        family.tcp(
          "quote NAT", .error("filtered", "port-unreachable", from: "host", ["quote-altered"]),
          because: "A NAT rewrote what it may; ports and sequence number are ours (RFC 5508 §4.2)."),
        family.udp(
          "quote version", .openOrFiltered, because: "What is quoted is no IP packet of any version: nobody's."),
        family.tcp(
          "quote swapped", .filtered, because: "It is about a packet to us, not from us: we sent no such thing."),
      ]
    } + [
      Family.v4.rawPing(
        "quote greater ttl", .error("unreachable", Line.unreachable, ["quote-altered"], why: "255"),
        because: "No router adds to the TTL: somebody rewrote the packet; the echo is still ours.")
    ]
}
