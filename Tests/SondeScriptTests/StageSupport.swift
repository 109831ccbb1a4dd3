import SondeCraft
import SondeHeaders
import SondeLink
import SondeOctets
import SondeScript
import Testing

/// Two hosts on one link: a is 192.0.2.1 and 2001:db8::1, b is .2 and ::2.
func pair() throws -> Topology { try chain(["a", "b"], mtus: [1500]) }

/// Hosts in a row, the inner ones routers: the link between host i and host i + 1 is 192.0.(2 + i).0/24, where the near
/// end has 1 and the far one 2. The first and the last host send everything to their neighbour.
func chain(_ names: [String], mtus: [Int]) throws -> Topology {
  func address(_ text: String, _ length: Int) throws -> Topology.InterfaceAddress {
    Topology.InterfaceAddress(try #require(IPAddress(text)), prefixLength: length)
  }
  var hosts = names.map { Topology.Host($0, forwards: $0 != names.first && $0 != names.last) }
  if names.count > 2 {
    let any = try #require(IPAddress("0.0.0.0"))
    for (index, router) in [(0, "192.0.2.2"), (names.count - 1, "192.0.\(names.count).1")] {
      hosts[index].routes = [
        Topology.Route(any, prefixLength: 0, .gateway(try #require(IPAddress(router))))
      ]
    }
  }
  let networks = try mtus.enumerated().map { index, mtu in
    Topology.Network(
      "net\(index)", mtu: mtu,
      ends: [
        .init(
          names[index], "right", [try address("192.0.\(2 + index).1", 24), try address("2001:db8:\(index)::1", 64)]),
        .init(
          names[index + 1], "left", [try address("192.0.\(2 + index).2", 24), try address("2001:db8:\(index)::2", 64)]),
      ])
  }
  return Topology(name: "chain", hosts: hosts, networks: networks)
}

/// The octets of a recipe.
func octets(_ recipe: String) throws -> [UInt8] { try Recipe(recipe).first.packet.encoded().bytes }

extension Stage where Self: ~Copyable {
  /// Sends a packet, and gives all that is seen until `duration` later.
  mutating func exchange(
    _ recipe: String, from host: String, for duration: Duration = .seconds(1)
  ) throws -> [Sighting] {
    try send(Outgoing(probe: 1, bytes: try octets(recipe)), from: host, by: nil)
    return try all(for: duration)
  }

  /// All that is seen until `duration` later.
  mutating func all(for duration: Duration) throws -> [Sighting] {
    var sightings: [Sighting] = []
    let end = now + duration
    while now < end { try receive(until: end, into: &sightings) }
    return sightings
  }
}

extension Sighting {
  /// Where and which way it went, and the innermost header's name: "a out icmp".
  var place: String {
    let way =
      switch direction {
      case .incoming: "in"
      case .outgoing: "out"
      case .ours: "ours"
      case .passing: "passing"
      case .unknown: "unknown"
      }
    return "\(host) \(way)"
  }

  var packet: Dissection { Registry.dissect(frame.bytes, as: .link(frame.linkType.rawValue)) }
}
