// The hot loop of the Internet checksum. It works through a pointer that one scoped call lends,
// because a bounds check a load costs more than the sum itself; every offset below is held under
// `bytes.byteCount` by its loop.

/// The ones'-complement sum of octets, as words of the machine's own byte order.
///
/// RFC 1071 §2(B): swapping the octets of every word swaps those of the sum, so the order matters
/// only once, at the end; §2(C): wide additions may be folded later.
@usableFromInline
enum InternetSum {
  /// The sum of `bytes`, folded to 16 bits, in native byte order; an odd last octet is padded with
  /// one zero octet.
  ///
  /// Short runs are summed in the caller's own code, where a length known when compiling leaves a
  /// handful of additions; below 128 octets that is also faster than vectors.
  @inlinable
  static func native(_ bytes: RawSpan) -> UInt16 {
    unsafe bytes.withUnsafeBytes { octets in
      guard let start = octets.baseAddress else { return 0 }
      return octets.count < 128
        ? fold(unsafe short(start, octets.count)) : fold(unsafe long(start, octets.count))
    }
  }

  /// Adds the end-around carries until 16 bits are left: 0 for 0 alone.
  ///
  /// Added to itself with its halves exchanged, a number has in its upper half the sum of both, and
  /// the lower half's carry out is that sum's end-around carry in.
  @inlinable
  static func fold(_ sum: UInt64) -> UInt16 {
    let wide = UInt32(truncatingIfNeeded: (sum &+ (sum &<< 32 | sum &>> 32)) &>> 32)
    return UInt16(truncatingIfNeeded: (wide &+ (wide &<< 16 | wide &>> 16)) &>> 16)
  }

  /// The unfolded sum of `count` octets and of `before`, which is below 2^63, made by additions of 64
  /// bits whose carries are counted.
  @inlinable
  static func short(_ start: UnsafeRawPointer, _ count: Int, after before: UInt64 = 0) -> UInt64 {
    var sum: UInt64 = 0
    var carries = before
    var offset = 0
    while offset &+ 32 <= count {
      add(unsafe start.loadUnaligned(fromByteOffset: offset, as: UInt64.self), to: &sum, &carries)
      add(unsafe start.loadUnaligned(fromByteOffset: offset &+ 8, as: UInt64.self), to: &sum, &carries)
      add(unsafe start.loadUnaligned(fromByteOffset: offset &+ 16, as: UInt64.self), to: &sum, &carries)
      add(unsafe start.loadUnaligned(fromByteOffset: offset &+ 24, as: UInt64.self), to: &sum, &carries)
      offset &+= 32
    }
    while offset &+ 8 <= count {
      add(unsafe start.loadUnaligned(fromByteOffset: offset, as: UInt64.self), to: &sum, &carries)
      offset &+= 8
    }
    // What the last seven octets hold fits beside the carries.
    if count & 4 != 0 {
      carries &+= UInt64(unsafe start.loadUnaligned(fromByteOffset: offset, as: UInt32.self))
      offset &+= 4
    }
    if count & 2 != 0 {
      carries &+= UInt64(unsafe start.loadUnaligned(fromByteOffset: offset, as: UInt16.self))
      offset &+= 2
    }
    if count & 1 != 0 {
      // The first octet of a word whose second is the pad.
      carries &+= UInt64(UInt16(unsafe start.load(fromByteOffset: offset, as: UInt8.self)).littleEndian)
    }
    var none: UInt64 = 0
    add(carries, to: &sum, &none)
    return sum &+ none
  }

  /// Adds `number` to `sum` and the carry out of it to `carries`.
  @inlinable
  static func add(_ number: UInt64, to sum: inout UInt64, _ carries: inout UInt64) {
    let (total, overflow) = sum.addingReportingOverflow(number)
    sum = total
    carries &+= overflow ? 1 : 0
  }

  /// The unfolded sum of `count` octets, any number of them.
  @usableFromInline
  static func long(_ start: UnsafeRawPointer, _ count: Int) -> UInt64 {
    var sum: UInt64 = 0
    var offset = 0
    while count &- offset >= 64 {
      let length = min((count &- offset) & ~63, 1 << 17)
      sum &+= UInt64(unsafe block(start + offset, length))
      offset &+= length
    }
    return unsafe short(start + offset, count &- offset, after: sum)
  }

  /// The sum of `length` octets: a multiple of 64, and at most 128 KiB, whose 65,536 words sum to
  /// less than 2^32.
  ///
  /// Each lane takes 32 bits at a time, two words. `high` sums the upper ones; `whole` sums the 32
  /// bits as one number modulo 2^32, from which the upper words' share is taken off at the end: that
  /// saves masking each number, and what overflows on the way cancels.
  @inline(__always)
  private static func block(_ start: UnsafeRawPointer, _ length: Int) -> UInt32 {
    typealias Lanes = SIMD4<UInt32>
    var (high0, high1, high2, high3) = (Lanes.zero, Lanes.zero, Lanes.zero, Lanes.zero)
    var (whole0, whole1, whole2, whole3) = (Lanes.zero, Lanes.zero, Lanes.zero, Lanes.zero)
    var offset = 0
    while offset < length {
      let (a, b, c, d) = unsafe (
        start.loadUnaligned(fromByteOffset: offset, as: Lanes.self),
        start.loadUnaligned(fromByteOffset: offset &+ 16, as: Lanes.self),
        start.loadUnaligned(fromByteOffset: offset &+ 32, as: Lanes.self),
        start.loadUnaligned(fromByteOffset: offset &+ 48, as: Lanes.self)
      )
      high0 &+= a &>> 16
      high1 &+= b &>> 16
      high2 &+= c &>> 16
      high3 &+= d &>> 16
      whole0 &+= a
      whole1 &+= b
      whole2 &+= c
      whole3 &+= d
      offset &+= 64
    }
    let high = (high0 &+ high1) &+ (high2 &+ high3)
    let whole = (whole0 &+ whole1) &+ (whole2 &+ whole3)
    return (whole &- (high &<< 16) &+ high).wrappedSum()
  }
}
