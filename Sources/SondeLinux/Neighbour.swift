internal import CLinuxNet
internal import Glibc
public import SondeLink
public import SondeOctets

/// The link addresses of the hosts on a link: the kernel's neighbour table (ARP and ND).
public enum Neighbour {
  /// The link address that the kernel's table holds; nil if it holds none that is of use.
  ///
  /// - Throws: `LinkError` if the kernel refuses to tell.
  public static func known(_ address: IPAddress, interface: Int) throws(LinkError) -> MACAddress? {
    var netlink = try NetlinkSocket()
    return try known(address, interface, &netlink)
  }

  /// A host whose link address the kernel's table holds.
  public struct Known: Hashable, Sendable {
    public var address: IPAddress
    public var linkAddress: MACAddress
    /// It was written there to stay, and nobody is asked for it (NUD_PERMANENT, NUD_NOARP).
    public var isPermanent: Bool
    /// It has been confirmed of late (NUD_REACHABLE), or is permanent; others may have moved.
    public var isFresh: Bool
  }

  /// The hosts on the link of an interface whose link addresses the kernel's table holds.
  ///
  /// - Throws: `LinkError` if the kernel refuses to tell.
  public static func table(interface: Int) throws(LinkError) -> [Known] {
    var netlink = try NetlinkSocket()
    var table: [Known] = []
    for family in Family.allCases {
      let body = [UInt8(family.domain)] + [UInt8](repeating: 0, count: 11)
      try netlink.ask(NetlinkRequest(NetlinkRequest.getNeighbour, dump: true, body: body), as: "RTM_GETNEIGH") {
        guard let entry = Entry($0), entry.interface == interface, let linkAddress = entry.usable else { return }
        // NUD_PERMANENT is 0x80, NUD_NOARP 0x40, NUD_REACHABLE 0x2.
        let isPermanent = entry.state & 0xc0 != 0
        table.append(
          Known(
            address: entry.address, linkAddress: linkAddress, isPermanent: isPermanent,
            isFresh: isPermanent || entry.state & 0x2 != 0))
      }
    }
    return table
  }

  /// The link address from the table, found out first if need be.
  ///
  /// To find it out, one empty UDP datagram goes to the neighbour's discard port (RFC 863): the
  /// kernel then asks by ARP or ND as for any packet, and keeps the table. No program without
  /// CAP_NET_ADMIN can make it ask otherwise. The port unreachable that may come back belongs to no
  /// probe.
  ///
  /// - Throws: `LinkError` with EHOSTUNREACH if no answer came within `limit`; the kernel asks three times, a
  ///   second apart, and then gives up.
  public static func resolve(
    _ address: IPAddress, interface: Int, within limit: Duration = .milliseconds(3500)
  ) throws(LinkError) -> MACAddress {
    let deadline = Clock.monotonic + limit
    // Listening begins before asking, so that no change is missed.
    var changes = try NetlinkSocket(groups: NetlinkSocket.neighbourChanges)
    var netlink = try NetlinkSocket()
    if let known = try known(address, interface, &netlink) { return known }
    try provoke(address, interface)
    while Clock.monotonic < deadline {
      changes.wait(until: deadline)
      while let messages = changes.next() {
        let entries = messages.compactMap(Entry.init)
        if let entry = entries.first(where: { $0.address == address && $0.interface == interface }) {
          if let found = entry.usable { return found }
          if entry.hasFailed { throw unreachable(address) }
        }
      }
    }
    throw unreachable(address)
  }

  private static func unreachable(_ address: IPAddress) -> LinkError {
    LinkError(
      operation: "neighbour \(address)", code: EHOSTUNREACH,
      message: "\(address) does not answer on its link (\(address.version == 4 ? "ARP" : "neighbour discovery"))")
  }

  private static func known(
    _ address: IPAddress, _ interface: Int, _ netlink: inout NetlinkSocket
  ) throws(LinkError) -> MACAddress? {
    let body = [UInt8(address.family.domain)] + [UInt8](repeating: 0, count: 11)
    let request = NetlinkRequest(NetlinkRequest.getNeighbour, dump: true, body: body)
    let entries = try netlink.ask(request, as: "RTM_GETNEIGH").compactMap(Entry.init)
    return entries.first { $0.address == address && $0.interface == interface }?.usable
  }

  private static func provoke(_ address: IPAddress, _ interface: Int) throws(LinkError) {
    let socket = try Descriptor.socket(address.family.domain, KernelNumber.datagram, 0, as: "socket(SOCK_DGRAM)")
    let discard: UInt16 = 9
    var aside = clinux_aside()
    aside.family = Int32(address.version)
    aside.interface = Int32(clamping: interface)
    let target =
      switch address {
      case .v4(let address): clinux_ipv4(address.rawValue, discard)
      case .v6(let address):
        clinux_ipv6(address.high, address.low, discard, address.isLinkLocal ? UInt32(clamping: interface) : 0)
      }
    let sent = socket.send([], to: target, aside: aside)
    guard sent >= 0 else { throw LinkError("neighbour \(address)", Int32(-sent)) }
  }

  /// What RTM_NEWNEIGH says: `struct ndmsg`, then attributes.
  struct Entry: Hashable {
    var interface: Int
    var address: IPAddress
    var linkAddress: MACAddress?
    /// NUD_* (linux/neighbour.h).
    var state: UInt16

    init?(_ message: NetlinkMessage) {
      guard message.type == NetlinkMessage.newNeighbour, let interface = message.body.native(at: 4, as: Int32.self),
        let state = message.body.native(at: 8, as: UInt16.self)
      else { return nil }
      let attributes = message.attributes(after: 12)
      // NDA_DST, NDA_LLADDR.
      guard let address = attributes[1]?.ipAddress else { return nil }
      self.interface = Int(interface)
      self.address = address
      self.state = state
      linkAddress = attributes[2].flatMap { MACAddress(octets: $0) }
    }

    /// NUD_REACHABLE, STALE, DELAY, PROBE, NOARP and PERMANENT hold an address to send to.
    var usable: MACAddress? { state & 0xde != 0 ? linkAddress : nil }
    /// NUD_FAILED.
    var hasFailed: Bool { state & 0x20 != 0 }
  }
}
