internal import SondeHeaders
internal import SondeOctets

/// How the first octet of a packet is read, by the words of `--as`, and how it is guessed.
enum PacketStart {
  static let words = ["raw", "ether", "arp", "ip", "ipv6", "icmp", "icmpv6", "igmp", "tcp", "udp", "sctp"]

  static func named(_ word: String) -> Registry.Start {
    switch word {
    case "ether": .link(1)
    case "arp": .etherType(0x0806)
    case "ip": .etherType(0x0800)
    case "ipv6": .etherType(0x86dd)
    case "icmp": .ipProtocol(1)
    case "icmpv6": .ipProtocol(58)
    case "igmp": .ipProtocol(2)
    case "tcp": .ipProtocol(6)
    case "udp": .ipProtocol(17)
    case "sctp": .ipProtocol(132)
    // No layer has the EtherType 0: octets are data.
    default: .etherType(0)
    }
  }

  /// The word for what octets most probably are: by what must agree in each kind of packet, the surest first.
  static func guess(_ octets: [UInt8]) -> String {
    let bytes = octets.rawSpan
    let count = bytes.byteCount
    func word(_ offset: Int) -> UInt16 { offset + 2 <= count ? bytes.bigEndian(at: offset) : 0 }
    func isARP(_ offset: Int) -> Bool {
      count >= offset + 8 && word(offset) == 1 && word(offset + 2) == 0x0800 && word(offset + 4) == 0x0604
    }
    // Of a packet that was cut, too, the length counts the header at least.
    func isIPv4(_ offset: Int) -> Bool {
      count > offset && bytes[offset] >> 4 == 4 && bytes[offset] & 0xf >= 5
        && (count < offset + 4 || word(offset + 2) >= 20 || word(offset + 2) == 0)
    }
    func isIPv6(_ offset: Int) -> Bool { count > offset && bytes[offset] >> 4 == 6 }
    if isARP(0) { return "arp" }
    if count >= 15 {
      let isFrame =
        switch word(12) {
        case 0x0800: isIPv4(14)
        case 0x86dd: isIPv6(14)
        case 0x0806: isARP(14)
        case 0x8100, 0x88a8: true
        default: false
        }
      if isFrame { return "ether" }
    }
    if isIPv4(0), count < 4 || Int(word(2)) <= count || count < 40 || isSummed(bytes, 0..<Int(bytes[0] & 0xf) * 4) {
      return "ip"
    }
    if isIPv6(0), count < 40 || Int(word(4)) + 40 <= count || word(4) == 0 { return "ipv6" }
    if count >= 8, Int(word(4)) == count { return "udp" }
    if count >= 8, isSummed(bytes, 0..<count), [0, 3, 5, 8, 11, 12, 13, 14].contains(bytes[0]) { return "icmp" }
    if count >= 14, word(12) >= 0x0600, !isIPv4(0), !isIPv6(0) { return "ether" }
    return isIPv4(0) ? "ip" : isIPv6(0) ? "ipv6" : "raw"
  }

  private static func isSummed(_ bytes: RawSpan, _ range: Range<Int>) -> Bool {
    guard range.upperBound <= bytes.byteCount, range.count > 0 else { return false }
    var sum = InternetChecksum()
    sum.add(bytes.extracting(range))
    return sum.sum == 0xffff
  }
}
