internal import SondeHeaders
internal import SondeLink
internal import SondeLinux
internal import SondeOctets
internal import SondeSweep

/// How the packets of a sweep leave: by which interface, from which addresses.
struct SweepRouting {
  /// Our address towards the targets of each family.
  private(set) var sources: [Family: IPAddress] = [:]
  /// The interface that packets leave by; nil where all targets are addresses of this machine.
  private(set) var interface: NetworkInterface?
  let door: BulkDoorKind

  /// - Throws: `Failure` naming what routing refuses.
  init(_ task: SweepTask, _ send: SendOptions) throws {
    let exit = try Destination.Exit(send)
    for family in Family.allCases {
      guard let first = task.first(family) else { continue }
      let route = try Route.lookup(first, interface: exit.interface, mark: send.firewallMark)
      let any: IPAddress = family == .ipv4 ? .v4(.any) : .v6(.any)
      sources[family] = send.sourceAddress ?? exit.source ?? route.source ?? any
      if route.kind != .local { interface = route.interface }
    }
    let written = send.door.flatMap { BulkDoorKind(rawValue: $0) }
    door = written ?? interface.map { BulkDoorKind.preferred(on: $0) } ?? .raw
  }
}
