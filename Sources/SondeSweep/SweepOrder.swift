/// Which of the machines that share a sweep this one is.
public struct Shard: Hashable, Sendable {
  /// From 0.
  public var index: UInt64
  public var count: UInt64

  /// - Parameter index: from 0 to below `count`.
  public init(index: UInt64, of count: UInt64) {
    precondition(index < count, "a shard of these")
    self.index = index
    self.count = count
  }

  public static let whole = Shard(index: 0, of: 1)
}

/// A random order of the numbers below `total`, in which each comes once: a permutation that takes no memory.
///
/// It is a Feistel network over the least even-sided square of bits that holds them all, applied again to what falls
/// outside (cycle walking: Black and Rogaway, Ciphers with Arbitrary Finite Domains, 2002). The shards of one order take
/// its places in turn, so that together they take each once.
public struct SweepOrder: Sendable {
  public let total: UInt64
  public let shard: Shard
  /// How many of the numbers are this shard's.
  public let count: UInt64
  private let halfBits: UInt64
  private let mask: UInt64
  /// How many times four rounds are made: halves of a few bits are not mixed well by four.
  private let turns: UInt64
  private let keys: (UInt64, UInt64, UInt64, UInt64)

  /// - Parameters:
  ///   - total: at most 2^62.
  ///   - seed: the same for all shards.
  public init(total: UInt64, seed: UInt64, shard: Shard = .whole) {
    precondition(total <= 1 << 62, "at most 2^62 numbers")
    self.total = total
    self.shard = shard
    count = total / shard.count + (shard.index < total % shard.count ? 1 : 0)
    let bits = UInt64(64 - max(total, 2).advanced(by: -1).leadingZeroBitCount)
    halfBits = (bits + 1) / 2
    mask = 1 << halfBits &- 1
    turns = halfBits < 6 ? 4 : 1
    keys = (Self.mix(seed &+ 1), Self.mix(seed &+ 2), Self.mix(seed &+ 3), Self.mix(seed &+ 4))
  }

  /// The number at one of this shard's places, which are below `count`.
  public func number(at place: UInt64) -> UInt64 {
    var value = place &* shard.count &+ shard.index
    repeat {
      var (left, right) = (value &>> halfBits, value & mask)
      var turn: UInt64 = 0
      repeat {
        left ^= Self.mix(right ^ keys.0 &+ turn) & mask
        right ^= Self.mix(left ^ keys.1 &+ turn) & mask
        left ^= Self.mix(right ^ keys.2 &+ turn) & mask
        right ^= Self.mix(left ^ keys.3 &+ turn) & mask
        turn &+= 1
      } while turn < turns
      value = left &<< halfBits | right
    } while value >= total
    return value
  }

  /// The place of a number below `total`; nil if it is another shard's.
  public func place(of number: UInt64) -> UInt64? {
    var value = number
    repeat {
      var (left, right) = (value &>> halfBits, value & mask)
      var turn = turns
      repeat {
        turn &-= 1
        right ^= Self.mix(left ^ keys.3 &+ turn) & mask
        left ^= Self.mix(right ^ keys.2 &+ turn) & mask
        right ^= Self.mix(left ^ keys.1 &+ turn) & mask
        left ^= Self.mix(right ^ keys.0 &+ turn) & mask
      } while turn > 0
      value = left &<< halfBits | right
    } while value >= total
    guard shard.count > 1 else { return value }
    return value % shard.count == shard.index ? value / shard.count : nil
  }

  /// Stafford's thirteenth mixer, of the splitmix64 generator (Steele, Lea and Flood, 2014).
  @inline(__always)
  private static func mix(_ value: UInt64) -> UInt64 {
    var value = value &* 0x9e37_79b9_7f4a_7c15
    value = (value ^ value &>> 30) &* 0xbf58_476d_1ce4_e5b9
    value = (value ^ value &>> 27) &* 0x94d0_49bb_1331_11eb
    return value ^ value &>> 31
  }
}
