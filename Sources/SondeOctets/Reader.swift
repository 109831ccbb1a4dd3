/// Reads fields one after the other from borrowed octets, in network byte order, and throws instead
/// of reading past the end.
///
/// Offsets count from the first octet of the span that the reader was made over.
public struct Reader: ~Escapable {
  /// All the octets, read or not.
  public let bytes: RawSpan
  /// The offset of the next octet, for this type alone to move.
  @usableFromInline var position: Int

  /// A reader whose next octet is at `offset`; an offset outside `bytes` is moved to the nearer end.
  @inlinable
  @_lifetime(copy bytes)
  public init(_ bytes: RawSpan, at offset: Int = 0) {
    self.bytes = bytes
    self.position = min(max(offset, 0), bytes.byteCount)
  }

  /// The offset of the next octet to be read.
  @inlinable
  public var offset: Int { position }

  /// How many octets are left.
  @inlinable
  public var remaining: Int { bytes.byteCount &- position }

  /// Reads an unsigned integer in network byte order.
  ///
  /// - Throws: `ParseError` with reason `short` if fewer octets are left than the type holds.
  @inlinable
  @_lifetime(self: copy self)
  public mutating func read<T: FixedWidthInteger & UnsignedInteger & BitwiseCopyable>(
    _ type: T.Type = T.self
  ) throws(ParseError) -> T {
    try require(MemoryLayout<T>.size)
    defer { position &+= MemoryLayout<T>.size }
    return bytes.bigEndian(at: position)
  }

  /// Reads `count` octets into a new array.
  ///
  /// - Throws: `ParseError` with reason `short` if fewer than `count` octets are left, or if `count`
  ///   is negative, as the difference of two length fields may be.
  @_lifetime(self: copy self)
  public mutating func read(count: Int) throws(ParseError) -> [UInt8] {
    try require(count)
    defer { position &+= count }
    return bytes.extracting(position..<position &+ count).octets
  }

  /// Reads all that is left.
  @_lifetime(self: copy self)
  public mutating func readRest() -> [UInt8] {
    defer { position = bytes.byteCount }
    return bytes.extracting(position..<bytes.byteCount).octets
  }

  /// Checks that `count` octets are left.
  ///
  /// - Throws: `ParseError` with reason `short` if fewer are left, or if `count` is negative.
  @inlinable
  public func require(_ count: Int) throws(ParseError) {
    guard (0...remaining).contains(count) else {
      throw ParseError(.short(needed: count, available: remaining), at: position)
    }
  }
}
