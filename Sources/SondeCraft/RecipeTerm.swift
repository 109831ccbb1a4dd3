internal import SondeHeaders

/// What stands for a value in an open recipe: a variable, or a sum of variables and numbers (`$isn+1`).
public struct RecipeTerm: Hashable, Sendable {
  public enum Atom: Hashable, Sendable {
    case number(UInt64)
    case variable(String)
  }

  public struct Part: Hashable, Sendable {
    public var isSubtracted: Bool
    public var atom: Atom

    public init(_ atom: Atom, isSubtracted: Bool = false) {
      self.atom = atom
      self.isSubtracted = isSubtracted
    }
  }

  /// At least one, and at least one of them is a variable.
  public var parts: [Part]

  /// The variable that stands for any value and keeps none.
  public static let anything = "_"

  public init(_ parts: [Part]) { self.parts = parts }

  /// The name under which terms stand among values; no form of Scapy's is called so.
  private static let mark = "$"

  /// The term that stands for a value; nil for a value that is written out.
  init?(_ value: FieldValue) {
    guard case .forms(let forms) = value, forms.count == 1, forms[0].name == Self.mark else { return nil }
    parts = forms[0].arguments.compactMap { argument in
      switch argument.value {
      case .number(let number): Part(.number(number), isSubtracted: argument.name == "-")
      case .text(let name): Part(.variable(name), isSubtracted: argument.name == "-")
      default: nil
      }
    }
  }

  /// The term as it stands among values.
  var value: FieldValue {
    let arguments = parts.map { part in
      let value: FieldValue =
        switch part.atom {
        case .number(let number): .number(number)
        case .variable(let name): .text(name)
        }
      return FieldValue.Form.Argument(part.isSubtracted ? "-" : "+", value)
    }
    return .forms([FieldValue.Form(Self.mark, arguments)])
  }

  /// The variables in it.
  public var variables: [String] {
    parts.compactMap { part in if case .variable(let name) = part.atom { name } else { nil } }
  }

  /// The variable, where it is nothing else.
  public var variable: String? { parts.count == 1 ? variables.first : nil }

  /// The value of the term: sums modulo the field's width; nil where a variable has none, or a sum is of something
  /// that is no number.
  func value(width: Int, _ values: (String) -> FieldValue?) -> FieldValue? {
    if let variable { return values(variable) }
    var sum: UInt64 = 0
    for part in parts {
      let number: UInt64
      switch part.atom {
      case .number(let written): number = written
      case .variable(let name):
        guard case .number(let known)? = values(name) else { return nil }
        number = known
      }
      sum = part.isSubtracted ? sum &- number : sum &+ number
    }
    return .number(width < 64 ? sum & (1 << UInt64(max(0, width)) - 1) : sum)
  }
}

extension RecipeTerm: CustomStringConvertible {
  /// As it is written: `$isn+1`.
  public var description: String {
    var text = ""
    for part in parts {
      if part.isSubtracted || !text.isEmpty { text += part.isSubtracted ? "-" : "+" }
      switch part.atom {
      case .number(let number): text += "\(number)"
      case .variable(let name): text += "$\(name)"
      }
    }
    return text
  }
}

extension FieldValue {
  /// The terms within it, as they are written.
  var terms: [RecipeTerm] {
    if let term = RecipeTerm(self) { return [term] }
    switch self {
    case .none, .number, .text, .octets: return []
    case .list(let values), .tuple(let values): return values.flatMap(\.terms)
    case .forms(let forms): return forms.flatMap { $0.arguments.flatMap(\.value.terms) }
    }
  }

  /// The same with each term exchanged for its value.
  func filled(
    _ fill: (RecipeTerm) throws(RecipeFault) -> FieldValue
  ) throws(RecipeFault) -> FieldValue {
    if let term = RecipeTerm(self) { return try fill(term) }
    switch self {
    case .none, .number, .text, .octets: return self
    case .list(let values): return .list(try Self.filled(values, fill))
    case .tuple(let values): return .tuple(try Self.filled(values, fill))
    case .forms(let forms):
      var copies = forms
      for form in copies.indices {
        for place in copies[form].arguments.indices {
          copies[form].arguments[place].value = try copies[form].arguments[place].value.filled(fill)
        }
      }
      return .forms(copies)
    }
  }

  private static func filled(
    _ values: [FieldValue], _ fill: (RecipeTerm) throws(RecipeFault) -> FieldValue
  ) throws(RecipeFault) -> [FieldValue] {
    var filled: [FieldValue] = []
    for value in values { filled.append(try value.filled(fill)) }
    return filled
  }
}

// Terms in text.
extension RecipeScanner {
  /// A term, of which `first` has been read already where it is a number.
  mutating func term(after first: UInt64? = nil) throws(RecipeFault) -> RecipeTerm {
    var parts: [RecipeTerm.Part] = []
    if let first { parts.append(RecipeTerm.Part(.number(first))) } else { parts.append(try part(false)) }
    while true {
      let end = offset
      skipSpace()
      if take("+") {
        parts.append(try part(false))
      } else if take("-") {
        parts.append(try part(true))
      } else {
        offset = end
        return RecipeTerm(parts)
      }
    }
  }

  private mutating func part(_ isSubtracted: Bool) throws(RecipeFault) -> RecipeTerm.Part {
    skipSpace()
    if let next, (0x30...0x39).contains(next) {
      return RecipeTerm.Part(.number(try number()), isSubtracted: isSubtracted)
    }
    guard next == UInt8(ascii: "$") else { throw unexpected("a number or a variable") }
    return RecipeTerm.Part(.variable(try variable()), isSubtracted: isSubtracted)
  }

  /// A variable with its sign: `$isn`, `$a.eth0.mac`.
  package mutating func variable() throws(RecipeFault) -> String {
    let start = offset
    _ = take("$")
    guard var name = word() else {
      throw RecipeFault(start, "\"$\" without a name behind it", "a variable is written $name")
    }
    while next == UInt8(ascii: ".") {
      let dot = offset
      offset += 1
      guard let more = word() else {
        offset = dot
        break
      }
      name += ".\(more)"
    }
    return name
  }

  /// Whether a term goes on behind a number.
  var goesOnAsTerm: Bool {
    guard takesVariables else { return false }
    var copy = self
    copy.skipSpace()
    return copy.next == UInt8(ascii: "+") || copy.next == UInt8(ascii: "-")
  }
}
