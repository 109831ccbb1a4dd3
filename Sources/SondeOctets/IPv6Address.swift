/// An IPv6 address (RFC 4291); its text is the canonical form of RFC 5952.
@frozen
public struct IPv6Address: Hashable, Sendable, Comparable {
  /// The first 64 bits as a number.
  public var high: UInt64
  /// The last 64 bits as a number.
  public var low: UInt64

  @inlinable
  public init(high: UInt64, low: UInt64) {
    self.high = high
    self.low = low
  }

  /// The unspecified address, `::`.
  public static let any = IPv6Address(high: 0, low: 0)
  public static let loopback = IPv6Address(high: 0, low: 1)

  /// The 16 octets in wire order.
  public var octets: [UInt8] {
    (0..<16).map { UInt8(truncatingIfNeeded: ($0 < 8 ? high : low) >> (56 - 8 * UInt64($0 % 8))) }
  }

  /// ff00::/8 (RFC 4291 §2.7).
  public var isMulticast: Bool { high >> 56 == 0xff }
  /// fe80::/10 (RFC 4291 §2.5.6).
  public var isLinkLocal: Bool { high >> 54 == 0x3fa }
  public var isLoopback: Bool { self == .loopback }

  /// The eight 16-bit groups, first to last.
  public var groups: [UInt16] {
    (0..<8).map { UInt16(truncatingIfNeeded: ($0 < 4 ? high : low) >> (48 - 16 * ($0 % 4))) }
  }

  /// The address of eight 16-bit groups; `groups` holds exactly eight.
  public init(groups: [UInt16]) {
    precondition(groups.count == 8, "an IPv6 address has eight groups")
    let halves = [groups[..<4], groups[4...]].map { $0.reduce(UInt64(0)) { $0 << 16 | UInt64($1) } }
    self.init(high: halves[0], low: halves[1])
  }

  public static func < (left: Self, right: Self) -> Bool { (left.high, left.low) < (right.high, right.low) }
}

extension IPv6Address: LosslessStringConvertible, ExpressibleByStringLiteral {
  /// Reads any form of RFC 4291 §2.2, upper or lower case, with `::` and with a dotted quad at the
  /// end. A zone (`%eth0`) is not part of an address.
  public init?(_ text: some StringProtocol) {
    let halves = Self.halves(of: String(text))
    guard (1...2).contains(halves.count) else { return nil }
    guard let head = Self.groups(in: halves[0], mayEndInQuad: halves.count == 1) else { return nil }
    guard halves.count == 2 else {
      guard head.count == 8 else { return nil }
      self.init(groups: head)
      return
    }
    guard let tail = Self.groups(in: halves[1], mayEndInQuad: true) else { return nil }
    // "::" stands for at least one group (RFC 5952 §4.2.2 writes it for two or more, but readers
    // accept one).
    guard head.count + tail.count <= 7 else { return nil }
    self.init(groups: head + [UInt16](repeating: 0, count: 8 - head.count - tail.count) + tail)
  }

  public init?(_ description: String) { self.init(description[...]) }

  /// The address that the literal writes. A literal is the programmer's: one that is no address
  /// stops the program.
  public init(stringLiteral text: String) {
    guard let address = IPv6Address(text) else { preconditionFailure("\(text) is no IPv6 address") }
    self = address
  }

  /// The text before and after each `::`; more than two pieces mean more than one `::`.
  private static func halves(of text: String) -> [[UInt8]] {
    var pieces: [[UInt8]] = [[]]
    let octets = Array(text.utf8)
    var index = 0
    while index < octets.count {
      if octets[index] == 0x3a, index + 1 < octets.count, octets[index + 1] == 0x3a {
        pieces.append([])
        index += 2
      } else {
        pieces[pieces.count - 1].append(octets[index])
        index += 1
      }
    }
    return pieces
  }

  private static func groups(in text: [UInt8], mayEndInQuad: Bool) -> [UInt16]? {
    guard !text.isEmpty else { return [] }
    var groups: [UInt16] = []
    let words = text.split(separator: 0x3a, omittingEmptySubsequences: false)
    for (index, word) in words.enumerated() {
      if word.contains(0x2e) {
        guard mayEndInQuad, index == words.count - 1 else { return nil }
        guard let quad = IPv4Address(String(decoding: word, as: UTF8.self)) else { return nil }
        groups += [UInt16(quad.rawValue >> 16), UInt16(quad.rawValue & 0xffff)]
        continue
      }
      guard (1...4).contains(word.count) else { return nil }
      var value: UInt16 = 0
      for character in word {
        guard let digit = Hex.digit(character) else { return nil }
        value = value << 4 | UInt16(digit)
      }
      groups.append(value)
    }
    return groups
  }

  /// RFC 5952: lower case, no leading zeros, `::` for the longest run of two or more zero groups
  /// (the first of equals), a dotted quad after the prefixes known to hold IPv4 (§5: here
  /// ::ffff:0:0/96).
  public var description: String {
    if high == 0, low >> 32 == 0xffff {
      return "::ffff:\(IPv4Address(rawValue: UInt32(truncatingIfNeeded: low)))"
    }
    let groups = self.groups
    var longest = 0..<0
    var start = 0
    while start < 8 {
      let end = groups[start...].firstIndex { $0 != 0 } ?? 8
      if end - start > max(longest.count, 1) { longest = start..<end }
      start = end + 1
    }
    let text = { (groups: ArraySlice<UInt16>) in groups.map { String($0, radix: 16) }.joined(separator: ":") }
    guard !longest.isEmpty else { return text(groups[...]) }
    return text(groups[..<longest.lowerBound]) + "::" + text(groups[longest.upperBound...])
  }
}
