public import SondeOctets

/// What an Internet checksum was to be summed over, and what stands around it: all that is needed to
/// try the classic mistakes on a sum that is wrong.
///
/// A mistake *fits* where making that very mistake gives exactly what stands in the field. One value out
/// of 65,536 does so by chance, so a fit is evidence and no proof.
public struct SummedSegment: Hashable, Sendable {
  /// The protocol that the sum belongs to.
  public var layer: Name
  /// The octets that the sum covers, from the header's first on; among them those of the checksum itself,
  /// which count as zero.
  public var octets: [UInt8]
  /// Where in `octets` the checksum stands; even.
  public var fieldOffset: Int
  /// The length of the header at the start of `octets`.
  public var headerByteCount: Int
  /// The protocol number in the pseudo-header; nil where the sum covers none.
  public var pseudoProtocol: UInt8?
  /// The addresses of the IP header outside, whether the sum covers them or not; nil without one.
  public var pseudoHeader: PseudoHeader?
  /// Whether zero on the wire means that no sum was computed, and a computed zero is sent as 0xffff (UDP).
  public var zeroMeansNone: Bool
  /// The destination that the IP header shows, where it is not the final one.
  public var shownDestination: IPAddress?
  /// What the IP header names as the next protocol.
  public var shownProtocol: UInt8?
  /// The octets of the IP header and its extensions before this segment.
  public var outerByteCount: Int
  /// The octets behind those that the sum covers: an IP header's payload, a segment's link padding.
  public var beyond: [UInt8]
  /// How far the packet's other sum is off, as `shortfall` counts it: the transport's for an IP header, the IP
  /// header's for a transport; nil where there is none, or its pseudo-header holds no addresses.
  public var otherShortfall: UInt16?

  public init(
    layer: Name, octets: [UInt8], fieldOffset: Int, headerByteCount: Int, pseudoProtocol: UInt8? = nil,
    pseudoHeader: PseudoHeader? = nil, zeroMeansNone: Bool = false, shownDestination: IPAddress? = nil,
    shownProtocol: UInt8? = nil, outerByteCount: Int = 0, beyond: [UInt8] = [], otherShortfall: UInt16? = nil
  ) {
    self.layer = layer
    self.octets = octets
    self.fieldOffset = fieldOffset
    self.headerByteCount = headerByteCount
    self.pseudoProtocol = pseudoProtocol
    self.pseudoHeader = pseudoHeader
    self.zeroMeansNone = zeroMeansNone
    self.shownDestination = shownDestination
    self.shownProtocol = shownProtocol
    self.outerByteCount = outerByteCount
    self.beyond = beyond
    self.otherShortfall = otherShortfall
  }

  /// The right checksum.
  public var checksum: UInt16 { SumTrial(self).right }

  /// How far a checksum is off: the ones'-complement difference of the sum it was made of and the right one,
  /// which is the old words minus the new ones where words changed after summing (RFC 1624 §3). 0 for none.
  public func shortfall(of found: UInt16) -> UInt16 { Self.shortfall(of: found, from: checksum) }

  /// The same, of a sum whose right checksum is known.
  static func shortfall(of found: UInt16, from right: UInt16) -> UInt16 {
    let difference = WordSum.fold(UInt64(~found) + UInt64(right))
    return difference == 0xffff ? 0 : difference
  }

  /// The classic mistakes that give exactly `found`, the likeliest first; empty where none does, and where
  /// `found` is right.
  public func mistakes(giving found: UInt16) -> [SumMistake] { SumTrial(self).mistakes(giving: found) }

  /// One plain sentence on `found`, which is not the right checksum: the mistakes that fit, or that none does
  /// and what the difference tells. No capital, no full stop.
  public func explanation(of found: UInt16) -> String {
    explanation(of: found, fitting: mistakes(giving: found))
  }

  func explanation(of found: UInt16, fitting: [SumMistake]) -> String {
    guard fitting.isEmpty else { return fitting.prefix(3).map { $0.sentence(in: self) }.joined(separator: "; or ") }
    let difference = Hex.word(shortfall(of: found))
    let cause =
      otherShortfall == 0
      ? "an address or a port that was rewritten without updating this sum, while the IP header's was (NAT), fits "
        + "as well as damage"
      : "a word that changed after summing fits as well as damage"
    return "no classic mistake gives this; it was summed over words that came to \(difference) more "
      + "(RFC 1624 §3): \(cause)"
  }
}

/// The exact sum of 16-bit words, before any carry is folded, kept as the sums of their two octets: so that
/// either byte order and each single octet can be taken from it.
struct WordSum {
  var high: UInt64 = 0
  var low: UInt64 = 0

  mutating func add(_ word: UInt16) {
    high += UInt64(word >> 8)
    low += UInt64(word & 0xff)
  }

  /// Adds octets whose first is the high half of a word.
  mutating func add(_ octets: ArraySlice<UInt8>) {
    var offset = octets.startIndex
    while offset &+ 1 < octets.endIndex {
      high &+= UInt64(octets[offset])
      low &+= UInt64(octets[offset &+ 1])
      offset &+= 2
    }
    if offset < octets.endIndex { high &+= UInt64(octets[offset]) }
  }

  mutating func add(_ address: IPAddress) {
    switch address {
    case .v4(let v4): add(UInt64(v4.rawValue))
    case .v6(let v6):
      add(v6.high)
      add(v6.low)
    }
  }

  private mutating func add(_ number: UInt64) {
    for shift: UInt64 in [48, 32, 16, 0] { add(UInt16(truncatingIfNeeded: number >> shift)) }
  }

  static func + (left: WordSum, right: WordSum) -> WordSum {
    WordSum(high: left.high + right.high, low: left.low + right.low)
  }

  /// The sum as a machine of that byte order has it in its register.
  func total(bigEndian: Bool) -> UInt64 { bigEndian ? high << 8 + low : low << 8 + high }

  /// The sum with all its end-around carries.
  var folded: UInt16 { Self.fold(total(bigEndian: true)) }

  static func fold(_ total: UInt64) -> UInt16 {
    var total = total
    while total >> 16 != 0 { total = total & 0xffff + total >> 16 }
    return UInt16(truncatingIfNeeded: total)
  }
}
