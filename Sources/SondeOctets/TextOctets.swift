/// Text in UTF-8 that is built piece by piece in room that is used again: no `String` is made for a packet of a
/// capture.
@frozen
public struct TextOctets: Sendable {
  /// What stands so far; others may add to it.
  public var octets: [UInt8] = []

  @inlinable
  public init() {}

  /// How many octets there are.
  public var count: Int { octets.count }

  /// Takes everything away and keeps the room.
  public mutating func clear() { octets.removeAll(keepingCapacity: true) }

  /// Takes away what stands behind the first `count` octets.
  public mutating func truncate(to count: Int) { octets.removeLast(max(0, octets.count - count)) }

  /// Takes the first octets away.
  public mutating func removeFirst(_ count: Int) { octets.removeFirst(min(count, octets.count)) }

  /// The text's UTF-8 octets.
  @inlinable
  public mutating func append(_ text: String) { octets.append(contentsOf: text.utf8) }

  /// One octet as it is.
  @inlinable @inline(__always)
  public mutating func append(octet: UInt8) { octets.append(octet) }

  /// What stands in another text.
  public mutating func append(_ text: TextOctets) { octets += text.octets }

  /// The same as `append`.
  @inlinable
  public static func += (text: inout TextOctets, other: String) { text.append(other) }

  /// So many spaces.
  public mutating func append(spaces count: Int) {
    for _ in 0..<max(0, count) { octets.append(0x20) }
  }

  /// The decimal digits of a number, with zeros before them up to `digits`.
  @inlinable
  public mutating func append(decimal number: some BinaryInteger, digits: Int = 1) {
    var rest = UInt64(clamping: number)
    guard rest < 10_000_000_000_000_000 else { return append(String(rest)) }
    // One nibble a digit, the last digit lowest: sixteen fit.
    var packed: UInt64 = 0
    var count = 0
    repeat {
      let tenth = rest / 10
      packed |= (rest &- tenth &* 10) &<< UInt64(4 &* count)
      count &+= 1
      rest = tenth
    } while rest != 0
    if count < digits { for _ in count..<digits { octets.append(0x30) } }
    while count > 0 {
      count &-= 1
      octets.append(0x30 | UInt8(truncatingIfNeeded: packed &>> UInt64(4 &* count) & 0xf))
    }
  }

  /// The low `digits` hexadecimal digits of a number, lower case.
  @inlinable
  public mutating func append(hex number: UInt64, digits: Int) {
    var shift = digits &* 4
    while shift > 0 {
      shift &-= 4
      append(hexDigit: UInt8(truncatingIfNeeded: number &>> UInt64(shift) & 0xf))
    }
  }

  @inlinable @inline(__always)
  mutating func append(hexDigit digit: UInt8) { octets.append(digit < 10 ? 0x30 &+ digit : 0x57 &+ digit) }

  /// An IPv4 address in dotted decimal.
  public mutating func append(ipv4 address: UInt32) {
    append(decimal: address &>> 24)
    octets.append(0x2e)
    append(decimal: address &>> 16 & 0xff)
    octets.append(0x2e)
    append(decimal: address &>> 8 & 0xff)
    octets.append(0x2e)
    append(decimal: address & 0xff)
  }

  /// The low 48 bits as a MAC address, its octets joined by colons.
  public mutating func append(mac address: UInt64) {
    var shift: UInt64 = 48
    while shift > 0 {
      shift &-= 8
      append(hex: address &>> shift & 0xff, digits: 2)
      if shift > 0 { octets.append(0x3a) }
    }
  }

  /// An IPv6 address as RFC 5952 writes it.
  public mutating func append(ipv6 address: IPv6Address) {
    if address.high == 0, address.low &>> 32 == 0xffff || address.low &>> 32 == 0 {
      return append(address.description)
    }
    var (longest, longestCount, run) = (8, 1, 0)
    for index in 0..<8 {
      run = Self.group(address, index) == 0 ? run &+ 1 : 0
      if run > longestCount { (longest, longestCount) = (index &+ 1 &- run, run) }
    }
    var index = 0
    while index < 8 {
      if index == longest {
        append("::")
        index &+= longestCount
        continue
      }
      if index > 0, index != longest &+ longestCount { octets.append(0x3a) }
      let group = Self.group(address, index)
      let digits = group > 0xfff ? 4 : group > 0xff ? 3 : group > 0xf ? 2 : 1
      append(hex: group, digits: digits)
      index &+= 1
    }
  }

  private static func group(_ address: IPv6Address, _ index: Int) -> UInt64 {
    let half = index < 4 ? address.high : address.low
    return half &>> UInt64(48 &- 16 &* (index & 3)) & 0xffff
  }
}

extension TextOctets {
  /// Moves what stands behind the first `start` octets to the right, spaces before it.
  public mutating func indent(from start: Int, by count: Int) {
    guard count > 0, start <= octets.count else { return }
    let end = octets.count
    append(spaces: count)
    var index = end
    while index > start {
      index &-= 1
      octets[index &+ count] = octets[index]
    }
    for index in start..<min(start &+ count, octets.count) { octets[index] = 0x20 }
  }
}
