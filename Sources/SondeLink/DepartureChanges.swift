extension Departure {
  /// Which bits of what was asked to be sent left otherwise: runs of bits, counted from the first bit of the first
  /// octet, in order and apart from each other; empty where all left as asked.
  ///
  /// Bits that only one of the two has, because their lengths differ, count as changed.
  ///
  /// - Parameter asked: the packet as it was handed to the link.
  /// - Returns: nil where it is not known how the packet left, or where the two begin with different layers.
  public func changes(from asked: Outgoing) -> [Range<Int>]? {
    guard let bytes, linkType == asked.linkType else { return nil }
    return Self.differingBits(asked.bytes, bytes)
  }

  /// The runs of bits in which two rows of octets differ.
  static func differingBits(_ asked: [UInt8], _ left: [UInt8]) -> [Range<Int>] {
    var runs: [Range<Int>] = []
    func add(_ run: Range<Int>) {
      if let last = runs.last, last.upperBound == run.lowerBound {
        runs[runs.count - 1] = last.lowerBound..<run.upperBound
      } else {
        runs.append(run)
      }
    }
    let common = min(asked.count, left.count)
    for (at, (one, other)) in zip(asked, left).enumerated() where one != other {
      for bit in 0..<8 where (one ^ other) << UInt8(bit) & 0x80 != 0 { add(at * 8 + bit..<at * 8 + bit + 1) }
    }
    if asked.count != left.count { add(common * 8..<max(asked.count, left.count) * 8) }
    return runs
  }
}
