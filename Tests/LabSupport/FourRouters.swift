extension Topology {
  /// A prober, four routers in a row, and the target behind them.
  ///
  ///     prober ─ r1 ─ r2 ─ r3 ─ r4 ─ target
  ///          net0  net1 net2 net3 net4
  ///     MTU  1500 1500 1400 1300 1500      net5: r4 ─ limited     net6: r4 ─ desert
  ///
  /// Net N is 10.77.N.0/24 and fd77:N::/64, where 1 is the end nearer to the prober and 2 the other. Last numbers are
  /// the same in both families, in decimal here and hexadecimal there: 10.77.4.30 and fd77:4::30.
  ///
  /// **At the target**, 10.77.4.n: 2 answers all as Linux does, and so do 3 to 9 and 50 to 89, for rows that must
  /// not share a cache. 1c rejects with the ICMP code c (10 to 23), 30 drops, 31 rejects TCP by reset. 40 and 41 are
  /// behind a black hole for big packets: r2 and r3 tell of none to 40, r3 tells of none to 41. 98 and up to 254 have
  /// no host. TCP and UDP 7 echo, UDP 9 hears and is silent, TCP 74 listens and is full.
  ///
  /// **Filtered by r4**, 10.77.4.1nn: 110 to 123, 130 and 131 do the same as 10 to 31, but it is r4 that answers.
  ///
  /// **Routes**, 10.77.1rk.0/24: at router r (1 is the prober itself, 2 is r2, 4 is r4) k says which: 1 unreachable,
  /// 2 prohibit, 3 blackhole, 4 none. 10.77.150.0/24 goes round between r2 and r3.
  ///
  /// **limited**, 10.77.5.2, keeps the kernel's own limits on ICMP errors. **desert** has no address, so that on net6
  /// (r4) and net7 (the prober) nobody is at home. **neighbour** has none either, but on net 210 the liars of
  /// `Neighbour` speak ARP. Behind the prober's `hostile0`, on nets 200 to 203, live those of `Behaviour`.
  public static let fourRouters = Topology(
    hosts: [
      prober, router(1, rules: ""), router(2, rules: silentOnBig(40)), router(3, rules: silentOnBig(40, 41)), last,
      target, limited, Host("desert"), Host("neighbour", programs: [.hostileNeighbours(interface: "arp1")]),
    ],
    links: [
      link(0, "prober", "r1"), link(1, "r1", "r2"), link(2, "r2", "r3", mtu: 1400), link(3, "r3", "r4", mtu: 1300),
      Link(end(4, 1, "r4", to: "target"), End("target", "to-r4", targetNumbers.flatMap { addresses(4, $0) })),
      link(5, "r4", "limited"),
      Link(end(6, 1, "r4", to: "desert"), End("desert", "to-r4", [])),
      Link(end(7, 1, "prober", to: "desert"), End("desert", "to-prober", [])),
      Link(End("prober", "arp0", addresses(210, 1)), End("neighbour", "arp1", [])),
    ])

  /// The last numbers that the target has: decimal in IPv4, hexadecimal in IPv6.
  static let targetNumbers = Array(2...9) + Array(10...16) + [19, 20, 23, 30, 31, 40, 41] + Array(50...89)

  /// nftables' name of each code of destination unreachable.
  static let rejects: (v4: [(code: Int, name: String)], v6: [(code: Int, name: String)]) = (
    [
      (0, "net-unreachable"), (1, "host-unreachable"), (2, "prot-unreachable"), (3, "port-unreachable"),
      (9, "net-prohibited"), (10, "host-prohibited"), (13, "admin-prohibited"),
    ],
    [
      (0, "no-route"), (1, "admin-prohibited"), (3, "addr-unreachable"), (4, "port-unreachable"), (5, "policy-fail"),
      (6, "reject-route"),
    ]
  )

  private static func addresses(_ net: Int, _ number: Int) -> [String] {
    ["10.77.\(net).\(number)/24", "fd77:\(net)::\(number)/64"]
  }

  private static func end(_ net: Int, _ number: Int, _ host: String, to other: String) -> End {
    End(host, "to-\(other)", addresses(net, number))
  }

  private static func link(_ net: Int, _ near: String, _ far: String, mtu: Int = 1500) -> Link {
    Link(end(net, 1, near, to: far), end(net, 2, far, to: near), mtu: mtu)
  }

  /// Routes of both families; `nets` are third numbers.
  private static func routes(_ nets: [Int], _ kind: String = "", via: (net: Int, number: Int)? = nil) -> [String] {
    nets.flatMap { net in
      [
        "\(kind) 10.77.\(net).0/24" + (via.map { " via 10.77.\($0.net).\($0.number)" } ?? ""),
        "\(kind) fd77:\(net)::/64" + (via.map { " via fd77:\($0.net)::\($0.number)" } ?? ""),
      ]
    }
  }

  private static func defaultRoute(_ net: Int, _ number: Int, _ more: String = "") -> [String] {
    ["default via 10.77.\(net).\(number)\(more)", "default via fd77:\(net)::\(number)\(more)"]
  }

  private static let forwarding = [
    Setting("ipv4/ip_forward", "1"), Setting("ipv6/conf/all/forwarding", "1"),
  ]
  /// The mask, not the limit: a limit of 0 still leaves the host's own count of messages a second (icmp(7)).
  private static let unlimited = [
    Setting("ipv4/icmp_ratemask", "0"), Setting("ipv4/icmp_msgs_per_sec", "1000000"),
    Setting("ipv4/icmp_msgs_burst", "1000000"), Setting("ipv6/icmp/ratelimit", "0"),
  ]
  /// The whole table asks in a few seconds what nobody asks in a day; and group addresses are answered.
  private static let talkative = unlimited + [Setting("ipv4/icmp_echo_ignore_broadcasts", "0")]

  /// A neighbour that is not there is given up after three tenths of a second, not three seconds.
  private static func impatient(_ interface: String) -> [Setting] {
    ["ipv4", "ipv6"].map { Setting("\($0)/neigh/\(interface)/retrans_time_ms", "100") }
  }

  /// Neighbours once found are not asked again: rows about ARP hear nothing but their own.
  private static func trusting(_ interface: String) -> [Setting] {
    [
      Setting("ipv4/neigh/\(interface)/base_reachable_time_ms", "3600000"),
      Setting("ipv4/neigh/\(interface)/delay_first_probe_time", "3600"),
    ]
  }

  private static let prober = Host(
    "prober", settings: unlimited + impatient("to-desert") + impatient("arp0") + trusting("to-r1"),
    routes: defaultRoute(0, 2) + routes([111], "unreachable") + routes([112], "prohibit") + routes([113], "blackhole")
      + routes([114], "throw"),
    programs: [.hostileHosts])

  /// Routers 1 to 3; the way on is told net by net, so that what is not told is no route.
  private static func router(_ number: Int, rules: String) -> Host {
    let on = (net: number, number: 2)
    var all = routes([0, 1, 2, 3].filter { $0 < number - 1 }, via: (number - 1, 1))
    all += routes((number + 1...6).filter { $0 != number } + [141, 142, 143, 144], via: on)
    switch number {
    case 1: all += defaultRoute(1, 2)
    case 2:
      all += routes([121], "unreachable") + routes([122], "prohibit") + routes([123], "blackhole")
      all += routes([150], via: on)
    default: all += routes([150], via: (2, 1))
    }
    let more = number == 1 ? trusting("to-prober") : []
    return Host("r\(number)", settings: forwarding + talkative + more, routes: all, rules: rules)
  }

  /// Keeps to itself that packets to these numbers of net 4 are too big. What an error quotes begins 8 octets
  /// behind its own start, and has its destination 16 octets on, in IPv6 24.
  private static func silentOnBig(_ numbers: Int...) -> String {
    let rules = numbers.flatMap { number in
      let low = String(number, radix: 16)
      let v4 = "0x0a4d04\(low.count < 2 ? "0" : "")\(low)"
      return [
        "icmp type destination-unreachable icmp code frag-needed @th,192,32 \(v4) drop",
        "icmpv6 type packet-too-big @th,256,64 0xfd77000400000000 @th,320,64 0x\(number) drop",
      ]
    }
    return "chain output { type filter hook output priority 0; \(rules.joined(separator: "; ")); }"
  }

  private static let last = Host(
    "r4", settings: forwarding + talkative + impatient("to-desert") + impatient("to-target"),
    routes: routes([0, 1, 2], via: (3, 1)) + routes([141], "unreachable") + routes([142], "prohibit")
      + routes([143], "blackhole"),
    rules: "chain forward { type filter hook forward priority 0; \(filters(from: 100)) }")

  private static let target = Host(
    // What waits for fragments does not wait half a minute.
    "target",
    settings: talkative + [Setting("ipv4/ipfrag_time", "1"), Setting("ipv6/ip6frag_time", "1")],
    // Its answers fit the way back from the first one on.
    routes: defaultRoute(4, 1, " mtu 1300"),
    rules: "chain input { type filter hook input priority 0; \(filters(from: 0)) }",
    services: [
      Service(.tcpEcho, port: 7, at: everywhere), Service(.udpEcho, port: 7, at: everywhere),
      Service(.udpSilent, port: 9, at: everywhere), Service(.tcpFull, port: 74, at: ["10.77.4.2", "fd77:4::2"]),
    ])

  private static let everywhere = (Array(2...9) + Array(50...89) + [40, 41]).flatMap {
    ["10.77.4.\($0)", "fd77:4::\($0)"]
  }

  private static let limited = Host("limited", routes: defaultRoute(5, 1))

  /// What is done to packets to the numbers of net 4 that ask for it, plus `base`.
  private static func filters(from base: Int) -> String {
    let v4 = rejects.v4.map { "ip daddr 10.77.4.\(base + 10 + $0.code) reject with icmp type \($0.name); " }
    let v6 = rejects.v6.map { "ip6 daddr fd77:4::\(base + 10 + $0.code) reject with icmpv6 type \($0.name); " }
    let others = """
      ip daddr 10.77.4.\(base + 30) drop; ip6 daddr fd77:4::\(base + 30) drop;
      ip daddr 10.77.4.\(base + 31) meta l4proto tcp reject with tcp reset;
      ip6 daddr fd77:4::\(base + 31) meta l4proto tcp reject with tcp reset;
      """
    // The neighbours' own talk passes: it is to addresses too.
    return "icmpv6 type { nd-neighbor-solicit, nd-neighbor-advert } accept; " + (v4 + v6).joined() + others
  }
}
