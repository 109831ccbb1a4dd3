internal import ArgumentParser
internal import SondeLinux
internal import SondeOctets
internal import SondeReport

/// How packets are printed, by the verbs that read them.
struct PacketOptions: ParsableArguments {
  @Flag(
    name: [.customShort("v"), .long],
    help: "Print the tree of fields below each line, with what each value means; JSON has every field anyway.")
  var verbose = false

  @Flag(name: .customShort("x"), help: "Print the octets below each line, each field with its name.")
  var octets = false

  @Flag(name: .long, help: "Print the recipe of each packet, and nothing else.")
  var recipe = false

  @Flag(name: .long, help: "Print JSON Lines: one object a packet.")
  var json = false

  @Option(
    name: [.customShort("c", allowingJoined: true), .long],
    help: ArgumentHelp("Stop after so many packets.", valueName: "packets"), transform: number(1...UInt64.max))
  var count: UInt64?

  @Flag(name: [.customShort("q"), .long], help: "Print no packets; only errors, and a live capture's summary.")
  var quiet = false

  @Option(
    name: .long, help: ArgumentHelp("Color text: auto, always or never.", valueName: "when"),
    transform: choice(["auto", "always", "never"]))
  var color: String?

  /// Refuses what excludes each other.
  ///
  /// - Throws: `Failure` naming the options, behind the word of the verb.
  func check(_ verb: String) throws {
    if recipe, json || verbose || octets {
      throw Failure("\(verb): --recipe prints recipes alone, without -v, -x or --json")
    }
    if json, octets { throw Failure("\(verb): --json holds every octet; -x is for people") }
  }
}

/// Packets on their way to standard output, as the options say.
struct PacketOutput {
  // What the command line says, in plain values: the parser's own are slow to read for every packet.
  let isJSON: Bool
  let isQuiet: Bool
  private let limit: UInt64
  private let console: Console
  private var printer: PacketPrinter
  private var text = TextOctets()
  /// Packets so far.
  private(set) var packets = 0

  init(_ options: PacketOptions, _ console: Console) {
    isJSON = options.json
    isQuiet = options.quiet
    limit = options.count ?? .max
    self.console = console
    let width = Terminal.isTerminal(1) ? Terminal.width(1) ?? 80 : 80
    let details = PacketPrinter.Details(
      showsTree: options.verbose, showsOctets: options.octets, width: width, isColored: Console.colors(options.color))
    printer = PacketPrinter(options.json ? .json : options.recipe ? .recipe : .line, details)
  }

  /// Whether there is no reason to go on.
  var isOver: Bool { hasEnough || Signals.endHasCome }

  /// Whether no packet is wanted any more, whenever it came.
  var hasEnough: Bool { console.isClosed || UInt64(packets) >= limit }

  /// Counts a packet, and gathers what is printed of it.
  mutating func show(_ bytes: RawSpan, _ facts: FrameFacts) {
    packets += 1
    guard !isQuiet else { return }
    text.clear()
    printer.append(bytes, facts, to: &text)
    console.gather { $0 += text.octets }
  }
}
