/// The ones'-complement sum of 16-bit words of the Internet protocols (RFC 1071).
///
/// An accumulator: octets may come in pieces of any length, odd ones too, and the sum is that of
/// the pieces laid end to end. An odd total is padded with one zero octet.
@frozen
public struct InternetChecksum: Hashable, Sendable {
  /// The unfolded sum, as if the first octet added were the high half of a word.
  @usableFromInline var total: UInt64
  /// Whether an odd number of octets has been added, so that the next one is a low half.
  @usableFromInline var isOdd: Bool

  @inlinable
  public init() {
    total = 0
    isOdd = false
  }

  /// Adds one word. Only where an even number of octets has been added does it stand on a word
  /// boundary; elsewhere its octets are added one after the other.
  @inlinable
  public mutating func add(_ word: UInt16) {
    total &+= UInt64(isOdd ? word.byteSwapped : word)
  }

  /// Adds the two words of a 32-bit number.
  @inlinable
  public mutating func add(_ number: UInt32) {
    add(UInt16(truncatingIfNeeded: number >> 16))
    add(UInt16(truncatingIfNeeded: number))
  }

  /// Adds the four words of a 64-bit number.
  @inlinable
  public mutating func add(_ number: UInt64) {
    add(UInt32(truncatingIfNeeded: number >> 32))
    add(UInt32(truncatingIfNeeded: number))
  }

  /// Adds the octets in order.
  @inlinable
  public mutating func add(_ bytes: RawSpan) {
    let sum = Self.nativeSum(bytes).bigEndian
    total &+= UInt64(isOdd ? sum.byteSwapped : sum)
    if bytes.byteCount & 1 == 1 { isOdd.toggle() }
  }

  /// The folded sum, end-around carries added: 0xffff over anything that holds its right checksum.
  @inlinable
  public var sum: UInt16 {
    var folded = total
    while folded >> 16 != 0 { folded = (folded & 0xffff) &+ (folded &>> 16) }
    return UInt16(truncatingIfNeeded: folded)
  }

  /// The checksum: the complement of the folded sum.
  @inlinable
  public var checksum: UInt16 { ~sum }

  /// The checksum as UDP sends it: a computed zero goes out as 0xffff, because zero means that none
  /// was computed (RFC 768; RFC 8200 §8.1).
  @inlinable
  public var udpChecksum: UInt16 { checksum == 0 ? 0xffff : checksum }

  /// The checksum of `bytes` alone.
  @inlinable
  public static func of(_ bytes: RawSpan) -> UInt16 {
    var sum = InternetChecksum()
    sum.add(bytes)
    return sum.checksum
  }

  /// The checksum after one word under it has changed, by RFC 1624 equation 3:
  /// HC' = ~(~HC + ~m + m').
  @inlinable
  public static func update(_ checksum: UInt16, from old: UInt16, to new: UInt16) -> UInt16 {
    var folded = UInt32(~checksum) &+ UInt32(~old) &+ UInt32(new)
    folded = (folded & 0xffff) &+ (folded &>> 16)
    folded = (folded & 0xffff) &+ (folded &>> 16)
    return ~UInt16(truncatingIfNeeded: folded)
  }

  /// The folded sum of `bytes` in native byte order (RFC 1071 §2B: the sum is independent of byte
  /// order), padded with a zero octet where odd.
  @usableFromInline
  static func nativeSum(_ bytes: RawSpan) -> UInt16 {
    var sum: UInt64 = 0
    var offset = 0
    while offset + 2 <= bytes.byteCount {
      sum &+= UInt64(bytes.bigEndian(at: offset, as: UInt16.self).bigEndian)
      offset += 2
    }
    if offset < bytes.byteCount { sum &+= UInt64((UInt16(bytes[offset]) << 8).bigEndian) }
    while sum >> 16 != 0 { sum = (sum & 0xffff) &+ (sum &>> 16) }
    return UInt16(truncatingIfNeeded: sum)
  }
}
