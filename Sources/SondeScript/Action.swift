public import SondeCraft
public import SondeHeaders

extension Step {
  /// What a step does.
  public indirect enum Action: Sendable {
    /// A packet is sent: each that the recipe names, in order.
    case send(OpenRecipe, by: String?)
    /// A frame must come.
    case expect(Expectation)
    /// No such frame may come within the time.
    case nothing(Sight, within: Duration)
    /// Time passes, in which no such frame may come.
    case wait(Duration, unless: [Sight])
    /// The host's own stack stays out of a port.
    case hold(StageTransport, port: Expression)
    /// A command runs to its end, which must come within the time.
    case run(CommandText, within: Duration)
    /// A command begins, and goes on in the background under a name.
    case start(String, CommandText)
    /// A command that was begun is asked to end.
    case stop(String)
    /// A command that was begun must end by itself within the time.
    case finish(String, within: Duration)
    /// A comparison must come true within the time.
    case until(Check, within: Duration)
    case check(Check)
    /// A variable is given a value.
    case set(String, Expression)
    /// Steps are done so many times; the variable counts from 1.
    case loop(count: Expression, counter: String?, [Step])
  }

  /// A frame that may be seen at a host: which way it goes, and what it is.
  public struct Sight: Sendable {
    public enum Way: String, Hashable, Sendable {
      /// It comes to the host; a record that does not tell is believed.
      case incoming = "in"
      /// The host sends it: its own stack, a program on it, or the scenario.
      case outgoing = "out"
      /// It passes by on its way to another.
      case passing
      case any
    }

    public var way: Way
    public var recipe: OpenRecipe

    public init(_ recipe: OpenRecipe, _ way: Way = .incoming) {
      self.way = way
      self.recipe = recipe
    }
  }

  /// What must come, when, and what must not come before it.
  public struct Expectation: Sendable {
    public var sight: Sight
    /// How long after the step before it at least; a frame that comes sooner is one too early. Nil for no bound.
    public var notBefore: Duration?
    /// How long after the step before it at most.
    public var within: Duration
    /// How long the frame is, in octets from the link header on.
    public var length: Lengths?
    public var unless: [Sight]

    public init(
      _ sight: Sight, notBefore: Duration? = nil, within: Duration = .seconds(1), length: Lengths? = nil,
      unless: [Sight] = []
    ) {
      self.sight = sight
      self.notBefore = notBefore
      self.within = within
      self.length = length
      self.unless = unless
    }
  }

  /// Lengths of frames, of which any will do.
  public struct Lengths: Hashable, Sendable {
    public var least: Expression
    public var most: Expression

    public init(_ least: Expression, _ most: Expression) {
      self.least = least
      self.most = most
    }
  }

  /// The words of a command, in which variables stand.
  public struct CommandText: Hashable, Sendable {
    public var words: [Template]
    /// The lines of its standard input; nil for an empty one.
    public var input: [Template]

    public init(_ words: [Template], input: [Template] = []) {
      self.words = words
      self.input = input
    }
  }

  /// Text with variables in it.
  public struct Template: Hashable, Sendable {
    public enum Part: Hashable, Sendable {
      /// UTF-8, as it is.
      case octets([UInt8])
      case variable(String)
    }
    public var parts: [Part]

    public init(_ parts: [Part]) { self.parts = parts }
  }

  /// A comparison that must hold.
  public struct Check: Hashable, Sendable {
    public enum Relation: String, CaseIterable, Hashable, Sendable {
      case equal = "=="
      case unequal = "!="
      case less = "<"
      case atMost = "<="
      case greater = ">"
      case atLeast = ">="
      case contains
      case lacks
    }

    public var left: Expression
    public var relation: Relation
    public var right: Expression

    public init(_ left: Expression, _ relation: Relation, _ right: Expression) {
      self.left = left
      self.relation = relation
      self.right = right
    }
  }
}

/// What has a value when its step comes.
public indirect enum Expression: Hashable, Sendable {
  case value(FieldValue)
  case variable(String)
  case sum(Expression, Expression)
  case difference(Expression, Expression)
  case product(Expression, Expression)
  case list([Expression])
  /// The status of a command that ended; nil for the last that was run.
  case status(of: String?)
  /// What it wrote to its standard output.
  case output(of: String?)
  /// What it wrote to its standard error.
  case errors(of: String?)
  /// How many such frames a host has seen.
  case count(Sample)
  /// Their lengths in octets from the link header on, in the order of time.
  case lengths(Sample)

  /// Frames of a host that are looked at together.
  public struct Sample: Hashable, Sendable {
    public enum Span: Hashable, Sendable {
      /// From the scenario's beginning.
      case all
      case first(Duration)
      case last(Duration)
    }

    public var host: String?
    public var way: Step.Sight.Way
    public var recipe: OpenRecipe
    public var span: Span

    public init(host: String?, way: Step.Sight.Way = .any, recipe: OpenRecipe, span: Span = .all) {
      self.host = host
      self.way = way
      self.recipe = recipe
      self.span = span
    }
  }
}
