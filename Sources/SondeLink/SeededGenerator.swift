/// Random numbers that a seed decides: the same seed gives the same numbers on every machine, so that a
/// test which prints its seed can be run again.
///
/// This is SplitMix64 (Steele, Lea and Flood, "Fast splittable pseudorandom number generators", 2014):
/// good for faults, sampling and shuffles, not for secrets.
public struct SeededGenerator: RandomNumberGenerator, Hashable, Sendable, CustomStringConvertible {
  /// What the generator was made from.
  public let seed: UInt64
  private var state: UInt64

  public init(seed: UInt64) {
    self.seed = seed
    state = seed
  }

  public mutating func next() -> UInt64 {
    state &+= 0x9e37_79b9_7f4a_7c15
    var mixed = state
    mixed = (mixed ^ (mixed >> 30)) &* 0xbf58_476d_1ce4_e5b9
    mixed = (mixed ^ (mixed >> 27)) &* 0x94d0_49bb_1331_11eb
    return mixed ^ (mixed >> 31)
  }

  /// A number from 0 up to, not including, 1.
  public mutating func nextFraction() -> Double { Double(next() >> 11) * 0x1p-53 }

  /// True with the given probability: never for 0 and below, always for 1 and above.
  public mutating func chance(_ probability: Double) -> Bool { nextFraction() < probability }

  /// A number below `bound`, every one as likely as the next; 0 for bounds of 0 and 1. Unlike the standard
  /// library's way of drawing, which may change, this one (Lemire's multiplication) belongs to the seed.
  public mutating func next(below bound: UInt64) -> UInt64 {
    guard bound > 1 else { return 0 }
    let threshold = (0 &- bound) % bound
    while true {
      let (high, low) = next().multipliedFullWidth(by: bound)
      if low >= threshold { return high }
    }
  }

  /// A generator of its own, whose numbers do not shift this one's by how many are drawn from it.
  public mutating func split() -> SeededGenerator { SeededGenerator(seed: next()) }

  /// "seed 0x…": what a test prints.
  public var description: String { "seed 0x" + String(seed, radix: 16) }
}
