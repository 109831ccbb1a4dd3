internal import ArgumentParser
internal import SondeCapture
internal import SondeHeaders
internal import SondeLinux
internal import SondeLink
internal import SondeOctets
internal import SondeReport

struct ChecksumCommand: ParsableCommand, Verb {
  static let configuration = CommandConfiguration(
    verb: "checksum",
    abstract: "Compute, verify and explain Internet checksums (RFC 1071, RFC 1624).",
    usage: """
      sonde checksum [--verify] [--as <layer>] [<options>] <hex> ...
      sonde checksum [--as <layer>] [<options>] <file> ...
      sonde checksum [--verify] [--as <layer>] [<options>] -
      sonde checksum --update [<options>] <checksum> <old> <new>
      """,
    discussion: """
      All HEX words form one buffer. With --verify it holds its checksum, and all its words must sum to 0xffff; \
      with --as it is a packet, whose every checksum is judged. A word that is not hexadecimal is a file, and \
      ./beef forces one: a capture (pcap, pcapng), of whose packets every checksum is judged, and what is wrong \
      explained; -v tells of all of them, and shows how a wrong one comes about. - reads standard input: a \
      capture, or hexadecimal, of which every line is one buffer.

      Exit status: 0 no sum is wrong or illegal, 1 one is, 2 the input cannot be read.

      Example: sonde checksum 0800 0000 0101 0202
      Example: sonde checksum --verify 0800 f4fc 0101 0202
      Example: sonde checksum --as icmp 0800 f4fc 0101 0202
      Example: sonde checksum --update 0xdd2f 0x5555 0x3285
      """)

  @Argument(
    help: ArgumentHelp("The octets in hexadecimal, capture files, or - for standard input.", valueName: "hex"))
  var words: [String] = []

  @Option(
    name: .customLong("as"),
    help: ArgumentHelp(
      "How the first octet is read: \(PacketStart.words.joined(separator: ", ")).", valueName: "layer"),
    transform: choice(PacketStart.words))
  var layer: String?

  @Flag(name: .long, help: "Say whether the octets hold their own right checksum; exit 0 if they do, 1 if not.")
  var verify = false

  @Flag(
    name: .long,
    help: "Take a checksum, an old word and a new word, and print the checksum after the change (RFC 1624).")
  var update = false

  @OptionGroup var output: OutputOptions

  func execute(on console: Console) throws -> Int32 {
    if update, verify { throw Failure("--update and --verify exclude each other") }
    if update { return try updated(console) }
    // A signal ends the reading as if the input had ended there.
    _ = try Signals.watch([.interrupt, .terminate], waking: Interrupter())
    switch try PacketInput(words, verb: "checksum", example: "sonde checksum 0800 0000 0101 0202") {
    case .octets(let octets): return try isRight(octets, console) ? 0 : 1
    case .standardInput: return try standardInput(console)
    case .files(let names): return try files(names, console)
    }
  }

  private func isRight(_ octets: [UInt8], _ console: Console) throws -> Bool {
    defer { console.flush() }
    guard let start else { return show(octets, line: 1, explained: !output.quiet, console) }
    let packet = ChecksumPacket(octets, start)
    if let stop = packet.stop { throw Failure("checksum: \(stop)") }
    return packet.show(line: 1, explained: !output.quiet, json: output.json, console)
  }

  /// How the first octet is read; nil for octets without layers.
  private var start: Registry.Start? { layer == "raw" ? nil : layer.map { PacketStart.named($0) } }

  private func files(_ names: [String], _ console: Console) throws -> Int32 {
    let capture = ChecksumCapture(output: output, console: console, start: start, namesFiles: names.count > 1)
    var all = ChecksumCapture.Outcome()
    for name in names {
      do throws(LinkError) {
        let outcome = capture.judge(try InputFile(name))
        all.isWhole = all.isWhole && outcome.isWhole
        all.hasBad = all.hasBad || outcome.hasBad
        all.hasSums = all.hasSums || outcome.hasSums
        if outcome.isEnd { break }
      } catch {
        all.isWhole = false
        capture.complain(of: name, error.message)
      }
    }
    console.flush()
    return try status(all)
  }

  /// - Throws: `Failure` where sums were to be verified and none came.
  private func status(_ outcome: ChecksumCapture.Outcome) throws -> Int32 {
    guard outcome.isWhole else { return 2 }
    if verify, !outcome.hasSums { throw Failure("checksum: no packet has a checksum, so that nothing was verified") }
    return outcome.hasBad ? 1 : 0
  }

  /// A capture, where standard input begins like one; else lines of hexadecimal.
  private func standardInput(_ console: Console) throws -> Int32 {
    let input = try BegunInput()
    guard input.isCapture else { return try lines(after: input.beginning, console) }
    let capture = ChecksumCapture(output: output, console: console, start: start, namesFiles: false)
    return try status(capture.judge(input.file, beginning: input.beginning))
  }

  /// Every line of standard input is a buffer; a bad one is told with its number and the rest goes on.
  private func lines(after beginning: [UInt8], _ console: Console) throws -> Int32 {
    var input = InputLines(after: beginning)
    var number = 0
    var isRight = true
    var isReadable = true
    let isExplained = output.verbose && !output.quiet
    while let text = try input.next() {
      number += 1
      do throws(ParseError) {
        let octets = try Hex.octets(String(decoding: text, as: UTF8.self))
        let packet = start.map { ChecksumPacket(octets, $0) }
        if let stop = packet?.stop {
          isReadable = false
          complain(ofLine: number, [("message", .string(stop))], stop, console)
        } else {
          let isOne =
            packet?.show(line: number, explained: isExplained, json: output.json, console)
            ?? show(octets, line: number, explained: isExplained, console)
          isRight = isRight && isOne
        }
      } catch {
        isReadable = false
        let members: [(String, JSON)] = [
          ("column", .integer(error.offset + 1)), ("message", .string(error.description)),
        ]
        complain(ofLine: number, members, error.description, console)
      }
      // Who types lines, or pipes them in one by one, sees the sum of each.
      if !input.hasMore { console.flush() }
      if console.isClosed { break }
    }
    console.flush()
    // A pipe that failed must not pass for one whose sums are right.
    if number == 0, verify { throw Failure("checksum: standard input has no line, so that nothing was verified") }
    return isReadable ? isRight ? 0 : 1 : 2
  }

  private func complain(ofLine number: Int, _ members: [(String, JSON)], _ text: String, _ console: Console) {
    if output.json {
      console.print(JSON.object([("type", "error"), ("line", .integer(number))] + members).line)
    } else {
      console.complain("checksum: line \(number): \(text)")
    }
  }

  /// Prints one buffer's result; false if it was to be verified and is wrong.
  private func show(_ octets: [UInt8], line: Int, explained: Bool, _ console: Console) -> Bool {
    let ledger = ChecksumLedger(octets)
    let isRight = !verify || ledger.isValid
    if output.json {
      var members: [(String, JSON)] = [
        ("type", "checksum"), ("line", .integer(line)), ("layer", "raw"), ("value", .string(Hex.word(ledger.checksum))),
      ]
      if verify { members.append(("verdict", ledger.isValid ? "valid" : "wrong")) }
      console.print(JSON.object(members).line)
    } else if explained {
      for line in ledger.lines(verifying: verify) { console.print(line) }
    } else {
      console.print(verify ? ledger.isValid ? "valid" : "wrong" : Hex.word(ledger.checksum))
    }
    return isRight
  }

  private func updated(_ console: Console) throws -> Int32 {
    guard words.count == 3 else {
      throw Failure("checksum: --update takes a checksum, an old word and a new word; \(words.count) were given")
    }
    let values = try words.map { word in
      let digits = word.hasPrefix("0x") || word.hasPrefix("0X") ? word.dropFirst(2) : word[...]
      guard (1...4).contains(digits.count), let value = UInt16(digits, radix: 16), digits.first != "+" else {
        throw Failure("checksum: \"\(word)\" is no 16-bit word in hexadecimal")
      }
      return value
    }
    let value = InternetChecksum.update(values[0], from: values[1], to: values[2])
    if output.json {
      console.print(
        JSON.object([
          ("type", "checksum"), ("line", 1), ("layer", "raw"), ("value", .string(Hex.word(value))),
        ]).line)
    } else {
      if !output.quiet {
        let words = values.map { Hex.word($0) }
        console.print("HC' = ~(~HC + ~m + m') = ~(~\(words[0]) + ~\(words[1]) + \(words[2]))  (RFC 1624, equation 3)")
        let complements = [~values[0], ~values[1], values[2]].map { Hex.word($0) }
        console.print("    = ~(\(complements.joined(separator: " + "))) = ~\(Hex.word(~value))")
      }
      console.print(Hex.word(value))
    }
    console.flush()
    return 0
  }
}
