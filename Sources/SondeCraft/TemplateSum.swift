public import SondeOctets

/// One computed checksum of a template.
@frozen
@usableFromInline
struct TemplateSum: Sendable {
  /// The offset of the checksum's two octets in the packet.
  @usableFromInline var offset = 0
  @usableFromInline var zeroMeansNone = false
  /// The sum of the words covered, never folded: RFC 1624's difference added to a folded sum could not
  /// tell 0x0000 from 0xffff when every word becomes zero, but a whole number is zero only then.
  @usableFromInline var total: UInt64 = 0
  /// The length in the pseudo-header.
  @usableFromInline var pseudoLength: UInt32 = 0
  /// Which sums cover this checksum.
  @usableFromInline var cover = PatchCover()

  /// The sum of a pseudo-header's words is known only modulo 0xffff: this many more keep what is taken
  /// off again for changed addresses and lengths from falling below zero.
  static let pseudoHeaderSurplus: UInt64 = 0xffff << 8

  /// As it goes on the wire.
  @inlinable
  var checksum: UInt16 {
    var sum = InternetChecksum()
    // The words of a number sum to it, modulo 0xffff.
    sum.add(total)
    return zeroMeansNone ? sum.udpChecksum : sum.checksum
  }

  /// The sum of a number's 16-bit words; an octet alone is the high half of one.
  @inlinable
  static func words<Bits: FixedWidthInteger & UnsignedInteger>(_ bits: Bits) -> UInt64 {
    if Bits.bitWidth == 8 { return UInt64(truncatingIfNeeded: bits) &<< 8 }
    var sum: UInt64 = 0
    var shift = 0
    while shift < Bits.bitWidth {
      sum &+= UInt64(UInt16(truncatingIfNeeded: bits &>> Bits(truncatingIfNeeded: shift)))
      shift &+= 16
    }
    return sum
  }

  /// The sum of a number's octets as they count where its first is the low half of a word.
  @inlinable
  static func swappedWords<Bits: FixedWidthInteger & UnsignedInteger>(_ bits: Bits) -> UInt64 {
    Bits.bitWidth == 8 ? UInt64(truncatingIfNeeded: bits) : words(bits.byteSwapped)
  }

  /// The sum of the 16-bit words of some octets, the first the high half of one.
  static func words(of octets: [UInt8], _ range: Range<Int>) -> UInt64 {
    var halves: (high: UInt64, low: UInt64) = (0, 0)
    for (place, octet) in octets[range].enumerated() {
      if place & 1 == 0 { halves.high &+= UInt64(octet) } else { halves.low &+= UInt64(octet) }
    }
    return halves.high &<< 8 &+ halves.low
  }
}
