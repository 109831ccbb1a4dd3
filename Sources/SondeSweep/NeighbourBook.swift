public import SondeLink
public import SondeOctets

/// The next hop of every address of a sweep: routers, whose link addresses are kept fresh, and hosts on the link, which
/// are asked for theirs.
///
/// A host is asked three times, a second apart, and then given up. What is known of hosts is kept in memory that is made
/// once, so that of very many on one link the oldest are forgotten and asked again. Link addresses are learned from
/// answers to open questions alone, and from what a known router says of itself.
public struct NeighbourBook: Sendable {
  /// How often a host is asked, and how long each answer may take (RFC 4861 §10).
  static let attempts: UInt64 = 3
  static let patience = Duration.seconds(1)
  /// For how long a host's link address is believed.
  static let lifetime = Duration.seconds(300)

  let ways: NeighbourWays
  var routers: [NeighbourRouter]
  /// Nothing where no host is asked for a link address.
  var table: NeighbourTable?
  /// The link addresses that the system was told to keep for ever.
  var fixed: [IPAddress: MACAddress] = [:]
  /// Places of the table in the order in which they are to be asked for the first time.
  var wanted: NeighbourQueue
  /// Places of the table in the order in which they were asked.
  var asked: NeighbourQueue
  var request = NeighbourRequest()
  /// How many requests for link addresses have been written.
  public internal(set) var requests: UInt64 = 0

  /// - Parameters:
  ///   - ipv4: how packets leave to the IPv4 targets: stretches in ascending order.
  ///   - ipv6: the same for IPv6.
  ///   - capacity: of how many hosts on the link something is known at once.
  public init(ipv4: [BulkWay], ipv6: [BulkWay] = [], capacity: Int = 65_536) {
    var routers: [NeighbourRouter] = []
    ways = NeighbourWays(ipv4, ipv6, &routers)
    self.routers = routers
    let asksHosts = (ipv4 + ipv6).contains { $0.asksEachHost }
    table = asksHosts ? NeighbourTable(capacity: capacity) : nil
    wanted = NeighbourQueue(capacity: asksHosts ? 1024 : 0)
    asked = NeighbourQueue(capacity: asksHosts ? capacity : 0)
  }

  /// Whether each of some hosts is asked for its link address, so that the answers must be heard.
  public var asksHosts: Bool { table != nil }

  /// The routers and the indexes of their interfaces.
  public var routerAddresses: [(address: IPAddress, interface: Int32)] { routers.map { ($0.address, $0.interface) } }

  /// Takes over what the system knows.
  ///
  /// - Parameter isPermanent: nobody is asked for it then, and no answer changes it.
  public mutating func seed(
    _ address: IPAddress, linkAddress: MACAddress, interface: Int32, isPermanent: Bool, at now: Instant
  ) {
    for index in routers.indices where routers[index].address == address && routers[index].interface == interface {
      if isPermanent { routers[index].keep(linkAddress) } else { routers[index].learn(linkAddress, at: now) }
    }
    guard ways.asking(address)?.interface == interface else { return }
    if isPermanent {
      fixed[address] = linkAddress
    } else if let slot = table?.slot(of: address) ?? table?.claim(address) {
      table?[slot].linkAddress = linkAddress
      table?[slot].state = .known
      table?[slot].when = now
    }
  }

  /// Where a packet to an address goes now.
  @inline(__always)
  public mutating func hop(to address: IPAddress, at now: Instant) -> HopStanding {
    switch ways.lead(to: address) {
    case .hop(let hop): return .ready(hop)
    case .refused(let place): return .never(ways.reasons[place])
    case .router(let place):
      guard let hop = routers[place].hop(etherType: address.etherType) else {
        return routers[place].isSilent
          ? .never(Self.silent(routers[place].address, version: routers[place].address.version)) : .wait
      }
      return .ready(hop)
    case .host(let link): return standing(of: address, ways.links[link], at: now)
    }
  }

  private mutating func standing(
    of address: IPAddress, _ link: NeighbourWays.Link, at now: Instant
  ) -> HopStanding {
    if let slot = table?.slot(of: address), let entry = table?[slot] {
      switch entry.state {
      case .known where entry.when + Self.lifetime > now:
        return .ready(NextHop(interface: link.interface, linkAddress: entry.linkAddress, etherType: address.etherType))
      case .known:
        if !wanted.isFull {
          table?[slot].state = .wanted
          table?[slot].attempts = 0
          wanted.append(slot, at: now)
        }
        return .wait
      case .failed: return .never(Self.silent(nil, version: address.version))
      case .wanted, .asked, .free: return .wait
      }
    }
    if let known = fixed[address] {
      return .ready(NextHop(interface: link.interface, linkAddress: known, etherType: address.etherType))
    }
    guard !wanted.isFull, let slot = table?.claim(address) else { return .wait }
    table?[slot].state = .wanted
    wanted.append(slot, at: now)
    return .wait
  }

  /// Why nothing goes to a neighbour that does not tell its link address.
  ///
  /// - Parameter router: nil for a host, of which there may be very many with this one reason.
  private static func silent(_ router: IPAddress?, version: Int) -> LinkError {
    let asking = version == 4 ? "ARP" : "neighbour discovery"
    let message = router.map { "\($0) does not answer on its link (\(asking))" } ?? "no answer on the link (\(asking))"
    // EHOSTUNREACH, as the kernel says it of its own packets.
    return LinkError(operation: "neighbour", code: 113, message: message)
  }
}

extension IPAddress {
  /// What the link carries in a packet to it.
  var etherType: UInt16 {
    switch self {
    case .v4: 0x0800
    case .v6: 0x86dd
    }
  }
}
