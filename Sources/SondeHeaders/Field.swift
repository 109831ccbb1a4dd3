/// A header field that can be derived from the rest of the packet: computed, unless a hand sets it.
///
/// A literal means `.set`: `IPv4(to: "192.0.2.1", checksum: 0xdead)`.
@frozen
public enum Field<Value: Hashable & Sendable>: Hashable, Sendable {
  /// Computed when the packet is encoded.
  case auto
  /// Sent as written, however wrong.
  case set(Value)

  /// The hand-set value, or `computed`.
  @inlinable
  public func value(or computed: @autoclosure () -> Value) -> Value {
    switch self {
    case .auto: computed()
    case .set(let value): value
    }
  }

  /// The hand-set value; nil where the field is computed.
  @inlinable
  public var hand: Value? {
    switch self {
    case .auto: nil
    case .set(let value): value
    }
  }
}

extension Field: ExpressibleByIntegerLiteral where Value: ExpressibleByIntegerLiteral {
  @inlinable
  public init(integerLiteral value: Value.IntegerLiteralType) { self = .set(Value(integerLiteral: value)) }
}
