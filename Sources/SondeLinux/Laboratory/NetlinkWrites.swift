internal import CLinuxNet
internal import Glibc
internal import SondeLink
internal import SondeOctets

/// What a laboratory asks the kernel's routing tables to make (rtnetlink(7)).
extension NetlinkRequest {
  private static let newLink: UInt16 = 16
  private static let newAddress: UInt16 = 20
  private static let newRoute: UInt16 = 24
  private static let newNeighbour: UInt16 = 28
  // NLM_F_ACK, NLM_F_REPLACE, NLM_F_EXCL, NLM_F_CREATE (linux/netlink.h).
  private static let acknowledged: UInt16 = 0x4
  private static let replacing: UInt16 = 0x100
  private static let excluding: UInt16 = 0x200
  private static let creating: UInt16 = 0x400

  /// One end of a cable as it is made.
  struct NewEnd {
    var index: Int
    var name: String
    var mtu: Int
    var linkAddress: MACAddress?
    /// The index of the bridge that it is a port of.
    var bridge: Int?
  }

  /// A veth pair, up at its near end; the far one can only be when there are two (veth.c, `veth_open`).
  ///
  /// - Parameter namespace: the descriptor of the network namespace of the far end.
  static func cable(_ near: NewEnd, _ far: NewEnd, in namespace: Int32) -> NetlinkRequest {
    var request = link(near)
    // VETH_INFO_PEER holds a whole `struct ifinfomsg` with attributes.
    // IFLA_NET_NS_FD.
    let peer = nested(1, header(far.index, isUp: false) + attributes(far) + nested(28, native(namespace)))
    request.append(attribute: 18, nested(1, Array("veth".utf8)) + nested(2, peer))
    return request
  }

  /// A bridge, up, that learns at once and listens to no group memberships.
  static func bridge(_ index: Int, _ name: String, mtu: Int) -> NetlinkRequest {
    var request = link(NewEnd(index: index, name: name, mtu: mtu))
    // IFLA_BR_MCAST_SNOOPING: a switch without a querier passes groups on to all.
    request.append(attribute: 18, nested(1, Array("bridge".utf8)) + nested(2, nested(23, [0])))
    return request
  }

  /// Makes an interface up.
  static func raise(_ index: Int) -> NetlinkRequest {
    NetlinkRequest(newLink, flags: acknowledged, body: header(index))
  }

  /// Gives an interface an address, which is used at once: nobody else could have it.
  static func address(_ address: Topology.InterfaceAddress, on index: Int) -> NetlinkRequest {
    // struct ifaddrmsg: family, prefix length, flags (IFA_F_NODAD), scope, index.
    let body =
      [address.address.domain, UInt8(clamping: address.prefixLength), 0x02, 0] + native(UInt32(clamping: index))
    var request = NetlinkRequest(newAddress, flags: acknowledged | creating | excluding, body: body)
    // IFA_LOCAL, IFA_ADDRESS, IFA_BROADCAST.
    request.append(attribute: 2, address.address)
    request.append(attribute: 1, address.address)
    if case .v4(let own) = address.address, address.prefixLength < 31 {
      let host = UInt32.max >> UInt32(clamping: max(0, address.prefixLength))
      request.append(attribute: 4, .v4(IPv4Address(rawValue: own.rawValue | host)))
    }
    return request
  }

  static func route(_ route: Topology.Route) -> NetlinkRequest {
    // RTN_UNICAST, RTN_BLACKHOLE, RTN_UNREACHABLE, RTN_PROHIBIT.
    let type: UInt8 =
      switch route.kind {
      case .gateway: 1
      case .blackhole: 6
      case .unreachable: 7
      case .prohibit: 8
      }
    // struct rtmsg: family, two lengths, TOS, table (main), protocol (static), scope, type, flags.
    let body =
      [route.destination.domain, UInt8(clamping: route.prefixLength), 0, 0, 254, 4, 0, type] + native(UInt32(0))
    var request = NetlinkRequest(newRoute, flags: acknowledged | creating | excluding, body: body)
    // RTA_DST, RTA_GATEWAY.
    if route.prefixLength > 0 { request.append(attribute: 1, route.destination) }
    if case .gateway(let gateway) = route.kind { request.append(attribute: 5, gateway) }
    return request
  }

  static func neighbour(_ neighbour: Topology.Neighbour, on index: Int) -> NetlinkRequest {
    // struct ndmsg: family, padding, index, state (NUD_PERMANENT), flags, type.
    let body =
      [neighbour.address.domain, 0, 0, 0] + native(Int32(clamping: index)) + native(UInt16(0x80)) + [0, 0]
    var request = NetlinkRequest(newNeighbour, flags: acknowledged | creating | replacing, body: body)
    // NDA_DST, NDA_LLADDR.
    request.append(attribute: 1, neighbour.address)
    request.append(attribute: 2, neighbour.linkAddress.octets)
    return request
  }

  private static func link(_ end: NewEnd) -> NetlinkRequest {
    var request = NetlinkRequest(newLink, flags: acknowledged | creating | excluding, body: header(end.index))
    request.append(attributes(end))
    return request
  }

  /// `struct ifinfomsg` of an interface that is to be up or down (IFF_UP).
  private static func header(_ index: Int, isUp: Bool = true) -> [UInt8] {
    [0, 0, 0, 0] + native(Int32(clamping: index)) + native(UInt32(isUp ? 1 : 0)) + native(UInt32(1))
  }

  private static func attributes(_ end: NewEnd) -> [UInt8] {
    // IFLA_IFNAME, IFLA_MTU, IFLA_ADDRESS, IFLA_MASTER.
    var all = nested(3, Array(end.name.utf8) + [0]) + nested(4, native(UInt32(clamping: end.mtu)))
    // IFLA_NUM_TX_QUEUES, IFLA_NUM_RX_QUEUES: one, where a veth pair would have one for each processor and be made
    // that much slower.
    all += nested(31, native(UInt32(1))) + nested(32, native(UInt32(1)))
    if let address = end.linkAddress { all += nested(1, address.octets) }
    if let bridge = end.bridge { all += nested(10, native(Int32(clamping: bridge))) }
    return all
  }

  /// An attribute as octets.
  private static func nested(_ type: UInt16, _ value: [UInt8]) -> [UInt8] {
    native(UInt16(clamping: 4 + value.count)) + native(type) + value
      + [UInt8](repeating: 0, count: -value.count & 3)
  }
}

extension IPAddress {
  /// Its address family, as an octet of a request.
  fileprivate var domain: UInt8 { UInt8(clamping: version == 4 ? KernelNumber.ipv4 : KernelNumber.ipv6) }
}

extension NetlinkSocket {
  /// Asks for something to be done, and waits for the acknowledgement.
  ///
  /// - Throws: `LinkError` with the errno of the kernel's answer.
  mutating func tell(_ request: NetlinkRequest, as operation: String) throws(LinkError) {
    _ = try ask(request, as: operation)
  }
}

extension HostNamespace {
  /// Whether the kernel has taken notice that an interface's link stands (IF_OPER_UP, RFC 2863).
  func isOperational(_ index: Int) throws(LinkError) -> Bool {
    let body = [0, 0, 0, 0] + native(Int32(clamping: index)) + [UInt8](repeating: 0, count: 8)
    let answer = try ask(NetlinkRequest(NetlinkRequest.getLink, dump: false, body: body))
    // IFLA_OPERSTATE; bridges' own ends and the like may have none to tell.
    return answer.first?.attributes(after: 16)[16]?.first == 6
  }
}
