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

/// Where one field of a header lies, and what it is called.
public struct FieldSpec: Hashable, Sendable {
  /// The field's name in full words, as the RFC calls it, in lower camel case.
  public var name: String
  /// The bits, counted from the header's first bit, the most significant bit of an octet first.
  public var bits: Range<Int>

  public init(_ name: String, _ bits: Range<Int>) {
    self.name = name
    self.bits = bits
  }
}

extension [FieldSpec] {
  /// Specs of fields laid one after the other from the header's first bit, each with its width in
  /// bits; fields of no width are left out.
  public static func consecutive(_ fields: [(name: String, width: Int)]) -> [FieldSpec] {
    var next = 0
    var specs: [FieldSpec] = []
    for (name, width) in fields where width > 0 {
      specs.append(FieldSpec(name, next..<next + width))
      next += width
    }
    return specs
  }
}
