/// How ip(8), nft(8) and ethtool(8) build a topology: in steps, each a script for every host that has a part in it.
struct BuildingPlan {
  struct Work: Sendable {
    var host: String
    var script: String
  }

  var steps: [[Work]]

  /// - Parameter path: where a host's namespace can be found.
  init(_ topology: Topology, path: (String) -> String) {
    let hosts = topology.hosts
    let defaults = hosts.map { Work(host: $0.name, script: Self.lines(Self.settings)) }
    // From the namespace of the first host, so that none of it ever stands in the machine's own.
    let cables = topology.links.map { link in
      "link add \(link.near.interface) netns \(path(link.near.host)) type veth "
        + "peer name \(link.far.interface) netns \(path(link.far.host))"
    }
    let interfaces = hosts.map { host in
      let ends = topology.ends(of: host.name)
      var batch = ["link set lo up"]
      batch += ends.map { "link set \($0.end.interface) mtu \($0.mtu)" }
      batch += ends.map(\.end).flatMap { end in
        end.addresses.map { "addr add \($0) dev \(end.interface)\($0.contains(":") ? " nodad" : " brd +")" }
          + ["link set \(end.interface) up"]
      }
      // On a veth pair segments of 64 KiB and unfinished checksums would stand for packets.
      let offloads = ends.map { "ethtool -K \($0.end.interface) tx off tso off gso off gro off" }
      return Work(
        host: host.name, script: "set -e\n" + offloads.joined(separator: "\n") + "\n" + Self.batch(batch))
    }
    let rest = hosts.map { host in
      var script = "set -e\n" + Self.lines(host.settings)
      if !host.routes.isEmpty { script += Self.batch(host.routes.map { "route add \($0)" }) }
      if !host.rules.isEmpty { script += "nft -f - <<'END'\ntable inet lab {\n\(host.rules)\n}\nEND\n" }
      return Work(host: host.name, script: script)
    }
    let cabling = [Work(host: hosts.first?.name ?? "", script: Self.batch(cables))]
    steps = [defaults, cabling, interfaces, rest, Self.waits(topology)]
  }

  /// Nobody else could have these addresses, answers may come by any way, and nobody asks for routers.
  private static let settings = [
    Topology.Setting("ipv6/conf/all/accept_dad", "0"), Topology.Setting("ipv6/conf/default/accept_dad", "0"),
    Topology.Setting("ipv6/conf/default/router_solicitations", "0"),
    Topology.Setting("ipv4/conf/all/rp_filter", "0"), Topology.Setting("ipv4/conf/default/rp_filter", "0"),
    Topology.Setting("ipv4/ping_group_range", "0 2147483647"),
  ]

  private static func lines(_ settings: [Topology.Setting]) -> String {
    settings.map { "echo '\($0.value)' > /proc/sys/net/\($0.path) || exit 1\n" }.joined()
  }

  /// A new link is up a moment late, in IPv6 up to a second: each near end waits for the far one.
  private static func waits(_ topology: Topology) -> [Work] {
    topology.links.filter { !$0.near.addresses.isEmpty }.flatMap { link in
      [false, true].compactMap { isIPv6 -> Work? in
        guard let far = link.far.addresses.first(where: { $0.contains(":") == isIPv6 }) else { return nil }
        let ping = "ping -c1 -W0.3 \(far.prefix { $0 != "/" }) > /dev/null"
        return Work(
          host: link.near.host, script: "n=0; until \(ping); do n=$((n + 1)); [ $n -lt 50 ] || exit 1; done")
      }
    }
  }

  private static func batch(_ lines: [String]) -> String {
    "ip -batch - <<'END'\n\(lines.joined(separator: "\n"))\nEND\n"
  }
}
