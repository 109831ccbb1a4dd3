internal import SondeOctets

// The part of the program that knows sources. Where they are so many that the program would grow beyond the kernel's
// limit, everything of their family passes: nil.
extension PacketFilter {
  private static let mostIPv4Sources = 256
  private static let mostIPv6Sources = 32

  var ipv4Sources: [Instruction]? {
    let addresses = sources.compactMap { source -> UInt32? in
      if case .v4(let address) = source { address.rawValue } else { nil }
    }
    guard addresses.count <= Self.mostIPv4Sources else { return nil }
    guard !addresses.isEmpty else { return [] }
    return [.loadWord(12)] + addresses.flatMap { [.equal($0, 0, 1), .accept] }
  }

  var ipv6Sources: [Instruction]? {
    let addresses = sources.compactMap { source -> IPv6Address? in
      if case .v6(let address) = source { address } else { nil }
    }
    guard addresses.count <= Self.mostIPv6Sources else { return nil }
    return addresses.flatMap { address -> [Instruction] in
      let words = [address.high >> 32, address.high, address.low >> 32, address.low].map {
        UInt32(truncatingIfNeeded: $0)
      }
      // Each of the four words that differs leads past the verdict.
      return words.indices.flatMap { index -> [Instruction] in
        [.loadWord(UInt32(8 + 4 * index)), .equal(words[index], 0, UInt8(7 - 2 * index))]
      } + [.accept]
    }
  }
}
