public import SondeOctets

/// Where a protocol's checksum stands, how it is computed, and what it covers.
@frozen
public struct SumRule: Hashable, Sendable {
  @frozen
  public enum Coverage: Hashable, Sendable {
    /// The header alone (IPv4).
    case header
    /// The header and all that it carries.
    case segment
    /// The pseudo-header of the IP layer below, the header and all that it carries; the number is the
    /// protocol in the pseudo-header.
    case pseudoHeader(UInt8)
  }
  @frozen
  public enum Algorithm: Hashable, Sendable {
    /// The ones' complement of the ones'-complement sum of 16-bit words (RFC 1071).
    case internet
    /// CRC-32C, its least significant octet first (RFC 9260 appendix A).
    case crc32c
  }
  /// The offset of the checksum's first octet, from the header's start; always even.
  public var offset: Int
  public var algorithm: Algorithm
  public var coverage: Coverage
  /// Zero on the wire means that no sum was computed, and a computed zero is sent as 0xffff (UDP).
  public var zeroMeansNone: Bool

  @inlinable
  public init(
    offset: Int, coverage: Coverage, zeroMeansNone: Bool = false, algorithm: Algorithm = .internet
  ) {
    self.offset = offset
    self.algorithm = algorithm
    self.coverage = coverage
    self.zeroMeansNone = zeroMeansNone
  }

  /// How many octets the checksum has.
  @inlinable
  public var byteCount: Int { algorithm == .internet ? 2 : 4 }

  /// Whether the sum covers a pseudo-header, so that a segment without its IP layer has none.
  @inlinable
  public var needsPseudoHeader: Bool {
    if case .pseudoHeader = coverage { true } else { false }
  }

  /// The right checksum of the segment in `bytes`, read as a number in network byte order, whatever its checksum
  /// field holds now.
  ///
  /// `bytes` starts with the header, whose length is `headerByteCount`, and ends with the last octet
  /// it carries. Without a `pseudoHeader` only the segment is summed.
  public func right(over bytes: RawSpan, headerByteCount: Int, pseudoHeader: PseudoHeader?) -> UInt32 {
    guard algorithm == .crc32c else {
      return UInt32(expected(over: bytes, headerByteCount: headerByteCount, pseudoHeader: pseudoHeader))
    }
    var crc = CRC32C()
    crc.add(bytes.extracting(0..<min(offset, bytes.byteCount)))
    crc.add(zeros: 4)
    crc.add(bytes.extracting(min(offset + 4, bytes.byteCount)..<bytes.byteCount))
    return crc.value.byteSwapped
  }

  /// The right Internet checksum of the segment in `bytes`, whatever its checksum field holds now.
  ///
  /// `bytes` starts with the header, whose length is `headerByteCount`, and ends with the last octet
  /// it carries. Without a `pseudoHeader` only the segment is summed.
  @inlinable @inline(__always)
  public func expected(over bytes: RawSpan, headerByteCount: Int, pseudoHeader: PseudoHeader?) -> UInt16 {
    var sum = InternetChecksum()
    let end = coverage == .header ? min(headerByteCount, bytes.byteCount) : bytes.byteCount
    // First the pseudo-header: behind an odd segment it would no longer stand on word boundaries.
    if case .pseudoHeader(let number) = coverage {
      pseudoHeader?.add(to: &sum, protocol: number, length: end)
    }
    sum.add(bytes.extracting(0..<min(offset, end)))
    sum.add(bytes.extracting(min(offset + 2, end)..<end))
    return zeroMeansNone ? sum.udpChecksum : sum.checksum
  }

  /// Writes `field`'s hand-set value, or the right CRC-32C, into the finished segment.
  @_lifetime(bytes: copy bytes)
  public func seal(
    _ field: Field<UInt32>, in bytes: inout MutableRawSpan, headerByteCount: Int, _ around: Surroundings
  ) {
    let value: UInt32
    switch field {
    case .set(let hand): value = hand
    case .auto:
      let segment = bytes.bytes.extracting(0..<headerByteCount + around.innerByteCount)
      value = right(over: segment, headerByteCount: headerByteCount, pseudoHeader: nil)
    }
    bytes.store(bigEndian: value, at: offset)
  }

  /// Writes `field`'s hand-set value, or the right checksum, into the finished segment. What a
  /// header's `seal` does with its checksum.
  ///
  /// Where the sum covers a pseudo-header and no IP layer gives one, there is no right checksum, and
  /// zero is written, as Scapy does.
  @inlinable @inline(__always)
  @_lifetime(bytes: copy bytes)
  public func seal(
    _ field: Field<UInt16>, in bytes: inout MutableRawSpan, headerByteCount: Int, _ around: Surroundings
  ) {
    let checksum: UInt16
    switch field {
    case .set(let value): checksum = value
    case .auto where needsPseudoHeader && around.pseudoHeader == nil: checksum = 0
    case .auto:
      let segment = bytes.bytes.extracting(0..<headerByteCount + around.innerByteCount)
      checksum = expected(over: segment, headerByteCount: headerByteCount, pseudoHeader: around.pseudoHeader)
    }
    bytes.store(bigEndian: checksum, at: offset)
  }
}
