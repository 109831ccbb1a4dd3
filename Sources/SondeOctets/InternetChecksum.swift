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
    let sum = InternetSum.native(bytes).bigEndian
    total &+= UInt64(isOdd ? sum.byteSwapped : sum)
    if bytes.byteCount & 1 == 1 { isOdd.toggle() }
  }

  /// The folded sum, end-around carries added: 0xffff over anything that holds its right checksum.
  @inlinable
  public var sum: UInt16 { InternetSum.fold(total) }

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

  /// Whether both stand at the same parity with the same folded sum: however they got there, what
  /// is added from then on gives the same checksum.
  @inlinable
  public static func == (left: Self, right: Self) -> Bool {
    left.sum == right.sum && left.isOdd == right.isOdd
  }

  @inlinable
  public func hash(into hasher: inout Hasher) {
    hasher.combine(sum)
    hasher.combine(isOdd)
  }
}

extension InternetChecksum {
  /// The checksum after one word under it has changed, by RFC 1624 equation 3:
  /// HC' = ~(~HC + ~m + m').
  ///
  /// It is the sum that a fresh computation gives, except where every word has become zero: then
  /// the change alone cannot tell 0x0000 from 0xffff, and it says 0x0000 (no protocol sums only
  /// zeros). UDP's rule for a zero, `udpChecksum`, is the caller's to apply.
  @inlinable
  public static func update(_ checksum: UInt16, from old: UInt16, to new: UInt16) -> UInt16 {
    ~InternetSum.fold(UInt64(~checksum) &+ UInt64(~old) &+ UInt64(new))
  }

  /// The checksum after a field of any width has changed, by the same equation.
  ///
  /// - Parameter atOddOffset: whether the field's first octet stands at an odd offset from where
  ///   the sum begins, and so is the low half of a word.
  @inlinable
  public static func update<T: FixedWidthInteger & UnsignedInteger>(
    _ checksum: UInt16, from old: T, to new: T, atOddOffset: Bool = false
  ) -> UInt16 {
    update(checksum, from: sum(of: old, atOddOffset: atOddOffset), to: sum(of: new, atOddOffset: atOddOffset))
  }

  /// The checksum after a run of octets has been replaced by another, by the same equation.
  ///
  /// - Parameters:
  ///   - new: As many octets as `old`.
  ///   - atOddOffset: Whether the run begins at an odd offset from where the sum begins.
  @inlinable
  public static func update(
    _ checksum: UInt16, from old: RawSpan, to new: RawSpan, atOddOffset: Bool = false
  ) -> UInt16 {
    precondition(old.byteCount == new.byteCount, "a run is replaced by one of its own length")
    let (old, new) = (InternetSum.native(old).bigEndian, InternetSum.native(new).bigEndian)
    return atOddOffset
      ? update(checksum, from: old.byteSwapped, to: new.byteSwapped) : update(checksum, from: old, to: new)
  }

  /// The folded sum of a number's octets in network byte order.
  @inlinable
  static func sum<T: FixedWidthInteger & UnsignedInteger>(of number: T, atOddOffset: Bool) -> UInt16 {
    // One octet alone is the high half of a word whose other half does not change.
    var sum = T.bitWidth == 8 ? UInt64(truncatingIfNeeded: number) &<< 8 : 0
    var shift = 0
    while shift &+ 16 <= T.bitWidth {
      sum &+= UInt64(UInt16(truncatingIfNeeded: number &>> T(truncatingIfNeeded: shift)))
      shift &+= 16
    }
    let folded = InternetSum.fold(sum)
    return atOddOffset ? folded.byteSwapped : folded
  }
}
