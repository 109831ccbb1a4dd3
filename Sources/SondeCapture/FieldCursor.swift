internal import SondeOctets

/// Reads the fields of one header, record or block in turn, and throws instead of reading past its end.
struct FieldCursor: ~Escapable {
  /// All the octets, read or not.
  private let bytes: RawSpan
  private let order: ByteOrder
  /// The file offset of the first of `bytes`.
  private let base: UInt64
  /// The index in `bytes` of the next octet.
  private(set) var position = 0

  /// A cursor over `bytes`, the first of which is at `offset` in the file.
  @_lifetime(copy bytes)
  init(_ bytes: RawSpan, _ order: ByteOrder, at offset: UInt64) {
    self.bytes = bytes
    self.order = order
    base = offset
  }

  var remaining: Int { bytes.byteCount &- position }
  /// The file offset of the next octet.
  var offset: UInt64 { base &+ UInt64(position) }

  /// Passes over `count` octets; `count` is not negative.
  @_lifetime(self: copy self)
  mutating func skip(_ count: Int) throws(CaptureError) {
    guard count <= remaining else {
      throw CaptureError(.overrun(needed: count, available: remaining), at: offset)
    }
    position &+= count
  }

  @_lifetime(self: copy self)
  mutating func number<T: FixedWidthInteger & UnsignedInteger & BitwiseCopyable>(
    _ type: T.Type = T.self
  ) throws(CaptureError) -> T {
    let start = position
    try skip(MemoryLayout<T>.size)
    return order.number(in: bytes, at: start)
  }

  /// The number that all the octets left make; nil where they are of another count.
  func whole<T: FixedWidthInteger & UnsignedInteger & BitwiseCopyable>(_ type: T.Type = T.self) -> T? {
    remaining == MemoryLayout<T>.size ? order.number(in: bytes, at: position) : nil
  }

  /// Passes over as much as there is of the padding to 32 bits behind `count` octets.
  @_lifetime(self: copy self)
  mutating func skipPadding(of count: Int) {
    position &+= min(Pcapng.padding(count), remaining)
  }

  /// Hands each option up to the end of the options, or of the block, to `body`.
  @_lifetime(self: copy self)
  mutating func options(
    _ body: (UInt16, inout FieldCursor) throws(CaptureError) -> Void
  ) throws(CaptureError) {
    while remaining > 0 {
      let code = try number(UInt16.self)
      let length = Int(try number(UInt16.self))
      guard code != Pcapng.Option.end else { return }
      let start = position
      try skip(length)
      skipPadding(of: length)
      var value = FieldCursor(bytes.extracting(start..<start &+ length), order, at: base &+ UInt64(start))
      try body(code, &value)
    }
  }

  /// All that is left, of at most `limit` octets, as text; what is no UTF-8 becomes U+FFFD.
  func text(limit: Int = .max) -> String {
    let end = position &+ min(remaining, limit)
    return String(decoding: bytes.extracting(position..<end).octets, as: UTF8.self)
  }
}
