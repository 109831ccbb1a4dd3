internal import ArgumentParser
internal import SondeCraft
internal import SondeHeaders
internal import SondeLink
internal import SondeLinux
internal import SondeOctets
internal import SondeProbe
internal import SondeScript

struct TalkCommand: ParsableCommand, Verb {
  static let configuration = CommandConfiguration(
    verb: "talk",
    abstract: "Speak TCP by hand, segment by segment: sonde is the peer, and the kernel stays out of it.",
    usage: "sonde talk <host> <port> [<options>]\n       sonde talk --listen <port> [<options>]",
    discussion: """
      On a terminal it asks for commands (help lists them); else they are read from standard input, one a line, or \
      given by -e or --script. Every segment is shown as decode shows it, > sent and < received, with what it changes \
      at this end beside it. A command may set any field of what it sends: write "x" seq+=5 chksum=0.

      Exit status: 0 the conversation took place and every command was done, 1 it was refused, reset, or silent, 2 it \
      could not be tried. Control-C resets the connection.

      Example: sonde talk 127.0.0.1 7 -e 'write "hello"; read 5; shutdown out; wait closed'
      Example: sonde talk --listen 1234 -e 'accept; write "welcome\\n"; read; close'
      Example: echo hello | sonde talk --raw 127.0.0.1 7
      """)

  @Argument(help: ArgumentHelp("A name or an address, and a port.", valueName: "host port"))
  var words: [String] = []

  @OptionGroup(title: "The talk") var manner: TalkManner
  @OptionGroup(title: "Our end") var offer: TalkOffer
  @OptionGroup(title: "Sending") var send: SendOptions
  @OptionGroup(title: "Output") var output: OutputOptions

  func execute(on console: Console) throws -> Int32 {
    try check()
    let input = try TalkInput(manner, opens: manner.udp ? nil : manner.listen == nil ? .connect : .accept)
    let destination = try words.first.map { try Destination($0, send) }
    if let destination, destination.isGroup {
      throw Failure("\(words[0]) is an address of many hosts; a talk is with one")
    }
    let port = words.count > 1 ? try portNumber(words[1]) : 0
    var draw = send.generator
    let rankings = try rankings(destination, port)
    if send.dryRun, let destination {
      try DryRun(rankings, send).show([destination], withRecipe: true, as: output, on: console) {
        sample(from: $0.source, to: $0.address, port: port)
      }
      return 0
    }
    let file = try RunFile(send.write)
    let openings = try Openings.open(rankings, mark: send.firewallMark)
    let ports = try heldPorts(&draw)
    try Privileges.drop()
    let interrupter = try Interrupter()
    let signals = try Signals.watch([.interrupt, .terminate, .quit, .suspend], waking: interrupter)
    let held = ports.map(\.number)
    let interface = try Destination.Exit(send).interface
    let filter = PacketFilter(flows: [
      .init(protocolNumber: manner.udp ? 17 : 6, destinationPorts: held.map { $0...$0 })
    ])
    var link = try LinuxLink(
      openings,
      LinuxLink.Options(
        interface: interface, mark: send.firewallMark, filter: filter, transmitStamp: .none, interrupter: interrupter,
        watchesOutput: true))
    if let destination { try link.prepare([destination.way]) }
    let ends = TalkEnds(self, destination, port: port, held, interface: interface, &draw)
    let report = try TalkReport(self, file, console, local: destination?.source, at: link.now)
    let run = TalkRun(self, input, console, signals, report)
    return try withExtendedLifetime(ports) { () throws(LinkError) in try run.run(ends, over: &link) }
  }

  /// Refuses words and options that do not go together.
  private func check() throws {
    if let port = manner.listen {
      if let word = words.first {
        throw Failure("talk: --listen waits for whoever calls: \"\(word)\" does not belong")
      }
      if let source = offer.sourcePort, source != port { throw Failure("talk: --listen says the source port already") }
    } else if words.count < 2 {
      throw Failure("talk: \(words.isEmpty ? "the host and the port are" : "the port is") missing")
    } else if words.count > 2 {
      throw Failure("talk: \"\(words[2])\" does not belong: it takes a host and a port")
    }
    if manner.raw, manner.udp { throw Failure("talk: --raw passes a stream, and UDP has none") }
    if manner.raw, output.json { throw Failure("talk: --raw writes what comes to standard output, so not --json too") }
    let sources = [manner.raw, !manner.execute.isEmpty, manner.script != nil].filter { $0 }.count
    if sources > 1 { throw Failure("talk: -e, --script and --raw exclude each other") }
    if send.explain { throw Failure("talk: there is nothing to --explain; each segment says what it changes") }
    if send.dryRun, manner.listen != nil { throw Failure("talk: --listen sends nothing first, so not --dry-run") }
  }

  private func portNumber(_ word: String) throws -> UInt16 {
    guard let value = number(word[...]), let port = UInt16(exactly: value), port > 0 else {
      throw Failure("talk: \"\(word)\" is no port: a number from 1 to 65535")
    }
    return port
  }

  /// The plans by which packets leave, of the peer's family, or of each that may call.
  private func rankings(_ destination: Destination?, _ port: UInt16) throws -> [Family: [SendPlan]] {
    var wishes: [Wishes] = []
    if let destination {
      wishes.append(
        try Wishes(
          of: sample(from: destination.source, to: destination.address, port: port), keepsIdentification: false,
          isForeignSource: try send.hasForeignSource(), mtu: nil))
    } else {
      let family = try send.family
      for address in [IPAddress.v4(.loopback), .v6(.loopback)]
      where family == nil || family == (address.version == 4 ? .ipv4 : .ipv6) {
        wishes.append(
          try Wishes(
            of: sample(from: address, to: address, port: 1), keepsIdentification: false, isForeignSource: false,
            mtu: nil))
      }
    }
    return try SondeCommand.rankings(wishes, purpose: .probe, door: send.door)
  }

  /// A packet as those of the talk are.
  private func sample(from source: IPAddress, to destination: IPAddress, port: UInt16) -> AnyPacket {
    let network = TalkEnds.header(from: source, to: destination, send)
    let from = UInt16(clamping: offer.sourcePort ?? 49_152)
    if manner.udp { return AnyPacket([network, UDP(from: from, to: port)]) }
    return AnyPacket([
      network, TCP(from: from, to: port, flags: .syn, sequenceNumber: UInt32(clamping: offer.isn ?? 0)),
    ])
  }

  /// The ports that the talk may use, one a connection, kept from other programs and from the kernel's own answers.
  private func heldPorts(_ draw: inout SeededGenerator) throws(LinkError) -> [HeldPort] {
    let kind: Transport = manner.udp ? .udp : .tcp
    if let written = manner.listen ?? offer.sourcePort {
      return [try .written(kind, UInt16(clamping: written), isGuarded: true)]
    }
    var ports: [HeldPort] = []
    // A connection that is opened again takes another port: the former's may still be remembered by the peer.
    while ports.count < (manner.udp ? 1 : 8) { ports.append(try .free(kind, isGuarded: true, &draw)) }
    return ports
  }
}
