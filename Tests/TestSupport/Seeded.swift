internal import Foundation

/// A generator whose seed is printed, so that a failure can be repeated by SONDE_SEED: SplitMix64.
public struct Seeded: RandomNumberGenerator {
  private var state: UInt64

  /// Starts from SONDE_SEED, or from a seed of its own.
  public init(_ test: String = #function) {
    let written = ProcessInfo.processInfo.environment["SONDE_SEED"].flatMap { UInt64($0) }
    state = written ?? .random(in: 0...(.max))
    print("\(test): SONDE_SEED=\(state)")
  }

  public mutating func next() -> UInt64 {
    state &+= 0x9e37_79b9_7f4a_7c15
    var mixed = state
    mixed = (mixed ^ (mixed >> 30)) &* 0xbf58_476d_1ce4_e5b9
    mixed = (mixed ^ (mixed >> 27)) &* 0x94d0_49bb_1331_11eb
    return mixed ^ (mixed >> 31)
  }

  public mutating func octets(_ count: Int) -> [UInt8] { (0..<count).map { _ in UInt8(truncatingIfNeeded: next()) } }
}
