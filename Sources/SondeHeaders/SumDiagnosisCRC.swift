/// A packet under a CRC-32C, and the classic mistakes in making one (RFC 9260 §6.8 and appendix A).
struct CRCTrial {
  let octets: [UInt8]
  let fieldOffset: Int
  /// The right checksum, as a number in network byte order.
  let right: UInt32

  func mistakes(giving found: UInt32) -> [SumMistake] {
    guard found != right else { return [] }
    return candidates.filter { $0.1 == found }.map(\.0)
  }

  /// One plain sentence on `found`, which is not the right checksum; no capital, no full stop.
  func explanation(of found: UInt32) -> String {
    let fitting = mistakes(giving: found)
    guard !fitting.isEmpty else { return "no classic mistake gives this (RFC 9260 §6.8)" }
    return fitting.map { sentence($0) }.joined(separator: "; or ") + " (RFC 9260 §6.8)"
  }

  private var candidates: [(SumMistake, UInt32)] {
    let zeroed = filled(with: 0)
    return [
      (.neverComputed, 0), (.bytesSwapped, right.byteSwapped), (.complementForgotten, ~right),
      (.fieldNotZeroed(.rightSum), Self.reflected(filled(with: right), 0x82f6_3b78).byteSwapped),
      (.otherCheck(.adler32), Self.adler32(zeroed)),
      (.otherCheck(.crc32), Self.reflected(zeroed, 0xedb8_8320).byteSwapped),
      (.otherCheck(.crc32), Self.reflected(zeroed, 0xedb8_8320)),
    ]
  }

  private func filled(with value: UInt32) -> [UInt8] {
    var octets = octets
    for place in 0..<4 where fieldOffset + place < octets.count {
      octets[fieldOffset + place] = UInt8(truncatingIfNeeded: value >> UInt32(24 - 8 * place))
    }
    return octets
  }

  private func sentence(_ mistake: SumMistake) -> String {
    switch mistake {
    case .neverComputed:
      "the field holds zero: left to a device, or agreed on by both ends (RFC 9653)"
    case .bytesSwapped: "the right check with its octets in the opposite order: its least significant one goes first"
    case .complementForgotten: "the register itself: its complement was forgotten"
    case .fieldNotZeroed: "the field was not zeroed before the octets were checked: it held the right check"
    case .otherCheck(.adler32): "an Adler-32, which SCTP gave up for CRC-32C (RFC 3309)"
    case .otherCheck(.crc32): "a CRC-32 of Ethernet's polynomial, not Castagnoli's"
    default: mistake.name
    }
  }

  /// A CRC of the octets with a polynomial, bits reflected, that starts from ones and ends complemented.
  private static func reflected(_ octets: [UInt8], _ polynomial: UInt32) -> UInt32 {
    var register = UInt32.max
    for octet in octets {
      register ^= UInt32(octet)
      for _ in 0..<8 { register = register & 1 == 1 ? register >> 1 ^ polynomial : register >> 1 }
    }
    return ~register
  }

  /// RFC 2960 appendix B.
  private static func adler32(_ octets: [UInt8]) -> UInt32 {
    var (low, high): (UInt32, UInt32) = (1, 0)
    for octet in octets {
      low = (low + UInt32(octet)) % 65_521
      high = (high + low) % 65_521
    }
    return high << 16 | low
  }
}
