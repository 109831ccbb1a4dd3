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
}
