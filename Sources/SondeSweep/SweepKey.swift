internal import SondeOctets

/// The secret of a run: what makes the numbers in its questions, so that only who saw a question can answer it.
///
/// The function is SipHash-2-4 (Aumasson and Bernstein, "SipHash: a fast short-input PRF", 2012), which nobody can
/// foretell without the 128 bits of the key.
public struct SweepKey: Hashable, Sendable {
  /// The first eight octets of the key, the least significant first.
  public var first: UInt64
  /// The last eight octets of the key, the least significant first.
  public var last: UInt64

  public init(_ first: UInt64, _ last: UInt64) {
    self.first = first
    self.last = last
  }

  /// A key of random numbers.
  public init(using generator: inout some RandomNumberGenerator) {
    self.init(generator.next(), generator.next())
  }

  /// SipHash-2-4 of some octets.
  public func hash(_ octets: RawSpan) -> UInt64 {
    var state = SipState(self)
    var place = 0
    while place &+ 8 <= octets.byteCount {
      state.add(octets.littleEndian(at: place))
      place &+= 8
    }
    var rest = UInt64(truncatingIfNeeded: octets.byteCount) &<< 56
    for offset in place..<octets.byteCount { rest |= UInt64(octets[offset]) &<< UInt64(8 * (offset - place)) }
    state.add(rest)
    return state.finish()
  }

  /// What the question of a protocol to a target carries: SipHash-2-4 of address, port and protocol, as words.
  @inline(__always)
  func proof(of target: SweepTarget, protocol number: UInt8) -> UInt64 {
    var state = SipState(self)
    let tail = UInt64(target.port) &<< 16 | UInt64(number)
    switch target.address {
    case .v4(let address):
      state.add(UInt64(address.rawValue) &<< 32 | tail)
      state.add(8 &<< 56)
    case .v6(let address):
      state.add(address.high)
      state.add(address.low)
      state.add(tail)
      state.add(24 &<< 56)
    }
    return state.finish()
  }
}

/// SipHash's four words.
private struct SipState {
  private var v0: UInt64
  private var v1: UInt64
  private var v2: UInt64
  private var v3: UInt64

  @inline(__always)
  init(_ key: SweepKey) {
    v0 = key.first ^ 0x736f_6d65_7073_6575
    v1 = key.last ^ 0x646f_7261_6e64_6f6d
    v2 = key.first ^ 0x6c79_6765_6e65_7261
    v3 = key.last ^ 0x7465_6462_7974_6573
  }

  @inline(__always)
  mutating func add(_ word: UInt64) {
    v3 ^= word
    round()
    round()
    v0 ^= word
  }

  @inline(__always)
  mutating func finish() -> UInt64 {
    v2 ^= 0xff
    round()
    round()
    round()
    round()
    return v0 ^ v1 ^ v2 ^ v3
  }

  @inline(__always)
  private mutating func round() {
    v0 &+= v1
    v1 = Self.rotate(v1, 13) ^ v0
    v0 = Self.rotate(v0, 32)
    v2 &+= v3
    v3 = Self.rotate(v3, 16) ^ v2
    v0 &+= v3
    v3 = Self.rotate(v3, 21) ^ v0
    v2 &+= v1
    v1 = Self.rotate(v1, 17) ^ v2
    v2 = Self.rotate(v2, 32)
  }

  @inline(__always)
  private static func rotate(_ word: UInt64, _ count: UInt64) -> UInt64 { word &<< count | word &>> (64 &- count) }
}
