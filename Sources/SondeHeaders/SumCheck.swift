internal import SondeOctets

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
    /// A fragment, not all octets are there, lengths that lie, no IP layer to sum with, or a route to nobody knows
    /// where.
    case unverifiable
  }
  public var layer: Name
  /// The offset of the layer's first octet.
  public var layerOffset: Int
  /// As a number in network byte order, of `byteCount` octets.
  public var found: UInt32
  /// Nil where nothing can be expected.
  public var expected: UInt32?
  public var verdict: Verdict
  /// How many octets the checksum has: two, or four of a CRC.
  public var byteCount: Int

  public init(layer: Name, layerOffset: Int, found: UInt32, expected: UInt32?, verdict: Verdict, byteCount: Int = 2) {
    self.layer = layer
    self.layerOffset = layerOffset
    self.found = found
    self.expected = expected
    self.verdict = verdict
    self.byteCount = byteCount
  }
}

extension Outline.Layer {
  /// What the layer's checksum is worth; nil where it has none. `bytes` is what the outline was read from.
  public func check(in bytes: RawSpan) -> SumCheck? {
    guard let rule = type.sumRule else { return nil }
    let found =
      rule.byteCount == 2
      ? UInt32(bytes.bigEndian(at: offset + rule.offset, as: UInt16.self))
      : bytes.bigEndian(at: offset + rule.offset, as: UInt32.self)
    let (verdict, expected) = judge(rule, found, bytes)
    return SumCheck(
      layer: type.name, layerOffset: offset, found: found, expected: expected, verdict: verdict,
      byteCount: rule.byteCount)
  }

  private func judge(_ rule: SumRule, _ found: UInt32, _ bytes: RawSpan) -> (SumCheck.Verdict, UInt32?) {
    if rule.zeroMeansNone, found == 0 {
      if case .v6 = pseudoHeader?.source { return (.illegal, nil) }
      return (.absent, nil)
    }
    if rule.coverage != .header, isCut || isFragment || isMisstated { return (.unverifiable, nil) }
    if rule.needsPseudoHeader, self.pseudoHeader?.isDestinationFinal != true { return (.unverifiable, nil) }
    // Lengths on the wire were believed when `end` was found: the sum is over what is there.
    var pseudoHeader = self.pseudoHeader
    pseudoHeader?.upperLayerLength = nil
    let segment = bytes.extracting(offset..<end)
    let expected = rule.right(over: segment, headerByteCount: byteCount, pseudoHeader: pseudoHeader)
    if found == expected { return (.valid, expected) }
    guard rule.algorithm == .internet else { return (.wrong, expected) }
    // 0 and 0xffff are the same number in ones' complement: a receiver's sum accepts 0xffff for 0. Not
    // the other way round: 0xffff is expected only over zeros, and a sum of nothing but zeros is no 0xffff.
    if found == 0xffff, expected == 0 { return (.valid, expected) }
    if case .pseudoHeader(let number) = rule.coverage, let pseudoHeader {
      var partial = InternetChecksum()
      pseudoHeader.add(to: &partial, protocol: number, length: segment.byteCount)
      if found == UInt32(partial.sum) { return (.offload, expected) }
    }
    return (.wrong, expected)
  }
}
