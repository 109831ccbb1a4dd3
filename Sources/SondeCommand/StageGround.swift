internal import SondeLink
internal import SondeLinux
internal import SondeScript

/// What a live scenario stands on: a laboratory's hosts, or this machine alone.
enum StageGround {
  case laboratory(Laboratory)
  /// The one host is called by this name.
  case machine(String)

  /// What this machine is called as the one host of a scenario.
  static let machineName = "here"

  /// Calls `body` where a host's sockets are opened and used.
  ///
  /// - Throws: what `body` throws; `LinkError` if there is no such host.
  func on<R: ~Copyable>(_ host: String, _ body: () throws(LinkError) -> R) throws(LinkError) -> R {
    switch self {
    case .laboratory(let laboratory): return try laboratory.on(host, body)
    case .machine(host): return try body()
    case .machine(let name):
      throw LinkError(operation: "host \(host)", code: 0, message: "there is this machine alone, \(name)")
    }
  }

  /// Hears all that passes the hosts' interfaces, from now on.
  func ear(waking interrupter: Interrupter) throws(LinkError) -> LaboratoryEar {
    switch self {
    case .laboratory(let laboratory): return try LaboratoryEar(laboratory, interrupter: interrupter)
    case .machine(let name): return try LaboratoryEar(machine: name, interrupter: interrupter)
    }
  }

  /// The hosts with the interfaces that are up, in the topology's order.
  func hosts() throws(LinkError) -> [StageHost] {
    switch self {
    case .laboratory(let laboratory):
      var hosts: [StageHost] = []
      for planned in laboratory.topology.stageHosts {
        let there = try laboratory.on(planned.name) { () throws(LinkError) in try NetworkInterface.all() }
        let interfaces = planned.interfaces.compactMap { interface in
          there.first { $0.name == interface.name }.map { StageHost.Interface($0) }
        }
        hosts.append(StageHost(planned.name, interfaces: interfaces))
      }
      return hosts
    case .machine(let name):
      let interfaces = try NetworkInterface.all().filter(\.isUp).map { StageHost.Interface($0) }
      return [StageHost(name, interfaces: interfaces)]
    }
  }
}

extension StageHost.Interface {
  fileprivate init(_ interface: NetworkInterface) {
    self.init(interface.name, linkAddress: interface.linkAddress, addresses: interface.addresses.map(\.address))
  }
}
