import LabSupport

// Groups of hosts, and what the prober's own machine says before anything leaves.
extension Situation {
  static let groups: [Situation] = [
    Situation(
      "IPv4 echo to a broadcast address", "ping -c1 -W0.5 -b 10.77.0.255",
      says: [.answer("reply", by: "echo-reply", from: Family.v4.router(1), flags: ["other-address"])],
      summary: ["answered": 1, "duplicates": 0],
      because: "Whoever answers does so from an address of its own (RFC 1122 §3.2.2.6)."),
    Situation(
      "IPv4 echo to all ones", "ping -c1 -W0.5 -b 255.255.255.255",
      says: [.answer("reply", by: "echo-reply", from: Family.v4.router(1), flags: ["other-address"])],
      because: "The limited broadcast ends at the first link (RFC 1122 §3.2.1.3)."),
    Situation(
      "IPv4 echo to a broadcast address, unwillingly", "ping -c1 -W0.5 10.77.0.255", says: [], status: 2,
      complaint: "-b allows it", because: "Asking many hosts at once is asked for by name, as ping has it."),
    Situation(
      "IPv4 echo to all hosts", "ping -c1 -W0.5 -I to-r1 224.0.0.1",
      says: [.answer("reply", by: "echo-reply", from: Family.v4.router(1), flags: ["other-address"])],
      because: "All systems of the link hear 224.0.0.1, and answer by their own address (RFC 1112 §4)."),
    Situation(
      "IPv6 echo to all nodes", "ping -c1 -W0.5 ff02::1%to-r1",
      says: [
        .answer("reply", by: "echo-reply", flags: ["other-address", "local"]),
        .answer("reply", by: "echo-reply", flags: ["other-address"]),
      ],
      summary: ["answered": 1, "duplicates": 0],
      because: "All nodes of the link answer, this one among them: answers of several hosts are no duplicates."),
    Situation(
      "IPv6 echo to all routers", "ping -c1 -W0.5 ff02::2%to-r1",
      says: [.answer("reply", by: "echo-reply", flags: ["other-address"])],
      because: "Only the router is in that group (RFC 4291 §2.7.1)."),
    Situation(
      "IPv6 echo to a link's address without the link", "ping -c1 -W0.5 fe80::1", says: [], status: 2,
      complaint: "fe80::1%", because: "The same address may be on every link: which one must be said (RFC 4007 §6)."),
    Situation(
      "IPv4 ARP: who has the router's address", "send 'ARP(pdst=\"10.77.0.2\")' -W 5 --until-answer",
      says: [.answer("reply", by: "arp-reply", from: Family.v4.router(1), why: "10.77.0.2 is at ")],
      because: "The owner tells its hardware address (RFC 826)."),
    Situation(
      "IPv4 ARP: who has nobody's address", "send 'ARP(pdst=\"192.0.2.99\")' -I to-desert -W 0.4",
      says: [.silence("timeout")],
      status: 1, because: "There is no message that says no (RFC 826)."),
  ]

  /// The prober's own routes, neighbours and addresses.
  static let here: [Situation] = Family.both.flatMap { family in
    [
      Situation(
        "\(family) own route: unreachable", "ping -c1 -W1 \(family.routed(1, 1))", says: [], status: 2,
        complaint: "an unreachable route refuses what goes there",
        because: "This machine's own routing refuses: nothing can be tried."),
      Situation(
        "\(family) own route: prohibited", "probe \(family.routed(1, 2)) -p 7 -W 1", says: [], status: 2,
        complaint: "a prohibit route refuses what goes there",
        because: "This machine's own routing forbids it, not a filter far away."),
      Situation(
        "\(family) own route: blackhole", "ping -c1 -W1 \(family.routed(1, 3))", says: [], status: 2,
        complaint: "blackhole", because: "A route that drops in silence is told of when it is our own."),
      Situation(
        "\(family) own route: none", "probe \(family.routed(1, 4)) --udp -p 7 -W 1", says: [], status: 2,
        complaint: "no route to that network", because: "Without a route there is no way to leave by."),
      neighbour(family, "echo", "ping -c1 -W5 \(family.address(7, 9))", "unreachable", status: 1),
      neighbour(family, "SYN", "probe \(family.address(7, 9)) -p 7 --retries 0 -W 5", "filtered", status: 0),
      neighbour(family, "UDP", "probe \(family.address(7, 9)) --udp -p 7 --retries 0 -W 5", "filtered", status: 0),
      Situation(
        "\(family) echo of ourselves", "ping -c1 -W5 \(family.address(0, 1))",
        says: [.answer("reply", by: "echo-reply", from: family.address(0, 1))],
        because: "Our own address is reached over the loopback interface, and answers as any host."),
      Situation(
        "\(family) echo of the loopback address", "ping -c1 -W5 \(family == .v4 ? "127.0.0.1" : "::1")",
        says: [.answer("reply", by: "echo-reply", from: family == .v4 ? "127.0.0.1" : "::1")],
        because: "It never leaves the machine (RFC 1122 §3.2.1.3, RFC 4291 §2.5.3)."),
      Situation(
        "\(family) SYN to ourselves: closed", "probe \(family == .v4 ? "127.0.0.1" : "::1") -p 7 --retries 0",
        says: [.answer("closed", by: "tcp-reset")],
        because: "On the loopback interface every packet is heard twice; one RST is one answer."),
      Situation(
        "\(family) UDP to ourselves: closed", "probe \(family == .v4 ? "127.0.0.1" : "::1") --udp -p 7 --retries 0",
        says: [.answer("closed", by: "icmp-error", error: "port-unreachable")],
        because: "The host asked is this one, and its word counts as a far host's would."),
    ]
  }

  private static func neighbour(
    _ family: Family, _ kind: String, _ command: String, _ verdict: String, status: Int32
  ) -> Situation {
    Situation(
      "\(family) \(kind): nobody at home on our own link", command,
      says: [
        .answer(
          verdict, by: "icmp-error", from: family.address(7, 1), flags: ["local"],
          error: family == .v4 ? "host-unreachable" : "address-unreachable")
      ],
      summary: ["sent": 1, "answered": 1], status: status, lane: "\(family) own desert",
      because: "Nobody answered our ARP or ND: the error is this machine's own (RFC 1122 §2.3.2.2, RFC 4861 §7.2.2).")
  }
}
