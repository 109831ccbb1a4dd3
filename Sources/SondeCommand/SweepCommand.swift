internal import ArgumentParser
internal import SondeHeaders
internal import SondeLink
internal import SondeLinux
internal import SondeOctets
internal import SondeProbe
internal import SondeSweep

struct SweepCommand: ParsableCommand, Verb {
  static let configuration = CommandConfiguration(
    verb: "sweep",
    abstract: "Ask many hosts and many ports at speed, and believe only what proves that it was asked.",
    discussion: """
      TCP SYN to the ports of -p, UDP with --udp, or hosts by --icmp. Targets are addresses, blocks (192.0.2.0/24), \
      ranges (192.0.2.1-50), lists of octets and names; - reads them from standard input, @FILE or a word with a slash \
      that is no block from a file. The order is random over all hosts and ports; nothing is remembered of a question, \
      so that memory does not grow with their number; each answer has to give back a keyed hash, and one that comes \
      again is flagged, never counted twice.

      Example: sonde sweep 127.0.0.1 -p 1-1024
      """)

  @Argument(
    help: ArgumentHelp("Addresses, blocks, ranges, names, @FILE, or - for standard input.", valueName: "target"))
  var words: [String] = []

  @OptionGroup(title: "What to ask") var ask: SweepAskOptions
  @OptionGroup(title: "Pace") var pace: SweepPaceOptions
  @OptionGroup(title: "TCP and UDP fields") var transport: TransportOptions
  @OptionGroup(title: "IP fields") var ip: IPFieldOptions
  @OptionGroup(title: "Sending") var send: SendOptions
  @OptionGroup(title: "Output") var output: OutputOptions
  @OptionGroup(title: "Lines") var lines: SweepOutputOptions

  mutating func validate() throws {
    if transport.udp, ask.ports == nil { throw ValidationError("--udp asks ports: name them by -p") }
    if lines.csv, output.json { throw ValidationError("--csv and --json exclude each other") }
    if send.explain {
      throw ValidationError("--explain is for few answers: sonde probe --explain asks a port again and explains it")
    }
    if transport.hold { throw ValidationError("--hold keeps single ports, and a sweep asks from thousands") }
    if let door = send.door, door != "auto", BulkDoorKind(rawValue: door) == nil {
      throw ValidationError("a sweep has no \(door) door: --door is auto, raw, packet or xdp")
    }
    if ask.size != nil, !transport.payload.isEmpty {
      throw ValidationError("--size and --data exclude each other")
    }
    if ask.ports == nil, transport.sourcePort != nil {
      throw ValidationError("--source-port goes with -p")
    }
  }

  func execute(on console: Console) throws -> Int32 {
    let asked = try SweepTask(self)
    if send.dryRun { return try SweepDryRun(self, asked).show(on: console) }
    return try LiveSweep(self, asked, console).run()
  }

  /// What is asked, as lists of ports have it.
  var proto: String { ask.ports == nil ? "icmp" : transport.proto }

  /// The packet that asks hosts of a family, as far as options say; the sweep fills in the rest.
  func packet(from source: IPAddress, to destination: IPAddress) -> AnyPacket {
    let identification: UInt16 = 1
    let isIPv4 = source.version == 4
    var layers: [any Header] = [
      ip.header(from: source, to: destination, send, identification: identification)
    ]
    var data = transport.payload
    switch (ask.icmp, ask.timestamp) {
    case (true, _):
      layers.append(isIPv4 ? ICMPv4(type: .echoRequest) : ICMPv6(type: .echoRequest))
      if let size = ask.size { data = (0..<Int(size)).map { UInt8(truncatingIfNeeded: $0) } }
    case (_, true):
      layers.append(ICMPv4(type: .timestampRequest, numbers: [0, 0, 0]))
    default: layers.append(transport.header(from: 0, to: 0, sequenceNumber: 0))
    }
    if !data.isEmpty { layers.append(Payload(octets: data)) }
    return AnyPacket(layers)
  }
}
