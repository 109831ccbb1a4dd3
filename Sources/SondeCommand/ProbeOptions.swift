internal import ArgumentParser
internal import SondeHeaders

/// What is asked how often.
struct AskOptions: ParsableArguments {
  @Option(
    name: [.customShort("p", allowingJoined: true), .long], parsing: .unconditional,
    help: ArgumentHelp("Ports and ranges between commas; - for all.", valueName: "ports"), transform: portList)
  var ports: [UInt16]

  @Flag(name: .long, help: "Print open ports only; the summary counts all.")
  var open = false

  @Option(
    name: .long,
    help: ArgumentHelp(
      """
      Probes a second. Unless written 5000, for UDP 1000; of a thousand ports and more it rises from there as long as \
      answers keep pace.
      """, valueName: "number"),
    transform: number(1...1_000_000))
  var rate: UInt64?

  @Option(
    name: .long,
    help: ArgumentHelp("How many more times an unanswered port is asked (2 unless written).", valueName: "number"),
    transform: number(0...100))
  var retries: UInt64?

  @Option(
    name: [.customShort("W", allowingJoined: true), .long],
    help: ArgumentHelp("Time to wait for each answer (1 s unless written).", valueName: "time"), transform: time)
  var timeout: UInt64?

  @Option(
    name: [.customShort("w", allowingJoined: true), .long],
    help: ArgumentHelp("Time for the whole run.", valueName: "time"), transform: time)
  var deadline: UInt64?
}

/// The fields of the TCP or UDP header, and the data.
struct TransportOptions: ParsableArguments {
  @Flag(name: .long, help: "Ask UDP ports, not TCP.")
  var udp = false

  @Option(
    name: .long,
    help: ArgumentHelp("TCP control bits by their letters, as FPU (S unless written).", valueName: "letters"),
    transform: controlBits)
  var flags: UInt64?

  @Option(
    name: .long, help: ArgumentHelp("Source port (a free one unless written).", valueName: "port"),
    transform: number(1...65_535))
  var sourcePort: UInt64?

  @Flag(
    name: .long,
    help: """
      Keep this machine's kernel from resetting the peer's SYN-ACK as long as the run lasts. Without it that draws a \
      RST, which leaves nothing half open at the peer.
      """)
  var hold = false

  @Option(
    name: .long, help: ArgumentHelp("TCP sequence number (random unless written).", valueName: "number"),
    transform: number(0...0xffff_ffff))
  var seq: UInt64?

  @Option(
    name: .long, help: ArgumentHelp("TCP acknowledgment number.", valueName: "number"),
    transform: number(0...0xffff_ffff))
  var ack: UInt64?

  @Option(
    name: .long, help: ArgumentHelp("TCP window (64240 unless written).", valueName: "octets"),
    transform: number(0...0xffff))
  var window: UInt64?

  @Option(name: .long, help: ArgumentHelp("TCP urgent pointer.", valueName: "number"), transform: number(0...0xffff))
  var urgent: UInt64?

  @Option(
    name: .long,
    help: ArgumentHelp(
      "TCP options: mss=1460,sackok,ts=1:0,nop,wscale=7,eol,KIND:HEX (mss=1460 with SYN unless written; none for none).",
      valueName: "list"), transform: tcpOptionText)
  var options: String?

  @Option(
    name: .long, help: ArgumentHelp("TCP or UDP checksum, right or wrong.", valueName: "number"),
    transform: number(0...0xffff))
  var checksum: UInt64?

  @Option(
    name: .long, help: ArgumentHelp("UDP length, right or wrong.", valueName: "octets"), transform: number(0...0xffff))
  var udpLength: UInt64?

  @Option(name: .long, help: ArgumentHelp("The data, as text.", valueName: "text"))
  var data: String?

  @Option(name: .long, help: ArgumentHelp("The data, in hexadecimal.", valueName: "hex"), transform: octets)
  var dataHex: [UInt8]?

  mutating func validate() throws {
    if data != nil, dataHex != nil { throw ValidationError("--data and --data-hex exclude each other") }
    if payload.count > 65_000 { throw ValidationError("the data is at most 65000 octets") }
    let onlyTCP: [(String, Bool)] = [
      ("--flags", flags != nil), ("--seq", seq != nil), ("--ack", ack != nil), ("--window", window != nil),
      ("--urgent", urgent != nil), ("--options", options != nil),
    ]
    if udp, let name = onlyTCP.first(where: \.1)?.0 {
      throw ValidationError("\(name) is a field of TCP, and --udp was given")
    }
    if udp, hold { throw ValidationError("--hold is for TCP, and --udp was given") }
    if !udp, udpLength != nil { throw ValidationError("--udp-length goes with --udp") }
  }

  var payload: [UInt8] { dataHex ?? data.map { Array($0.utf8) } ?? [] }

  /// The options as they were written; nil where they were not.
  private var tcpOptions: [TCPOption]? { options.flatMap { try? readTCPOptions($0) } }

  /// The protocol's name, as in port lists.
  var proto: String { udp ? "udp" : "tcp" }

  /// The header of one probe.
  func header(from source: UInt16, to destination: UInt16, sequenceNumber: UInt32) -> any Header {
    if udp {
      return UDP(from: source, to: destination, length: Field(udpLength), checksum: Field(checksum))
    }
    let control = flags.map { TCP.Flags(rawValue: UInt16($0)) } ?? .syn
    return TCP(
      from: source, to: destination, flags: control, sequenceNumber: seq.map { UInt32($0) } ?? sequenceNumber,
      acknowledgmentNumber: UInt32(ack ?? 0), window: UInt16(window ?? 64_240), urgentPointer: UInt16(urgent ?? 0),
      options: tcpOptions ?? (control.contains(.syn) ? [.mss(1460)] : []), checksum: Field(checksum))
  }
}

/// The text of TCP options, once it has been read without a fault.
@Sendable
func tcpOptionText(_ text: String) throws -> String {
  _ = try readTCPOptions(text)
  return text
}

/// Reads `mss=1460,sackok,ts=1:0,nop,wscale=7,eol,254:0102`.
private func readTCPOptions(_ text: String) throws -> [TCPOption] {
  if text == "none" { return [] }
  let options = try text.split(separator: ",", omittingEmptySubsequences: false).map { word in
    guard let option = tcpOption(word) else {
      throw Expectation(description: "\"\(word)\" is none of mss=N, wscale=N, sackok, ts=N:N, nop, eol, KIND:HEX")
    }
    return option
  }
  guard options.reduce(0, { $0 + $1.byteCount }) <= 40 else {
    throw Expectation(description: "at most 40 octets of options fit a TCP header")
  }
  return options
}

private func tcpOption(_ word: Substring) -> TCPOption? {
  let parts = word.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
  let value = parts.count == 2 ? number(parts[1]) : nil
  switch (parts[0].lowercased(), parts.count) {
  case ("mss", 2): return value.flatMap { UInt16(exactly: $0) }.map { .mss($0) }
  case ("wscale", 2): return value.flatMap { UInt8(exactly: $0) }.map { .windowScale($0) }
  case ("sackok", 1): return .sackPermitted
  case ("nop", 1): return .noOperation
  case ("eol", 1): return .endOfList
  case ("ts", 2):
    let numbers = parts[1].split(separator: ":", omittingEmptySubsequences: false).map {
      number($0).flatMap { UInt32(exactly: $0) }
    }
    guard numbers.count == 2, let first = numbers[0], let second = numbers[1] else { return nil }
    return .timestamps(value: first, echoReply: second)
  default:
    let halves = word.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
    guard halves.count == 2, let kind = number(halves[0]).flatMap({ UInt8(exactly: $0) }) else { return nil }
    return (try? octets(String(halves[1]))).map { .option(kind: kind, data: $0) }
  }
}
