internal import SondeCraft
internal import SondeHeaders
internal import SondeLink

// What stands behind the words that steps begin with.
extension ScenarioReader {
  mutating func send(_ line: inout LineReader) throws(ScenarioError) -> Step.Action {
    var interface: String?
    if line.take("by") { interface = try line.name("an interface") }
    let recipe = try line.recipe()
    try line.expectEnd("\"/\" and another layer, or nothing more")
    try verify(sent: recipe, line)
    return .send(recipe, by: interface)
  }

  mutating func expect(_ line: inout LineReader) throws(ScenarioError) -> Step.Action {
    var expectation = Step.Expectation(Step.Sight(try emptyRecipe(line)))
    var bounds: (least: Duration?, most: Duration)?
    while true {
      if let way = way(&line) {
        expectation.sight.way = way
      } else if line.take("within") {
        line.scanner.skipSpace()
        let start = line.offset
        let first = try line.duration()
        guard line.take(symbol: "..") else {
          bounds = (nil, first)
          continue
        }
        let last = try line.duration()
        guard first <= last else {
          throw line.error(at: start, "a time that ends before it begins", "write the earlier bound first")
        }
        bounds = (first, last)
      } else if line.take("length") {
        expectation.length = try lengths(&line)
      } else {
        break
      }
    }
    if let bounds { (expectation.notBefore, expectation.within) = (bounds.least, bounds.most) }
    expectation.sight.recipe = try line.recipe()
    expectation.unless = try unless(&line, elseExpected: "unless and a recipe")
    try verify(seen: expectation.sight.recipe, line)
    return .expect(expectation)
  }

  mutating func nothing(_ line: inout LineReader) throws(ScenarioError) -> Step.Action {
    var way = Step.Sight.Way.incoming
    var within: Duration?
    while true {
      if let written = self.way(&line) {
        way = written
      } else if line.take("within") {
        within = try line.duration()
      } else {
        break
      }
    }
    guard let within else { throw line.unexpected("within and a time") }
    let recipe = try line.recipe()
    try line.expectEnd()
    try verify(seen: recipe, line, takes: false)
    return .nothing(Step.Sight(recipe, way), within: within)
  }

  mutating func wait(_ line: inout LineReader) throws(ScenarioError) -> Step.Action {
    var within: Duration?
    if line.take("within") { within = try line.duration() }
    if line.take("for") {
      let name = try command(&line)
      try line.expectEnd()
      return .finish(name, within: within ?? .seconds(60))
    }
    if line.take("until") { return .until(try comparison(&line), within: within ?? .seconds(60)) }
    guard within == nil else { throw line.unexpected("for and a command, or until and a comparison") }
    let time = try line.duration()
    return .wait(time, unless: try unless(&line, elseExpected: "unless and a recipe"))
  }

  mutating func hold(_ line: inout LineReader) throws(ScenarioError) -> Step.Action {
    let transport: StageTransport
    if line.take("tcp") {
      transport = .tcp
    } else if line.take("udp") {
      transport = .udp
    } else {
      throw line.unexpected("tcp or udp, and a port")
    }
    line.scanner.skipSpace()
    let start = line.offset
    let port = try expression(&line)
    guard case .number(let number) = try sample(of: port, line, at: start), number <= 0xffff else {
      throw line.error(at: start, "a port that is none", "ports are numbers up to 65535")
    }
    try line.expectEnd()
    return .hold(transport, port: port)
  }

  mutating func run(_ line: inout LineReader) throws(ScenarioError) -> Step.Action {
    var within = Duration.seconds(60)
    if line.take("within") { within = try line.duration() }
    let words = try words(&line)
    return .run(Step.CommandText(words, input: try input()), within: within)
  }

  mutating func start(_ line: inout LineReader) throws(ScenarioError) -> Step.Action {
    let name = try line.name("a name for the command, and a colon")
    guard line.take(symbol: ":") else { throw line.unexpected("a colon behind the command's name") }
    let words = try words(&line)
    commands.insert(name)
    return .start(name, Step.CommandText(words, input: try input()))
  }

  /// The name of a command that was started.
  mutating func command(_ line: inout LineReader) throws(ScenarioError) -> String {
    line.scanner.skipSpace()
    let start = line.offset
    let name = try line.name("the name of a command that was started")
    guard commands.contains(name) else {
      throw line.error(
        at: start, "no command \(Suggestion.quoted(name)) was started",
        Suggestion.advice(for: name, among: commands.sorted(), kind: "commands that were"))
    }
    return name
  }

  mutating func check(_ line: inout LineReader) throws(ScenarioError) -> Step.Action {
    .check(try comparison(&line))
  }

  private mutating func comparison(_ line: inout LineReader) throws(ScenarioError) -> Step.Check {
    line.scanner.skipSpace()
    let start = line.offset
    let left = try expression(&line)
    guard let relation = relation(&line) else {
      throw line.unexpected("a relation: ==, !=, <, <=, >, >=, contains or lacks")
    }
    line.scanner.skipSpace()
    let second = line.offset
    let right = try expression(&line)
    try line.expectEnd()
    let check = Step.Check(left, relation, right)
    let samples = (try sample(of: left, line, at: start), try sample(of: right, line, at: second))
    do throws(ExpressionError) {
      _ = try relation.holds(samples.0, samples.1)
    } catch {
      throw line.error(at: start, "\(error)")
    }
    return check
  }

  private func relation(_ line: inout LineReader) -> Step.Check.Relation? {
    if line.take("contains") { return .contains }
    if line.take("lacks") { return .lacks }
    // The longer ones first: "<=" begins with "<".
    for relation in [Step.Check.Relation.equal, .unequal, .atMost, .atLeast, .less, .greater] {
      if line.take(symbol: relation.rawValue) { return relation }
    }
    return nil
  }

  mutating func assign(_ line: inout LineReader) throws(ScenarioError) -> Step.Action {
    let name = try newVariable(&line)
    guard line.take(symbol: "=") else { throw line.unexpected("= and a value") }
    line.scanner.skipSpace()
    let start = line.offset
    let value = try expression(&line)
    try line.expectEnd("+, - or *")
    let sample = try sample(of: value, line, at: start)
    variables.set(name.text, to: sample, line: line.line, column: line.column(at: name.offset))
    return .set(name.text, value)
  }

  /// A variable that is given a value, with or without its sign.
  mutating func newVariable(_ line: inout LineReader) throws(ScenarioError) -> (text: String, offset: Int) {
    line.scanner.skipSpace()
    let start = line.offset
    _ = line.take(symbol: "$")
    guard let name = line.scanner.word() else { throw line.unexpected("a variable") }
    if variables.isHost(name) || name == RecipeTerm.anything {
      let what = name == RecipeTerm.anything ? "takes any value" : "is a host"
      throw line.error(at: start, "$\(name) \(what) and is not to be set", "choose another name")
    }
    return (name, start)
  }

  private func way(_ line: inout LineReader) -> Step.Sight.Way? {
    for way in [Step.Sight.Way.incoming, .outgoing, .passing, .any] where line.take(way.rawValue) { return way }
    return nil
  }

  private mutating func lengths(_ line: inout LineReader) throws(ScenarioError) -> Step.Lengths {
    line.scanner.skipSpace()
    let start = line.offset
    let least = try atom(&line)
    let most = line.take(symbol: "..") ? try atom(&line) : least
    for bound in [least, most] {
      guard case .number = try sample(of: bound, line, at: start) else {
        throw line.error(at: start, "a length that is no number", "write length 74, or length 60..74")
      }
    }
    return Step.Lengths(least, most)
  }

  private mutating func unless(
    _ line: inout LineReader, elseExpected wanted: String
  ) throws(ScenarioError) -> [Step.Sight] {
    var sights: [Step.Sight] = []
    while line.take("unless") {
      let way = way(&line) ?? .incoming
      let recipe = try line.recipe()
      try verify(seen: recipe, line, takes: false)
      sights.append(Step.Sight(recipe, way))
    }
    try line.expectEnd(wanted)
    return sights
  }

  private func emptyRecipe(_ line: LineReader) throws(ScenarioError) -> OpenRecipe {
    do throws(RecipeError) { return try OpenRecipe("''") } catch { throw ScenarioError(error, line: line.line) }
  }
}
