internal import SondeCraft
internal import SondeHeaders

/// Why an expression has no value, or a comparison no meaning, as the end of a sentence or a whole one.
struct ExpressionError: Error, CustomStringConvertible {
  var description: String

  init(_ description: String) { self.description = description }
}

extension Expression {
  /// Text and octets grow no longer.
  private static var longest: Int { 1 << 24 }
  /// Lists grow no longer.
  private static var mostMembers: Int { 1 << 16 }

  /// The value; `fact` tells that of variables, commands and samples.
  func value(
    _ fact: (Expression) throws(ExpressionError) -> FieldValue
  ) throws(ExpressionError) -> FieldValue {
    switch self {
    case .value(let value): return value
    case .sum(let left, let right):
      switch (try left.value(fact), try right.value(fact)) {
      case (.number(let left), .number(let right)): return .number(left &+ right)
      case (.list(let left), .list(let right)):
        return try Self.list(left + right)
      case (let left, let right):
        guard let first = left.octetsOfText, let second = right.octetsOfText else {
          throw ExpressionError("\(left.shown) and \(right.shown) cannot be added")
        }
        guard first.count + second.count <= Self.longest else {
          throw ExpressionError("a sum of more than \(Self.longest) octets")
        }
        if case (.text(let left), .text(let right)) = (left, right) { return .text(left + right) }
        return .octets(first + second)
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
      return try Self.list(values)
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
      guard count <= UInt64(mostMembers), values.count * Int(count) <= mostMembers else { break }
      return try list(Array(repeatElement(values, count: Int(count)).joined()))
    default: throw ExpressionError("\(left.shown) and \(right.shown) cannot be multiplied")
    }
    throw ExpressionError("a product of more than \(longest) octets, or \(mostMembers) members")
  }

  private static func list(_ members: [FieldValue]) throws(ExpressionError) -> FieldValue {
    var count = 0
    for member in members {
      count += member.memberCount
      guard count <= mostMembers else { throw ExpressionError("a list of more than \(mostMembers) members") }
    }
    return .list(members)
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

  /// How many values it is, those in lists of lists among them.
  fileprivate var memberCount: Int {
    guard case .list(let members) = self else { return 1 }
    return members.reduce(1) { $0 + $1.memberCount }
  }

  /// Values of two kinds are never the same, so that to compare them says nothing.
  func verify(comparableTo other: FieldValue) throws(ExpressionError) {
    switch (self, other) {
    case (.list, _), (.number, .number): return
    case (.number, .text), (.number, .octets), (.text, .number), (.octets, .number):
      throw ExpressionError("\(shown) and \(other.shown) are a number and a text, which are never the same")
    case (_, .list): throw ExpressionError("\(shown) is no list as \(other.shown) is")
    default: return
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
