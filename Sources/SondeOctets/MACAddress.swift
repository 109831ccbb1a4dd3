/// A 48-bit link-layer address (IEEE 802 EUI-48); its text is six lower-case pairs between colons.
@frozen
public struct MACAddress: Hashable, Sendable {
  /// The 48 bits as a number, the first octet on the wire highest.
  public let rawValue: UInt64

  /// The address of the low 48 bits of `rawValue`.
  @inlinable
  public init(rawValue: UInt64) { self.rawValue = rawValue & 0xffff_ffff_ffff }

  public static let broadcast = MACAddress(rawValue: .max)
  public static let zero = MACAddress(rawValue: 0)

  /// The six octets in wire order.
  public var octets: [UInt8] { (0..<6).map { UInt8(truncatingIfNeeded: rawValue >> (40 - 8 * $0)) } }

  /// The address of the first six of `octets`, in wire order; nil if there are fewer.
  public init?(octets: some Collection<UInt8>) {
    guard octets.count >= 6 else { return nil }
    self.init(rawValue: octets.prefix(6).reduce(UInt64(0)) { $0 << 8 | UInt64($1) })
  }
}

extension MACAddress: LosslessStringConvertible, ExpressibleByStringLiteral {
  /// Reads six one- or two-digit hexadecimal numbers between colons or between hyphens.
  public init?(_ text: String) {
    let separator = UInt8(ascii: text.utf8.contains(UInt8(ascii: ":")) ? ":" : "-")
    let parts = text.utf8.split(separator: separator, omittingEmptySubsequences: false)
    guard parts.count == 6 else { return nil }
    var value: UInt64 = 0
    for part in parts {
      guard (1...2).contains(part.count) else { return nil }
      var octet: UInt64 = 0
      for character in part {
        guard let digit = Hex.digit(character) else { return nil }
        octet = octet << 4 | UInt64(digit)
      }
      value = value << 8 | octet
    }
    self.init(rawValue: value)
  }

  /// The address that the literal writes. A literal is the programmer's: one that is no address
  /// stops the program.
  public init(stringLiteral text: String) {
    guard let address = MACAddress(text) else { preconditionFailure("\(text) is no MAC address") }
    self = address
  }

  public var description: String {
    var text = TextOctets()
    text.append(mac: rawValue)
    return String(decoding: text.octets, as: UTF8.self)
  }
}
