/// An IPv4 or an IPv6 address, without a zone.
public enum IPAddress: Hashable, Sendable, LosslessStringConvertible {
  case v4(IPv4Address)
  case v6(IPv6Address)

  /// Reads either family's text.
  public init?(_ text: String) {
    if let v4 = IPv4Address(text) {
      self = .v4(v4)
    } else if let v6 = IPv6Address(text) {
      self = .v6(v6)
    } else {
      return nil
    }
  }

  public var description: String {
    switch self {
    case .v4(let address): address.description
    case .v6(let address): address.description
    }
  }

  /// 4 or 6.
  public var version: Int {
    switch self {
    case .v4: 4
    case .v6: 6
    }
  }

  /// Whether the address names a group. The limited broadcast address is one too; a subnet's
  /// broadcast address cannot be told without its mask.
  public var isGroup: Bool {
    switch self {
    case .v4(let address): address.isMulticast || address == .broadcast
    case .v6(let address): address.isMulticast
    }
  }

  public var isLoopback: Bool {
    switch self {
    case .v4(let address): address.isLoopback
    case .v6(let address): address.isLoopback
    }
  }

  /// The address as a number; that of an IPv4 address is below 2^32.
  public var number: UInt128 {
    switch self {
    case .v4(let address): UInt128(address.rawValue)
    case .v6(let address): UInt128(address.high) << 64 | UInt128(address.low)
    }
  }

  /// The address of a number: of IPv6, or of its low 32 bits.
  public init(number: UInt128, isIPv6: Bool) {
    guard isIPv6 else {
      self = .v4(IPv4Address(rawValue: UInt32(truncatingIfNeeded: number)))
      return
    }
    self = .v6(IPv6Address(high: UInt64(truncatingIfNeeded: number >> 64), low: UInt64(truncatingIfNeeded: number)))
  }
}
