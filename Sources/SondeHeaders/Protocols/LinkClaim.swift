public import SondeOctets

extension Dissection {
  /// The link address that an ARP packet, a neighbor solicitation or a neighbor advertisement gives its sender; nil for
  /// any other packet.
  ///
  /// An advertisement without the option is of the host whose frame it came in (RFC 4861 §4.4).
  public var claimedLinkAddress: MACAddress? {
    if let arp = first(ARP.self) { return MACAddress(octets: arp.senderHardwareAddress) }
    guard let message = first(ICMPv6.self) else { return nil }
    let kind: NeighborDiscoveryOption.Kind
    switch message.type {
    case .neighborAdvertisement: kind = .targetLinkLayerAddress
    case .neighborSolicitation: kind = .sourceLinkLayerAddress
    default: return nil
    }
    let option = layers.lazy.compactMap { $0.header as? NeighborDiscoveryOption }.first { $0.type == kind }
    return option?.macAddress ?? first(Ethernet.self)?.source
  }
}
