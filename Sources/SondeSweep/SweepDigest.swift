/// A hash that is the same on all machines and in all versions: FNV-1a of 64 bits.
struct SweepDigest {
  private(set) var value: UInt64 = 0xcbf2_9ce4_8422_2325

  mutating func add(_ octet: UInt8) { value = (value ^ UInt64(octet)) &* 0x100_0000_01b3 }

  /// Adds a number, its first octet first.
  mutating func add<Number: FixedWidthInteger & UnsignedInteger>(_ number: Number) {
    for place in stride(from: Number.bitWidth - 8, through: 0, by: -8) {
      add(UInt8(truncatingIfNeeded: number >> Number(place)))
    }
  }
}

extension SweepSpace {
  /// Names the addresses: equal for equal sets, however they were written.
  public var addressDigest: UInt64 {
    var digest = SweepDigest()
    for range in ipv4.ranges {
      digest.add(UInt32(truncatingIfNeeded: range.lowerBound))
      digest.add(UInt32(truncatingIfNeeded: range.upperBound))
    }
    digest.add(UInt64(ipv4.ranges.count))
    for range in ipv6.ranges {
      digest.add(range.lowerBound)
      digest.add(range.upperBound)
    }
    return digest.value
  }

  /// Names the ports in their order.
  public var portDigest: UInt64 {
    var digest = SweepDigest()
    for port in ports { digest.add(port) }
    return digest.value
  }

  /// The seed of an order that all machines with the same questions find by themselves.
  public var sharedSeed: UInt64 {
    var digest = SweepDigest()
    digest.add(addressDigest)
    digest.add(portDigest)
    return digest.value
  }
}
