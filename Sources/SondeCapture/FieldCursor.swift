/// The order of the octets in a file's numbers.
enum ByteOrder: Sendable {
  case little
  case big

  /// The number whose octets `octets` are; it has at most as many as the type.
  func number<T: FixedWidthInteger & UnsignedInteger>(_ octets: ArraySlice<UInt8>, as type: T.Type = T.self) -> T {
    switch self {
    case .little: octets.reversed().reduce(0) { $0 << 8 | T($1) }
    case .big: octets.reduce(0) { $0 << 8 | T($1) }
    }
  }
}

/// Reads the fields of one header, record or block in turn, and throws instead of reading past its end.
struct FieldCursor {
  /// What has not been read yet.
  private var rest: ArraySlice<UInt8>
  private let order: ByteOrder
  /// What added to an index of `rest` makes a file offset.
  private let base: UInt64

  /// A cursor over `octets`, the first of which is at `offset` in the file.
  init(_ octets: ArraySlice<UInt8>, _ order: ByteOrder, at offset: UInt64) {
    rest = octets
    self.order = order
    base = offset &- UInt64(octets.startIndex)
  }

  var remaining: Int { rest.count }
  /// The file offset of the next octet.
  var offset: UInt64 { base &+ UInt64(rest.startIndex) }

  /// Reads `count` octets; `count` is not negative.
  mutating func take(_ count: Int) throws(CaptureError) -> ArraySlice<UInt8> {
    guard count <= rest.count else {
      throw CaptureError(.overrun(needed: count, available: rest.count), at: offset)
    }
    defer { rest = rest.dropFirst(count) }
    return rest.prefix(count)
  }

  mutating func number<T: FixedWidthInteger & UnsignedInteger>(
    _ type: T.Type = T.self
  ) throws(CaptureError) -> T {
    order.number(try take(MemoryLayout<T>.size))
  }

  /// Reads `count` octets and the padding to 32 bits behind them.
  mutating func takePadded(_ count: Int) throws(CaptureError) -> ArraySlice<UInt8> {
    let octets = try take(count)
    rest = rest.dropFirst(Pcapng.padding(count))
    return octets
  }

  /// Hands each option up to the end of the options, or of the block, to `body`.
  mutating func options(
    _ body: (UInt16, FieldCursor) throws(CaptureError) -> Void
  ) throws(CaptureError) {
    while remaining > 0 {
      let code = try number(UInt16.self)
      let length = try number(UInt16.self)
      guard code != Pcapng.Option.end else { return }
      let start = offset
      try body(code, FieldCursor(takePadded(Int(length)), order, at: start))
    }
  }

  /// All that is left, as text; what is no UTF-8 becomes U+FFFD.
  var text: String { String(decoding: rest, as: UTF8.self) }
}
