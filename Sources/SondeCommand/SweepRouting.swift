internal import SondeHeaders
internal import SondeLink
internal import SondeLinux
internal import SondeOctets
internal import SondeSweep

/// How the packets of a sweep leave: by which interface, from which addresses.
struct SweepRouting {
  /// How packets to each stretch of addresses leave.
  private(set) var ways: [Family: [BulkWay]] = [:]
  /// Our address towards the targets of each family.
  private(set) var sources: [Family: IPAddress] = [:]
  /// The interface that packets leave by; nil where all targets are addresses of this machine.
  private(set) var interface: NetworkInterface?
  /// The index of the loopback interface, where some targets are addresses of this machine.
  private(set) var loopback: Int?

  /// - Throws: `Failure` naming what routing refuses, or the two interfaces that one sweep cannot leave by.
  init(_ space: SweepSpace, _ send: SendOptions) throws {
    let exit = try Destination.Exit(send)
    let written = send.sourceAddress ?? exit.source
    for family in Family.allCases {
      let targets = family == .ipv4 ? space.ipv4 : space.ipv6
      guard let first = targets.ranges.first else { continue }
      if let written, written.version != family.rawValue {
        throw Failure("source \(written) is no address of IPv\(family.rawValue); add -\(written.version)")
      }
      let settings = RoutePieces.Settings(source: written, interface: exit.interface, mark: send.firewallMark)
      let found = try RoutePieces.find(targets.ranges, family, settings)
        .map { Self.narrowed($0, to: targets, family) }
      ways[family] = found
      let leading = found.filter(\.leadsToHosts)
      guard let way = leading.first(where: { $0.kind != .own }) ?? leading.first else {
        throw Failure("sweep: \(Self.refusal(found, family))")
      }
      sources[family] = written ?? way.source ?? IPAddress(number: first.lowerBound, isIPv6: family == .ipv6)
      for way in leading {
        if way.kind == .own {
          loopback = Int(way.interface)
        } else if let interface, interface.index != Int(way.interface) {
          throw Failure(
            "sweep: routing takes some targets by \(interface.name) and some by \(way.interfaceName): sweep them one "
              + "after the other, or choose by -I")
        } else if interface == nil {
          interface = try NetworkInterface.at(Int(way.interface))
        }
      }
    }
  }

  /// A lone host on a link is found out and looked after as routers are: by the system, without an ear for it.
  private static func narrowed(_ way: BulkWay, to targets: AddressRanges, _ family: Family) -> BulkWay {
    guard way.asksEachHost, targets.total == 1, let lone = targets.ranges.first else { return way }
    var way = way
    way.addresses = lone
    way.kind = .router(IPAddress(number: lone.lowerBound, isIPv6: family == .ipv6))
    return way
  }

  /// Why no packet leaves.
  private static func refusal(_ ways: [BulkWay], _ family: Family) -> String {
    for way in ways {
      guard case .refused(let why) = way.kind else { continue }
      return "\(IPAddress(number: way.addresses.lowerBound, isIPv6: family == .ipv6)): \(why.message)"
    }
    return "the targets are groups of hosts, which are never asked"
  }

  /// The longest packet that need not be cut up, in octets.
  var mtu: Int { ways.values.joined().filter(\.leadsToHosts).map(\.mtu).min() ?? 0 }

  /// By which door packets to other machines leave, the preferred one first.
  ///
  /// - Parameter packets: how many will leave, about.
  func doors(_ written: String?, packets: UInt64) -> [BulkDoorKind] {
    if let kind = written.flatMap({ BulkDoorKind(rawValue: $0) }) { return [kind] }
    guard let interface else { return [.raw] }
    let preferred = BulkDoorKind.preferred(on: interface, packets: packets)
    return preferred == .xdp ? [.xdp, .packet] : [preferred]
  }

  /// What is known of next hops, for a door.
  ///
  /// - Throws: `LinkError` naming a router that does not answer.
  func book(_ door: BulkDoorKind) throws(LinkError) -> NeighbourBook {
    var ways = ways
    // By the raw door the kernel finds neighbours itself.
    if door == .raw {
      for family in Family.allCases {
        for index in (ways[family] ?? []).indices { ways[family]?[index].linkAddress = nil }
      }
    }
    var book = NeighbourBook(ipv4: ways[.ipv4] ?? [], ipv6: ways[.ipv6] ?? [])
    guard door != .raw, let interface else { return book }
    for known in try Neighbour.table(interface: interface.index) where known.isFresh || known.isPermanent {
      book.seed(
        known.address, linkAddress: known.linkAddress, interface: Int32(clamping: interface.index),
        isPermanent: known.isPermanent, at: Clock.monotonic)
    }
    // Routers are the system's own neighbours: it asks for them, and keeps what it learns in its table.
    for router in book.routerAddresses {
      let found = try Neighbour.resolve(router.address, interface: Int(router.interface))
      book.seed(
        router.address, linkAddress: found, interface: router.interface, isPermanent: false, at: Clock.monotonic)
    }
    return book
  }
}
