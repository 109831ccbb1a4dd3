public import SondeOctets

/// The value of a field as recipes write it and as it is printed: plain numbers, text and octets, and what is made
/// of them.
public indirect enum FieldValue: Hashable, Sendable {
  /// Python's None: the field is computed, or has no value.
  case none
  case number(UInt64)
  case text(String)
  case octets([UInt8])
  case list([FieldValue])
  case tuple([FieldValue])
  /// Option objects, joined by `/` where one lies in the other.
  case forms([Form])

  /// A name with fields in parentheses: `IPOption_RR(pointer=4)`.
  public struct Form: Hashable, Sendable {
    public struct Argument: Hashable, Sendable {
      public var name: String
      public var value: FieldValue

      public init(_ name: String, _ value: FieldValue) {
        self.name = name
        self.value = value
      }
    }
    public var name: String
    public var arguments: [Argument]

    public init(_ name: String, _ arguments: [Argument] = []) {
      self.name = name
      self.arguments = arguments
    }
  }
}

/// Why a field does not take a value.
public struct FieldError: Error, Hashable, Sendable, CustomStringConvertible {
  /// The field at fault.
  public var field: String
  /// What it takes, or what is wrong, as the end of a sentence: "takes a number from 0 to 255"; nil where there is no
  /// such field.
  public var reason: String?

  public init(_ field: String, _ reason: String) {
    self.field = field
    self.reason = reason
  }

  /// There is no such field.
  public static func unknown(_ field: String) -> FieldError {
    var error = FieldError(field, "")
    error.reason = nil
    return error
  }

  public var description: String { reason.map { "\(field) \($0)" } ?? "there is no field \"\(field)\"" }
}

extension FieldValue {
  /// The number, of as many bits as `type` has and at most `limit`.
  ///
  /// - Throws: `FieldError` naming `field` for any other value.
  public func number<T: FixedWidthInteger & UnsignedInteger>(
    _ field: String, _ type: T.Type = T.self, limit: T = .max
  ) throws(FieldError) -> T {
    guard case .number(let number) = self, let value = T(exactly: number), value <= limit else {
      throw FieldError(field, "takes a number from 0 to \(limit)")
    }
    return value
  }

  /// A number, or none for a field that is computed.
  public func derived<T: FixedWidthInteger & UnsignedInteger>(
    _ field: String, _ type: T.Type = T.self, limit: T = .max
  ) throws(FieldError) -> Field<T> {
    self == .none ? .auto : .set(try number(field, limit: limit))
  }

  /// Octets, or text for its UTF-8 octets.
  public func octets(_ field: String) throws(FieldError) -> [UInt8] {
    switch self {
    case .octets(let octets): octets
    case .text(let text): Array(text.utf8)
    default: throw FieldError(field, "takes octets, b'…', or text")
    }
  }

  public func ipv4Address(_ field: String) throws(FieldError) -> IPv4Address {
    guard case .text(let text) = self, let address = IPv4Address(text) else {
      throw FieldError(field, "takes an IPv4 address, '192.0.2.1'")
    }
    return address
  }

  public func ipv6Address(_ field: String) throws(FieldError) -> IPv6Address {
    guard case .text(let text) = self, let address = IPv6Address(text) else {
      throw FieldError(field, "takes an IPv6 address, '2001:db8::1'")
    }
    return address
  }

  public func macAddress(_ field: String) throws(FieldError) -> MACAddress {
    guard case .text(let text) = self, let address = MACAddress(text) else {
      throw FieldError(field, "takes a MAC address, '02:00:00:00:00:01'")
    }
    return address
  }

  /// The values of a list or a tuple; a value alone is a list of one.
  public var elements: [FieldValue] {
    switch self {
    case .list(let values), .tuple(let values): values
    case .none: []
    default: [self]
    }
  }
}
