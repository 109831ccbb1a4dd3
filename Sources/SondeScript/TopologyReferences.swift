internal import SondeLink
internal import SondeOctets

// The lines that say more of a host, which may stand above those that make it.
extension TopologyReader {
  mutating func takeReference(_ words: [TopologyWord]) throws(TopologyError) {
    guard words.count > 1 else { throw missing("a host", after: words) }
    guard let host = topology.hosts.firstIndex(where: { $0.name == words[1].text }) else {
      let names = topology.hosts.map(\.name).joined(separator: ", ")
      throw TopologyError(
        words[1], "there is no host \(words[1].quoted)", names.isEmpty ? "there is none at all" : "hosts are \(names)")
    }
    switch words[0].text {
    case "route": try takeRoute(words, host)
    case "setting": try takeSetting(words, host)
    case "rules": try takeRules(words, host)
    default: try takeNeighbour(words, host)
    }
  }

  private mutating func takeRoute(_ words: [TopologyWord], _ host: Int) throws(TopologyError) {
    guard words.count > 3 else { throw missing("a part of the route", after: words) }
    let kind: Topology.Route.Kind
    var gateway: IPAddress?
    switch words[3].text {
    case "via":
      guard words.count > 4 else { throw missing("a gateway", after: words) }
      try end(words, 5)
      let address = try words[4].address()
      try checkReach(address, words[4], host)
      gateway = address
      kind = .gateway(address)
    case "unreachable": kind = .unreachable
    case "prohibit": kind = .prohibit
    case "blackhole": kind = .blackhole
    default:
      throw TopologyError(
        words[3], "\(words[3].quoted) is no kind of route", "a route is via ADDRESS, unreachable, prohibit or blackhole"
      )
    }
    if gateway == nil { try end(words, 4) }
    let (destination, length) = try destination(words[2], gateway)
    if let gateway, gateway.version != destination.version {
      throw TopologyError(words[4], "the gateway \(gateway) is of another family than \(words[2].quoted)")
    }
    let route = Topology.Route(destination, prefixLength: length, kind)
    guard
      !topology.hosts[host].routes.contains(where: { $0.destination == destination && $0.prefixLength == length })
    else { throw TopologyError(words[2], "a second route of \(words[1].text) to \(words[2].quoted)") }
    topology.hosts[host].routes.append(route)
  }

  private func destination(
    _ word: TopologyWord, _ gateway: IPAddress?
  ) throws(TopologyError) -> (IPAddress, length: Int) {
    guard word.text == "default" else { return try word.destination() }
    guard let gateway else {
      throw TopologyError(word, "\"default\" of both families", "write 0.0.0.0/0 or ::/0")
    }
    return (IPAddress(number: 0, isIPv6: gateway.version == 6), 0)
  }

  /// A gateway is on a link of its host, or the kernel would refuse it.
  private func checkReach(_ gateway: IPAddress, _ word: TopologyWord, _ host: Int) throws(TopologyError) {
    let own = topology.ends(of: topology.hosts[host].name).flatMap(\.end.addresses)
    guard !own.contains(where: { $0.address == gateway }) else {
      throw TopologyError(word, "the gateway \(gateway) is \(topology.hosts[host].name) itself")
    }
    guard own.contains(where: { $0.holds(gateway) }) else {
      throw TopologyError(
        word, "the gateway \(gateway) is on no link of \(topology.hosts[host].name)",
        own.isEmpty
          ? "the host has no address"
          : "its addresses are \(own.map { "\($0.address)/\($0.prefixLength)" }.joined(separator: ", "))")
    }
  }

  private mutating func takeNeighbour(_ words: [TopologyWord], _ host: Int) throws(TopologyError) {
    guard words.count > 4 else { throw missing("a part of the entry", after: words) }
    let address = try words[2].address()
    guard words[3].text == "at" else {
      throw TopologyError(words[3], "\(words[3].quoted) does not belong", "\"at\" and a link address stand here")
    }
    let linkAddress = try words[4].linkAddress()
    let ends = topology.ends(of: topology.hosts[host].name).map(\.end)
    var interface: String?
    if words.count > 5 {
      guard words[5].text == "on" else {
        throw TopologyError(words[5], "\(words[5].quoted) does not belong", "\"on\" and an interface stand here")
      }
      guard words.count > 6 else { throw missing("an interface", after: words) }
      try end(words, 7)
      interface = ends.first { $0.interface == words[6].text }?.interface
      guard interface != nil else {
        throw TopologyError(
          words[6], "\(words[1].text) has no interface \(words[6].quoted)",
          ends.isEmpty ? "it has none" : "it has \(ends.map(\.interface).joined(separator: ", "))")
      }
    }
    let found = ends.first { $0.addresses.contains { $0.holds(address) } } ?? (ends.count == 1 ? ends.first : nil)
    guard let interface = interface ?? found?.interface else {
      throw TopologyError(words[2], "\(address) is on no link of \(words[1].text)", "say of which, by on INTERFACE")
    }
    guard !topology.hosts[host].neighbours.contains(where: { $0.address == address && $0.interface == interface })
    else { throw TopologyError(words[2], "a second entry for \(address)") }
    topology.hosts[host].neighbours.append(Topology.Neighbour(address, at: linkAddress, on: interface))
  }

  private mutating func takeSetting(_ words: [TopologyWord], _ host: Int) throws(TopologyError) {
    guard words.count > 3 else { throw missing("a setting or its value", after: words) }
    let path = try words[2].settingPath()
    let value = words[3...].map(\.text).joined(separator: " ")
    topology.hosts[host].settings.append(Topology.Setting(path, value))
  }

  private mutating func takeRules(_ words: [TopologyWord], _ host: Int) throws(TopologyError) {
    guard words.count > 2 else { throw missing("the rules", after: words) }
    let text = words[2...].map(\.text).joined(separator: " ")
    let older = topology.hosts[host].rules
    topology.hosts[host].rules = older.isEmpty ? text : older + "\n" + text
  }
}

extension Topology.InterfaceAddress {
  /// Whether another address is on the same link by its prefix.
  func holds(_ other: IPAddress) -> Bool {
    other.version == address.version && other.masked(prefixLength) == address.masked(prefixLength)
  }
}
