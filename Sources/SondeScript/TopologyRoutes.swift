internal import SondeLink
internal import SondeOctets
internal import SondeSim

/// Which way packets take through a topology, as its hosts' interfaces and routing tables have it.
struct TopologyRoutes: Sendable {
  /// How a packet leaves a host.
  struct Exit {
    var interface: String
    /// The ends that a frame reaches: the next hop, or all others for a group.
    var receivers: [Topology.End]
    var mtu: Int
    var delay: Duration
  }

  private let topology: Topology

  init(_ topology: Topology) { self.topology = topology }

  func has(_ address: IPAddress, _ host: String) -> Bool {
    topology.ends(of: host).contains { $0.end.addresses.contains { $0.address == address } }
  }

  func forwards(_ host: String) -> Bool { topology.hosts.contains { $0.name == host && $0.forwards } }

  /// The host as a router that answers at once.
  func router(_ host: String, mtu: Int) -> SimulatedRouter {
    var router = SimulatedRouter(roundTrip: .zero, mtu: mtu)
    router.addresses = topology.ends(of: host).flatMap(\.end.addresses).map(\.address)
    return router
  }

  /// How a packet to `destination` leaves a host; nil where it has no route.
  func exit(from host: String, to destination: IPAddress, by interface: String? = nil) -> Exit? {
    let ends = topology.ends(of: host).filter { interface == nil || $0.end.interface == interface }
    if destination.isGroup {
      return ends.first { $0.end.addresses.contains { $0.address.version == destination.version } }
        .map { exit($0.end, $0.network, to: nil) }
    }
    var best: (length: Int, exit: Exit)?
    for (end, network) in ends {
      for own in end.addresses where own.prefixLength > best?.length ?? -1 {
        guard destination.shares(own.prefixLength, with: own.address) else { continue }
        best = (own.prefixLength, exit(end, network, to: destination))
      }
    }
    for route in topology.hosts.first(where: { $0.name == host })?.routes ?? [] {
      guard route.prefixLength > best?.length ?? -1, let gateway = route.gateway,
        destination.shares(route.prefixLength, with: route.destination)
      else { continue }
      for (end, network) in ends
      where end.addresses.contains(where: { gateway.shares($0.prefixLength, with: $0.address) }) {
        best = (route.prefixLength, exit(end, network, to: gateway))
      }
    }
    return best?.exit
  }

  private func exit(_ end: Topology.End, _ network: Topology.Network, to nextHop: IPAddress?) -> Exit {
    let receivers = network.ends.filter { other in
      guard let nextHop else { return other != end }
      return other.addresses.contains { $0.address == nextHop }
    }
    return Exit(interface: end.interface, receivers: receivers, mtu: network.mtu, delay: network.impairment.delay)
  }
}

extension Topology.Route {
  /// The router that it leads to; nil for one that refuses.
  var gateway: IPAddress? {
    guard case .gateway(let address) = kind else { return nil }
    return address
  }
}

extension IPAddress {
  /// Whether the first `length` bits of both are the same.
  fileprivate func shares(_ length: Int, with other: IPAddress) -> Bool {
    switch (self, other) {
    case (.v4(let one), .v4(let other)):
      return length <= 0 || (one.rawValue ^ other.rawValue) >> UInt32(32 - min(length, 32)) == 0
    case (.v6(let one), .v6(let other)):
      if length <= 0 { return true }
      if length <= 64 { return (one.high ^ other.high) >> UInt64(64 - length) == 0 }
      return one.high == other.high && (one.low ^ other.low) >> UInt64(128 - min(length, 128)) == 0
    default: return false
    }
  }
}
