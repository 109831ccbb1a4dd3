internal import ArgumentParser
internal import SondeLinux
internal import SondeLink
internal import SondeOctets
internal import SondeReport

struct ChecksumCommand: ParsableCommand, Verb {
  static let configuration = CommandConfiguration(
    verb: "checksum",
    abstract: "Compute, verify and explain Internet checksums (RFC 1071, RFC 1624).",
    usage: """
      sonde checksum [--verify] [<options>] <hex> ...
      sonde checksum [--verify] [<options>] -
      sonde checksum --update [<options>] <checksum> <old> <new>
      """,
    discussion: """
      All HEX words form one buffer; - reads standard input, where every line is one. With --verify the buffer \
      holds its checksum, and all its words must sum to 0xffff.

      Example: sonde checksum 0800 0000 0101 0202
      Example: sonde checksum --verify 0800 f4fc 0101 0202
      Example: sonde checksum --update 0xdd2f 0x5555 0x3285
      """)

  @Argument(help: ArgumentHelp("The octets in hexadecimal, or - for standard input.", valueName: "hex"))
  var words: [String] = []

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
    if words == ["-"] { return try lines(console) }
    if words.contains("-") { throw Failure("checksum: - reads standard input, and stands alone") }
    guard !words.isEmpty else {
      throw Failure("checksum: octets in hexadecimal are missing; try sonde checksum 0800 0000 0101 0202")
    }
    let octets: [UInt8]
    do throws(ParseError) {
      octets = try Hex.octets(words.joined(separator: " "))
    } catch {
      throw Failure("checksum: \(error)")
    }
    let isRight = show(octets, line: 1, explained: !output.quiet, console)
    console.flush()
    return isRight ? 0 : 1
  }

  /// Every line of standard input is a buffer; a bad one is told with its number and the rest goes on.
  private func lines(_ console: Console) throws -> Int32 {
    var input = InputLines()
    var number = 0
    var isRight = true
    var isReadable = true
    while let text = try input.next() {
      number += 1
      do throws(ParseError) {
        let octets = try Hex.octets(String(decoding: text, as: UTF8.self))
        isRight = show(octets, line: number, explained: output.verbose, console) && isRight
      } catch {
        isReadable = false
        if output.json {
          console.print(
            JSON.object([
              ("type", "error"), ("line", .integer(number)), ("column", .integer(error.offset + 1)),
              ("message", .string(error.description)),
            ]).line)
        } else {
          console.complain("checksum: line \(number): \(error)")
        }
      }
      if console.isClosed { break }
    }
    console.flush()
    // A pipe that failed must not pass for one whose sums are right.
    if number == 0, verify { throw Failure("checksum: standard input has no line, so that nothing was verified") }
    return isReadable ? isRight ? 0 : 1 : 2
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
