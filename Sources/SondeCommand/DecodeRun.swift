internal import SondeCapture
internal import SondeHeaders
internal import SondeLink
internal import SondeLinux
internal import SondeOctets
internal import SondeReport

/// One run of `decode`: packets come in, text goes out.
struct DecodeRun {
  // What the command line says, in plain values: the parser's own are slow to read for every packet.
  private let layer: String?
  private let limit: UInt64
  private let isQuiet: Bool
  private let isJSON: Bool
  private let console: Console
  private var printer: PacketPrinter
  private var text = TextOctets()
  /// Packets so far, of all files.
  private var packets = 0
  private var lastGuess: String?
  /// Whether all input could be read.
  private(set) var isWhole = true

  init(_ command: DecodeCommand, _ console: Console) {
    layer = command.layer
    limit = command.count ?? .max
    isQuiet = command.quiet
    isJSON = command.json
    self.console = console
    let width = Terminal.isTerminal(1) ? Terminal.width(1) ?? 80 : 80
    let details = PacketPrinter.Details(
      showsTree: command.verbose, showsOctets: command.octets, width: width, isColored: Console.colors(command.color))
    printer = PacketPrinter(command.json ? .json : command.recipe ? .recipe : .line, details)
  }

  /// Whether there is no reason to go on.
  private var isOver: Bool {
    console.isClosed || Signals.endHasCome || UInt64(packets) >= limit
  }

  private mutating func show(_ bytes: RawSpan, _ facts: FrameFacts) {
    guard !isQuiet else { return }
    text.clear()
    printer.append(bytes, facts, to: &text)
    console.gather { $0 += text.octets }
  }

  // MARK: Hexadecimal

  /// Decodes octets that a person wrote.
  mutating func decode(_ octets: [UInt8], line: Int? = nil) {
    packets += 1
    let word = layer ?? guess(octets)
    show(
      octets.rawSpan,
      FrameFacts(
        number: line ?? packets, record: CaptureRecord(linkType: 0, timestamp: nil, originalLength: octets.count),
        start: PacketStart.named(word)))
  }

  /// Says as what octets are read, once for as long as it is the same.
  private mutating func guess(_ octets: [UInt8]) -> String {
    let word = PacketStart.guess(octets)
    if word != lastGuess, !isQuiet { console.complain("decode: read as \(word); --as says otherwise") }
    lastGuess = word
    return word
  }

  /// A capture, where standard input begins like one; else lines of hexadecimal.
  mutating func decodeStandardInput() throws {
    let file = InputFile()
    var beginning: [UInt8] = []
    var piece = [UInt8](repeating: 0, count: 1 << 16)
    while CaptureMagic.begins(beginning) == nil {
      let count = try file.read(into: &piece)
      if count == 0 { break }
      beginning += piece[..<count]
    }
    if CaptureMagic.begins(beginning) == true { return decode(file, beginning: beginning) }
    try decodeLines(after: beginning)
  }

  /// Every line is a packet; a bad one is told with its number and the rest goes on.
  private mutating func decodeLines(after beginning: [UInt8]) throws {
    var input = InputLines(after: beginning)
    var number = 0
    while !isOver, let line = try input.next() {
      number += 1
      do throws(ParseError) {
        decode(try Hex.octets(String(decoding: line, as: UTF8.self)), line: number)
      } catch {
        complain(
          "line \(number): \(error)",
          [
            ("line", .integer(number)), ("column", .integer(error.offset + 1)), ("message", .string(error.description)),
          ])
      }
      // Who types lines, or pipes them in one by one, sees what each is.
      if !input.hasMore { console.flush() }
    }
  }

  // MARK: Captures

  mutating func decode(files names: [String]) {
    for name in names where !isOver {
      do throws(LinkError) {
        decode(try InputFile(name))
      } catch {
        fail(name, error.message)
      }
    }
  }

  private mutating func decode(_ file: borrowing InputFile, beginning: [UInt8] = []) {
    var reader = CaptureReader()
    var hasOctets = !beginning.isEmpty
    reader.feed(beginning)
    do {
      var piece = [UInt8](repeating: 0, count: 1 << 18)
      while true {
        try take(from: &reader)
        // What comes from elsewhere as it happens is shown as it comes.
        if file.size == nil { console.flush() }
        if isOver { return }
        let count = try file.read(into: &piece)
        if count == 0 { break }
        hasOctets = true
        reader.feed(piece.rawSpan.extracting(0..<count))
      }
      if isOver { return }
      reader.finish()
      try take(from: &reader)
    } catch {
      fail(file.name, hasOctets ? (error as? LinkError)?.message ?? "\(error)" : "the file is empty")
    }
  }

  private mutating func take(from reader: inout CaptureReader) throws(CaptureError) {
    let start = layer.map { PacketStart.named($0) }
    while !isOver, let record = try reader.nextRecord() {
      packets += 1
      let interface = reader.interfaces.indices.contains(record.interface) ? reader.interfaces[record.interface] : nil
      show(
        reader.bytes,
        FrameFacts(
          number: packets, record: record, start: start, interface: interface?.name,
          isInNanoseconds: interface?.isFinerThanMicroseconds ?? false))
    }
  }

  // MARK: Errors

  private mutating func fail(_ file: String, _ message: String) {
    complain("\(file): \(message)", [("file", .string(file)), ("message", .string(message))])
  }

  private mutating func complain(_ message: String, _ members: [(String, JSON)]) {
    isWhole = false
    if isJSON {
      console.print(JSON.object([("type", "error")] + members).line)
    } else {
      console.complain("decode: \(message)")
    }
  }
}
