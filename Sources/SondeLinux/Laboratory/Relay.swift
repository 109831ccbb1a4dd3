internal import SondeLink

/// A switch in user space that does to frames what its network's impairment says.
final class Relay: Sendable {
  let name: String

  init(_ network: Topology.Network, ports: [NetlinkRequest.NewEnd]) throws(LinkError) {
    name = network.name
  }

  var counts: [RelayCounts] { [] }

  func stop() {}
}
