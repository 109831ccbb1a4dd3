internal import SondeCapture
internal import SondeHeaders
internal import SondeLink
internal import SondeLinux
internal import SondeOctets
internal import SondeReport

/// One run of `decode`: packets come in, text goes out.
struct DecodeRun {
  private let layer: String?
  private let console: Console
  private var output: PacketOutput
  private var filter: PacketSieve?
  /// Packets so far, of all files, those included that the filter kept back.
  private var packets = 0
  /// The words by which octets were read without being asked to, each told once.
  private var guesses: Set<String> = []
  /// Whether all input could be read.
  private(set) var isWhole = true

  init(_ command: DecodeCommand, _ console: Console) {
    layer = command.layer
    filter = command.filter.map { PacketSieve($0) }
    self.console = console
    output = PacketOutput(command.output, console)
  }

  // MARK: Hexadecimal

  /// Decodes octets that a person wrote.
  mutating func decode(_ octets: [UInt8], line: Int? = nil) {
    packets += 1
    let word = layer ?? guess(octets)
    output.show(
      octets.rawSpan,
      FrameFacts(
        number: line ?? packets, record: CaptureRecord(linkType: 0, timestamp: nil, originalLength: octets.count),
        start: PacketStart.named(word), readAs: word))
  }

  /// Says as what octets are read, the first time that it is this.
  private mutating func guess(_ octets: [UInt8]) -> String {
    let word = PacketStart.guess(octets)
    let isNew = guesses.insert(word).inserted
    if isNew, !output.isQuiet { console.complain("decode: read as \(word); --as says otherwise") }
    return word
  }

  /// A capture, where standard input begins like one; else lines of hexadecimal.
  mutating func decodeStandardInput() throws {
    let input = try BegunInput()
    if input.isCapture { return decode(input.file, beginning: input.beginning) }
    if filter != nil { throw Failure("decode: --filter is for captures, and standard input is none") }
    try decodeLines(after: input.beginning)
  }

  /// Every line is a packet; a bad one is told with its number and the rest goes on.
  private mutating func decodeLines(after beginning: [UInt8]) throws {
    var input = InputLines(after: beginning)
    var number = 0
    while !output.isOver, let line = try input.next() {
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
    for name in names where !output.isOver {
      do throws(LinkError) {
        decode(try InputFile(name))
      } catch {
        fail(name, error.message)
      }
    }
  }

  private mutating func decode(_ file: borrowing InputFile, beginning: [UInt8] = []) {
    var reader = CaptureReader()
    // A bar beside lines that are there to be read would only be in their way.
    let progress = FileProgress(console, total: file.size, isWanted: !output.isQuiet && !Terminal.isTerminal(1))
    defer { progress.end() }
    var octets = beginning.count
    reader.feed(beginning)
    do {
      var piece = [UInt8](repeating: 0, count: 1 << 18)
      while true {
        try take(from: &reader)
        // What comes from elsewhere as it happens is shown as it comes.
        if file.size == nil { console.flush() }
        if output.isOver { return }
        let count = try file.read(into: &piece)
        if count == 0 { break }
        octets += count
        progress.update(octets)
        reader.feed(piece.rawSpan.extracting(0..<count))
      }
      if output.isOver { return }
      reader.finish()
      try take(from: &reader)
    } catch {
      fail(file.name, (error as? LinkError)?.message ?? "\(error)")
    }
  }

  private mutating func take(from reader: inout CaptureReader) throws {
    let start = layer.map { PacketStart.named($0) }
    while !output.isOver, let record = try reader.nextRecord() {
      packets += 1
      let interface = reader.interfaces.indices.contains(record.interface) ? reader.interfaces[record.interface] : nil
      if try filter?.passes(reader.bytes, record) == false { continue }
      output.show(
        reader.bytes,
        FrameFacts(
          number: packets, record: record, start: start, readAs: layer, interface: interface?.name,
          isInNanoseconds: interface?.isFinerThanMicroseconds ?? false))
    }
  }

  // MARK: Errors

  private mutating func fail(_ file: String, _ message: String) {
    complain("\(file): \(message)", [("file", .string(file)), ("message", .string(message))])
  }

  private mutating func complain(_ message: String, _ members: [(String, JSON)]) {
    isWhole = false
    if output.isJSON {
      console.print(JSON.object([("type", "error")] + members).line)
    } else {
      console.complain("decode: \(message)")
    }
  }
}

/// A filter, compiled for each link type that packets come with.
private struct PacketSieve {
  private let expression: String
  private var filters: [UInt16: CaptureFilter] = [:]

  init(_ expression: String) { self.expression = expression }

  /// - Throws: `LinkError` if the filter asks for what packets of this link type do not have, or is none.
  mutating func passes(_ bytes: RawSpan, _ record: CaptureRecord) throws(LinkError) -> Bool {
    let filter =
      if let known = filters[record.linkType] { known } else {
        try CaptureFilter(expression, linkType: LinkType(rawValue: record.linkType))
      }
    filters[record.linkType] = filter
    return filter.matches(bytes, originalLength: record.originalLength)
  }
}
