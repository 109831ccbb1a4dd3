internal import SondeOctets

/// The order of the octets in a file's numbers.
public enum ByteOrder: Hashable, Sendable {
  /// The least significant octet comes first.
  case little
  /// The most significant octet comes first.
  case big

  /// The number whose first octet is at `offset` of `bytes`, which hold all of it.
  func number<T: FixedWidthInteger & UnsignedInteger & BitwiseCopyable>(
    in bytes: RawSpan, at offset: Int, as type: T.Type = T.self
  ) -> T {
    switch self {
    case .little: bytes.littleEndian(at: offset)
    case .big: bytes.bigEndian(at: offset)
    }
  }

  /// The number whose octets, the most significant one first, are those of `number` in this order.
  func arranged<T: FixedWidthInteger>(_ number: T) -> T { self == .big ? number : number.byteSwapped }
}
