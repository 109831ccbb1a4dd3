import LabSupport

// ICMP errors: of whom, of which kind, with which MTU.
extension Situation {
  static let hostileErrors: [Situation] =
    Family.both.flatMap { family in
      [
        family.udp(
          "port unreachable", .error("closed", "port-unreachable", from: "host"),
          because: "The host itself says that nobody hears there (RFC 1122 §4.1.3.1)."),
        family.udp(
          "foreign port unreachable", .error("filtered", "port-unreachable", ["third-party"]),
          because: "Only the host knows its ports: a router that says so is a filter."),
        family.tcp(
          "port unreachable", .error("filtered", "port-unreachable", from: "host"),
          because: "TCP says closed by RST (RFC 9293 §3.5.2): a port unreachable is a filter's word."),
        family.tcp(
          "foreign port unreachable", .error("filtered", "port-unreachable", ["third-party"]),
          because: "Only the host knows its ports, and TCP says closed by RST."),
        family.ping(
          "port unreachable", .error("unreachable", "port-unreachable", from: "host"),
          because: "An echo has no port: the host rejects it with the code that filters choose."),
        family.ping(
          "foreign port unreachable", .error("unreachable", "port-unreachable", ["third-party"]),
          because: "An echo has no port, and a router knows none of the host's."),
        family.udp(
          "protocol unreachable",
          .error("filtered|parameter-problem", "protocol-unreachable|unrecognized-next-header", from: "host"),
          because: "The host does not speak UDP, or says so (RFC 792; in IPv6 a parameter problem, RFC 4443 §3.4)."),
        family.udp(
          "foreign protocol unreachable",
          .error("filtered|parameter-problem", "protocol-unreachable|unrecognized-next-header", ["third-party"]),
          because: "Only the host knows which protocols it speaks."),
        family.tcp(
          "host unreachable", .error("filtered", Line.unreachable),
          because: "The last router finds nobody at home (RFC 792, RFC 4443 §3.1): the port is out of reach."),
        family.udp("host unreachable", .error("filtered", Line.unreachable), because: "Out of reach is not closed."),
        family.ping(
          "host unreachable", .error("unreachable", Line.unreachable), summary: ["errors": 1],
          because: "Any router may say so: that is no third party, but its task (RFC 1812 §5.2.7.1)."),
        family.ping(
          "own host unreachable", .error("unreachable", Line.unreachable, from: "host"),
          because: "Odd of a host to say of itself, but it answers, and the quote is ours."),
        family.tcp(
          "ttl exceeded", .error("time-exceeded", "ttl-exceeded|hop-limit-exceeded"),
          because: "The way is longer than the TTL, or goes round (RFC 792, RFC 4443 §3.3)."),
        family.ping(
          "ttl exceeded", .error("time-exceeded", "ttl-exceeded|hop-limit-exceeded"),
          because: "The way is longer than the TTL, or goes round (RFC 792, RFC 4443 §3.3)."),
        family.udp(
          "own ttl exceeded", .error("time-exceeded", "ttl-exceeded|hop-limit-exceeded", from: "host"),
          because: "A host that forwards, as into a container, says so itself."),
        family.udp(
          "reassembly exceeded", .error("time-exceeded", "reassembly-time-exceeded", from: "host"),
          because: "The host waited for fragments that never came (RFC 1122 §3.3.2, RFC 8200 §4.5)."),
        family.udp(
          "foreign reassembly exceeded", .error("time-exceeded", "reassembly-time-exceeded", ["third-party"]),
          because: "Only the host that puts fragments together can miss one: who says so is a middlebox."),
        family.tcp(
          "odd time exceeded", .error("time-exceeded", "time-exceeded-code-7", ["odd-code"]),
          because: "Time exceeded has codes 0 and 1 (RFC 792, RFC 4443 §3.3)."),
        family.tcp(
          "parameter problem", .error("parameter-problem", "parameter-problem|erroneous-header-field"),
          because: "A router dislikes an octet of the header, and points at it (RFC 792, RFC 4443 §3.4)."),
        family.ping(
          "parameter problem", .error("parameter-problem", "parameter-problem|erroneous-header-field"),
          because: "A router dislikes an octet of the header, and points at it (RFC 792, RFC 4443 §3.4)."),
        family.udp(
          "missing option", .error("parameter-problem", "missing-option|unrecognized-option", from: "host"),
          because: "An option is wanted, or not known (RFC 1108 §2.5; RFC 8200 §4.2)."),
        family.udp(
          "bad length", .error("parameter-problem", "bad-length|incomplete-header-chain"),
          because: "Code 2 is of a bad length (RFC 1700); in IPv6 3 of a header chain cut short (RFC 7112 §5)."),
        family.tcp(
          "odd parameter problem", .error("parameter-problem", "parameter-problem-code-99", ["odd-code"]),
          because: "No RFC names code 99; the type says enough."),
        family.sentUDP(
          "error twice", .error("filtered", Line.unreachable), .error("filtered", Line.unreachable, ["duplicate"]),
          summary: ["answered": 1, "duplicates": 1, "errors": 1], because: "Errors may be doubled as any packet."),
        family.ping(
          "error hundred", .error("unreachable", Line.unreachable, count: 2),
          .error("unreachable", Line.unreachable, ["duplicate"], count: 99), options: "-c2 -i.4 -W.7",
          summary: ["answered": 2, "duplicates": 99, "errors": 2], because: "A hundred errors are of one echo."),
        family.ping(
          "late error", .timeout, .timeout, .error("unreachable", Line.unreachable, ["late"]),
          options: "-c2 -i1.7 -W.3", summary: ["answered": 0, "silent": 2, "late": 1],
          because:
            "Address resolution on the last link takes seconds (RFC 4861 §7.2.2): the error tells of the first echo."),
        family.udp(
          "error then exceeded",
          .error("filtered", Line.unreachable, ["conflict"], why: "ttl-exceeded|hop-limit-exceeded"),
          because: "Two routers tell two stories: the way changes, or goes round."),
        family.tcp(
          "wrong error checksum", .noise(from: "router", why: "checksum is 0x"), .filtered,
          because: "An error whose checksum is wrong is discarded (RFC 1122 §3.2.2, RFC 4443 §2.4)."),
        family.udp(
          "wrong error checksum", .noise(from: "router", why: "checksum is 0x"), .openOrFiltered,
          because: "An error whose checksum is wrong is discarded (RFC 1122 §3.2.2, RFC 4443 §2.4)."),
        family.udp(
          "error elsewhere", .noise(from: "router", why: "is for "), .openOrFiltered,
          because: "An error goes to the source of what it quotes (RFC 1122 §3.2.2): this one went elsewhere."),
        family.ping(
          "labels", .error("time-exceeded", "ttl-exceeded|hop-limit-exceeded"),
          because: "MPLS labels behind the quote are an extension (RFC 4884, RFC 4950), not part of it."),
        family.udp(
          "wrong labels", .error("time-exceeded", "ttl-exceeded|hop-limit-exceeded"),
          because: "A damaged extension is passed over, and the error stands (RFC 4884 §7)."),
        family.tcp(
          "old labels", .error("time-exceeded", "ttl-exceeded|hop-limit-exceeded"),
          because: "Older routers tell no length: 128 octets are the quote's (RFC 4884 §5.5)."),
        family.tcp(
          "cut labels", .error("time-exceeded", "ttl-exceeded|hop-limit-exceeded"),
          because: "An object longer than its message is passed over (RFC 4884 §7)."),
        family.udp(
          "fragmented error", .error("filtered", Line.unreachable, ["fragmented"]),
          because: "An error may come in fragments, though none should be so long (RFC 1812 §4.3.2.3, RFC 4443 §2.4 c)."
        ),
      ]
    } + unnamedErrors + hostileUnreachables + hostileMTUs

  /// Types that no RFC names, and advice, in each family its own.
  private static let unnamedErrors: [Situation] = [
    Family.v4.ping(
      "advice", .noise(from: "router", why: "source-quench"), .noise(from: "router", why: "redirect"), .echoed(),
      summary: ["answered": 1],
      because: "Source quench is ignored (RFC 6633 §3), a redirect is for routing (RFC 1122 §3.2.2.2): neither answers."
    ),
    Family.v4.tcp(
      "source quench", .noise(from: "router", why: "source-quench"), .filtered,
      because: "Source quench is ignored (RFC 6633 §3)."),
    Family.v4.udp(
      "redirect", .noise(from: "router", why: "redirect"), .openOrFiltered,
      because: "The packet was forwarded all the same (RFC 792): a redirect is no answer."),
    Family.v6.udp(
      "redirect", .openOrFiltered, because: "An ICMPv6 redirect is of neighbour discovery, no error (RFC 4861 §4.5)."),
    Family.v6.ping(
      "unknown error", .error("unreachable", "error-type-100-code-0", ["odd-code"]),
      because: "An error of unknown type is passed to who asked (RFC 4443 §2.4 a)."),
    Family.v6.tcp(
      "unknown error", .error("unreachable", "error-type-100-code-0", ["odd-code"]),
      because: "An error of unknown type is passed to who asked (RFC 4443 §2.4 a)."),
    Family.v6.udp(
      "unknown error 5", .error("unreachable", "error-type-5-code-0", ["odd-code"]),
      because: "Types below 128 are errors, known or not (RFC 4443 §2.1)."),
    Family.v6.udp(
      "unknown message", .openOrFiltered,
      because: "An informational message of unknown type is silently discarded (RFC 4443 §2.4 b)."),
    Family.v4.udp(
      "unknown error", .openOrFiltered,
      because: "An ICMP message of unknown type is silently discarded (RFC 1122 §3.2.2)."),
    Family.v4.udp(
      "unknown message", .openOrFiltered,
      because: "An ICMP message of unknown type is silently discarded (RFC 1122 §3.2.2)."),
    Family.v4.rawPing(
      "reassembly exceeded", .error("time-exceeded", "reassembly-time-exceeded", from: "host"),
      because: "The host waited for fragments that never came (RFC 1122 §3.3.2)."),
    Family.v6.ping(
      "reassembly exceeded", .error("time-exceeded", "reassembly-time-exceeded", from: "host"),
      because: "The host waited for fragments that never came (RFC 8200 §4.5)."),
  ]

  /// Every code of unreachable, from a router.
  private static let hostileUnreachables: [Situation] = {
    let v4 = [
      "net-unreachable", "host-unreachable", "protocol-unreachable", "port-unreachable", nil, "source-route-failed",
      "net-unknown", "host-unknown", "source-host-isolated", "net-prohibited", "host-prohibited",
      "net-unreachable-for-tos", "host-unreachable-for-tos", "communication-prohibited", "host-precedence-violation",
      "precedence-cutoff", "destination-unreachable-code-16",
    ]
    let v6 = [
      "no-route", "administratively-prohibited", "beyond-scope", "address-unreachable", "port-unreachable",
      "source-address-failed-policy", "reject-route", "source-routing-error", "headers-too-long",
      "destination-unreachable-code-9",
    ]
    func rows(_ family: Family, _ names: [String?], hostOnly: Set<Int>, _ registry: String) -> [Situation] {
      names.enumerated().flatMap { code, name -> [Situation] in
        guard let name else { return [] }
        let flags: Set<String> = name.contains("-code-") ? ["odd-code"] : hostOnly.contains(code) ? ["third-party"] : []
        let reason =
          hostOnly.contains(code)
          ? "Code \(code) is the host's own to say; a router that says it filters (\(registry))."
          : flags.isEmpty
            ? "Code \(code), \(name), says that packets do not get there, not that a port is closed (\(registry))."
            : "Code \(code) has no name; that packets do not get there is said by the type (\(registry))."
        return [
          family.udp("unreachable \(code)", .error("filtered", name, flags), because: reason),
          family.tcp("unreachable \(code)", .error("filtered", name, flags), because: reason),
        ]
      }
    }
    return rows(.v4, v4, hostOnly: [2, 3], "RFC 792, RFC 1812 §5.2.7.1") + rows(.v6, v6, hostOnly: [4], "RFC 4443 §3.1")
  }()

  /// Too big: the MTU told must be one that a link can have, and less than what was sent.
  private static let hostileMTUs: [Situation] =
    Family.both.flatMap { family in
      let name = "fragmentation-needed|packet-too-big"
      return [
        family.udp(
          "mtu 0", .error("too-big", name, ["invalid-mtu"], why: "MTU is 0"),
          because: "Routers older than RFC 1191 tell none; in IPv6 there were none such (RFC 4443 §3.2)."),
        family.tcp(
          "mtu 1", .error("too-big", name, ["invalid-mtu"], why: "MTU is 1"),
          because:
            "Every link takes 68 octets (RFC 791 §3.2), in IPv6 1280 (RFC 8200 §5): who says less would slow us down."),
        family.udp(
          "mtu 67", .error("too-big", name, ["invalid-mtu"], why: "MTU is 67"),
          because: "Every link takes 68 octets (RFC 791 §3.2), in IPv6 1280 (RFC 8200 §5)."),
        family.tcp(
          "mtu above", .error("too-big", name, ["invalid-mtu"]),
          because: "What fits the MTU was not too big (RFC 1191 §7.1, RFC 8201 §4)."),
        family.udp(
          "mtu equal", .error("too-big", name, ["invalid-mtu"]),
          because: "What fits the MTU was not too big (RFC 1191 §7.1, RFC 8201 §4)."),
        family.udp(
          "mtu 1280", .error("too-big", name, ["invalid-mtu"], why: "which fits"),
          because: "A small packet fits 1280 octets: it was not too big (RFC 1191 §7.1, RFC 8201 §4)."),
        Question(family: family, behaviour: "mtu 1300")
          .row(
            "big ping", "ping --door raw -c1 -W.7 -M do -s 1400", [.error("too-big", name)],
            because: "A link on the way takes 1300 octets: send less (RFC 1191 §3, RFC 4443 §3.2)."),
        Question(family: family, behaviour: "mtu 1279")
          .row(
            "big ping", "ping --door raw -c1 -W.7 -M do -s 1400",
            [.error("too-big", name, family == .v4 ? [] : ["invalid-mtu"])],
            because: "1279 octets are a fine MTU in IPv4, and one too few in IPv6 (RFC 8200 §5)."),
      ]
    } + [
      Question(family: .v4, behaviour: "mtu 68")
        .row(
          "big ping", "ping --door raw -c1 -W.7 -M do -s 1400", [.error("too-big", "fragmentation-needed")],
          because: "68 octets are the least that a link may take (RFC 791 §3.2).")
    ]
}
