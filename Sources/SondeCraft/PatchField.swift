public import SondeOctets

/// A value that a template's field can hold: an unsigned integer, or an address.
public protocol PatchValue: Sendable {
  associatedtype Bits: FixedWidthInteger & UnsignedInteger & BitwiseCopyable & Sendable
  /// The number of bits that a field of this type must have; nil where fewer than `Bits` holds will do.
  static var exactBitCount: Int? { get }
  /// The value as a number, the first bit on the wire highest.
  var patchBits: Bits { get }
  init(patchBits: Bits)
}

extension PatchValue where Self: FixedWidthInteger {
  public static var exactBitCount: Int? { nil }
  @inlinable
  public var patchBits: Self { self }
  @inlinable
  public init(patchBits: Self) { self = patchBits }
}

extension UInt8: PatchValue {}
extension UInt16: PatchValue {}
extension UInt32: PatchValue {}
extension UInt64: PatchValue {}
extension UInt128: PatchValue {}

extension IPv4Address: PatchValue {
  public static var exactBitCount: Int? { 32 }
  @inlinable
  public var patchBits: UInt32 { rawValue }
  @inlinable
  public init(patchBits: UInt32) { self.init(rawValue: patchBits) }
}

extension IPv6Address: PatchValue {
  public static var exactBitCount: Int? { 128 }
  @inlinable
  public var patchBits: UInt128 { UInt128(high) << 64 | UInt128(low) }
  @inlinable
  public init(patchBits: UInt128) {
    self.init(high: UInt64(truncatingIfNeeded: patchBits >> 64), low: UInt64(truncatingIfNeeded: patchBits))
  }
}

extension MACAddress: PatchValue {
  public static var exactBitCount: Int? { 48 }
  @inlinable
  public var patchBits: UInt64 { rawValue }
  @inlinable
  public init(patchBits: UInt64) { self.init(rawValue: patchBits) }
}

/// A field of a template's packet, found once and patched often.
///
/// It belongs to the template that gave it, and to copies of that template.
@frozen
public struct PatchField<Value: PatchValue>: Sendable {
  /// The offset of the first of the octets that are read and written for a patch.
  @usableFromInline let offset: Int
  /// The field's bits among those of these octets.
  @usableFromInline let mask: Value.Bits
  /// How far the field's last bit stands from that of these octets.
  @usableFromInline let shift: Int
  @usableFromInline let cover: PatchCover

  @usableFromInline
  init(offset: Int, mask: Value.Bits, shift: Int, cover: PatchCover) {
    self.offset = offset
    self.mask = mask
    self.shift = shift
    self.cover = cover
  }

  /// The largest value that fits the field's bits.
  @inlinable
  public var maximum: Value.Bits { mask &>> Value.Bits(truncatingIfNeeded: shift) }
}

/// A run of octets of a template's packet, found once and patched often.
///
/// It belongs to the template that gave it, and to copies of that template.
@frozen
public struct PatchRun: Sendable {
  /// Where the octets lie in the packet.
  public let range: Range<Int>
  @usableFromInline let cover: PatchCover

  @usableFromInline
  init(range: Range<Int>, cover: PatchCover) {
    self.range = range
    self.cover = cover
  }
}

/// Which of a template's sums a change of some octets reaches; each set is a bit a sum.
@frozen
@usableFromInline
struct PatchCover: Sendable {
  /// The sums to which the first octet is the high half of a word.
  @usableFromInline var even: UInt8 = 0
  /// The sums to which it is the low half.
  @usableFromInline var odd: UInt8 = 0
  /// The sums whose own checksum it overwrites: set by hand from then on.
  @usableFromInline var overwritten: UInt8 = 0
  /// The sums whose pseudo-header takes its length from the field.
  @usableFromInline var lengths: UInt8 = 0
  /// What that length is less than the field's value.
  @usableFromInline var lengthBase: UInt32 = 0

  @usableFromInline
  init() {}
}
