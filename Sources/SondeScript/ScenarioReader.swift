internal import SondeCraft
internal import SondeHeaders
internal import SondeLink

/// Reads a scenario's text line by line, which is the order in which its steps are done.
struct ScenarioReader {
  /// What stands before the first step.
  struct Opening {
    var title = ""
    var story: [String] = []
    var laboratory: LaboratoryReference?
    /// Where the laboratory is named.
    var line = 1
    var column = 1
  }

  private let lines: [[UInt8]]
  /// The line that is read next.
  private var index = 0
  /// The comments that belong to the next step.
  private var story: [String] = []
  private var depth = 0
  /// How many parentheses of an expression lie around.
  var nesting = 0
  var variables: ScenarioVariables
  /// The commands that go on in the background.
  var commands: Set<String> = []

  private static let deepest = 8

  init(_ text: [UInt8]) {
    // Some editors begin UTF-8 with a mark of it.
    let text = text.starts(with: [0xef, 0xbb, 0xbf]) ? text[3...] : text[...]
    lines = text.split(separator: 0x0a, omittingEmptySubsequences: false).map { line in
      Array(line.last == 0x0d ? line.dropLast() : line)
    }
    var names: Set<String> = []
    for line in lines {
      var reader = LineReader(line, line: 1)
      if let host = reader.host() { names.insert(host) }
    }
    variables = ScenarioVariables(hosts: nil, named: names)
  }

  /// Takes the network that the scenario takes place in, if anybody knows it.
  mutating func take(_ topology: Topology?) throws(ScenarioError) {
    guard let topology else { return }
    variables = ScenarioVariables(hosts: HostNames(hosts: topology.stageHosts), named: [])
  }

  // The lines.

  private mutating func nextLine() -> LineReader? {
    guard index < lines.count else { return nil }
    defer { index += 1 }
    return LineReader(lines[index], line: index + 1)
  }

  /// The comment that a line is; nil for any other line.
  private static func comment(_ line: inout LineReader) -> String? {
    line.octets.allSatisfy(LineReader.isSpace) ? line.comment : nil
  }

  /// Reads the title, what is said of the whole, and which network it is.
  mutating func opening() throws(ScenarioError) -> Opening {
    var opening = Opening()
    var hasTitle = false
    while index < lines.count {
      let start = index
      guard var line = nextLine() else { break }
      if let comment = Self.comment(&line) {
        if hasTitle { story.append(comment) } else { opening.title = comment }
        hasTitle = true
      } else if line.isAtEnd() {
        // A blank line ends what is said of the whole.
        opening.story += story
        story = []
      } else if line.take("lab") {
        opening.story += story
        story = []
        opening.line = line.line
        if !line.isAtEnd() { opening.column = line.column(at: line.offset) }
        opening.laboratory = try laboratory(&line)
        break
      } else {
        index = start
        break
      }
    }
    return opening
  }

  private mutating func laboratory(_ line: inout LineReader) throws(ScenarioError) -> LaboratoryReference {
    if !line.isAtEnd() {
      let start = line.offset
      while let next = line.scanner.next, !LineReader.isSpace(next) { line.offset += 1 }
      let word = String(decoding: line.octets[start..<line.offset], as: UTF8.self)
      try line.expectEnd()
      return word.contains(".") || word.contains("/") ? .file(word) : .builtIn(word)
    }
    let first = index
    var last = index
    while index < lines.count {
      guard let octet = lines[index].first, LineReader.isSpace(octet) else {
        // Blank lines and comments may stand between.
        guard lines[index].isEmpty || lines[index].first == 0x23 else { break }
        index += 1
        continue
      }
      index += 1
      last = index
    }
    index = last
    guard last > first else {
      throw line.error(at: line.offset, "the laboratory is missing", "name one, or write it below, each line indented")
    }
    let text = lines[first..<last].map { String(decoding: $0, as: UTF8.self) }.joined(separator: "\n")
    return .text(text, line: first + 1)
  }

  /// Reads steps to the end of the text, or of the loop that they stand in.
  mutating func steps(in loop: LineReader? = nil) throws(ScenarioError) -> [Step] {
    var steps: [Step] = []
    while var line = nextLine() {
      if let comment = Self.comment(&line) {
        story.append(comment)
        continue
      }
      if line.isAtEnd() { continue }
      if line.take("end") {
        try line.expectEnd()
        guard loop != nil else { throw line.error(at: 0, "\"end\" without a loop", "repeat begins one") }
        return steps
      }
      steps.append(try step(&line))
    }
    if let loop { throw loop.error(at: 0, "a loop without an end", "write end on a line of its own behind its steps") }
    return steps
  }

  /// Verifies what only the end of the text can tell.
  func finish() throws(ScenarioError) {
    guard let unused = variables.unused else { return }
    let advice =
      variables.nearest(to: unused.name).map { "did you mean $\($0)?" }
      ?? "$_ takes any value and keeps none"
    let place = "at line \(unused.line), column \(unused.column)"
    throw ScenarioError(
      line: unused.line, column: unused.column,
      message: "the variable $\(unused.name) is given a value \(place) and never used again; \(advice)")
  }

  private mutating func step(_ line: inout LineReader) throws(ScenarioError) -> Step {
    let comments = story + (line.comment.map { [$0] } ?? [])
    story = []
    let start = line.offset
    let host = line.host()
    if let host { try verify(host: host, line, at: start) }
    let action = try action(&line, hasHost: host != nil)
    if case .send(_, let name?) = action { try verify(interface: name, of: host, line) }
    return Step(
      line: line.line, text: LineReader.trimmed(line.octets[...]), story: comments, host: host, action)
  }

  func verify(host: String, _ line: LineReader, at offset: Int) throws(ScenarioError) {
    guard let hosts = variables.hosts, hosts.host(host[...]) == nil else { return }
    let names = hosts.hosts.map(\.name)
    throw line.error(
      at: offset, "there is no host \(Suggestion.quoted(host))",
      Suggestion.advice(for: host, among: names, kind: "the hosts"))
  }

  private func verify(interface: String, of host: String?, _ line: LineReader) throws(ScenarioError) {
    guard let hosts = variables.hosts?.hosts,
      let sender = host.map({ name in hosts.first { $0.name == name } }) ?? hosts.first,
      !sender.interfaces.contains(where: { $0.name == interface }), interface != "lo"
    else { return }
    let known = sender.interfaces.map(\.name).joined(separator: ", ")
    throw line.error(
      at: line.offsetOfInterface, "\(sender.name) has no interface \(Suggestion.quoted(interface))", "it has \(known)")
  }

  private static let verbs = [
    "send", "expect", "nothing", "wait", "hold", "run", "start", "stop", "check", "let", "repeat",
  ]

  private mutating func action(_ line: inout LineReader, hasHost: Bool) throws(ScenarioError) -> Step.Action {
    guard let verb = line.peek() else { throw line.unexpected("a step such as send, expect or wait") }
    let start = line.offset
    _ = line.take(verb)
    if hasHost, ["stop", "let", "repeat", "lab"].contains(verb) {
      throw line.error(at: start, "\"\(verb)\" of a host", "it is written without one")
    }
    switch verb {
    case "send": return try send(&line)
    case "expect": return try expect(&line)
    case "nothing": return try nothing(&line)
    case "wait": return try wait(&line)
    case "hold": return try hold(&line)
    case "run": return try run(&line)
    case "start": return try self.start(&line)
    case "stop":
      let name = try command(&line)
      try line.expectEnd()
      return .stop(name)
    case "check": return try check(&line)
    case "let": return try assign(&line)
    case "repeat": return try loop(&line)
    case "lab": throw line.error(at: start, "\"lab\" behind a step", "it stands before all steps")
    case "end": throw line.error(at: start, "\"end\" of a host", "it is written without one")
    default:
      throw line.error(
        at: start, "\(Suggestion.quoted(verb)) is no step",
        Suggestion.advice(for: verb, among: Self.verbs, kind: "the steps"))
    }
  }

  private mutating func loop(_ line: inout LineReader) throws(ScenarioError) -> Step.Action {
    line.scanner.skipSpace()
    let start = line.offset
    let count = try expression(&line)
    guard case .number(let sample) = try self.sample(of: count, line, at: start) else {
      throw line.error(at: start, "a loop that is not counted by a number", "write repeat 3")
    }
    if case .value = count, !(1...1_000_000).contains(sample) {
      throw line.error(at: start, "a loop of \(sample) rounds", "there are 1 to 1000000")
    }
    var counter: String?
    if line.take("as") {
      let name = try newVariable(&line)
      variables.set(name.text, to: .number(0), line: line.line, column: line.column(at: name.offset))
      counter = name.text
    }
    try line.expectEnd("as $n")
    guard depth < Self.deepest else { throw line.error(at: 0, "more than \(Self.deepest) loops lie in each other") }
    depth += 1
    defer { depth -= 1 }
    return .loop(count: count, counter: counter, try steps(in: line))
  }

  /// The lines of a command's input, which stand below it and begin with `|`.
  mutating func input() throws(ScenarioError) -> [Step.Template] {
    var input: [Step.Template] = []
    while index < lines.count {
      let octets = lines[index]
      guard let bar = octets.firstIndex(where: { !LineReader.isSpace($0) }), octets[bar] == 0x7c else { break }
      let start = bar + 1 < octets.count && octets[bar + 1] == 0x20 ? bar + 2 : bar + 1
      input.append(try template(octets, start..<octets.count, line: index + 1))
      index += 1
    }
    return input
  }
}
