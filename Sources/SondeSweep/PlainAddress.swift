internal import SondeOctets

/// Plain addresses in the octets of a file, read without a text of their own: long files hold millions of them.
///
/// What is not read here may be an address all the same, and is read as any other word.
enum PlainAddress {
  /// The number of a dotted quad, as `IPv4Address` reads it; nil for anything else.
  @inline(__always)
  static func ipv4(_ octets: borrowing Span<UInt8>, _ piece: Range<Int>) -> UInt32? {
    guard (7...15).contains(piece.count) else { return nil }
    var (value, octet, digits, dots): (UInt32, UInt32, Int, Int) = (0, 0, 0, 0)
    for place in piece {
      let sign = octets[place]
      if sign == UInt8(ascii: ".") {
        guard digits > 0, octet <= 255, dots < 3 else { return nil }
        value = value << 8 | octet
        (octet, digits, dots) = (0, 0, dots + 1)
      } else {
        // A second digit behind a 0 would make a leading zero of it.
        guard (0x30...0x39).contains(sign), digits < 3, digits == 0 || octet > 0 else { return nil }
        octet = octet * 10 + UInt32(sign & 0x0f)
        digits += 1
      }
    }
    guard dots == 3, digits > 0, octet <= 255 else { return nil }
    return value << 8 | octet
  }

  /// The number of an IPv6 address without a dotted quad, as `IPv6Address` reads it; nil for anything else.
  static func ipv6(_ octets: borrowing Span<UInt8>, _ piece: Range<Int>) -> UInt128? {
    guard (2...39).contains(piece.count) else { return nil }
    // The groups before `::`, of which `gap` says how many they are, and those behind it.
    var (value, group, digits, groups): (UInt128, UInt128, Int, Int) = (0, 0, 0, 0)
    var gap: Int?
    var place = piece.lowerBound
    while place < piece.upperBound {
      let sign = octets[place]
      place += 1
      if let digit = Hex.digit(sign) {
        guard digits < 4 else { return nil }
        group = group << 4 | UInt128(digit)
        digits += 1
        continue
      }
      guard sign == UInt8(ascii: ":") else { return nil }
      let isDouble = place < piece.upperBound && octets[place] == UInt8(ascii: ":")
      // One colon stands behind a group and before another; two may begin the address, or end it.
      guard digits > 0 || isDouble && gap == nil && groups == 0, groups < 8 else { return nil }
      if digits > 0 {
        (value, groups) = (value << 16 | group, groups + 1)
        (group, digits) = (0, 0)
      }
      if isDouble {
        guard gap == nil else { return nil }
        gap = groups
        place += 1
      } else if place == piece.upperBound {
        return nil
      }
    }
    if digits > 0 { (value, groups) = (value << 16 | group, groups + 1) }
    guard let gap else { return groups == 8 ? value : nil }
    guard groups <= 7 else { return nil }
    let behind = UInt128(16 * (groups - gap))
    let head = behind == 0 ? value : value >> behind
    let tail = value & ((1 << behind) - 1)
    return gap == 0 ? tail : head << UInt128(16 * (8 - gap)) | tail
  }
}
