/// A field that is not as a pattern has it.
public struct FieldDifference: Hashable, Sendable {
  /// The layer, as recipes call it: "TCP".
  public var layer: String
  /// The field, as the pattern calls it; nil where the whole layer is another, or is not there.
  public var field: String?
  /// As it is written, with the values of its variables.
  public var expected: String
  /// As a recipe would write it; nil where there is none.
  public var seen: String?

  public init(layer: String, field: String?, expected: String, seen: String?) {
    self.layer = layer
    self.field = field
    self.expected = expected
    self.seen = seen
  }
}
