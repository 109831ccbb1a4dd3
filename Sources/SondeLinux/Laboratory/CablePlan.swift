internal import SondeLink

/// Which cables a topology is made of, with the interface indices of their ends.
///
/// An index belongs to one interface of the whole laboratory: where both ends of a veth pair have the same, the kernel
/// takes the cable for no cable, and acts on a new link up to a second late (link_watch.c, `linkwatch_urgent_event`).
struct CablePlan {
  struct Place {
    /// nil is the namespace of switches.
    var host: String?
    var end: NetlinkRequest.NewEnd
  }

  struct Cable {
    var network: String
    var near: Place
    var far: Place
  }

  struct Bridge {
    var network: String
    var index: Int
    var name: String
    var mtu: Int
  }

  private(set) var cables: [Cable] = []
  private(set) var bridges: [Bridge] = []
  /// Networks with something to do to frames, and the interfaces by which a relay has the ends.
  private(set) var relayed: [(network: Topology.Network, ports: [NetlinkRequest.NewEnd])] = []

  var needsSwitches: Bool { cables.contains { $0.near.host == nil } }

  var interfaces: [Place] { cables.flatMap { [$0.near, $0.far] } }

  /// lo has 1, and some kernels put tunnels of their own behind it in each new namespace.
  private static let firstIndex = 21

  /// - Throws: `LinkError` if a network names a host that is not there, or an interface twice.
  init(_ topology: Topology) throws(LinkError) {
    let hosts = Set(topology.hosts.map(\.name))
    guard hosts.count == topology.hosts.count else {
      throw LinkError("laboratory \(topology.name)", refusal: "two of its hosts have the same name")
    }
    var next = Self.firstIndex
    for (number, network) in topology.networks.enumerated() {
      var places: [Place] = []
      for end in network.ends {
        guard hosts.contains(end.host) else {
          throw LinkError("network \(network.name)", refusal: "there is no host \(end.host)")
        }
        guard index(of: end.interface, on: end.host, among: places) == nil else {
          throw LinkError("network \(network.name)", refusal: "\(end.host) has two interfaces \(end.interface)")
        }
        let own = NetlinkRequest.NewEnd(
          index: next, name: end.interface, mtu: network.mtu, linkAddress: end.linkAddress)
        next += 1
        places.append(Place(host: end.host, end: own))
      }
      if network.impairment == .none, places.count == 2 {
        cables.append(Cable(network: network.name, near: places[0], far: places[1]))
        continue
      }
      var bridge: Int?
      if network.impairment == .none {
        bridge = next
        bridges.append(Bridge(network: network.name, index: next, name: "net\(number)", mtu: network.mtu))
        next += 1
      }
      var ports: [NetlinkRequest.NewEnd] = []
      for (place, far) in places.enumerated() {
        let port = NetlinkRequest.NewEnd(
          index: next, name: "net\(number)-\(place)", mtu: network.mtu, linkAddress: nil, bridge: bridge)
        next += 1
        ports.append(port)
        cables.append(Cable(network: network.name, near: Place(host: nil, end: port), far: far))
      }
      if bridge == nil { relayed.append((network, ports)) }
    }
  }

  /// - Parameter more: ends that have no cable yet.
  func index(of interface: String, on host: String, among more: [Place] = []) -> Int? {
    (interfaces + more).first { $0.host == host && $0.end.name == interface }?.end.index
  }
}
