internal import SondeHeaders
internal import SondeOctets
internal import Testing

/// What changed after the sum was made, without the sum.
@Suite struct SumChangeTests: SumMistakeSuite {
  @Test func aTimeToLiveCountedDownWithoutTheSum() {
    func before(_ ttl: UInt8, at offset: Int = 8) -> (inout SummedSegment) -> UInt16 {
      { segment in
        segment.octets[8] = 60
        segment.octets[9] = 6
        var old = Self.zeroed(segment)
        old[offset] = ttl
        return Self.sum(Self.words(old))
      }
    }
    // Near: the protocol beside it changed instead.
    expect(.timeToLiveChanged(from: 61), of: [.ip], making: before(61), nearly: before(7, at: 9))
    expect(.timeToLiveChanged(from: 64), of: [.ip], making: before(64), nearly: before(65))
    expect(.timeToLiveChanged(from: 1), of: [.ip], making: before(1), nearly: before(2))
  }

  @Test func aHopThatSumsOverTheOldSum() {
    func over(_ ttl: UInt8) -> (inout SummedSegment) -> UInt16 {
      { segment in
        segment.octets[8] = 60
        var old = Self.zeroed(segment)
        old[8] = ttl
        return Self.sum(Self.words(Self.zeroed(segment)) + [UInt32(Self.sum(Self.words(old)))])
      }
    }
    expect(.fieldNotZeroed(.sumBeforeHop), of: [.ip], making: over(61), nearly: over(63))
  }

  @Test func aReplyWithItsRequestsSum() {
    func from(_ request: UInt8) -> (inout SummedSegment) -> UInt16 {
      { segment in
        segment.octets[0] = segment.layer == "icmp" ? 0 : 129
        var old = Self.zeroed(segment)
        old[0] = request
        return Self.sum(Self.words(Self.pseudo(segment) + old))
      }
    }
    expect(.typeChanged(from: 8), of: [.icmp], making: from(8), nearly: from(9))
    expect(.typeChanged(from: 128), of: [.icmpv6], making: from(128), nearly: from(127))
  }

  @Test func anAddressThatChangedAfterBothSums() {
    func off(by difference: UInt16, other: UInt16?) -> (inout SummedSegment) -> UInt16 {
      { segment in
        segment.otherShortfall = other
        return ~Self.sum([UInt32(~Self.right(segment)), UInt32(difference)], complemented: false)
      }
    }
    expect(
      .addressChanged, of: [.ip, .tcp], making: off(by: 0x1357, other: 0x1357), nearly: off(by: 0x1357, other: 0x1358))
    expect(
      .addressChanged, of: [.ip, .tcp], making: off(by: 0x1357, other: 0x1357), nearly: off(by: 0x1357, other: nil))
  }
}
