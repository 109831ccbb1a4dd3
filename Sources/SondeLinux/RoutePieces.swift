internal import Glibc
public import SondeLink
public import SondeOctets

/// The ways to many addresses, found out by asking routing once for each stretch that it treats alike.
public enum RoutePieces {
  /// What routing may look at beside the destination.
  public struct Settings: Hashable, Sendable {
    /// The source address that the packets will have; one that is not this machine's plays no part.
    public var source: IPAddress?
    /// The index of the interface to go by.
    public var interface: Int?
    public var mark: UInt32?

    public init(source: IPAddress? = nil, interface: Int? = nil, mark: UInt32? = nil) {
      self.source = source
      self.interface = interface
      self.mark = mark
    }
  }

  /// Splits addresses into stretches that leave alike, in ascending order. A stretch may hold addresses between those
  /// that were asked for.
  ///
  /// The prefixes of all routes in all tables, and of the rules that choose the tables, are where the answer may change
  /// (ip-route(8), ip-rule(8)); the kernel is then asked for one address of each stretch, and like neighbours are joined.
  /// Of several next hops of equal worth, one serves a whole stretch.
  ///
  /// - Parameters:
  ///   - ranges: in ascending order, none overlapping another.
  ///   - limit: how many stretches may be asked for.
  /// - Throws: `LinkError` if there are more, or if the kernel refuses to tell.
  public static func find(
    _ ranges: [ClosedRange<UInt128>], _ family: Family, _ settings: Settings = Settings(), limit: Int = 10_000
  ) throws(LinkError) -> [BulkWay] {
    guard let lowest = ranges.first?.lowerBound, let highest = ranges.last?.upperBound else { return [] }
    var netlink = try NetlinkSocket()
    let prefixes = try bounds(family, within: lowest...highest, &netlink)
    guard let stretches = RouteBounds(prefixes).stretches(of: ranges, limit: limit) else {
      throw LinkError(
        "routes",
        refusal: "the routing tables split the targets into more than \(limit) stretches; sweep fewer at a time")
    }
    let interfaces = try NetworkInterface.all()
    let own = interfaces.flatMap { $0.addresses.map(\.address) }
    var settings = settings
    if let source = settings.source, !own.contains(source), !source.isLoopback { settings.source = nil }
    var ways: [BulkWay] = []
    for stretch in stretches {
      let way = try way(stretch, family, settings, interfaces, &netlink)
      if var last = ways.last, last.joins(way) {
        last.addresses = last.addresses.lowerBound...way.addresses.upperBound
        ways[ways.count - 1] = last
      } else {
        ways.append(way)
      }
    }
    return ways
  }

  /// The prefixes of all routes and rules that hold some addresses of a range.
  private static func bounds(
    _ family: Family, within range: ClosedRange<UInt128>, _ netlink: inout NetlinkSocket
  ) throws(LinkError) -> [ClosedRange<UInt128>] {
    var prefixes = RouteBounds.always(family)
    for type in [NetlinkRequest.getRoute, NetlinkRequest.getRule] {
      let body = [UInt8(family.domain)] + [UInt8](repeating: 0, count: 11)
      do throws(LinkError) {
        try netlink.ask(NetlinkRequest(type, dump: true, body: body), as: "routes") { message in
          guard let prefix = prefix(message, family), prefix.overlaps(range), prefix != prefixes.last else { return }
          prefixes.append(prefix)
        }
      } catch {
        // A kernel without policy routing has no rules.
        guard type == NetlinkRequest.getRule, [EOPNOTSUPP, EAFNOSUPPORT].contains(error.code) else { throw error }
      }
    }
    return prefixes
  }

  /// The prefix of a route (`struct rtmsg`) or a rule (`struct fib_rule_hdr`): both begin with the family and its length,
  /// and have it as attribute 1 (RTA_DST, FRA_DST).
  static func prefix(_ message: NetlinkMessage, _ family: Family) -> ClosedRange<UInt128>? {
    let types = [NetlinkMessage.newRoute, NetlinkMessage.newRule]
    guard types.contains(message.type), message.body.first == UInt8(family.domain),
      let length = message.body.dropFirst(1).first, length > 0,
      let address = message.attributes(after: 12)[1]?.ipAddress, address.family == family
    else { return nil }
    // RTM_F_CLONED: what was learned of one destination on the way, no route.
    if message.type == NetlinkMessage.newRoute, (message.body.native(at: 8, as: UInt32.self) ?? 0) & 0x200 != 0 {
      return nil
    }
    return RouteBounds.prefix(address.number, Int(length), family)
  }

  private static func way(
    _ stretch: RouteBounds.Stretch, _ family: Family, _ settings: Settings, _ interfaces: [NetworkInterface],
    _ netlink: inout NetlinkSocket
  ) throws(LinkError) -> BulkWay {
    let destination = IPAddress(number: stretch.first, isIPv6: family == .ipv6)
    do throws(LinkError) {
      let found = try Route.find(
        destination, source: settings.source, interface: settings.interface, mark: settings.mark, &netlink)
      guard let interface = interfaces.first(where: { $0.index == found.interface }) else {
        throw LinkError("interface \(found.interface)", ENODEV)
      }
      return way(stretch.addresses, found, interface)
    } catch {
      // Which of them it is, is the kernel's word on these addresses; anything else is a failure to ask.
      guard [ENETUNREACH, EHOSTUNREACH, EACCES, EINVAL, ENODEV, ENETDOWN].contains(error.code) else { throw error }
      // Neighbours with one reason are one stretch: the reason names no address.
      var why = error
      why.operation = "route"
      return BulkWay(addresses: stretch.addresses, kind: .refused(why))
    }
  }

  static func way(_ addresses: ClosedRange<UInt128>, _ found: Route.Found, _ interface: NetworkInterface) -> BulkWay {
    var way = BulkWay(
      addresses: addresses, kind: .onLink, interface: Int32(clamping: interface.index), interfaceName: interface.name,
      source: found.source, mtu: found.mtu ?? interface.mtu)
    switch found.kind {
    case .local: way.kind = .own
    case .broadcast: way.kind = .broadcast
    case .multicast: way.kind = .multicast
    case .unicast:
      if let router = found.nextHop { way.kind = .router(router) }
      guard interface.resolvesNeighbours else { break }
      guard let linkAddress = interface.linkAddress else {
        way.kind = .refused(
          LinkError("route", refusal: "the link addresses of \(interface.name) are not of 48 bits"))
        break
      }
      way.linkAddress = linkAddress
      let version = found.nextHop?.version ?? found.source?.version
      way.asker =
        found.source?.version == version
        ? found.source : interface.addresses.lazy.map(\.address).first { $0.version == version }
    }
    return way
  }
}

extension BulkWay {
  /// Whether all but the addresses is the same, and whether one may stand for both: an own address is its own source.
  fileprivate func joins(_ other: BulkWay) -> Bool {
    var other = other
    other.addresses = addresses
    return self == other
  }
}
