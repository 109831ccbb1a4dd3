internal import Glibc
public import SondeLink
public import SondeOctets

/// A network interface of this machine.
public struct NetworkInterface: Hashable, Sendable {
  /// An address of an interface, with the length of its prefix in bits.
  public struct Address: Hashable, Sendable {
    public var address: IPAddress
    public var prefixLength: Int
  }

  /// The number by which the kernel knows it, from 1.
  public var index: Int
  public var name: String
  /// The longest packet from the IP header on, in octets.
  public var mtu: Int
  /// The link address; nil where the link has none of 48 bits.
  public var linkAddress: MACAddress?
  /// ARPHRD_*, as in ARP's hardware type: 1 Ethernet, 772 loopback, 65534 none.
  public var hardwareType: UInt16
  public var isLoopback: Bool
  /// The kernel's word for a link that is made in software, `veth` for one; empty for hardware.
  public var kind = ""
  /// The queueing discipline of what leaves by it: `noqueue` where nothing waits (tc(8)).
  public var queue = ""
  public var isUp: Bool
  /// Whether next hops have link addresses to be found out (IFF_NOARP is not set).
  public var resolvesNeighbours: Bool
  public var addresses: [Address]

  /// All interfaces, by rtnetlink's RTM_GETLINK and RTM_GETADDR.
  ///
  /// - Throws: `LinkError` if the kernel refuses to tell.
  public static func all() throws(LinkError) -> [NetworkInterface] {
    var netlink = try NetlinkSocket()
    let links = try netlink.ask(
      NetlinkRequest(NetlinkRequest.getLink, dump: true, body: [UInt8](repeating: 0, count: 16)), as: "RTM_GETLINK")
    let addresses = try netlink.ask(
      NetlinkRequest(NetlinkRequest.getAddress, dump: true, body: [UInt8](repeating: 0, count: 8)), as: "RTM_GETADDR")
    var interfaces = links.compactMap(NetworkInterface.init(link:))
    for message in addresses {
      guard let (index, address) = Self.address(in: message) else { continue }
      guard let place = interfaces.firstIndex(where: { $0.index == index }) else { continue }
      interfaces[place].addresses.append(address)
    }
    return interfaces
  }

  /// The interface of this name.
  ///
  /// - Throws: `LinkError` with ENODEV if there is none.
  public static func named(_ name: String) throws(LinkError) -> NetworkInterface {
    try find("interface \(name)") { $0.name == name }
  }

  /// The interface of this index.
  ///
  /// - Throws: `LinkError` with ENODEV if there is none.
  public static func at(_ index: Int) throws(LinkError) -> NetworkInterface {
    try find("interface \(index)") { $0.index == index }
  }

  /// The interface of this index without its addresses: one question instead of two lists.
  ///
  /// - Throws: `LinkError` with ENODEV if there is none.
  static func link(_ index: Int, by netlink: inout NetlinkSocket) throws(LinkError) -> NetworkInterface {
    // struct ifinfomsg: family, type, index, flags, change.
    let body = [0, 0, 0, 0] + native(Int32(clamping: index)) + [UInt8](repeating: 0, count: 8)
    let request = NetlinkRequest(NetlinkRequest.getLink, dump: false, body: body)
    let answer = try netlink.ask(request, as: "interface \(index)")
    guard let interface = answer.lazy.compactMap(NetworkInterface.init(link:)).first else {
      throw LinkError("interface \(index)", ENODEV)
    }
    return interface
  }

  private static func find(
    _ operation: String, _ isWanted: (NetworkInterface) -> Bool
  ) throws(LinkError) -> NetworkInterface {
    guard let interface = try all().first(where: isWanted) else { throw LinkError(operation, ENODEV) }
    return interface
  }

  /// Reads RTM_NEWLINK: `struct ifinfomsg`, then attributes.
  init?(link message: NetlinkMessage) {
    guard message.type == NetlinkMessage.newLink, let type = message.body.native(at: 2, as: UInt16.self),
      let index = message.body.native(at: 4, as: Int32.self), let flags = message.body.native(at: 8, as: UInt32.self)
    else { return nil }
    let attributes = message.attributes(after: 16)
    self.index = Int(index)
    // IFLA_IFNAME, IFLA_MTU, IFLA_ADDRESS; IFF_LOOPBACK, IFF_UP, IFF_NOARP.
    name = attributes[3]?.text ?? ""
    mtu = attributes[4]?.native(at: 0, as: UInt32.self).map(Int.init) ?? 0
    linkAddress = attributes[1].flatMap { $0.count == 6 ? MACAddress(octets: $0) : nil }
    hardwareType = type
    isLoopback = flags & 0x8 != 0
    // IFLA_QDISC.
    queue = attributes[6]?.text ?? ""
    // IFLA_LINKINFO, and in it IFLA_INFO_KIND.
    kind = attributes[18].flatMap { NetlinkMessage.attributes(in: $0)[1]?.text } ?? ""
    isUp = flags & 0x1 != 0
    resolvesNeighbours = flags & 0x88 == 0
    addresses = []
  }

  /// Reads RTM_NEWADDR: `struct ifaddrmsg`, then attributes.
  static func address(in message: NetlinkMessage) -> (index: Int, address: Address)? {
    guard message.type == NetlinkMessage.newAddress, let index = message.body.native(at: 4, as: UInt32.self) else {
      return nil
    }
    let attributes = message.attributes(after: 8)
    // IFA_LOCAL is ours; on a point-to-point link IFA_ADDRESS is the peer's.
    guard let address = (attributes[2] ?? attributes[1])?.ipAddress, let length = message.body.dropFirst(1).first
    else { return nil }
    return (Int(index), Address(address: address, prefixLength: Int(length)))
  }
}
