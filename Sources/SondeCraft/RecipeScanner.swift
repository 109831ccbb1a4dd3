internal import SondeHeaders

/// A name with arguments as it stands in a recipe, with its place.
struct ScannedForm: Sendable {
  struct Argument: Sendable {
    /// Empty for a value without a name.
    var name: String
    var offset: Int
    var value: FieldValue
    var valueOffset: Int
    /// Where the value ends.
    var end = 0
    /// The value's forms with their places, where it is one or several joined by `/`.
    var forms: [ScannedForm] = []
  }
  var name: String
  var offset: Int
  var arguments: [Argument] = []

  var form: FieldValue.Form {
    FieldValue.Form(name, arguments.map { .init($0.name, $0.value) })
  }
}

/// Reads the grammar of recipes, which is that of Python's expressions as far as Scapy prints them:
///
///     recipe = layer { "/" layer }         layer = name "(" [ argument { "," argument } ] ")" | text | octets
///     argument = [ name "=" ] value        value = number | text | octets | None | True | False
///                                                | "[" values "]" | "(" values ")" | layer { "/" layer }
///                                                | ( text | octets ) "*" number
///
/// One pass over the octets of the text; values lie at most so deep in each other that no text exhausts the stack.
package struct RecipeScanner {
  package let text: [UInt8]
  package var offset = 0
  /// Whether variables may stand for values: `$isn+1`.
  var takesVariables = false
  private var depth = 0

  private static let deepest = 64
  /// More layers than anybody stacks; each more costs every layer below it.
  private static let mostLayers = 256

  package init(_ text: [UInt8], takesVariables: Bool = false) {
    self.text = text
    self.takesVariables = takesVariables
  }

  /// The layers of the whole text.
  mutating func scan() throws(RecipeFault) -> [ScannedForm] {
    let forms = try scanLayers()
    skipSpace()
    if offset < text.count { throw unexpected("\"/\" and another layer, or the end") }
    return forms
  }

  /// The layers that stand here, up to whatever stands behind them.
  mutating func scanLayers() throws(RecipeFault) -> [ScannedForm] {
    skipSpace()
    guard offset < text.count else {
      throw RecipeFault(offset, "a recipe is missing", "IP(dst='192.0.2.1')/TCP(dport=80) is one")
    }
    return try chain()
  }

  private mutating func chain() throws(RecipeFault) -> [ScannedForm] {
    var forms = try layer()
    skipSpace()
    while take("/") {
      skipSpace()
      forms += try layer()
      guard forms.count <= Self.mostLayers else {
        throw RecipeFault(offset, "more than \(Self.mostLayers) layers are stacked")
      }
      skipSpace()
    }
    return forms
  }

  /// One layer; several where parentheses stand around them.
  private mutating func layer() throws(RecipeFault) -> [ScannedForm] {
    let start = offset
    if take("(") {
      try deepen()
      defer { depth -= 1 }
      skipSpace()
      let forms = try chain()
      try expect(")")
      return forms
    }
    if let octets = try string() { return [raw(octets, at: start)] }
    if takesVariables, next == UInt8(ascii: "$") { return [raw(try term().value, at: start)] }
    guard let name = word() else { throw unexpected("a layer such as IP(…), or text in quotes") }
    return [try arguments(of: ScannedForm(name: name, offset: start))]
  }

  /// Text or octets that stand as a layer are what the packet carries.
  private func raw(_ value: FieldValue, at start: Int) -> ScannedForm {
    ScannedForm(
      name: "Raw", offset: start,
      arguments: [.init(name: "load", offset: start, value: value, valueOffset: start, end: offset)])
  }

  private mutating func arguments(of named: ScannedForm) throws(RecipeFault) -> ScannedForm {
    var form = named
    skipSpace()
    guard take("(") else {
      throw RecipeFault(
        named.offset, "\(Suggestion.quoted(named.name)) without parentheses", "write \(named.name)()")
    }
    try deepen()
    defer { depth -= 1 }
    skipSpace()
    while !take(")") {
      form.arguments.append(try argument())
      skipSpace()
      if take(",") {
        skipSpace()
      } else if next != UInt8(ascii: ")") {
        throw unexpected("\",\" or \")\"")
      }
    }
    return form
  }

  private mutating func argument() throws(RecipeFault) -> ScannedForm.Argument {
    let start = offset
    var name = ""
    if let word = word() {
      skipSpace()
      if take("=") {
        name = word
        skipSpace()
      } else {
        offset = start
      }
    }
    var argument = ScannedForm.Argument(name: name, offset: start, value: .none, valueOffset: offset)
    (argument.value, argument.forms) = try valueWithForms()
    argument.end = offset
    return argument
  }

  mutating func value() throws(RecipeFault) -> FieldValue { try valueWithForms().0 }

  private mutating func valueWithForms() throws(RecipeFault) -> (FieldValue, [ScannedForm]) {
    guard let first = next else { throw unexpected("a value") }
    switch first {
    case UInt8(ascii: "["): return (.list(try values("[", "]").values), [])
    case UInt8(ascii: "("): return (try parenthesized(), [])
    case UInt8(ascii: "0")...UInt8(ascii: "9"):
      let number = try number()
      return (goesOnAsTerm ? try term(after: number).value : .number(number), [])
    case UInt8(ascii: "$") where takesVariables: return (try term().value, [])
    case UInt8(ascii: "-"), UInt8(ascii: "+"), UInt8(ascii: "."):
      throw RecipeFault(
        offset, "a number that is not whole or has a sign", "numbers are written 80, 0x50, 0o120 or 0b1010000")
    default: break
    }
    let start = offset
    if let string = try string() { return (try repeated(string), []) }
    guard let word = word() else { throw unexpected("a value") }
    switch word {
    case "None": return (.none, [])
    case "True": return (.number(1), [])
    case "False": return (.number(0), [])
    default: break
    }
    skipSpace()
    guard next == UInt8(ascii: "(") else {
      throw RecipeFault(start, "\(Suggestion.quoted(word)) is no value", "text stands in quotes: '\(word.prefix(40))'")
    }
    offset = start
    let forms = try chain()
    return (.forms(forms.map(\.form)), forms)
  }

  /// `(x)` is x; `()`, `(x,)` and `(x, y)` are tuples.
  private mutating func parenthesized() throws(RecipeFault) -> FieldValue {
    let (values, hasComma) = try values("(", ")")
    return values.count == 1 && !hasComma ? values[0] : .tuple(values)
  }

  private mutating func values(
    _ open: Unicode.Scalar, _ close: Unicode.Scalar
  ) throws(RecipeFault) -> (values: [FieldValue], hasComma: Bool) {
    try expect(open)
    try deepen()
    defer { depth -= 1 }
    var values: [FieldValue] = []
    var hasComma = false
    skipSpace()
    while !take(close) {
      values.append(try value())
      skipSpace()
      if take(",") {
        hasComma = true
        skipSpace()
      } else if next != UInt8(ascii: close) {
        throw unexpected("\",\" or \"\(close)\"")
      }
    }
    return (values, hasComma)
  }

  private mutating func deepen() throws(RecipeFault) {
    depth += 1
    if depth > Self.deepest { throw RecipeFault(offset, "more than \(Self.deepest) parentheses lie in each other") }
  }
}

// Words, and what stands between them.
extension RecipeScanner {
  package var next: UInt8? { offset < text.count ? text[offset] : nil }

  package mutating func skipSpace() {
    while let next, next == 0x20 || (0x09...0x0d).contains(next) { offset += 1 }
  }

  package mutating func take(_ character: Unicode.Scalar) -> Bool {
    guard next == UInt8(ascii: character) else { return false }
    offset += 1
    return true
  }

  mutating func expect(_ character: Unicode.Scalar) throws(RecipeFault) {
    skipSpace()
    guard take(character) else { throw unexpected("\"\(character)\"") }
  }

  /// What is not to stand here, named as far as a reader needs it.
  package func unexpected(_ wanted: String) -> RecipeFault {
    guard offset < text.count else { return RecipeFault(offset, "the recipe ends too early", "\(wanted) is missing") }
    var copy = self
    let found = copy.word() ?? String(String(decoding: text[offset...].prefix(4), as: UTF8.self).prefix(1))
    return RecipeFault(offset, "\(Suggestion.quoted(found)) does not belong", "\(wanted) is missing")
  }

  /// A name: letters, digits and underscores, no digit first.
  package mutating func word() -> String? {
    let start = offset
    while let next, isLetter(next) || offset > start && (0x30...0x39).contains(next) { offset += 1 }
    return offset > start ? String(decoding: text[start..<offset], as: UTF8.self) : nil
  }

  private func isLetter(_ octet: UInt8) -> Bool { (0x61...0x7a).contains(octet | 0x20) || octet == 0x5f }

  /// A number as Python writes it, of at most 64 bits.
  package mutating func number() throws(RecipeFault) -> UInt64 {
    let start = offset
    var radix: UInt64 = 10
    if next == UInt8(ascii: "0"), offset + 1 < text.count {
      let known: [UInt8: UInt64] = [UInt8(ascii: "x"): 16, UInt8(ascii: "o"): 8, UInt8(ascii: "b"): 2]
      if let base = known[text[offset + 1] | 0x20] {
        radix = base
        offset += 2
      }
    }
    let digits = offset
    var value: UInt64 = 0
    while let next, let digit = digit(next), digit < radix {
      let (high, overflow) = value.multipliedReportingOverflow(by: radix)
      let (sum, carry) = high.addingReportingOverflow(digit)
      guard !overflow, !carry else { throw RecipeFault(start, "a number of more than 64 bits") }
      value = sum
      offset += 1
    }
    // Behind the first of two bounds stand two dots.
    if takesVariables, offset > digits, text[offset...].starts(with: [0x2e, 0x2e]) { return value }
    if offset == digits || next.map({ isLetter($0) || (0x30...0x39).contains($0) || $0 == 0x2e }) == true {
      while let next, isLetter(next) || (0x30...0x39).contains(next) || next == 0x2e { offset += 1 }
      let word = String(decoding: text[start..<offset], as: UTF8.self)
      throw RecipeFault(start, "\(Suggestion.quoted(word)) is no number", "text, and addresses too, stand in quotes")
    }
    return value
  }

  func digit(_ octet: UInt8) -> UInt64? {
    switch octet {
    case 0x30...0x39: UInt64(octet - 0x30)
    case 0x41...0x46, 0x61...0x66: UInt64((octet | 0x20) - 0x61 + 10)
    default: nil
    }
  }
}
