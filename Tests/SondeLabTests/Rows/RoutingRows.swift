import LabSupport

// Routes that lead nowhere, and hops that run out: who says so, and in which words.
extension Situation {
  static let routing: [Situation] = Family.both.flatMap(echoes) + Family.both.flatMap(routes)

  /// Echo requests that arrive, and how far they get on few hops.
  private static func echoes(_ family: Family) -> [Situation] {
    let target = family.target(2)
    let arriving = [
      Situation(
        "\(family) echo", "ping -c1 -W5 \(target)", says: [.answer("reply", by: "echo-reply", from: target)],
        summary: ["sent": 1, "answered": 1, "errors": 0],
        because: "Every host answers an echo request by its id, sequence number and data (RFC 1122 §3.2.2.6)."),
      Situation(
        "\(family) echo, three of them", "ping -c3 -i0.05 -W5 \(family.target(3))",
        says: [.answer("reply", by: "echo-reply", from: family.target(3), count: 3)],
        summary: ["sent": 3, "answered": 3, "duplicates": 0, "late": 0],
        because: "Each reply belongs to the request of its sequence number."),
      Situation(
        "\(family) echo: dropped", "ping -c2 -i0.05 -W0.4 \(family.target(30))", says: [.silence("timeout", count: 2)],
        summary: ["sent": 2, "silent": 2], status: 1,
        because: "Silence tells nothing: dropped, lost, or nobody there."),
      Situation(
        "\(family) echo of a router", "ping -c1 -W5 \(family.router(3))",
        says: [.answer("reply", by: "echo-reply", from: family.router(3))],
        because: "A router is a host too (RFC 1812 §4.3.3.6)."),
      Situation(
        "\(family) echo of a router's far side", "ping -c1 -W5 \(family.address(4, 1))",
        says: [.answer("reply", by: "echo-reply", from: family.address(4, 1))],
        because: "It answers from the address asked, not from the interface nearest to us (RFC 1122 §3.2.2.6)."),
      Situation(
        "\(family) echo: just enough hops", "ping -c1 -W5 -t5 \(target)",
        says: [.answer("reply", by: "echo-reply", from: target)],
        because: "Four routers take one hop each, and one is left to arrive with."),
    ]
    let dying = (1...4).map { hops in
      Situation(
        "\(family) echo: dies at router \(hops)", "ping -c1 -W5 -t\(hops) \(family.target(5 + hops))",
        says: [.answer("time-exceeded", by: "icmp-error", from: family.router(hops), error: family.hops)],
        summary: ["answered": 1, "errors": 1], status: 1,
        because: "Router \(hops) takes the last hop off, and its error comes from its side towards us: so trace works.")
    }
    return arriving + dying
  }

  /// What an error says to each kind of probe.
  private static func told(
    _ family: Family, _ name: String, _ address: String, from: String, _ error: String, lane: String? = nil,
    _ reason: String
  ) -> [Situation] {
    let isOver = error == family.hops
    return [
      ("echo", "ping -c1 -W5 \(address)", isOver ? "time-exceeded" : "unreachable", Int32(1)),
      ("SYN", "probe \(address) -p 7 --retries 0 -W 5", isOver ? "time-exceeded" : "filtered", 0),
      ("UDP", "probe \(address) --udp -p 7 --retries 0 -W 5", isOver ? "time-exceeded" : "filtered", 0),
    ].map { kind, command, verdict, status in
      Situation(
        "\(family) \(kind): \(name)", command,
        says: [.answer(verdict, by: "icmp-error", from: from, error: error, why: "\(error), quoting our")],
        summary: ["sent": 1, "answered": 1, "errors": 1], status: status, lane: lane, because: reason)
    }
  }

  private static func routes(_ family: Family) -> [Situation] {
    let isIPv4 = family == .v4
    let missing = isIPv4 ? "host-unreachable" : "address-unreachable"
    var rows: [Situation] = []
    for (router, place) in [(2, "on the way"), (4, "at the end")] {
      let from = family.router(router)
      rows += told(
        family, "an unreachable route \(place)", family.routed(router, 1), from: from,
        isIPv4 ? "host-unreachable" : "no-route",
        isIPv4
          ? "A Linux router says 3/1 for an unreachable route: the host cannot be reached (RFC 1812 §5.2.7.1)."
          : "Linux has 1/0 for an unreachable route, as where there is none (RFC 4443 §3.1).")
      rows += told(
        family, "a prohibited route \(place)", family.routed(router, 2), from: from,
        isIPv4 ? "communication-prohibited" : "administratively-prohibited",
        "A route that forbids, as a filter would (RFC 1812 §5.2.7.1 code 13, RFC 4443 §3.1 code 1).")
      rows += told(
        family, "no route \(place)", family.routed(router, 4), from: from, isIPv4 ? "net-unreachable" : "no-route",
        "The router knows no way and has no default: 3/0, in IPv6 1/0 (RFC 1812 §4.3.3.1, RFC 4443 §3.1).")
      rows.append(
        Situation(
          "\(family) echo: a blackhole \(place)", "ping -c1 -W0.4 \(family.routed(router, 3))",
          says: [.silence("timeout")], summary: ["silent": 1], status: 1,
          because: "A blackhole route drops without a word: like loss."))
      rows.append(
        Situation(
          "\(family) SYN: a blackhole \(place)", "probe \(family.routed(router, 3)) -p 7 --retries 0 -W 0.4",
          says: [.silence("filtered")], summary: ["silent": 1], status: 1,
          because: "What swallows a SYN without a word is called a filter, whatever it is."))
      rows.append(
        Situation(
          "\(family) UDP: a blackhole \(place)", "probe \(family.routed(router, 3)) --udp -p 7 --retries 0 -W 0.4",
          says: [.silence("open|filtered")], status: 1,
          because: "Nothing tells an open port that is silent from a packet that never arrived."))
    }
    rows += told(
      family, "nobody at home behind the last router", family.address(6, 9), from: family.router(4), missing,
      lane: "\(family) desert",
      "The last router asks for the neighbour, hears nothing, and says so: 3/1, in IPv6 1/3 (RFC 4443 §3.1).")
    let loop = family.address(150, 9)
    // Sixty-four hops: one at the first router, then to and fro; an even number is the second router's.
    rows += told(
      family, "a loop between two routers", loop, from: family == .v4 ? family.router(2) : family.address(2, 1),
      family.hops, "The second and the third router send it to each other until its hops run out: the sign of a loop.")
    rows.append(
      Situation(
        "\(family) echo: a loop, one hop more", "ping -c1 -W5 -t65 \(family.address(150, 8))",
        says: [.answer("time-exceeded", by: "icmp-error", from: family.router(3), error: family.hops)], status: 1,
        because: "One hop more and the other router of the loop speaks."))
    return rows
  }
}
