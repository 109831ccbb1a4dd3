public import SondeOctets

/// Where a protocol's Internet checksum stands, and what it is a sum of.
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
  /// The offset of the two octets of the checksum, from the header's start; always even.
  public var offset: Int
  public var coverage: Coverage
  /// Zero on the wire means that no sum was computed, and a computed zero is sent as 0xffff (UDP).
  public var zeroMeansNone: Bool

  @inlinable
  public init(offset: Int, coverage: Coverage, zeroMeansNone: Bool = false) {
    self.offset = offset
    self.coverage = coverage
    self.zeroMeansNone = zeroMeansNone
  }

  /// Whether the sum covers a pseudo-header, so that a segment without its IP layer has none.
  @inlinable
  public var needsPseudoHeader: Bool {
    if case .pseudoHeader = coverage { true } else { false }
  }

  /// The right checksum of the segment in `bytes`, whatever its checksum field holds now.
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

/// What one checksum of a dissected packet is worth.
public struct SumCheck: Hashable, Sendable {
  public enum Verdict: String, Hashable, Sendable {
    case valid
    case wrong
    /// Only the pseudo-header's sum is there: a device had yet to complete it.
    case offload
    /// UDP over IPv4 with zero: none was computed (RFC 768).
    case absent
    /// UDP over IPv6 with zero (RFC 8200 §8.1).
    case illegal
    /// A fragment, not all octets are there, lengths that lie, or no IP layer to sum with.
    case unverifiable
  }
  public var layer: Name
  /// The offset of the layer's first octet.
  public var layerOffset: Int
  public var found: UInt16
  /// Nil where nothing can be expected.
  public var expected: UInt16?
  public var verdict: Verdict

  public init(layer: Name, layerOffset: Int, found: UInt16, expected: UInt16?, verdict: Verdict) {
    self.layer = layer
    self.layerOffset = layerOffset
    self.found = found
    self.expected = expected
    self.verdict = verdict
  }
}
