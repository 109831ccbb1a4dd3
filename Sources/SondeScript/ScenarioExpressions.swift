internal import SondeCraft
internal import SondeHeaders

// Values, and what is computed of them.
extension ScenarioReader {
  /// `sum = product { ("+" | "-") product }`, `product = atom { "*" atom }`.
  mutating func expression(_ line: inout LineReader) throws(ScenarioError) -> Expression {
    try deepen(line)
    defer { nesting -= 1 }
    var left = try product(&line)
    for _ in 0..<Self.mostTerms {
      if line.take(symbol: "+") {
        left = .sum(left, try product(&line))
      } else if line.take(symbol: "-") {
        left = .difference(left, try product(&line))
      } else {
        return left
      }
    }
    throw line.error(at: line.offset, "a sum of more than \(Self.mostTerms) terms")
  }

  private mutating func product(_ line: inout LineReader) throws(ScenarioError) -> Expression {
    var left = try atom(&line)
    for _ in 0..<Self.mostTerms {
      guard line.take(symbol: "*") else { return left }
      left = .product(left, try atom(&line))
    }
    throw line.error(at: line.offset, "a product of more than \(Self.mostTerms) factors")
  }

  /// Each term lies in the sum of those before it, which is computed from the outside.
  private static let mostTerms = 100

  private mutating func deepen(_ line: LineReader) throws(ScenarioError) {
    guard nesting < 32 else { throw line.error(at: line.offset, "more than 32 parentheses lie in each other") }
    nesting += 1
  }

  mutating func atom(_ line: inout LineReader) throws(ScenarioError) -> Expression {
    line.scanner.skipSpace()
    let start = line.offset
    guard let next = line.scanner.next else { throw line.unexpected("a value") }
    do throws(RecipeFault) {
      switch next {
      case 0x30...0x39: return .value(.number(try line.scanner.number()))
      case UInt8(ascii: "$"): return .variable(try variable(&line))
      case UInt8(ascii: "["), UInt8(ascii: "("): break
      default: if let string = try line.scanner.string() { return .value(string) }
      }
    } catch {
      throw line.error(error)
    }
    if line.take(symbol: "(") {
      let inner = try expression(&line)
      guard line.take(symbol: ")") else { throw line.unexpected("\")\"") }
      return inner
    }
    if line.take(symbol: "[") { return .list(try members(&line)) }
    guard let word = line.scanner.word() else { throw line.unexpected("a value") }
    switch word {
    case "status": return .status(of: try commandOfFact(&line))
    case "output": return .output(of: try commandOfFact(&line))
    case "errors": return .errors(of: try commandOfFact(&line))
    case "count": return .count(try sample(&line))
    case "lengths": return .lengths(try sample(&line))
    default:
      throw line.error(
        at: start, "\(Suggestion.quoted(word)) is no value",
        Suggestion.advice(for: word, among: Self.words, kind: "words that have one"))
    }
  }

  private static let words = ["status", "output", "errors", "count", "lengths"]

  private mutating func members(_ line: inout LineReader) throws(ScenarioError) -> [Expression] {
    var members: [Expression] = []
    while !line.take(symbol: "]") {
      members.append(try expression(&line))
      if line.take(symbol: ",") { continue }
      guard line.take(symbol: "]") else { throw line.unexpected("\",\" or \"]\"") }
      break
    }
    return members
  }

  /// A variable that has a value here.
  private mutating func variable(_ line: inout LineReader) throws(RecipeFault) -> String {
    let start = line.offset
    let name = try line.scanner.variable()
    guard variables.has(name) else {
      throw RecipeFault(
        start, "the variable $\(name) has no value",
        variables.nearest(to: name).map { "did you mean $\($0)?" } ?? "nothing has set it")
    }
    variables.use(name)
    return name
  }

  /// The command in the parentheses behind `status`; nil where there are none.
  private mutating func commandOfFact(_ line: inout LineReader) throws(ScenarioError) -> String? {
    guard line.take(symbol: "(") else { return nil }
    let name = try command(&line)
    guard line.take(symbol: ")") else { throw line.unexpected("\")\"") }
    return name
  }

  /// `(a, out, ARP(), last 3s)`: of all but the recipe any may be left out.
  private mutating func sample(_ line: inout LineReader) throws(ScenarioError) -> Expression.Sample {
    guard line.take(symbol: "(") else { throw line.unexpected("\"(\" and a recipe") }
    var host: String?
    var way = Step.Sight.Way.any
    while let word = line.peek() {
      var copy = line
      let start = copy.offset
      guard copy.take(word), copy.take(symbol: ",") else { break }
      if let written = Step.Sight.Way(rawValue: word) {
        way = written
      } else {
        try verify(host: word, line, at: start)
        host = word
      }
      line = copy
    }
    let recipe = try line.recipe()
    try verify(seen: recipe, line, takes: false)
    var span = Expression.Sample.Span.all
    if line.take(symbol: ",") {
      if line.take("last") {
        span = .last(try line.duration())
      } else if line.take("first") {
        span = .first(try line.duration())
      } else {
        throw line.unexpected("last or first, and a time")
      }
    }
    guard line.take(symbol: ")") else { throw line.unexpected("\")\"") }
    return Expression.Sample(host: host, way: way, recipe: recipe, span: span)
  }

  /// A value like the one that an expression will have.
  func sample(
    of expression: Expression, _ line: LineReader, at offset: Int
  ) throws(ScenarioError) -> FieldValue {
    do throws(ExpressionError) {
      return try expression.value { (part) throws(ExpressionError) in
        switch part {
        case .variable(let name): variables.sample(name, nil) ?? .number(0)
        case .output, .errors: .text("")
        case .lengths: .list([])
        default: .number(0)
        }
      }
    } catch {
      throw line.error(at: offset, "\(error)")
    }
  }
}

// Words of commands, in which variables stand.
extension ScenarioReader {
  /// The words up to the end of the line: parted by spaces, held together by quotes; in single quotes all is as it is.
  mutating func words(_ line: inout LineReader) throws(ScenarioError) -> [Step.Template] {
    var words: [Step.Template] = []
    while !line.isAtEnd() {
      var word = Step.Template([])
      while let next = line.scanner.next, !LineReader.isSpace(next) { try take(&word, next, &line) }
      words.append(word)
    }
    guard !words.isEmpty else { throw line.unexpected("a command") }
    return words
  }

  /// Takes one piece of a word: what is in quotes, a variable, or a character.
  private mutating func take(
    _ word: inout Step.Template, _ next: UInt8, _ line: inout LineReader
  ) throws(ScenarioError) {
    let start = line.offset
    guard next == 0x22 || next == 0x27 else { return try takePlain(&word, &line) }
    line.offset += 1
    word.append([])
    while let inside = line.scanner.next {
      if inside == next {
        line.offset += 1
        return
      }
      if next == 0x27 {
        word.append([inside])
        line.offset += 1
      } else {
        try takePlain(&word, &line)
      }
    }
    throw line.error(at: start, "a quotation mark that is not closed")
  }

  private mutating func takePlain(_ word: inout Step.Template, _ line: inout LineReader) throws(ScenarioError) {
    guard let next = line.scanner.next else { return }
    switch next {
    case 0x5c where line.offset + 1 < line.octets.count:
      word.append([line.octets[line.offset + 1]])
      line.offset += 2
    case UInt8(ascii: "$"):
      let (part, end) = try part(line.octets, line.offset, line: line.line)
      word.append(part)
      line.offset = end
    default:
      word.append([next])
      line.offset += 1
    }
  }

  /// Text in which nothing but variables has a meaning.
  mutating func template(
    _ octets: [UInt8], _ range: Range<Int>, line: Int
  ) throws(ScenarioError) -> Step.Template {
    var template = Step.Template([])
    var offset = range.lowerBound
    while offset < range.upperBound {
      if octets[offset] == UInt8(ascii: "$") {
        let (part, end) = try part(octets, offset, line: line)
        template.append(part)
        offset = end
      } else {
        template.append([octets[offset]])
        offset += 1
      }
    }
    return template
  }

  /// What a dollar sign begins: a variable; `$$` is the sign itself, and so is one that no name follows.
  private mutating func part(
    _ octets: [UInt8], _ start: Int, line: Int
  ) throws(ScenarioError) -> (Step.Template.Part, end: Int) {
    if start + 1 < octets.count, octets[start + 1] == octets[start] { return (.octets([octets[start]]), start + 2) }
    var scanner = RecipeScanner(octets)
    scanner.offset = start
    guard var name = try? scanner.variable() else { return (.octets([octets[start]]), start + 1) }
    // What stands behind a dot may be no more than text: "$b.example.com", and a sentence's end.
    while !variables.has(name), let dot = name.lastIndex(of: ".") { name = String(name[..<dot]) }
    guard variables.has(name) else {
      let column = String(decoding: octets[..<start], as: UTF8.self).count + 1
      let advice = variables.nearest(to: name).map { "did you mean $\($0)?" } ?? "a dollar sign alone is written $$"
      throw ScenarioError(
        line: line, column: column,
        message: "the variable $\(name) has no value at line \(line), column \(column); \(advice)")
    }
    variables.use(name)
    return (.variable(name), start + 1 + name.utf8.count)
  }
}

extension Step.Template {
  mutating func append(_ octets: [UInt8]) { append(.octets(octets)) }

  mutating func append(_ part: Part) {
    guard case .octets(let more) = part, case .octets(let octets)? = parts.last else { return parts.append(part) }
    parts[parts.count - 1] = .octets(octets + more)
  }
}
