import LabSupport

// Packets that are too big for a link, and those that come in pieces. The way is 1500, 1500, 1400, 1300 and 1500
// octets wide; each row has an address of its own, since hosts remember what they are told of a path.
extension Situation {
  static let sizes: [Situation] = Family.both.flatMap(tooBig) + Family.both.flatMap(blackHoles) + pieces

  /// Octets of data that make an echo request of so many.
  private static func data(_ family: Family, _ size: Int) -> Int { size - (family == .v4 ? 28 : 48) }

  private static func tooBig(_ family: Family) -> [Situation] {
    let error = family == .v4 ? "fragmentation-needed" : "packet-too-big"
    func ping(_ size: Int, _ number: Int, _ name: String, from router: Int, mtu: Int, _ reason: String) -> Situation {
      Situation(
        "\(family) echo of \(size): \(name)", "ping -c1 -W5 -M do -s \(data(family, size)) \(family.target(number))",
        says: [
          .answer(
            "too-big", by: "icmp-error", from: family.router(router), error: error, mtu: mtu, why: "quoting our query")
        ],
        summary: ["answered": 1, "errors": 1], status: 1, because: reason)
    }
    return [
      Situation(
        "\(family) echo of 1300: fits", "ping -c1 -W5 -M do -s \(data(family, 1300)) \(family.target(50))",
        says: [.answer("reply", by: "echo-reply", from: family.target(50))],
        because: "As wide as the narrowest link: the path MTU is 1300 (RFC 1191 §2, RFC 8201 §1)."),
      ping(
        1301, 51, "one octet too many", from: 3, mtu: 1300,
        "The router before the narrowest link says how wide it is (RFC 1191 §4, RFC 4443 §3.2)."),
      ping(
        1400, 52, "fits the wider link", from: 3, mtu: 1300,
        "It passes the link of 1400, and the next router has one of 1300."),
      ping(
        1401, 53, "too big for the wider link", from: 2, mtu: 1400,
        "The first link that is too narrow is that of 1400: its router speaks."),
      ping(
        1500, 54, "as big as our own link takes", from: 2, mtu: 1400, "Our own link takes it whole; the third does not."
      ),
      Situation(
        "\(family) echo of 1501: too big for our own link",
        "ping -c1 -W1 -M do -s \(data(family, 1501)) \(family.target(55))", says: [], status: 2,
        complaint: "1501 octets exceed the MTU, 1500",
        because: "It may not be cut and our own link does not take it, so nothing leaves."),
      Situation(
        "\(family) UDP of 1400: too big",
        "probe \(family.target(56)) --udp -p 7 --retries 0 -W 5 "
          + "\(family == .v4 ? "--df " : "")--data-hex \(String(repeating: "5a", count: data(family, 1400)))",
        says: [.answer("too-big", by: "icmp-error", from: family.router(3), error: error, mtu: 1300)],
        because: "The error quotes our ports: the port's state is unknown, the size is what failed."),
    ]
  }

  private static func blackHoles(_ family: Family) -> [Situation] {
    let error = family == .v4 ? "fragmentation-needed" : "packet-too-big"
    return [
      Situation(
        "\(family) echo of 1400: into a black hole",
        "ping -c1 -W0.4 -M do -s \(data(family, 1400)) \(family.target(40))",
        says: [.silence("timeout")], status: 1,
        because: "A filter keeps the error from us: big packets vanish and small ones arrive (RFC 2923 §2.1)."),
      Situation(
        "\(family) echo of 1300: through a black hole",
        "ping -c1 -W5 -M do -s \(data(family, 1300)) \(family.target(40))",
        says: [.answer("reply", by: "echo-reply", from: family.target(40))],
        because: "What fits passes, which is why a black hole is so hard to see (RFC 4821 §1)."),
      Situation(
        "\(family) echo of 1500: before a black hole",
        "ping -c1 -W5 -M do -s \(data(family, 1500)) \(family.target(41))",
        says: [.answer("too-big", by: "icmp-error", from: family.router(2), error: error, mtu: 1400)], status: 1,
        because: "The first router to refuse still says so."),
      Situation(
        "\(family) echo of 1400: into the black hole behind it",
        "ping -c1 -W0.4 -M do -s \(data(family, 1400)) \(family.target(41))", says: [.silence("timeout")], status: 1,
        because: "Heeding the first error is not enough: the next router is silent."),
    ]
  }

  private static let pieces: [Situation] = [
    Situation(
      "IPv4 echo of 1500: cut on the way", "ping -c1 -W5 -M dont -s 1472 \(Family.v4.target(57))",
      says: [.answer("reply", by: "echo-reply", from: Family.v4.target(57))],
      summary: ["answered": 1, "duplicates": 0],
      because:
        "Without DF routers cut it (RFC 791 §2.3), the target joins it, and its reply comes in pieces: one reply."),
    Situation(
      "IPv4 echo of 3000: cut by us", "ping -c1 -W5 -M dont -s 2972 \(Family.v4.target(58))",
      says: [.answer("reply", by: "echo-reply", from: Family.v4.target(58))],
      summary: ["answered": 1, "duplicates": 0],
      because: "It leaves in pieces and comes back in more: the id joins them (RFC 791 §3.2)."),
    Situation(
      "IPv6 echo of 3000: cut by us",
      "send 'IPv6(dst=\"\(Family.v6.target(57))\")/ICMPv6EchoRequest(data=\"\(long)\")'"
        + " --mtu 1280 --until-answer -W 5",
      says: [
        .answer(
          "reply", by: "echo-reply", from: Family.v6.target(57), flags: ["fragmented"],
          why: "put together from fragments")
      ],
      because: "In IPv6 only the sender cuts (RFC 8200 §4.5); 1280 octets fit every link (§5)."),
    Situation(
      "IPv4 echo: the first fragment alone",
      "send 'IP(dst=\"\(Family.v4.target(59))\", flags=\"MF\")/ICMP()/\"12345678\"'"
        + " --until-answer -W 8",
      says: [
        .answer(
          "time-exceeded", by: "icmp-error", from: Family.v4.target(59), error: "reassembly-time-exceeded",
          why: "quoting our query")
      ],
      because: "The target waited for the rest in vain, and has the first piece to quote (RFC 792, RFC 1122 §3.3.2)."),
    Situation(
      "IPv4 echo: a later fragment alone",
      "send 'IP(dst=\"\(Family.v4.target(60))\", frag=3)/ICMP()/\"12345678\"' -W 0.4",
      says: [.silence("timeout")], status: 1,
      because: "Without the first fragment there is nothing to quote, and no error is sent (RFC 792)."),
    Situation(
      "IPv6 echo: the first fragment alone",
      "send 'IPv6(dst=\"\(Family.v6.target(59))\")/IPv6ExtHdrFragment(m=1)/ICMPv6EchoRequest(data=\"12345678\")'"
        + " --until-answer -W 8",
      says: [
        .answer(
          "time-exceeded", by: "icmp-error", from: Family.v6.target(59), error: "reassembly-time-exceeded",
          why: "quoting our query")
      ],
      because: "The rest did not come in time (RFC 8200 §4.5, RFC 4443 §3.3)."),
    Situation(
      "IPv6 echo: an atomic fragment",
      "send 'IPv6(dst=\"\(Family.v6.target(58))\")/IPv6ExtHdrFragment()/ICMPv6EchoRequest()' --until-answer -W 5",
      says: [.answer("reply", by: "echo-reply", from: Family.v6.target(58))],
      because: "A fragment that is the whole packet needs no others (RFC 6946 §4)."),
  ]

  private static let long = String(repeating: "sonde says hello. ", count: 164)
}
