public import SondeHeaders
public import SondeLink
public import SondeOctets

extension Wishes {
  /// What a packet asks of a door, read off the fields that a hand has set in it.
  ///
  /// - Parameters:
  ///   - keepsIdentification: whether the IPv4 identification was written, so that the kernel must not
  ///     choose another; a plain value does not say so itself.
  ///   - isForeignSource: whether the source address is not this machine's.
  ///   - mtu: the MTU of the way out, in octets, where known.
  /// - Throws: `CraftError` where the packet does not encode.
  public init(
    of packet: AnyPacket, keepsIdentification: Bool, isForeignSource: Bool = false, mtu: Int? = nil
  ) throws(CraftError) {
    let length = try packet.encoded().bytes.count
    if let header = packet.first(IPv6.self) {
      self.init(
        family: .ipv6, isEchoRequest: packet.isEchoRequest, packetLength: length, mtu: mtu, forbidsFragmenting: false)
      add(header)
    } else {
      let header = packet.first(IPv4.self)
      let forbids = header?.flags.contains(.dontFragment) ?? false
      self.init(
        family: .ipv4, isEchoRequest: packet.isEchoRequest, packetLength: length, mtu: mtu,
        forbidsFragmenting: forbids)
      if let header { add(header, packetLength: length, keepsIdentification) }
    }
    if isForeignSource { wishes.insert(.foreignSource) }
    if let message = packet.first(ICMPv4.self) { add(message.checksum, identifier: message.identifier) }
    if let message = packet.first(ICMPv6.self) { add(message.checksum, identifier: message.identifier) }
  }

  private mutating func add(_ header: IPv4, packetLength: Int, _ keepsIdentification: Bool) {
    if header.version != .auto { wishes.insert(.version) }
    if let words = header.headerLength.hand, Int(words) * 4 != header.byteCount {
      wishes.insert(words < 5 || Int(words) * 4 > packetLength ? .impossibleHeaderLength : .options)
      // The kernel's checksum is that of as many octets as the field says, ours that of the header there is.
      wishes.insert(.headerChecksum)
    }
    if header.totalLength != .auto { wishes.insert(.totalLength) }
    if keepsIdentification {
      let isReplaced = header.identification == 0 && !header.flags.contains(.dontFragment)
      wishes.insert(isReplaced ? .zeroIdentification : .identification)
    }
    if header.fragmentOffset != 0 || !header.flags.isSubset(of: .dontFragment) { wishes.insert(.fragmentBits) }
    if header.checksum != .auto { wishes.insert(.headerChecksum) }
    if header.protocol != .auto { wishes.insert(.protocolNumber) }
    if header.source == .any { wishes.insert(.zeroSource) }
    if !header.options.isEmpty { wishes.insert(.options) }
    if header.timeToLive == 0 { wishes.insert(.zeroHopLimit) }
  }

  private mutating func add(_ header: IPv6) {
    if header.version != .auto { wishes.insert(.version) }
    if header.payloadLength != .auto { wishes.insert(.payloadLength) }
    if header.nextHeader != .auto { wishes.insert(.protocolNumber) }
    if header.flowLabel != 0 { wishes.insert(.flowLabel) }
    if header.hopLimit == 0 { wishes.insert(.zeroHopLimit) }
  }

  private mutating func add(_ checksum: Field<UInt16>, identifier: UInt16) {
    if checksum != .auto { wishes.insert(.icmpChecksum) }
    if identifier == 0 { wishes.insert(.zeroEchoIdentifier) }
  }
}

extension AnyPacket {
  /// Whether it is an echo request of its own family, as the datagram door sends.
  fileprivate var isEchoRequest: Bool {
    if let message = first(ICMPv4.self) { return message.type == .echoRequest && message.code == 0 }
    if let message = first(ICMPv6.self) { return message.type == .echoRequest && message.code == 0 }
    return false
  }
}

extension NetworkInterface {
  /// Whether packets with this source are this machine's own: one of its addresses, or any of 127/8.
  ///
  /// - Throws: `LinkError` if the kernel does not list its addresses.
  public static func own(_ address: IPAddress) throws(LinkError) -> Bool {
    if address.isLoopback { return true }
    return try all().contains { $0.addresses.contains { $0.address == address } }
  }
}
