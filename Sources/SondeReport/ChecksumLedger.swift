internal import SondeOctets

/// How an Internet checksum comes about, word by word (RFC 1071 §1).
public struct ChecksumLedger: Sendable {
  private let octets: [UInt8]

  public init(_ octets: [UInt8]) { self.octets = octets }

  /// The folded sum of all words.
  public var sum: UInt16 { ~checksum }

  /// The checksum of all octets.
  public var checksum: UInt16 { InternetChecksum.of(octets.rawSpan) }

  /// Whether the octets hold their own right checksum: all words sum to 0xffff. No octets hold none.
  public var isValid: Bool { sum == 0xffff }

  /// A line a word, with the running sum and its carries, then the fold and the complement.
  public func lines(verifying: Bool) -> [String] {
    var lines = ["offset  word    running sum"]
    var running: UInt64 = 0
    for start in stride(from: 0, to: octets.count, by: 2) {
      let isPadded = start + 1 == octets.count
      let word = UInt64(octets[start]) << 8 | (isPadded ? 0 : UInt64(octets[start + 1]))
      running += word
      let before = (running - word) >> 16
      let carry = running >> 16 > before ? "  carry" : ""
      let pad = isPadded ? "  (\(Hex.text([octets[start]])) and a zero octet: the length is odd)" : ""
      lines.append(
        padded("\(start)", 8) + padded(Hex.word(word), 8) + Hex.word(running, digits: 5) + carry + pad)
    }
    Self.fold(&running, &lines)
    if verifying {
      lines.append(
        isValid
          ? "valid: the sum is 0xffff" : "wrong: the sum is \(Hex.word(running)), not 0xffff")
    } else {
      lines.append("complement")
      lines.append(Hex.word(checksum))
    }
    return lines
  }

  /// Adds carries to the sum until none is left, and says so.
  static func fold(_ running: inout UInt64, _ lines: inout [String]) {
    while running >> 16 != 0 {
      let folded = (running & 0xffff) + running >> 16
      lines.append(
        "fold    \(Hex.word(running & 0xffff)) + \(Hex.word(running >> 16, digits: 1)) = \(Hex.word(folded))")
      running = folded
    }
    lines.append("sum     \(Hex.word(running))")
  }
}
