public import SondeLink
internal import SondeOctets

// What answers tell. Anybody on a link may write them, so that little is believed.
extension NeighbourBook {
  /// Reads an answer from its network header on; what answers no open question is passed over.
  public mutating func hear(_ packet: RawSpan, etherType: UInt16, interface: Int32, at now: Instant) {
    switch etherType {
    case 0x0806: hearARP(packet, interface, now)
    case 0x86dd: hearAdvertisement(packet, interface, now)
    default: break
    }
  }

  private mutating func hearARP(_ packet: RawSpan, _ interface: Int32, _ now: Instant) {
    // Ethernet, IPv4, addresses of 6 and of 4 octets.
    guard packet.byteCount >= 28, packet.bigEndian(at: 0, as: UInt32.self) == 0x0001_0800,
      packet.bigEndian(at: 4, as: UInt16.self) == 0x0604
    else { return }
    let operation: UInt16 = packet.bigEndian(at: 6)
    guard operation == 1 || operation == 2 else { return }
    let linkAddress = MACAddress(rawValue: packet.bigEndian(at: 8, as: UInt64.self) >> 16)
    let sender = IPv4Address(rawValue: packet.bigEndian(at: 14))
    let target = IPv4Address(rawValue: packet.bigEndian(at: 24))
    learn(
      .v4(sender), linkAddress, interface, answers: operation == 2 ? .v4(target) : nil, announces: sender == target,
      now)
  }

  /// A neighbour advertisement, held to the rules of RFC 4861 §7.1.2.
  private mutating func hearAdvertisement(_ packet: RawSpan, _ interface: Int32, _ now: Instant) {
    guard packet.byteCount >= 64, packet[0] >> 4 == 6, packet[6] == 58, packet[7] == 255 else { return }
    let length = Int(packet.bigEndian(at: 4, as: UInt16.self))
    guard length >= 24, 40 + length <= packet.byteCount else { return }
    let packet = packet.extracting(0..<40 + length)
    guard packet.bigEndian(at: 40, as: UInt16.self) == 0x8800, NeighbourRequest.sum(packet) == 0 else { return }
    let destination = IPv6Address(high: packet.bigEndian(at: 24), low: packet.bigEndian(at: 32))
    let target = IPv6Address(high: packet.bigEndian(at: 48), low: packet.bigEndian(at: 56))
    let isSolicited = packet[44] & 0x40 != 0
    let overrides = packet[44] & 0x20 != 0
    guard !target.isMulticast, !(destination.isMulticast && isSolicited) else { return }
    guard let linkAddress = Self.targetLinkAddress(packet) else {
      // An answer to the one link address that was asked need not repeat it (RFC 4861 §7.2.4).
      confirm(.v6(target), interface, answers: isSolicited ? .v6(destination) : nil, now)
      return
    }
    learn(
      .v6(target), linkAddress, interface, answers: isSolicited ? .v6(destination) : nil, announces: overrides, now)
  }

  /// The link address in the options; nil if there is none, or if an option's length is wrong.
  private static func targetLinkAddress(_ packet: RawSpan) -> MACAddress? {
    var (offset, found) = (64, nil as MACAddress?)
    while offset < packet.byteCount {
      guard offset + 2 <= packet.byteCount else { return nil }
      let length = Int(packet[offset + 1]) * 8
      guard length > 0, offset + length <= packet.byteCount else { return nil }
      if packet[offset] == 2, length == 8 {
        found = MACAddress(rawValue: packet.bigEndian(at: offset, as: UInt64.self))
      }
      offset += length
    }
    return found
  }

  /// - Parameters:
  ///   - answers: whom it answers; nil if nobody.
  ///   - announces: whether it says that an address moves there, of a router that is known already.
  private mutating func learn(
    _ address: IPAddress, _ linkAddress: MACAddress, _ interface: Int32, answers: IPAddress?, announces: Bool,
    _ now: Instant
  ) {
    guard linkAddress.namesOneHost else { return }
    for index in routers.indices where routers[index].address == address && routers[index].interface == interface {
      let router = routers[index]
      guard linkAddress != router.link.linkAddress else { continue }
      // An advertisement that must not override only confirms (RFC 4861 §7.2.5); an ARP reply to us always tells.
      let tells = answers == router.link.asker && (announces || address.version == 4)
      let isSame = linkAddress == router.linkAddress
      if router.linkAddress == nil ? answers == router.link.asker : isSame || tells || announces {
        routers[index].learn(linkAddress, at: now)
      }
    }
    guard let link = ways.asking(address), link.interface == interface, link.asker == answers,
      link.linkAddress != linkAddress, let slot = table?.slot(of: address), table?[slot].state == .asked
    else { return }
    table?[slot].linkAddress = linkAddress
    table?[slot].state = .known
    table?[slot].when = now
  }

  private mutating func confirm(_ address: IPAddress, _ interface: Int32, answers: IPAddress?, _ now: Instant) {
    for index in routers.indices where routers[index].address == address && routers[index].interface == interface {
      guard let linkAddress = routers[index].linkAddress, routers[index].link.asker == answers else { continue }
      routers[index].learn(linkAddress, at: now)
    }
  }
}

extension MACAddress {
  /// Neither a group's address nor none (IEEE 802: the lowest bit of the first octet tells groups).
  var namesOneHost: Bool { rawValue >> 40 & 1 == 0 && rawValue != 0 }
}
