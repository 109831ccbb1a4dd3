internal import ArgumentParser
internal import SondeSweep

/// What a sweep asks, and of whom.
struct SweepAskOptions: ParsableArguments {
  @Option(
    name: [.customShort("p", allowingJoined: true), .long], parsing: .unconditional,
    help: ArgumentHelp("Ports and ranges between commas; - for all.", valueName: "ports"), transform: portList)
  var ports: [UInt16]?

  @Flag(name: .long, help: "Ask hosts by ICMP echo, not ports.")
  var icmp = false

  @Flag(name: .long, help: "Ask hosts by ICMP timestamp requests (IPv4).")
  var timestamp = false

  @Option(
    name: [.customShort("s", allowingJoined: true), .long],
    help: ArgumentHelp(
      "Octets of data in each echo request; unless written 32, which prove and time the answer.", valueName: "octets"),
    transform: number(0...65_000))
  var size: UInt64?

  @Option(
    name: .long,
    help: ArgumentHelp("A file of targets, words between blanks and lines; may be repeated.", valueName: "file"))
  var targets: [String] = []

  @Option(
    name: .long,
    help: ArgumentHelp(
      "Never ask these: a target word, or a file of them as among the targets; may be repeated.",
      valueName: "target"))
  var exclude: [String] = []

  @Flag(
    name: .long,
    help: """
      Ask special-purpose addresses too (private, documentation, loopback …) that only a wider block brings in. A block \
      inside a reserved one is asked anyway; multicast and broadcast addresses never are.
      """)
  var includeReserved = false

  mutating func validate() throws {
    let ways = [("-p", ports != nil), ("--icmp", icmp), ("--timestamp", timestamp)].filter(\.1).map(\.0)
    if ways.isEmpty { throw ValidationError("what to ask is missing: -p names ports, --icmp asks hosts") }
    if ways.count > 1 { throw ValidationError("\(ways[0]) and \(ways[1]) exclude each other") }
    if size != nil, !icmp { throw ValidationError("--size goes with --icmp") }
  }
}

/// How fast, how often and for how long.
struct SweepPaceOptions: ParsableArguments {
  @Option(
    name: .long,
    help: ArgumentHelp(
      "Packets a second: 500, 20k, 1M; 0 for as many as the way out takes (10k unless written).", valueName: "rate"),
    transform: scaled("packets a second: 10k, 0.5M, 0 for no limit"))
  var rate: UInt64?

  @Option(
    name: .long,
    help: ArgumentHelp(
      """
      At most so many bits a second on the wire: 500k, 100M, 1G. Each packet counts with Ethernet's header, padding, \
      check sequence, preamble and gap, 84 octets at least.
      """,
      valueName: "rate"),
    transform: scaled("bits a second: 500k, 100M, 1G"))
  var bandwidth: UInt64?

  @Flag(name: .long, help: "Slow down where answers grow thin because of our own rate.")
  var adaptive = false

  @Option(
    name: .long,
    help: ArgumentHelp(
      "How many more times an unanswered question is asked (0 unless written).", valueName: "number"),
    transform: number(0...UInt64(SweepPlan.mostRetries)))
  var retries: UInt64?

  @Option(
    name: [.customShort("W", allowingJoined: true), .long],
    help: ArgumentHelp("Time to wait before asking again (1 s unless written).", valueName: "time"), transform: time)
  var timeout: UInt64?

  @Option(
    name: .long,
    help: ArgumentHelp(
      "Time to wait for late answers at the end; else ten round trips, 0.1 to 2 s. Nobody waits once all answered.",
      valueName: "time"), transform: time)
  var cooldown: UInt64?

  @Option(
    name: [.customShort("w", allowingJoined: true), .long],
    help: ArgumentHelp("Time after which nothing more is asked.", valueName: "time"), transform: time)
  var deadline: UInt64?

  @Option(
    name: .long,
    help: ArgumentHelp(
      """
      Ask the I-th of N parts of the questions, which share one order (0/N is N/N); /N takes I from a Slurm array task \
      or a Kubernetes indexed job, which are looked for where nothing is written too.
      """, valueName: "I/N"))
  var shard: String?

  @Option(
    name: .long,
    help: ArgumentHelp("Go on where this file says, if it is there, and keep it.", valueName: "file"))
  var resume: String?
}

/// What a sweep prints beside what every verb does.
struct SweepOutputOptions: ParsableArguments {
  @Flag(name: .long, help: "Print open ports and live hosts only; the summary counts all.")
  var open = false

  @Flag(name: .long, help: "Print comma-separated values, a header line first (RFC 4180).")
  var csv = false
}

/// A number with k, M or G behind it for thousands, millions and thousands of millions.
func scaled(_ expected: String) -> @Sendable (String) throws -> UInt64 {
  { text in
    let units: [(String, Double)] = [("k", 1e3), ("K", 1e3), ("M", 1e6), ("G", 1e9)]
    let unit = units.first { text.hasSuffix($0.0) }
    let digits = text.dropLast(unit?.0.count ?? 0)
    guard digits.allSatisfy({ $0.isASCII && ($0.isNumber || $0 == ".") }), let value = Double(digits),
      value * (unit?.1 ?? 1) <= 1e12
    else { throw Expectation(description: expected) }
    let scaled = value * (unit?.1 ?? 1)
    // Less than one is no rate, and rounding it down would lift the limit.
    guard scaled == 0 || scaled >= 1 else { throw Expectation(description: expected) }
    return UInt64(scaled + 0.5)
  }
}
