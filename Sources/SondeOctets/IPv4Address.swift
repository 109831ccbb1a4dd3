/// An IPv4 address (RFC 791 §3.2); its text is the dotted quad.
@frozen
public struct IPv4Address: Hashable, Sendable, Comparable {
  /// The 32 bits as a number: 127.0.0.1 is 0x7f000001.
  public var rawValue: UInt32

  @inlinable
  public init(rawValue: UInt32) { self.rawValue = rawValue }

  /// The address a.b.c.d.
  @inlinable
  public init(_ a: UInt8, _ b: UInt8, _ c: UInt8, _ d: UInt8) {
    self.init(rawValue: UInt32(a) << 24 | UInt32(b) << 16 | UInt32(c) << 8 | UInt32(d))
  }

  public static let any = IPv4Address(rawValue: 0)
  public static let loopback = IPv4Address(127, 0, 0, 1)
  /// The limited broadcast address, 255.255.255.255 (RFC 919).
  public static let broadcast = IPv4Address(rawValue: .max)

  /// The four octets in wire order.
  public var octets: [UInt8] { (0..<4).map { UInt8(truncatingIfNeeded: rawValue >> (24 - 8 * $0)) } }

  /// 224.0.0.0/4 (RFC 1112).
  public var isMulticast: Bool { rawValue >> 28 == 0xe }
  /// 127.0.0.0/8 (RFC 1122 §3.2.1.3).
  public var isLoopback: Bool { rawValue >> 24 == 127 }

  public static func < (left: Self, right: Self) -> Bool { left.rawValue < right.rawValue }
}

extension IPv4Address: LosslessStringConvertible, ExpressibleByStringLiteral {
  /// Reads four decimal numbers from 0 to 255 between dots; leading zeros are refused, because
  /// some programs read them as octal.
  public init?(_ text: some StringProtocol) {
    var value: UInt32 = 0
    let parts = text.utf8.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
    guard parts.count == 4 else { return nil }
    for part in parts {
      guard (1...3).contains(part.count), part.allSatisfy({ (0x30...0x39).contains($0) }) else { return nil }
      guard part.count == 1 || part.first != 0x30 else { return nil }
      let number = part.reduce(UInt32(0)) { $0 * 10 + UInt32($1 - 0x30) }
      guard number <= 255 else { return nil }
      value = value << 8 | number
    }
    self.init(rawValue: value)
  }

  public init?(_ description: String) { self.init(description[...]) }

  /// The address that the literal writes. A literal is the programmer's: one that is no address
  /// stops the program.
  public init(stringLiteral text: String) {
    guard let address = IPv4Address(text) else { preconditionFailure("\(text) is no IPv4 address") }
    self = address
  }

  public var description: String {
    "\(rawValue >> 24).\(rawValue >> 16 & 0xff).\(rawValue >> 8 & 0xff).\(rawValue & 0xff)"
  }
}
