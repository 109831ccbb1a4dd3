/// Where one field of a header lies, what it is called, and how it reads.
public struct FieldSpec: Hashable, Sendable {
  /// The field's name in full words, as the RFC calls it, in lower camel case.
  public var name: String
  /// Scapy's name for it, by which recipes and JSON know it too; the same as `name` where Scapy has none.
  public var alias: String
  /// The bits, counted from the header's first bit, the most significant bit of an octet first.
  public var bits: Range<Int>
  /// How the bits are shown.
  public var form: Form
  /// The number that a recipe means by leaving the field out; nil where it has none, or is not a number.
  public var usual: UInt64?
  /// Whether the field is computed unless a hand sets it.
  public var isDerived: Bool

  /// How the bits of a field are shown, in trees, JSON and recipes.
  public enum Form: Hashable, Sendable {
    /// An unsigned number of at most 64 bits, in decimal.
    case number
    /// An unsigned number of at most 64 bits, in hexadecimal where people read it.
    case hexadecimal
    case ipv4Address
    case ipv6Address
    case macAddress
    /// Bits by name, the lowest first; names of one letter are written one after the other, others with `+`.
    case flags([String])
    /// Octets as they are.
    case octets
    /// What only the header itself can tell, such as options: `Header.value(of:)`.
    case structured
  }

  public init(_ name: String, _ bits: Range<Int>) {
    self.init(name, bits.count)
    self.bits = bits
  }

  /// A field of so many bits, to be laid behind others by `consecutive`.
  public init(
    _ name: String, _ width: Int, alias: String? = nil, _ form: Form = .number, usual: UInt64? = nil,
    isDerived: Bool = false
  ) {
    self.name = name
    self.alias = alias ?? name
    bits = 0..<width
    self.form = form
    self.usual = usual
    self.isDerived = isDerived
  }
}

extension [FieldSpec] {
  /// The specs laid one after the other from the header's first bit; fields of no width are left out.
  public static func consecutive(_ fields: [FieldSpec]) -> [FieldSpec] {
    var next = 0
    var specs: [FieldSpec] = []
    for var field in fields where !field.bits.isEmpty {
      field.bits = next..<next + field.bits.count
      next = field.bits.upperBound
      specs.append(field)
    }
    return specs
  }
}
