public import SondeCraft
public import SondeHeaders
public import SondeLink

/// A scenario written in Swift, for tests of one's own: what is sent over a link, and what must come back.
///
///     let exchange = Exchange {
///       Send {
///         IPv4(to: "192.0.2.7")
///         TCP(from: 61000, to: 80, flags: .syn, sequenceNumber: 7)
///       }
///       Expect(within: .milliseconds(100)) {
///         IPv4(from: "192.0.2.7")
///         TCP(flags: [.syn, .ack], acknowledgmentNumber: 8)
///       }
///     }
///     try exchange.run(over: &link)
///
/// Of a packet in braces that is expected, a field that has the value which its type gives it when nothing is said
/// matches anything. A recipe insists on all that it writes, and may name variables: `try Expect("TCP(seq=$isn)")`.
public struct Exchange: Sendable {
  public var scenario: Scenario

  /// - Throws: What the code in the braces throws, and nothing of its own.
  public init<E: Error>(
    _ name: String = "exchange", @ExchangeBuilder _ steps: () throws(E) -> [Step]
  ) throws(E) {
    scenario = Scenario(name: name, title: name, steps: try steps())
  }

  /// Does the steps over a link.
  ///
  /// - Parameters:
  ///   - host: whose the link is: a packet that names no source has its address.
  ///   - seed: what numbers are drawn from that are left open.
  /// - Returns: what became of each step.
  /// - Throws: `ExchangeFailure` where a step was not met; the link is whole.
  @discardableResult
  public func run<Link: PacketLink & ~Copyable>(
    over link: inout Link, host: StageHost = LinkStage<Link>.host, seed: UInt64 = 1
  ) throws(ExchangeFailure) -> [StepOutcome] {
    var stage = LinkStage(link, host: host)
    var outcomes: [StepOutcome] = []
    let outcome = scenario.run(over: &stage, seed: seed, emit: { outcomes.append($0) })
    link = stage.ended()
    guard outcome.isMet else { throw ExchangeFailure(outcomes: outcomes) }
    return outcomes
  }
}

/// A step of an exchange was not met.
public struct ExchangeFailure: Error, Sendable, CustomStringConvertible {
  /// What became of each step up to the one that failed.
  public var outcomes: [StepOutcome]

  /// The step, what was expected and what was seen, field by field.
  public var description: String {
    guard let failed = outcomes.first(where: { !$0.isMet }) else { return "no step failed" }
    var text = "line \(failed.step.line): \(failed.step.text): \(failed.message)"
    for difference in failed.differences {
      let name = [difference.layer, difference.field].compactMap { $0 }.joined(separator: ".")
      text += "\n  \(name): expected \(difference.expected), seen \(difference.seen ?? "nothing")"
    }
    if let seen = failed.seen { text += "\n  seen: \(seen)" }
    return text
  }
}

/// Makes steps of the statements in an exchange's braces.
@resultBuilder
public enum ExchangeBuilder {
  public static func buildExpression(_ step: some ExchangeStep) -> [Step] { step.steps }
  public static func buildExpression(_ steps: [Step]) -> [Step] { steps }
  public static func buildBlock(_ steps: [Step]...) -> [Step] { steps.flatMap { $0 } }
  public static func buildOptional(_ steps: [Step]?) -> [Step] { steps ?? [] }
  public static func buildEither(first: [Step]) -> [Step] { first }
  public static func buildEither(second: [Step]) -> [Step] { second }
  public static func buildArray(_ steps: [[Step]]) -> [Step] { steps.flatMap { $0 } }
}

/// What may stand in an exchange's braces.
public protocol ExchangeStep: Sendable {
  var steps: [Step] { get }
}

/// A packet is sent, as it is made.
public struct Send: ExchangeStep {
  public let steps: [Step]

  public init<Layers: LayerStack>(line: Int = #line, @PacketBuilder _ packet: () -> Layers) {
    self.init(OpenRecipe(Packet(packet)), line)
  }

  /// A recipe, in which a variable that has no value is drawn.
  public init(_ recipe: String, line: Int = #line) throws(RecipeError) { self.init(try OpenRecipe(recipe), line) }

  private init(_ recipe: OpenRecipe, _ line: Int) {
    steps = [Step(line: line, text: "send \(recipe.text)", .send(recipe, by: nil))]
  }
}

/// A packet must come.
public struct Expect: ExchangeStep {
  public let steps: [Step]

  /// - Parameters:
  ///   - notBefore: how long after the step before it at least.
  ///   - within: how long after the step before it at most.
  public init<Layers: LayerStack>(
    notBefore: Duration? = nil, within: Duration = .seconds(1), line: Int = #line,
    @PacketBuilder _ packet: () -> Layers
  ) {
    self.init(Step.Sight(OpenRecipe(Packet(packet))), notBefore, within, line, [])
  }

  /// - Parameter unless: a packet that must not come before.
  public init<Layers: LayerStack, Others: LayerStack>(
    notBefore: Duration? = nil, within: Duration = .seconds(1), line: Int = #line,
    @PacketBuilder _ packet: () -> Layers, @PacketBuilder unless other: () -> Others
  ) {
    let barred = Step.Sight(OpenRecipe(Packet(other)))
    self.init(Step.Sight(OpenRecipe(Packet(packet))), notBefore, within, line, [barred])
  }

  /// A recipe, in which a variable that has no value takes the one that is seen.
  public init(
    _ recipe: String, notBefore: Duration? = nil, within: Duration = .seconds(1), unless others: [String] = [],
    line: Int = #line
  ) throws(RecipeError) {
    var barred: [Step.Sight] = []
    for other in others { barred.append(Step.Sight(try OpenRecipe(other))) }
    self.init(Step.Sight(try OpenRecipe(recipe)), notBefore, within, line, barred)
  }

  private init(
    _ sight: Step.Sight, _ notBefore: Duration?, _ within: Duration, _ line: Int, _ unless: [Step.Sight]
  ) {
    let expectation = Step.Expectation(sight, notBefore: notBefore, within: within, unless: unless)
    steps = [Step(line: line, text: "expect \(sight.recipe.text)", .expect(expectation))]
  }
}

/// No such packet may come.
public struct Nothing: ExchangeStep {
  public let steps: [Step]

  public init<Layers: LayerStack>(
    within: Duration, line: Int = #line, @PacketBuilder _ packet: () -> Layers
  ) {
    self.init(OpenRecipe(Packet(packet)), within, line)
  }

  public init(_ recipe: String, within: Duration, line: Int = #line) throws(RecipeError) {
    self.init(try OpenRecipe(recipe), within, line)
  }

  private init(_ recipe: OpenRecipe, _ within: Duration, _ line: Int) {
    steps = [Step(line: line, text: "nothing \(recipe.text)", .nothing(Step.Sight(recipe), within: within))]
  }
}

/// Time passes.
public struct Wait: ExchangeStep {
  public let steps: [Step]

  public init(_ time: Duration, line: Int = #line) {
    steps = [Step(line: line, text: "wait", .wait(time, unless: []))]
  }
}

/// Steps are done so many times; what they give values to is theirs in each round anew.
public struct Repeat: ExchangeStep {
  public let steps: [Step]

  public init<E: Error>(
    _ count: Int, line: Int = #line, @ExchangeBuilder _ steps: () throws(E) -> [Step]
  ) throws(E) {
    let count = Expression.value(.number(UInt64(max(0, count))))
    self.steps = [Step(line: line, text: "repeat", .loop(count: count, counter: nil, try steps()))]
  }
}
