internal import Glibc
public import SondeLink
public import SondeOctets

/// Where the cooked or the packet door sends a packet: out by which interface, to which link address.
struct LinkTarget: Hashable {
  var interface: Int
  var address: MACAddress
  /// Whether the interface's link header has addresses at all.
  var hasAddress: Bool
  /// The interface's own address; nil where its link header is not Ethernet's.
  var source: MACAddress?

  /// Asks routing for the way, and the neighbour table for the next hop.
  ///
  /// - Throws: `LinkError` if there is no route, if the next hop does not answer, or
  ///   if loopback would throw the packet away.
  static func find(
    _ destination: IPAddress, by door: DoorKind, interface: Int?, mark: UInt32?
  ) throws(LinkError) -> LinkTarget {
    let route = try Route.lookup(destination, interface: interface, mark: mark)
    let through = route.interface
    let source = KernelNumber.ethernetHardware.contains(through.hardwareType) ? through.linkAddress : nil
    if through.isLoopback, destination.isLoopback, destination.version == 4 { try requireLoopbackDelivery(door) }
    guard through.resolvesNeighbours else {
      return LinkTarget(
        interface: through.index, address: .zero, hasAddress: through.linkAddress != nil, source: source)
    }
    let address: MACAddress
    if route.kind == .broadcast {
      address = .broadcast
    } else if destination.isGroup {
      address = group(destination)
    } else {
      address = try Neighbour.resolve(route.nextHop ?? destination, interface: through.index)
    }
    return LinkTarget(interface: through.index, address: address, hasAddress: true, source: source)
  }

  /// The group's link address: the low 23 bits after 01:00:5e (RFC 1112 §6.4), or the low 32 after
  /// 33:33 (RFC 2464 §7).
  static func group(_ address: IPAddress) -> MACAddress {
    switch address {
    case .v4(let address):
      address == .broadcast ? .broadcast : MACAddress(rawValue: 0x0100_5e00_0000 | UInt64(address.rawValue & 0x7f_ffff))
    case .v6(let address): MACAddress(rawValue: 0x3333_0000_0000 | address.low & 0xffff_ffff)
    }
  }

  /// Frames from 127/8 that no routing has seen are delivered on lo only with both of these
  /// switched on; a program does not change its user's settings.
  private static func requireLoopbackDelivery(_ door: DoorKind) throws(LinkError) {
    let names = ["route_localnet", "accept_local"].filter { !isOn("/proc/sys/net/ipv4/conf/lo/\($0)") }
    guard !names.isEmpty else { return }
    let settings = names.map { "net.ipv4.conf.lo.\($0)=1" }.joined(separator: " ")
    throw LinkError(
      "door \(door.rawValue)",
      refusal: "the kernel drops such packets on loopback; to let them in: sudo sysctl -w \(settings)")
  }

  private static func isOn(_ path: String) -> Bool {
    guard let file = try? Descriptor.file(path, flags: O_RDONLY) else { return false }
    var value: UInt8 = 0
    return unsafe read(file.number, &value, 1) == 1 && value != UInt8(ascii: "0")
  }
}

extension Route {
  /// The link address that a frame to `destination` goes to: that of the next hop, found out if need be, or a group's.
  ///
  /// - Throws: `LinkError` if the next hop does not answer, or if loopback would throw the frame away.
  public func linkAddress(of destination: IPAddress) throws(LinkError) -> MACAddress {
    try LinkTarget.find(destination, by: .packet, interface: interface.index, mark: nil).address
  }
}
