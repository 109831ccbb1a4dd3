internal import SondeOctets

/// The addresses at which routing may begin to answer otherwise than for the address before.
struct RouteBounds {
  /// The first addresses of stretches for which routing answers alike, in ascending order.
  private(set) var starts: [UInt128]

  /// A stretch of addresses, cut off at the outermost ones that were asked for.
  struct Stretch: Hashable {
    var addresses: ClosedRange<UInt128>
    /// The first that was asked for; others of the stretch need not have been.
    var first: UInt128 { addresses.lowerBound }
  }

  /// - Parameter prefixes: a network's first and last address, of each route and each rule, in any order.
  init(_ prefixes: [ClosedRange<UInt128>]) {
    var starts: [UInt128] = []
    for prefix in prefixes {
      starts.append(prefix.lowerBound)
      if prefix.upperBound < .max { starts.append(prefix.upperBound + 1) }
    }
    starts.sort()
    self.starts = []
    for start in starts where start != self.starts.last { self.starts.append(start) }
  }

  /// The stretches that hold any of some ranges, which are in ascending order and do not overlap.
  ///
  /// - Returns: nil if there are more than `limit`.
  func stretches(of ranges: [ClosedRange<UInt128>], limit: Int) -> [Stretch]? {
    var stretches: [Stretch] = []
    // The first boundary behind the addresses so far; both lists are walked once.
    var next = 0
    for range in ranges {
      var first = range.lowerBound
      while true {
        while next < starts.count, starts[next] <= first { next += 1 }
        let end = next < starts.count ? min(starts[next] - 1, range.upperBound) : range.upperBound
        if let last = stretches.last, next == 0 || starts[next - 1] <= last.first {
          stretches[stretches.count - 1].addresses = last.first...end
        } else {
          guard stretches.count < limit else { return nil }
          stretches.append(Stretch(addresses: first...end))
        }
        guard end < range.upperBound else { break }
        first = end + 1
      }
    }
    return stretches
  }

  /// The prefixes that the kernel treats apart whatever its tables say (ip_route_output_key in net/ipv4/route.c):
  /// nobody's address, its own network, the groups, and the limited broadcast address.
  static func always(_ family: Family) -> [ClosedRange<UInt128>] {
    switch family {
    case .ipv4: [(0, 32), (0x7f00_0000, 8), (0xe000_0000, 4), (0xffff_ffff, 32)].map { prefix($0, $1, family) }
    case .ipv6: [(0, 128), (1, 128), (0xfe80 << 112, 10), (0xff << 120, 8)].map { prefix($0, $1, family) }
    }
  }

  /// The addresses of a prefix of so many bits.
  static func prefix(_ address: UInt128, _ length: Int, _ family: Family) -> ClosedRange<UInt128> {
    let width = family == .ipv4 ? 32 : 128
    let host: UInt128 = length >= width ? 0 : .max >> (128 - UInt128(width - length))
    return address & ~host...address | host
  }
}
