internal import ArgumentParser
internal import SondeLinux
internal import SondeLink

struct DecodeCommand: ParsableCommand, Verb {
  static let configuration = CommandConfiguration(
    verb: "decode",
    abstract: "Read packets: one line each, their fields, their octets, or the recipes that rebuild them.",
    usage: """
      sonde decode [--as <layer>] [<options>] <hex> ...
      sonde decode [--as <layer>] [<options>] <file> ...
      sonde decode [--as <layer>] [<options>] -
      """,
    discussion: """
      All HEX words form one packet; how its first octet is read is guessed, and told, unless --as says it. A word \
      that is not hexadecimal is a capture file (pcap, pcapng), and ./beef forces one. - reads standard input: a \
      capture, or hexadecimal, of which every line is one packet.

      Exit status: 0 all input could be read, 2 not all of it.

      Example: sonde decode 4500001c00010000401166cd7f0000017f00000100350035000801a0
      Example: sonde decode -v --as icmp 0800 f4fc 0101 0202
      """)

  @Argument(
    help: ArgumentHelp("A packet in hexadecimal, capture files, or - for standard input.", valueName: "hex"))
  var words: [String] = []

  @Option(
    name: .customLong("as"),
    help: ArgumentHelp(
      "How the first octet is read: \(PacketStart.words.joined(separator: ", ")).", valueName: "layer"),
    transform: choice(PacketStart.words))
  var layer: String?

  @Option(
    name: .long,
    help: ArgumentHelp("Only packets of capture files that pass, in pcap's filter language.", valueName: "filter"))
  var filter: String?

  @OptionGroup(title: "Output") var output: PacketOptions

  func execute(on console: Console) throws -> Int32 {
    try output.check("decode")
    // A signal ends the reading as if the input had ended there.
    _ = try Signals.watch([.interrupt, .terminate], waking: Interrupter())
    var run = DecodeRun(self, console)
    switch try PacketInput(
      words, verb: "decode", example: "sonde decode 4500 0014 0001 0000 4000 0000 c000 0201 c000 0202")
    {
    case .octets(let octets):
      if filter != nil { throw Failure("decode: --filter is for captures, and these words are hexadecimal") }
      run.decode(octets)
    case .standardInput: try run.decodeStandardInput()
    case .files(let names): run.decode(files: names)
    }
    console.flush()
    return run.isWhole ? 0 : 2
  }
}
