internal import SondeOctets

/// What a door must know of a packet to send it: read from the IP header, however wrong its other
/// fields are.
struct PacketFields: Hashable {
  var family: Family
  var source: IPAddress
  var destination: IPAddress
  var headerLength: Int
  var hopLimit: UInt8
  var trafficClass: UInt8
  var dontFragment: Bool

  /// Reads the header.
  ///
  /// - Parameter known: the family that the packet belongs to, whatever its version field says; nil where only
  ///   that field says it.
  /// - Returns: nil if the packet ends before its addresses, or says no family.
  init?(_ packet: [UInt8], _ known: Family?) {
    guard let first = packet.first, let family = known ?? Family(rawValue: Int(first >> 4)) else { return nil }
    self.family = family
    let bytes = packet[...]
    switch family {
    case .ipv4:
      guard let source = bytes.ipv4(at: 12), let destination = bytes.ipv4(at: 16) else { return nil }
      self.source = .v4(source)
      self.destination = .v4(destination)
      headerLength = Int(first & 0xf) * 4
      hopLimit = packet[8]
      trafficClass = packet[1]
      dontFragment = packet[6] & 0x40 != 0
    case .ipv6:
      guard let source = bytes.ipv6(at: 8), let destination = bytes.ipv6(at: 24) else { return nil }
      self.source = .v6(source)
      self.destination = .v6(destination)
      headerLength = 40
      hopLimit = packet[7]
      trafficClass = packet[0] << 4 | packet[1] >> 4
      dontFragment = true
    }
  }
}

extension IPAddress {
  /// The address as two numbers; IPv4 is in the low one.
  var halves: (high: UInt64, low: UInt64) {
    switch self {
    case .v4(let address): (0, UInt64(address.rawValue))
    case .v6(let address): (address.high, address.low)
    }
  }

  var family: Family {
    switch self {
    case .v4: .ipv4
    case .v6: .ipv6
    }
  }
}
