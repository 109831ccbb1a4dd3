extension AddressRanges {
  public var isEmpty: Bool { ranges.isEmpty }

  /// The addresses that are in one of the two sets, or in both.
  public func union(_ other: AddressRanges) -> AddressRanges {
    if other.isEmpty { return self }
    return isEmpty ? other : AddressRanges(ranges + other.ranges)
  }

  /// The addresses that are in both sets.
  public func intersection(_ other: AddressRanges) -> AddressRanges {
    var common: [ClosedRange<UInt128>] = []
    var (left, right) = (0, 0)
    while left < ranges.count, right < other.ranges.count {
      let (one, two) = (ranges[left], other.ranges[right])
      if one.overlaps(two) { common.append(one.clamped(to: two)) }
      if one.upperBound < two.upperBound { left += 1 } else { right += 1 }
    }
    return AddressRanges(common)
  }

  /// The addresses of this set that are not in the other.
  public func subtracting(_ other: AddressRanges) -> AddressRanges {
    if intersection(other).isEmpty { return self }
    var rest: [ClosedRange<UInt128>] = []
    var taken = 0
    for range in ranges {
      while taken < other.ranges.count, other.ranges[taken].upperBound < range.lowerBound { taken += 1 }
      // What is taken away may reach into the next range too, so that the place is kept.
      var place = taken
      var start = range.lowerBound
      var isUsedUp = false
      while place < other.ranges.count, other.ranges[place].lowerBound <= range.upperBound {
        let hole = other.ranges[place]
        if hole.lowerBound > start { rest.append(start...hole.lowerBound - 1) }
        guard hole.upperBound < range.upperBound else {
          isUsedUp = true
          break
        }
        start = hole.upperBound + 1
        place += 1
      }
      taken = place
      if !isUsedUp { rest.append(start...range.upperBound) }
    }
    return AddressRanges(rest)
  }
}

/// Addresses of both families.
public struct AddressSet: Hashable, Sendable {
  public var ipv4: AddressRanges
  public var ipv6: AddressRanges

  public init(ipv4: AddressRanges = AddressRanges(), ipv6: AddressRanges = AddressRanges()) {
    self.ipv4 = ipv4
    self.ipv6 = ipv6
  }

  public var isEmpty: Bool { ipv4.isEmpty && ipv6.isEmpty }

  /// How many they are; 2^128 - 1 stands for more too.
  public var total: UInt128 {
    let sum = ipv4.total.addingReportingOverflow(ipv6.total)
    return sum.overflow ? .max : sum.partialValue
  }

  public func union(_ other: AddressSet) -> AddressSet {
    AddressSet(ipv4: ipv4.union(other.ipv4), ipv6: ipv6.union(other.ipv6))
  }

  public func intersection(_ other: AddressSet) -> AddressSet {
    AddressSet(ipv4: ipv4.intersection(other.ipv4), ipv6: ipv6.intersection(other.ipv6))
  }

  public func subtracting(_ other: AddressSet) -> AddressSet {
    AddressSet(ipv4: ipv4.subtracting(other.ipv4), ipv6: ipv6.subtracting(other.ipv6))
  }
}
