internal import SondeLink
internal import SondeOctets

extension TextOctets {
  /// An address as it is written.
  mutating func append(_ address: IPAddress) {
    switch address {
    case .v4(let address): append(ipv4: address.rawValue)
    case .v6(let address): append(ipv6: address)
    }
  }
}

/// Noise lines of one second: at most 100 are written, the rest is counted elsewhere.
struct NoiseGate: Sendable {
  private var second: Int64 = .min
  private var count = 0

  mutating func admits(_ at: Instant) -> Bool {
    let now = at.nanoseconds / 1_000_000_000
    if now != second {
      second = now
      count = 0
    }
    count += 1
    return count <= 100
  }
}

/// Writes moments of real time of which most fall into the same second as the one before.
struct WallText: Sendable {
  private var second: Int64 = .min
  private var text: [UInt8] = []

  mutating func append(_ nanoseconds: Int64, to text: inout TextOctets) {
    let (second, fraction) = nanoseconds.quotientAndRemainder(dividingBy: 1_000_000_000)
    guard fraction >= 0 else { return text += rfc3339(nanoseconds) }
    if second != self.second {
      self.second = second
      self.text = Array(rfc3339(second * 1_000_000_000).utf8.dropLast(10))
    }
    text.octets += self.text
    text.append(decimal: fraction, digits: 9)
    text.append(octet: 0x5a)
  }
}
