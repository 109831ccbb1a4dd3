internal import SondeLink
internal import SondeOctets

/// The ways of a sweep's packets, laid out so that finding an address's one takes no memory and few steps.
struct NeighbourWays: Sendable {
  /// Where a stretch of addresses leads.
  enum Lead: Sendable {
    case hop(NextHop)
    /// A place among the routers.
    case router(Int)
    /// Each address is a host, on the link of this place.
    case host(Int)
    /// A place among the reasons.
    case refused(Int)
  }

  /// A link on which hosts are asked.
  struct Link: Sendable {
    var interface: Int32
    var linkAddress: MACAddress
    var asker: IPAddress
  }

  /// The stretches of a family, whose addresses are numbers of that size.
  private struct Row<Number: FixedWidthInteger & UnsignedInteger & Sendable>: Sendable {
    var ends: [Number] = []
    var starts: [Number] = []
    var leads: [Lead] = []

    mutating func append(_ way: BulkWay, _ lead: Lead) {
      starts.append(Number(truncatingIfNeeded: way.addresses.lowerBound))
      ends.append(Number(truncatingIfNeeded: way.addresses.upperBound))
      leads.append(lead)
    }
  }

  private var ipv4 = Row<UInt32>()
  private var ipv6 = Row<UInt128>()
  private(set) var links: [Link] = []
  private(set) var reasons: [LinkError] = []

  init(_ ipv4: [BulkWay], _ ipv6: [BulkWay], _ routers: inout [NeighbourRouter]) {
    // ENETUNREACH, for an address that nobody asked routing about.
    reasons = [LinkError(operation: "sweep", code: 101, message: "no route is known to that address")]
    for way in ipv4 { self.ipv4.append(way, lead(way, 0x0800, &routers)) }
    for way in ipv6 { self.ipv6.append(way, lead(way, 0x86dd, &routers)) }
  }

  private mutating func lead(_ way: BulkWay, _ etherType: UInt16, _ routers: inout [NeighbourRouter]) -> Lead {
    switch way.kind {
    case .own: return .hop(NextHop(interface: 0, linkAddress: nil, etherType: etherType))
    case .refused(let why): return refused(why)
    case .broadcast, .multicast:
      return refused(LinkError(operation: "sweep", code: 0, message: "that address names many hosts"))
    case .onLink, .router: break
    }
    guard let linkAddress = way.linkAddress else {
      return .hop(NextHop(interface: way.interface, linkAddress: nil, etherType: etherType))
    }
    guard let asker = way.asker else {
      return refused(
        LinkError(
          operation: "neighbour", code: 0,
          message: "\(way.interfaceName) has no address from which to ask for link addresses"))
    }
    let link = Link(interface: way.interface, linkAddress: linkAddress, asker: asker)
    guard case .router(let address) = way.kind else {
      links.append(link)
      return .host(links.count - 1)
    }
    if let place = routers.firstIndex(where: { $0.address == address && $0.interface == way.interface }) {
      return .router(place)
    }
    routers.append(NeighbourRouter(address: address, link: link))
    return .router(routers.count - 1)
  }

  private mutating func refused(_ why: LinkError) -> Lead {
    let place = reasons.firstIndex(of: why) ?? reasons.count
    if place == reasons.count { reasons.append(why) }
    return .refused(place)
  }

  @inline(__always)
  func lead(to address: IPAddress) -> Lead {
    switch address {
    case .v4(let address): Self.lead(address.rawValue, in: ipv4)
    case .v6(let address): Self.lead(UInt128(address.high) << 64 | UInt128(address.low), in: ipv6)
    }
  }

  /// The link on which a host is asked; nil where it is not asked.
  func asking(_ address: IPAddress) -> Link? {
    guard case .host(let place) = lead(to: address) else { return nil }
    return links[place]
  }

  @inline(__always)
  private static func lead<Number>(_ number: Number, in row: borrowing Row<Number>) -> Lead {
    // The first stretch that does not end before it.
    var (low, high) = (0, row.ends.count)
    while low < high {
      let middle = (low + high) / 2
      if row.ends[middle] < number { low = middle + 1 } else { high = middle }
    }
    guard low < row.ends.count, row.starts[low] <= number else { return .refused(0) }
    return row.leads[low]
  }
}
