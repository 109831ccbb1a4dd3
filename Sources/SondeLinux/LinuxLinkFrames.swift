internal import CLinuxNet
internal import Glibc
public import SondeLink
internal import SondeOctets

// Sending by packet sockets, which know no routing: the cooked door, and the packet door.
extension LinuxLink {
  /// Finds out, and remembers, by which interface and to which link address the cooked and packet doors send to
  /// these destinations; without it the first packet to each waits for the answer. One whose next hop does not
  /// answer is refused when a packet is sent there, and does not keep the others from going.
  ///
  /// - Throws: `LinkError` if there is no route, or if loopback would throw the packets away.
  public mutating func prepare(_ ways: [Way]) throws(LinkError) {
    for way in ways where targets[way] == nil {
      guard let door = plans[way.destination.family]?.door else { continue }
      let isUnknown = lacksNeighbour(way)
      guard door == .cooked || door == .packet else {
        if isUnknown { try resolve(way) }
        continue
      }
      do throws(LinkError) {
        let start = now
        let target = try LinkTarget.find(
          way.destination, by: door, interface: way.interface ?? options.interface, mark: options.mark)
        if isUnknown { resolutions.took(now - start, way) }
        targets[way] = .success(target)
      } catch {
        guard error.code == EHOSTUNREACH else { throw error }
        targets[way] = .failure(error)
      }
    }
  }

  /// The host on the link that a way leads to first; nil where none is asked for its link address.
  private func neighbour(_ way: Way) -> (address: IPAddress, interface: Int)? {
    guard !way.destination.isLoopback, !way.destination.isGroup,
      let route = try? Route.lookup(
        way.destination, interface: way.interface ?? options.interface, mark: options.mark),
      route.kind == .unicast, route.interface.resolvesNeighbours
    else { return nil }
    return (route.nextHop ?? way.destination, route.interface.index)
  }

  private func lacksNeighbour(_ way: Way) -> Bool {
    guard let (address, interface) = neighbour(way) else { return false }
    return (try? Neighbour.known(address, interface: interface)) == .some(nil)
  }

  /// Has the kernel find out the next hop's link address with the first packet; ahead of it where no stamp tells when
  /// the packet left, so that the wait is in no round-trip time.
  private mutating func resolve(_ way: Way) throws(LinkError) {
    guard options.transmitStamp == .none else { return resolutions.isUnknown(way) }
    guard let (address, interface) = neighbour(way) else { return }
    do throws(LinkError) {
      _ = try Neighbour.resolve(address, interface: interface)
    } catch {
      // The kernel says the same of the packets themselves.
      guard error.code == EHOSTUNREACH else { throw error }
    }
  }

  mutating func transmitCooked(
    _ outgoing: Outgoing, _ fields: PacketFields, _ way: Way
  ) throws(LinkError) -> Int {
    let target = try target(of: way)
    let type = fields.family == .ipv4 ? KernelNumber.etherIPv4 : KernelNumber.etherIPv6
    let length = UInt8(target.hasAddress ? 6 : 0)
    let address = clinux_link(Int32(clamping: target.interface), type, target.address.rawValue, length)
    let result = try cookedDoor?.send(
      outgoing.bytes, fields, to: address, interface: nil, probe: outgoing.probe)
    return result ?? -Int(EBADF)
  }

  /// Sends an IP packet by the packet door, in an Ethernet header made here.
  mutating func transmitFrame(
    around outgoing: Outgoing, _ fields: PacketFields, _ way: Way
  ) throws(LinkError) -> Int {
    let target = try target(of: way)
    guard let source = target.source else { throw Self.needsEthernet(target.interface) }
    let type = fields.family == .ipv4 ? KernelNumber.etherIPv4 : KernelNumber.etherIPv6
    let header = target.address.octets + source.octets + [UInt8(type >> 8), UInt8(type & 0xff)]
    return packetDoor?.send(frame: header + outgoing.bytes, of: outgoing, interface: target.interface) ?? -Int(EBADF)
  }

  /// Sends a whole frame, every octet of it as written.
  mutating func transmitFrame(_ outgoing: Outgoing) throws(LinkError) -> Int {
    guard packetDoor != nil else {
      throw LinkError("send", refusal: "the packet door, by which whole frames leave, is not open")
    }
    guard let interface = outgoing.way?.interface ?? options.interface else {
      throw LinkError("door packet", refusal: "a packet that begins with a link header needs an interface to leave by")
    }
    if !frameInterfaces.contains(interface) {
      var netlink = try NetlinkSocket()
      let through = try NetworkInterface.link(interface, by: &netlink)
      guard KernelNumber.ethernetHardware.contains(through.hardwareType) else {
        throw Self.needsEthernet(through.name)
      }
      frameInterfaces.insert(interface)
    }
    return packetDoor?.send(frame: outgoing.bytes, of: outgoing, interface: interface) ?? -Int(EBADF)
  }

  private mutating func target(of way: Way) throws(LinkError) -> LinkTarget {
    if targets[way] == nil { try prepare([way]) }
    guard let target = targets[way] else { throw LinkError("send", EHOSTUNREACH) }
    return try target.get()
  }

  private static func needsEthernet(_ interface: some CustomStringConvertible) -> LinkError {
    LinkError("door packet", refusal: "interface \(interface) has no Ethernet header; only Ethernet frames leave by it")
  }
}
