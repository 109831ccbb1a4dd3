internal import SondeCraft
internal import SondeHeaders

/// Why an expression has no value, or a comparison no meaning, as the end of a sentence or a whole one.
struct ExpressionError: Error, CustomStringConvertible {
  var description: String

  init(_ description: String) { self.description = description }
}

extension Expression {
  /// Text and octets grow no longer by repetition.
  private static let longest = 1 << 20

  /// The value; `fact` tells that of variables, commands and samples.
  func value(
    _ fact: (Expression) throws(ExpressionError) -> FieldValue
  ) throws(ExpressionError) -> FieldValue {
    switch self {
    case .value(let value): return value
    case .sum(let left, let right):
      switch (try left.value(fact), try right.value(fact)) {
      case (.number(let left), .number(let right)): return .number(left &+ right)
      case (.text(let left), .text(let right)): return .text(left + right)
      case (.list(let left), .list(let right)): return .list(left + right)
      case (let left, let right):
        guard let left = left.octetsOfText, let right = right.octetsOfText else {
          throw ExpressionError("\(left.shown) and \(right.shown) cannot be added")
        }
        return .octets(left + right)
      }
    case .difference(let left, let right):
      switch (try left.value(fact), try right.value(fact)) {
      case (.number(let left), .number(let right)): return .number(left &- right)
      case (let left, let right):
        throw ExpressionError("\(right.shown) cannot be taken from \(left.shown)")
      }
    case .product(let left, let right): return try Self.product(try left.value(fact), try right.value(fact))
    case .list(let members):
      var values: [FieldValue] = []
      for member in members { values.append(try member.value(fact)) }
      return .list(values)
    case .variable, .status, .output, .errors, .count, .lengths: return try fact(self)
    }
  }

  private static func product(_ left: FieldValue, _ right: FieldValue) throws(ExpressionError) -> FieldValue {
    switch (left, right) {
    case (.number(let left), .number(let right)): return .number(left &* right)
    case (.number, .text), (.number, .octets), (.number, .list): return try product(right, left)
    case (.text(let text), .number(let count)):
      guard count <= UInt64(longest), text.utf8.count * Int(count) <= longest else { break }
      return .text(String(repeating: text, count: Int(count)))
    case (.octets(let octets), .number(let count)):
      guard count <= UInt64(longest), octets.count * Int(count) <= longest else { break }
      return .octets(Array(repeatElement(octets, count: Int(count)).joined()))
    case (.list(let values), .number(let count)):
      guard count <= 10_000, values.count * Int(count) <= 10_000 else { break }
      return .list(Array(repeatElement(values, count: Int(count)).joined()))
    default: throw ExpressionError("\(left.shown) and \(right.shown) cannot be multiplied")
    }
    throw ExpressionError("a product of more than \(longest) octets")
  }
}

extension Step.Check.Relation {
  /// Whether two values stand in this relation.
  func holds(_ left: FieldValue, _ right: FieldValue) throws(ExpressionError) -> Bool {
    switch self {
    case .equal: return left.isLike(right)
    case .unequal: return !left.isLike(right)
    case .contains: return try left.holds(right)
    case .lacks: return try !left.holds(right)
    case .less, .atMost, .greater, .atLeast:
      guard case (.number(let left), .number(let right)) = (left, right) else {
        throw ExpressionError("\(left.shown) and \(right.shown) cannot be put in order")
      }
      switch self {
      case .less: return left < right
      case .atMost: return left <= right
      case .greater: return left > right
      default: return left >= right
      }
    }
  }
}

extension FieldValue {
  /// The value for a reader.
  var shown: String {
    let text = notation
    return text.count > 200 ? "\(text.prefix(200))…" : text
  }

  var octetsOfText: [UInt8]? {
    switch self {
    case .text(let text): Array(text.utf8)
    case .octets(let octets): octets
    default: nil
    }
  }

  /// Whether the values are the same; text is like its octets.
  func isLike(_ other: FieldValue) -> Bool {
    if case (.list(let left), .list(let right)) = (self, other) {
      return left.count == right.count && zip(left, right).allSatisfy { $0.isLike($1) }
    }
    if let left = octetsOfText, let right = other.octetsOfText { return left == right }
    return self == other
  }

  /// Whether a list has a member, or text a part.
  func holds(_ part: FieldValue) throws(ExpressionError) -> Bool {
    if case .list(let members) = self { return members.contains { $0.isLike(part) } }
    guard let whole = octetsOfText, let part = part.octetsOfText else {
      throw ExpressionError("\(shown) cannot contain \(part.shown)")
    }
    return part.isEmpty || whole.firstRange(of: part) != nil
  }
}
