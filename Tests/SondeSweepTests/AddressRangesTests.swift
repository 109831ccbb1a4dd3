import SondeOctets
import SondeSweep
import TestSupport
import Testing

/// Sets of addresses against sets of numbers, which are slow and plain.
@Suite struct AddressRangesTests {
  /// Random ranges of a universe of 4096 numbers that stands at `base`.
  private func ranges(_ random: inout Seeded, at base: UInt128) -> [ClosedRange<UInt128>] {
    (0..<Int.random(in: 0...12, using: &random)).map { _ in
      let first = UInt128.random(in: 0...4095, using: &random)
      let length = UInt128.random(in: 0...(Bool.random(using: &random) ? 3 : 700), using: &random)
      return base + first...base + min(first + length, 4095)
    }
  }

  private func numbers(_ set: AddressRanges) -> [UInt128] { set.ranges.flatMap { Array($0) } }

  /// At the start of the space, inside it, at the end of IPv4's, and at the end of IPv6's.
  @Test(arguments: [0, 1 << 20, (1 << 32) - 4096, UInt128.max - 4095] as [UInt128])
  func theAlgebraIsThatOfSets(_ base: UInt128) {
    var random = Seeded()
    for _ in 0..<200 {
      let (one, two) = (ranges(&random, at: base), ranges(&random, at: base))
      let (left, right) = (AddressRanges(one), AddressRanges(two))
      let (leftNumbers, rightNumbers) = (Set(one.flatMap { Array($0) }), Set(two.flatMap { Array($0) }))
      #expect(numbers(left) == leftNumbers.sorted())
      #expect(numbers(left.union(right)) == leftNumbers.union(rightNumbers).sorted())
      #expect(numbers(left.intersection(right)) == leftNumbers.intersection(rightNumbers).sorted())
      #expect(numbers(left.subtracting(right)) == leftNumbers.subtracting(rightNumbers).sorted())
      for set in [left, left.union(right), left.intersection(right), left.subtracting(right)] {
        for (range, next) in zip(set.ranges, set.ranges.dropFirst()) {
          #expect(range.upperBound + 1 < next.lowerBound, "ranges do not touch")
        }
      }
    }
  }

  @Test(arguments: [0, (1 << 32) - 4096, UInt128.max - 4095] as [UInt128])
  func eachAddressHasItsRank(_ base: UInt128) {
    var random = Seeded()
    for _ in 0..<20 {
      let set = AddressRanges(ranges(&random, at: base))
      let sorted = numbers(set)
      #expect(set.total == UInt128(sorted.count))
      for (rank, number) in sorted.enumerated() {
        #expect(set.rank(of: number) == UInt128(rank))
        #expect(set.address(at: UInt128(rank)) == number)
      }
      let members = Set(sorted)
      for number in base...base + 4095 where !members.contains(number) { #expect(set.rank(of: number) == nil) }
    }
  }

  @Test func theWholeSpaceCanBeHeldAndCut() {
    let all = AddressRanges([0...UInt128.max])
    #expect(all.total == .max)
    #expect(all.rank(of: .max) == .max)
    #expect(all.address(at: .max) == .max)
    #expect(all.subtracting(all).isEmpty)
    #expect(all.intersection(all) == all)
    #expect(AddressRanges([0...5]).union(all) == all)
    let ends = all.subtracting(AddressRanges([1...UInt128.max - 1]))
    #expect(ends.ranges == [0...0, UInt128.max...UInt128.max])
    #expect(all.subtracting(ends).total == UInt128.max - 1)
    #expect(AddressRanges([0...7, 8...UInt128.max]) == all)
    #expect(AddressRanges([0...UInt128.max - 1]).total == .max)
  }

  @Test func noSpaceIsMadeOfMoreQuestionsThanCanBeNumbered() {
    let all = AddressRanges([0...UInt128.max])
    #expect(SweepSpace(ipv4: AddressRanges(), ipv6: all) == nil)
    #expect(SweepSpace(ipv4: AddressRanges([0...1]), ipv6: all) == nil)
    let half = AddressRanges([0...(1 << 61) - 1])
    #expect(SweepSpace(ipv4: AddressRanges(), ipv6: half, ports: [1, 2])?.count == 1 << 62)
    #expect(SweepSpace(ipv4: AddressRanges(), ipv6: half, ports: [1, 2, 3]) == nil)
  }

  @Test func theDigestNamesTheAddressesAndThePorts() throws {
    func space(_ ipv4: [ClosedRange<UInt128>], _ ipv6: [ClosedRange<UInt128>] = [], _ ports: [UInt16]) throws
      -> SweepSpace
    {
      try #require(SweepSpace(ipv4: AddressRanges(ipv4), ipv6: AddressRanges(ipv6), ports: ports))
    }
    let one = try space([0xc000_0200...0xc000_02ff], [], [80])
    // Computed with Python: FNV-1a over the octets of first, last, and the count of ranges of IPv4.
    #expect(one.addressDigest == 0xe7b0ee28c1237a9b)
    #expect(one.portDigest == 0x8323807b4eae7fd)
    #expect(one.sharedSeed == 0xae6b43e58a55fd9a)
    let same = try space([0xc000_0280...0xc000_02ff, 0xc000_0200...0xc000_0290], [], [80])
    #expect(same.addressDigest == one.addressDigest)
    let others = [
      try space([0xc000_0200...0xc000_02fe], [], [80]), try space([], [0xc000_0200...0xc000_02ff], [80]),
      try space([0xc000_0201...0xc000_02ff], [], [80]), try space([], [], [80]),
    ]
    for other in others { #expect(other.addressDigest != one.addressDigest) }
    #expect(try space([], [], [80, 81]).portDigest != space([], [], [81, 80]).portDigest)
    #expect(try space([0...3], [], [80]).sharedSeed != space([0...3], [], [81]).sharedSeed)
  }
}
