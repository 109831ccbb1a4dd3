// The one file of the pure modules that touches unsafe loads and stores: every wrapper checks its
// bounds (the standard library's own check, by precondition) and only then reads or writes, so its
// callers stay within memory safety. Callers that read bytes from a wire use `Reader`, which
// throws instead.

extension RawSpan {
  /// The unsigned integer whose first octet is at `offset`, in network byte order.
  @inlinable
  public func bigEndian<T: FixedWidthInteger & UnsignedInteger & BitwiseCopyable>(
    at offset: Int, as type: T.Type = T.self
  ) -> T {
    // Any bit pattern is a valid fixed-width integer; the load checks the bounds.
    T(bigEndian: unsafe unsafeLoadUnaligned(fromByteOffset: offset, as: T.self))
  }

  /// The unsigned integer whose first octet is at `offset`, the least significant octet first.
  @inlinable
  public func littleEndian<T: FixedWidthInteger & UnsignedInteger & BitwiseCopyable>(
    at offset: Int, as type: T.Type = T.self
  ) -> T {
    bigEndian(at: offset, as: T.self).byteSwapped
  }

  /// The octet at `offset`.
  @inlinable
  public subscript(offset: Int) -> UInt8 { bigEndian(at: offset, as: UInt8.self) }

  /// A copy of all octets.
  public var octets: [UInt8] { unsafe withUnsafeBytes { unsafe [UInt8]($0) } }
}

extension [UInt8] {
  /// Lends the octets to be changed.
  @inlinable
  public mutating func withMutableBytes<R, E: Error>(
    _ body: (inout MutableRawSpan) throws(E) -> R
  ) throws(E) -> R {
    var span = mutableSpan
    // Any bit pattern is an octet.
    var bytes = unsafe span.mutableBytes
    return try body(&bytes)
  }
}

extension OutputRawSpan {
  /// Appends `value` in network byte order.
  @inlinable
  public mutating func append<T: FixedWidthInteger & UnsignedInteger & BitwiseCopyable>(bigEndian value: T) {
    // A fixed-width integer has no padding bytes, so nothing uninitialised is copied.
    unsafe append(value.bigEndian, as: T.self)
  }

  /// Appends `octets` in order; there is room for them.
  @inlinable
  public mutating func append(octets: [UInt8]) {
    append(bytes: octets.rawSpan)
  }

  /// Appends a copy of `bytes`; there is room for it.
  @inlinable
  public mutating func append(bytes: RawSpan) {
    precondition(bytes.byteCount <= freeCapacity, "no room for \(bytes.byteCount) octets")
    // Only the free part is written, and just as much is said to be initialised.
    unsafe withUnsafeMutableBytes { space, initialized in
      unsafe bytes.withUnsafeBytes { octets in
        unsafe UnsafeMutableRawBufferPointer(rebasing: space[initialized...]).copyMemory(from: octets)
        initialized &+= octets.count
      }
    }
  }
}

extension MutableRawSpan {
  /// Writes `value` in network byte order, its first octet at `offset`.
  @inlinable
  @_lifetime(self: copy self)
  public mutating func store<T: FixedWidthInteger & UnsignedInteger & BitwiseCopyable>(
    bigEndian value: T, at offset: Int
  ) {
    storeBytes(of: value.bigEndian, toByteOffset: offset, as: T.self)
  }

  /// The unsigned integer whose first octet is at `offset`, in network byte order.
  @inlinable
  public func bigEndian<T: FixedWidthInteger & UnsignedInteger & BitwiseCopyable>(
    at offset: Int, as type: T.Type = T.self
  ) -> T {
    bytes.bigEndian(at: offset)
  }

  /// Writes `bytes` over the first octets; there is room for them.
  @inlinable
  @_lifetime(self: copy self)
  public mutating func copy(_ bytes: RawSpan) {
    precondition(bytes.byteCount <= byteCount, "no room for \(bytes.byteCount) octets")
    // Both are valid for as many octets, which is all that is copied.
    unsafe withUnsafeMutableBytes { space in
      unsafe bytes.withUnsafeBytes { octets in unsafe space.copyMemory(from: octets) }
    }
  }

  /// Lends the octets from `offset` to the end.
  @inlinable
  public mutating func withSuffix<R, E: Error>(
    from offset: Int, _ body: (inout MutableRawSpan) throws(E) -> R
  ) throws(E) -> R {
    var suffix = _mutatingExtracting(offset..<byteCount)
    return try body(&suffix)
  }
}

extension Array where Element == UInt8 {
  /// An array of at most `capacity` octets, those that `write` appends.
  @inlinable
  public init<E: Error>(writing capacity: Int, _ write: (inout OutputRawSpan) throws(E) -> Void) throws(E) {
    try self.init(capacity: capacity) { (output: inout OutputSpan<UInt8>) throws(E) in
      try unsafe output.withUnsafeMutableBufferPointer { (buffer, count) throws(E) in
        // The raw span borrows the array's own storage for the length of the closure, and its count
        // of initialised octets is handed back even if `write` throws.
        var raw = unsafe OutputRawSpan(buffer: UnsafeMutableRawBufferPointer(buffer), initializedCount: count)
        defer { count = raw.byteCount }
        try write(&raw)
      }
    }
  }
}

extension Array where Element == UInt8 {
  /// The octets, borrowed.
  @inlinable
  public var rawSpan: RawSpan {
    // Octets hold no padding, so their raw bytes are all initialised.
    @_lifetime(borrow self) get { unsafe span.bytes }
  }

  /// Appends a copy of `bytes`.
  @inlinable
  public mutating func append(bytes: RawSpan) {
    // The pointer does not leave the closure.
    unsafe bytes.withUnsafeBytes { unsafe append(contentsOf: $0) }
  }
}
