internal import SondeLink
internal import SondeOctets

/// Writes the questions for link addresses, from the network header on, into octets that are reused.
struct NeighbourRequest: Sendable {
  /// The length of the longer one, in octets.
  static let longest = 72
  private static let arpLength = 28

  private var octets = [UInt8](repeating: 0, count: longest)
  private var length = 0

  /// Lends the question that was written last.
  func lend(_ body: (RawSpan) -> Void) { body(octets.rawSpan.extracting(0..<length)) }

  /// Writes an ARP request (RFC 826): who has `target`? tell `asker`, whose link address is `from`.
  mutating func askARP(_ target: IPv4Address, asker: IPv4Address, from: MACAddress) {
    length = Self.arpLength
    octets.withMutableBytes { bytes in
      // Ethernet, IPv4, addresses of 6 and of 4 octets, a request.
      bytes.store(bigEndian: 0x0001_0800_0604_0001 as UInt64, at: 0)
      bytes.store(bigEndian: UInt16(truncatingIfNeeded: from.rawValue >> 32), at: 8)
      bytes.store(bigEndian: UInt32(truncatingIfNeeded: from.rawValue), at: 10)
      bytes.store(bigEndian: asker.rawValue, at: 14)
      // The link address that is asked for.
      bytes.store(bigEndian: 0 as UInt32, at: 18)
      bytes.store(bigEndian: 0 as UInt16, at: 22)
      bytes.store(bigEndian: target.rawValue, at: 24)
    }
  }

  /// Writes a neighbour solicitation with the asker's link address (RFC 4861 §4.3).
  ///
  /// - Parameter destination: the target's solicited-node group, or the target itself to see whether it is still there.
  mutating func solicit(
    _ target: IPv6Address, to destination: IPv6Address, asker: IPv6Address, from: MACAddress
  ) {
    length = Self.longest
    let message = 40
    octets.withMutableBytes { bytes in
      bytes.store(bigEndian: 0x6000_0000 as UInt32, at: 0)
      // 32 octets of ICMPv6; the hop limit shows that no router passed it on (RFC 4861 §7.1.1).
      bytes.store(bigEndian: 0x0020_3aff as UInt32, at: 4)
      for (address, offset) in [(asker, 8), (destination, 24), (target, message + 8)] {
        bytes.store(bigEndian: address.high, at: offset)
        bytes.store(bigEndian: address.low, at: offset + 8)
      }
      bytes.store(bigEndian: 0x8700_0000 as UInt32, at: message)
      bytes.store(bigEndian: 0 as UInt32, at: message + 4)
      // The source's link address, in units of 8 octets.
      bytes.store(bigEndian: 0x0101 as UInt16, at: message + 24)
      bytes.store(bigEndian: UInt16(truncatingIfNeeded: from.rawValue >> 32), at: message + 26)
      bytes.store(bigEndian: UInt32(truncatingIfNeeded: from.rawValue), at: message + 28)
    }
    let sum = Self.sum(octets.rawSpan.extracting(0..<length))
    octets.withMutableBytes { $0.store(bigEndian: sum, at: message + 2) }
  }

  /// The checksum of an ICMPv6 message that follows its IPv6 header at once, 0 where the one that it has is right
  /// (RFC 8200 §8.1).
  static func sum(_ packet: RawSpan) -> UInt16 {
    var sum = InternetChecksum()
    sum.add(packet.extracting(8..<40))
    sum.add(UInt32(clamping: packet.byteCount - 40))
    sum.add(58 as UInt32)
    sum.add(packet.extracting(40..<packet.byteCount))
    return sum.checksum
  }

  /// The group in which a host hears questions for its link address (RFC 4291 §2.7.1).
  static func solicitedNode(_ target: IPv6Address) -> IPv6Address {
    IPv6Address(high: 0xff02_0000_0000_0000, low: 0x0000_0001_ff00_0000 | target.low & 0xff_ffff)
  }

  /// The link address of a group (RFC 2464 §7).
  static func linkAddress(ofGroup group: IPv6Address) -> MACAddress {
    MACAddress(rawValue: 0x3333_0000_0000 | group.low & 0xffff_ffff)
  }
}
