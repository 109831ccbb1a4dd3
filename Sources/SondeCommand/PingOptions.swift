internal import ArgumentParser
internal import SondeLinux
internal import SondeHeaders
internal import SondeOctets
internal import SondeProbe

/// How often, how long, and what is said of it: ping's letters.
struct RoundOptions: ParsableArguments {
  @Option(
    name: [.customShort("c", allowingJoined: true), .long],
    help: ArgumentHelp("Rounds over the hosts (endless unless written).", valueName: "number"),
    transform: number(1...UInt64.max))
  var count: UInt64?

  @Option(
    name: [.customShort("i", allowingJoined: true), .long],
    help: ArgumentHelp("Time between rounds (1 s unless written).", valueName: "time"), transform: time)
  var interval: UInt64?

  @Option(
    name: [.customShort("w", allowingJoined: true), .long],
    help: ArgumentHelp("Time for the whole run.", valueName: "time"), transform: time)
  var deadline: UInt64?

  @Option(
    name: [.customShort("W", allowingJoined: true), .long],
    help: ArgumentHelp("Time to wait for each answer (4 s unless written).", valueName: "time"), transform: time)
  var timeout: UInt64?

  @Option(
    name: .customShort("M", allowingJoined: true),
    help: ArgumentHelp("do: set Don't Fragment; want, dont: do not.", valueName: "do|want|dont"),
    transform: choice(["do", "want", "dont"]))
  var discovery: String?

  @Flag(name: .customShort("n"), help: "Print addresses, not names.")
  var numeric = false

  @Flag(
    name: .customShort("f"), help: "Flood: send again as soon as the answer is there, a dot for each that is not.")
  var flood = false

  @Flag(name: .customShort("D"), help: "Print the time of each answer.")
  var printsTime = false

  @Flag(name: .customShort("O"), help: "Say when the next is sent and the last has no answer yet.")
  var reportsPending = false

  @Flag(name: .customShort("b"), help: "Allow broadcast addresses.")
  var broadcast = false

  /// How long the run lasts at most; nil for as long as it takes.
  var limit: Duration? { .limit(deadline) }

  /// How long each answer is waited for.
  var patience: Duration { .patience(timeout ?? 4_000_000_000) }
}

/// The fields of the ICMP message, and its data.
struct EchoOptions: ParsableArguments {
  @Option(
    name: [.customShort("e", allowingJoined: true), .long],
    help: ArgumentHelp("Echo identifier (random unless written).", valueName: "number"), transform: number(0...0xffff))
  var id: UInt64?

  @Option(
    name: .long, help: ArgumentHelp("First sequence number (1 unless written).", valueName: "number"),
    transform: number(0...0xffff))
  var seq: UInt64?

  @Option(
    name: .long, help: ArgumentHelp("ICMP type (8, for IPv6 128, unless written).", valueName: "number"),
    transform: number(0...255))
  var type: UInt64?

  @Option(name: .long, help: ArgumentHelp("ICMP code.", valueName: "number"), transform: number(0...255))
  var code: UInt64?

  @Option(
    name: .long, help: ArgumentHelp("ICMP checksum, right or wrong.", valueName: "number"),
    transform: number(0...0xffff))
  var checksum: UInt64?

  @Option(
    name: [.customShort("s", allowingJoined: true), .long],
    help: ArgumentHelp("Octets of data (56 unless written).", valueName: "octets"), transform: number(0...65_507))
  var size: UInt64?

  @Option(
    name: [.customShort("p", allowingJoined: true), .long],
    help: ArgumentHelp("Fill the data behind its first 16 octets with these, again and again.", valueName: "hex"),
    transform: octets)
  var pattern: [UInt8]?

  @Option(name: .long, help: ArgumentHelp("The data, as text.", valueName: "text"))
  var data: String?

  @Option(name: .long, help: ArgumentHelp("The data, in hexadecimal.", valueName: "hex"), transform: octets)
  var dataHex: [UInt8]?

  mutating func validate() throws {
    let givers = [data != nil, dataHex != nil, size != nil || pattern != nil].filter { $0 }
    if givers.count > 1 { throw ValidationError("--data, --data-hex and --size with --pattern exclude each other") }
    if let dataHex, dataHex.count > 65_507 { throw ValidationError("--data-hex is at most 65507 octets") }
    if let data, data.utf8.count > 65_507 { throw ValidationError("--data is at most 65507 octets") }
    if pattern?.isEmpty == true { throw ValidationError("--pattern needs at least one octet") }
  }

  /// How many octets of data a message has.
  var dataByteCount: Int { dataHex?.count ?? data?.utf8.count ?? Int(size ?? 56) }

  /// Whether the data starts with this run's cookie: where it is ours to write, and there is room.
  var hasCookie: Bool { data == nil && dataHex == nil && dataByteCount >= Cookie.byteCount }

  /// The data of the message that is number `probe` of the run.
  func payload(_ nonce: UInt32, _ probe: UInt64) -> [UInt8] {
    if let dataHex { return dataHex }
    if let data { return Array(data.utf8) }
    let start = hasCookie ? Cookie(nonce: nonce, probe: probe).octets : []
    let rest = (start.count..<max(start.count, dataByteCount)).map { index in
      pattern.map { $0[(index - start.count) % $0.count] } ?? UInt8(truncatingIfNeeded: index)
    }
    return start + rest
  }

  /// Whether the message is an echo request, which the datagram door sends.
  func isEchoRequest(_ family: Family) -> Bool {
    (type ?? (family == .ipv4 ? 8 : 128)) == (family == .ipv4 ? 8 : 128) && (code ?? 0) == 0
  }

  /// The message's header.
  func header(_ family: Family, identifier: UInt16, sequenceNumber: UInt16) -> any Header {
    let rest = UInt32(identifier) << 16 | UInt32(sequenceNumber)
    switch family {
    case .ipv4:
      let kind = ICMPv4.Kind(rawValue: UInt8(type ?? 8))
      // A timestamp request without its three times would be none (RFC 792, page 16).
      let numbers: [UInt32] = kind == .timestampRequest ? [0, 0, 0] : kind == .addressMaskRequest ? [0] : []
      return ICMPv4(type: kind, code: UInt8(code ?? 0), restOfHeader: rest, numbers: numbers, checksum: Field(checksum))
    case .ipv6:
      return ICMPv6(
        type: .init(rawValue: UInt8(type ?? 128)), code: UInt8(code ?? 0), restOfHeader: rest, checksum: Field(checksum)
      )
    }
  }
}
