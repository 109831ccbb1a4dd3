import SondeLink
import SondeOctets

extension Topology {
  /// Hosts on one network: 192.0.2.1 and on, 2001:db8::1 and on.
  static func lan(
    _ hosts: [String], _ impairment: Impairment = .none, isIPv4Alone: Bool = false
  ) -> Topology {
    let ends = hosts.enumerated().map { number, host in
      End(
        host, "eth0", linkAddress: MACAddress(rawValue: 0x0200_0000_0001 + UInt64(number)),
        addresses(["192.0.2.\(number + 1)/24"] + (isIPv4Alone ? [] : ["2001:db8::\(number + 1)/64"])))
    }
    return Topology(
      name: "lan", hosts: hosts.map { Host($0) }, networks: [Network("lan", ends: ends, impairment: impairment)])
  }

  /// a, a router with a narrower link behind it, b; b drops port 22, and has an entry and a setting of its own.
  static func chain(_ change: (inout Topology) -> Void = { _ in }) throws -> Topology {
    guard let zero = IPAddress("0.0.0.0"), let near = IPAddress("192.0.2.254"), let far = IPAddress("198.51.100.254"),
      let nowhere = IPAddress("203.0.113.0"), let ghost = IPAddress("198.51.100.77")
    else { throw Failure("addresses") }
    var chain = Topology(
      name: "chain",
      hosts: [
        Host(
          "a",
          routes: [Route(zero, prefixLength: 0, .gateway(near)), Route(nowhere, prefixLength: 24, .unreachable)]),
        Host("r", forwards: true),
        Host(
          "b", routes: [Route(zero, prefixLength: 0, .gateway(far))],
          neighbours: [Neighbour(ghost, at: "02:00:00:00:00:77", on: "eth0")],
          settings: [Setting("ipv4/conf/default/arp_ignore", "1"), Setting("ipv4/icmp_ratelimit", "0")],
          rules: "chain in { type filter hook input priority 0; tcp dport 22 drop; }"),
      ],
      networks: [
        Network(
          "near",
          ends: [End("a", "eth0", addresses(["192.0.2.1/24"])), End("r", "eth0", addresses(["192.0.2.254/24"]))]),
        Network(
          "far", mtu: 1300,
          ends: [
            End("r", "eth1", addresses(["198.51.100.254/24"])), End("b", "eth0", addresses(["198.51.100.1/24"])),
          ]),
      ])
    change(&chain)
    return chain
  }

  static func addresses(_ texts: [String]) -> [InterfaceAddress] {
    texts.compactMap { text in
      let parts = text.split(separator: "/")
      guard parts.count == 2, let address = IPAddress(String(parts[0])), let length = Int(parts[1]) else { return nil }
      return InterfaceAddress(address, prefixLength: length)
    }
  }
}
