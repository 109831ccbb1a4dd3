internal import CLinuxNet
internal import Glibc
internal import SondeLink
internal import SondeOctets

/// Makes the namespaces, cables and entries of a topology, by one thread in one pass.
struct LaboratoryBuilder {
  let topology: Topology
  private(set) var namespaces: [String: HostNamespace] = [:]
  /// Where bridges are, and the near ends of cables to them and to relays; nil where no network needs it.
  let switches: HostNamespace?
  private let plan: CablePlan

  /// Makes the namespaces, with nothing in them.
  init(_ topology: Topology) throws(LinkError) {
    self.topology = topology
    plan = try CablePlan(topology)
    let home = try Descriptor.file(HostNamespace.ofThread, flags: O_RDONLY)
    defer { _ = clinux_setns(home.number) }
    for host in topology.hosts {
      let namespace = try HostNamespace()
      try HostSettings.prepare(host)
      try namespace.tell(.raise(Laboratory.loopback), as: "lo of \(host.name)")
      namespaces[host.name] = namespace
    }
    if plan.needsSwitches {
      let namespace = try HostNamespace()
      try HostSettings.prepareSwitches()
      switches = namespace
    } else {
      switches = nil
    }
  }

  /// Lays the cables, and gives hosts what they have.
  func build() throws(LinkError) {
    for bridge in plan.bridges {
      try switches?.tell(.bridge(bridge.index, bridge.name, mtu: bridge.mtu), as: "bridge of network \(bridge.network)")
    }
    for cable in plan.cables {
      let near = cable.near.host.flatMap { namespaces[$0] } ?? switches
      guard let near, let far = cable.far.host.flatMap({ namespaces[$0] }) else { continue }
      let request = NetlinkRequest.cable(cable.near.end, cable.far.end, in: far.descriptor.number)
      try near.tell(request, as: "network \(cable.network), \(cable.far.host ?? "") \(cable.far.end.name)")
    }
    let home = try Descriptor.file(HostNamespace.ofThread, flags: O_RDONLY)
    defer { _ = clinux_setns(home.number) }
    for host in topology.hosts {
      guard let namespace = namespaces[host.name] else { continue }
      try namespace.enter()
      try furnish(host, namespace)
    }
  }

  /// Begins the relays of impaired networks.
  func relays() throws(LinkError) -> [Relay] {
    guard let switches else { return [] }
    let home = try Descriptor.file(HostNamespace.ofThread, flags: O_RDONLY)
    defer { _ = clinux_setns(home.number) }
    try switches.enter()
    var relays: [Relay] = []
    for (network, ports) in plan.relayed { relays.append(try Relay(network, ports)) }
    return relays
  }

  /// Waits until every interface can send: what a new link is given before that, it loses without a word.
  func awaitLinks() throws(LinkError) {
    let home = try Descriptor.file(HostNamespace.ofThread, flags: O_RDONLY)
    defer { _ = clinux_setns(home.number) }
    let deadline = Clock.monotonic + .seconds(5)
    for place in plan.interfaces {
      guard let namespace = place.host.map({ namespaces[$0] }) ?? switches else { continue }
      while true {
        _ = unsafe clinux_has_link(namespace.controls, place.end.name)
        if try namespace.isOperational(place.end.index) { break }
        guard Clock.monotonic < deadline else {
          throw LinkError("\(place.host ?? "switch") \(place.end.name)", refusal: "its link did not come up in 5 s")
        }
        usleep(200)
      }
    }
  }

  /// Gives a host its addresses, routes, neighbours and settings; the thread is on it.
  private func furnish(_ host: Topology.Host, _ namespace: HostNamespace) throws(LinkError) {
    for (end, network) in topology.ends(of: host.name) {
      let name = end.interface
      guard let index = plan.index(of: name, on: host.name) else { continue }
      // Segments of 64 KiB and unfinished checksums would stand for packets on a link that no card finishes.
      try checked(
        unsafe clinux_offloads_off(namespace.controls, name), "offloads of \(host.name) \(name)")
      try namespace.tell(.raise(index), as: "\(host.name) \(name)")
      if end.addresses.contains(where: { $0.address.version == 6 }) {
        guard network.mtu >= 1280 else {
          throw LinkError("network \(network.name)", refusal: "IPv6 needs an MTU of 1280 (RFC 8200 §5)")
        }
        try KernelFile.write("0", to: "/proc/sys/net/ipv6/conf/\(name)/disable_ipv6")
      }
      for address in end.addresses {
        try namespace.tell(
          .address(address, on: index),
          as: "address \(address.address)/\(address.prefixLength) on \(host.name) \(name)")
      }
    }
    for route in host.routes {
      try namespace.tell(.route(route), as: "route \(route.destination)/\(route.prefixLength) of \(host.name)")
    }
    for neighbour in host.neighbours {
      guard let index = plan.index(of: neighbour.interface, on: host.name) else {
        throw LinkError(
          "neighbour \(neighbour.address) of \(host.name)", refusal: "it has no interface \(neighbour.interface)")
      }
      try namespace.tell(.neighbour(neighbour, on: index), as: "neighbour \(neighbour.address) of \(host.name)")
    }
    try HostSettings.finish(host)
  }
}
