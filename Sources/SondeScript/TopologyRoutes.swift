internal import SondeLink
internal import SondeOctets
internal import SondeSim

/// Which way packets take through a topology, as its hosts' interfaces and routing tables have it.
struct TopologyRoutes: Sendable {
  /// How a packet leaves a host.
  struct Exit {
    /// The interface that it leaves by.
    var end: Topology.End
    var network: Topology.Network
    /// The address on the link that it goes to first; nil for a group, which is all that are there.
    var nextHop: IPAddress?
  }

  let topology: Topology

  /// The topology with a link address for every end: those that it leaves to the kernel are made up (locally
  /// administered, IEEE 802 §8.2.2).
  init(_ topology: Topology) {
    var topology = topology
    var number: UInt64 = 0
    for network in topology.networks.indices {
      for end in topology.networks[network].ends.indices {
        number += 1
        let madeUp = MACAddress(rawValue: 0x0200_0000_0000 | number)
        topology.networks[network].ends[end].linkAddress = topology.networks[network].ends[end].linkAddress ?? madeUp
      }
    }
    self.topology = topology
  }

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

  /// The interface of a host by its name, or its first.
  func exit(from host: String, by interface: String?) -> Exit? {
    topology.ends(of: host).first { interface == nil || $0.end.interface == interface }.map {
      Exit(end: $0, network: $1)
    }
  }

  /// How a packet to `destination` leaves a host; nil where it has no route.
  func exit(from host: String, to destination: IPAddress, by interface: String? = nil) -> Exit? {
    let ends = topology.ends(of: host).filter { interface == nil || $0.end.interface == interface }
    if destination.isGroup {
      return ends.first { $0.end.addresses.contains { $0.address.version == destination.version } }
        .map { Exit(end: $0, network: $1) }
    }
    var best: (length: Int, exit: Exit)?
    for (end, network) in ends {
      for own in end.addresses where own.prefixLength > best?.length ?? -1 {
        guard destination.shares(own.prefixLength, with: own.address) else { continue }
        best = (own.prefixLength, Exit(end: end, network: network, nextHop: destination))
      }
    }
    for route in topology.hosts.first(where: { $0.name == host })?.routes ?? [] {
      guard route.prefixLength > best?.length ?? -1, let gateway = route.gateway,
        destination.shares(route.prefixLength, with: route.destination)
      else { continue }
      for (end, network) in ends
      where end.addresses.contains(where: { gateway.shares($0.prefixLength, with: $0.address) }) {
        best = (route.prefixLength, Exit(end: end, network: network, nextHop: gateway))
      }
    }
    return best?.exit
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
