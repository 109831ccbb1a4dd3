/// Reads fields one after the other from borrowed octets, in network byte order, and throws instead
/// of reading past the end.
///
/// Offsets count from the first octet of the span that the reader was made over.
public struct Reader: ~Escapable {
  /// All the octets, read or not.
  public let bytes: RawSpan
  /// The offset of the next octet to be read.
  public internal(set) var offset: Int

  /// A reader whose next octet is at `offset`; an offset outside `bytes` is moved to the nearer end.
  @_lifetime(copy bytes)
  public init(_ bytes: RawSpan, at offset: Int = 0) {
    self.bytes = bytes
    self.offset = min(max(offset, 0), bytes.byteCount)
  }

  /// How many octets are left.
  public var remaining: Int { bytes.byteCount - offset }

  /// Reads an unsigned integer in network byte order.
  ///
  /// - Throws: `ParseError` with reason `short` if fewer octets are left than the type holds.
  @_lifetime(self: copy self)
  public mutating func read<T: FixedWidthInteger & UnsignedInteger & BitwiseCopyable>(
    _ type: T.Type = T.self
  ) throws(ParseError) -> T {
    try require(MemoryLayout<T>.size)
    defer { offset += MemoryLayout<T>.size }
    return bytes.bigEndian(at: offset)
  }

  /// Reads `count` octets into a new array.
  ///
  /// - Throws: `ParseError` with reason `short` if fewer than `count` octets are left.
  @_lifetime(self: copy self)
  public mutating func read(count: Int) throws(ParseError) -> [UInt8] {
    try require(count)
    defer { offset += count }
    return bytes.extracting(offset..<offset + count).octets
  }

  /// Reads all that is left.
  @_lifetime(self: copy self)
  public mutating func readRest() -> [UInt8] {
    defer { offset = bytes.byteCount }
    return bytes.extracting(offset..<bytes.byteCount).octets
  }

  /// Throws unless `count` octets are left.
  public func require(_ count: Int) throws(ParseError) {
    guard count <= remaining else {
      throw ParseError(.short(needed: count, available: remaining), at: offset)
    }
  }
}
