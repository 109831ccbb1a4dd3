/// Ranges of one family as they come, joined where they touch, so that they take little more room than their union.
struct RangeCollector: Sendable {
  private var kept = Pile()
  private var left = Pile()
  private let reserved: AddressRanges
  private let version: Int

  init(reserved: AddressRanges, version: Int) {
    self.reserved = reserved
    self.version = version
  }

  /// What was meant.
  var wanted: AddressRanges { AddressRanges(kept.ranges) }
  /// What is reserved, and came with a block that reaches beyond.
  var dropped: AddressRanges { AddressRanges(left.ranges) }

  mutating func add(_ address: UInt128) { kept.add(address...address) }

  mutating func add(_ entry: TargetEntry) {
    guard let first = entry.pieces.first, let last = entry.pieces.last else { return }
    let isMeant = ReservedBlocks.block(around: first.lowerBound...last.upperBound, version: version) != nil
    let all = isMeant ? AddressRanges() : AddressRanges(entry.pieces)
    let special = all.intersection(reserved)
    if special.isEmpty {
      for piece in entry.pieces { kept.add(piece) }
    } else {
      for piece in all.subtracting(special).ranges { kept.add(piece) }
      for piece in special.ranges { left.add(piece) }
    }
  }
}

/// Ranges in any order, which are joined now and then.
private struct Pile: Sendable {
  private(set) var ranges: [ClosedRange<UInt128>] = []
  private var most = 1 << 16

  mutating func add(_ range: ClosedRange<UInt128>) {
    if let last = ranges.last, range.lowerBound >= last.lowerBound,
      range.lowerBound == 0 || range.lowerBound - 1 <= last.upperBound
    {
      ranges[ranges.count - 1] = last.lowerBound...max(last.upperBound, range.upperBound)
      return
    }
    if ranges.count == most {
      ranges = AddressRanges(ranges).ranges
      most = max(most, 2 * ranges.count)
    }
    ranges.append(range)
  }
}
