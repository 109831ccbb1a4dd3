internal import ArgumentParser
internal import SondeCraft
internal import SondeHeaders
internal import SondeLink
internal import SondeLinux
internal import SondeOctets
internal import SondeReport

struct CraftCommand: ParsableCommand, Verb {
  static let configuration = CommandConfiguration(
    verb: "craft",
    abstract: "Make packets of recipes, without sending them.",
    usage: """
      sonde craft [<options>] <recipe> ...
      sonde craft [<options>] -
      """,
    discussion: """
      A recipe is one line in Scapy's notation. What it leaves out is computed or has Scapy's default; what it writes \
      stands as written, however wrong. Ranges, lists and networks make many packets of one recipe. - reads recipes \
      from standard input, one a line.

      Layers: \(Recipe.layerNames.joined(separator: ", ")).

      Example: sonde craft 'IP(dst="192.0.2.1", ttl=3)/TCP(dport=80, flags="S")/"hello"'
      Example: sonde craft --hex 'IP(dst="192.0.2.0/30")/UDP(dport=(53, 54))'
      """)

  @Argument(help: ArgumentHelp("What to make, or - for standard input.", valueName: "recipe"))
  var recipes: [String] = []

  @Flag(name: .long, help: "Print the octets in hexadecimal alone, one packet a line.")
  var hex = false

  @Flag(name: .long, help: "Print Swift source that builds the packets.")
  var swift = false

  @Option(
    name: .long,
    help: ArgumentHelp("Cut what is longer into fragments of at most so many octets.", valueName: "octets"),
    transform: number(0...65535))
  var mtu: UInt64?

  @Option(name: .long, help: ArgumentHelp("Write the packets to a pcapng file.", valueName: "file"))
  var write: String?

  @OptionGroup var output: OutputOptions

  func execute(on console: Console) throws -> Int32 {
    guard !recipes.isEmpty else {
      throw Failure("craft: a recipe is missing; try sonde craft 'IP(dst=\"192.0.2.1\")/UDP(dport=53)'")
    }
    if recipes.contains("-"), recipes.count > 1 { throw Failure("craft: - reads standard input, and stands alone") }
    if [hex, swift, output.json].count(where: { $0 }) > 1 {
      throw Failure("craft: --hex, --swift and --json exclude each other")
    }
    // A signal ends the making as if the recipes had ended there.
    _ = try Signals.watch([.interrupt, .terminate], waking: Interrupter())
    var run = CraftRun(self, console)
    if recipes == ["-"] {
      try run.open()
      var lines = RecipeLines()
      while !run.isOver, let line = try lines.next() {
        switch line {
        case .success(let recipe): run.craft(recipe, lines.number)
        case .failure(let complaint): run.complain(complaint)
        }
        // Who types recipes, or pipes them in one by one, sees what each makes.
        if !lines.hasMore { console.flush() }
      }
    } else {
      let input = try RecipeInput(recipes, verb: "craft")
      // Nothing is made if one of them is wrong.
      for fault in input.faults { run.complain(fault) }
      for (index, recipe) in input.recipes.enumerated() where input.faults.isEmpty { run.check(recipe, index + 1) }
      if run.isWhole {
        try run.open()
        for (index, recipe) in input.recipes.enumerated() { run.craft(recipe, index + 1) }
      }
    }
    console.flush()
    if let failure = run.failure { throw failure }
    return run.isWhole ? 0 : 2
  }
}

/// One run of the verb: what was read so far, and where it goes.
private struct CraftRun: ~Copyable {
  private let command: CraftCommand
  private let console: Console
  private var log = CraftLog()
  private var file: OutputFile?
  private var isFirst = true
  /// Whether all of the input could be made.
  private(set) var isWhole = true

  init(_ command: CraftCommand, _ console: Console) {
    self.command = command
    self.console = console
  }

  mutating func open() throws(LinkError) {
    guard let path = command.write else { return }
    file = try OutputFile(written: path)
    try file?.empty()
    try file?.write(log.header)
  }

  /// Whether there is no reason to go on: nobody reads, or a signal came.
  var isOver: Bool { console.isClosed || Signals.endHasCome }

  /// Tells whether the first packet of a recipe can be made, without showing it.
  mutating func check(_ recipe: Recipe, _ line: Int) {
    do throws(CraftError) {
      for packet in try fragments(recipe.first.packet) { _ = try packet.encoded() }
    } catch {
      complain(error, line)
    }
  }

  /// Makes and shows all packets of a recipe.
  mutating func craft(_ recipe: Recipe, _ line: Int) {
    do throws(CraftError) {
      for made in recipe.packets {
        for packet in try fragments(made.packet) {
          if isOver { return }
          try show(try CraftedPacket(line: line, packet: packet))
        }
      }
    } catch {
      complain(error, line)
    }
  }

  /// Tells of a recipe that cannot be made.
  mutating func complain(_ complaint: RecipeComplaint) {
    isWhole = false
    complaint.tell(console, asJSON: command.output.json)
  }

  private mutating func complain(_ error: CraftError, _ line: Int) {
    complain(
      RecipeComplaint(line: line, message: error.description, isFromInput: command.recipes == ["-"]))
  }

  private func fragments(_ packet: AnyPacket) throws(CraftError) -> [AnyPacket] {
    guard let mtu = command.mtu else { return [packet] }
    return try packet.fragment(mtu: Int(mtu))
  }

  private mutating func show(_ packet: CraftedPacket) throws(CraftError) {
    if file != nil {
      do throws(LinkError) { try file?.write(log.octets(packet)) } catch { if failure == nil { failure = error } }
    }
    if command.output.json { return console.print(packet.json.line) }
    if command.hex { return console.print(packet.hex) }
    if command.output.quiet { return }
    if !isFirst { console.print("") }
    isFirst = false
    if command.swift {
      for line in SwiftSource(packet.packet, bytes: packet.bytes).lines { console.print(line) }
      return
    }
    packet.append(
      tree: command.output.verbose, isColored: Console.colors(command.output.color), to: &text)
    console.write(String(decoding: text.octets, as: UTF8.self))
    text.clear()
  }

  /// Text about to be written.
  private var text = TextOctets()
  /// Why the file is not whole.
  private(set) var failure: LinkError?
}
