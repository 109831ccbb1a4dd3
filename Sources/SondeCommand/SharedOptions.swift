internal import ArgumentParser
internal import SondeLinux
internal import SondeOctets

/// What every verb prints by.
struct OutputOptions: ParsableArguments {
  @Flag(name: .long, help: "Print JSON Lines: one object a line.")
  var json = false

  @Flag(
    name: [.customShort("v"), .long],
    help: "Say more: every packet or sum, its details, and what did not count and why.")
  var verbose = false

  @Flag(name: [.customShort("q"), .long], help: "Print the summary only.")
  var quiet = false

  @Option(
    name: .long, help: ArgumentHelp("Color text: auto, always or never.", valueName: "when"),
    transform: choice(["auto", "always", "never"]))
  var color: String?
}

/// What every verb that sends has in common.
struct SendOptions: ParsableArguments {
  @Flag(name: .customShort("4"), help: "Use IPv4 only.")
  var onlyIPv4 = false

  @Flag(name: .customShort("6"), help: "Use IPv6 only.")
  var onlyIPv6 = false

  @Option(
    name: [.customShort("I", allowingJoined: true), .long],
    help: ArgumentHelp("Send by this interface, or from this address.", valueName: "interface"))
  var interface: String?

  @Option(
    name: .long, help: ArgumentHelp("Source address; one that is not this machine's is spoofed.", valueName: "address"),
    transform: address)
  var source: String?

  @Option(
    name: [.customShort("t", allowingJoined: true), .long],
    help: ArgumentHelp("Time to live, or hop limit (64 unless written).", valueName: "hops"),
    transform: number(0...255))
  var ttl: UInt64?

  @Option(
    name: [.customShort("Q", allowingJoined: true), .long],
    help: ArgumentHelp("Type of service, or traffic class: the whole octet.", valueName: "octet"),
    transform: number(0...255))
  var tos: UInt64?

  @Option(
    name: .long,
    help: ArgumentHelp(
      "The way out: auto, datagram, raw, cooked or packet; sweep has raw, packet and xdp. See sonde doctor.",
      valueName: "door"),
    transform: choice(["auto"] + DoorKind.allCases.map(\.rawValue) + [BulkDoorKind.xdp.rawValue]))
  var door: String?

  @Option(
    name: .long,
    help: ArgumentHelp("Write what is sent and received to a pcapng file, verdicts as comments.", valueName: "file"))
  var write: String?

  @Option(
    name: .long, help: ArgumentHelp("Firewall mark of the packets (SO_MARK).", valueName: "number"),
    transform: number(0...0xffff_ffff))
  var mark: UInt64?

  @Option(
    name: .long, help: ArgumentHelp("Draw the same random numbers again.", valueName: "number"),
    transform: number(0...UInt64.max))
  var seed: UInt64?

  @Flag(
    name: .long,
    help: "Say of each answer what it proves and what it does not, in a plain sentence with its RFC section.")
  var explain = false

  @Flag(name: .long, help: "Print the first packet in hexadecimal and the door it would leave by; send nothing.")
  var dryRun = false

  /// The source address that was written.
  var sourceAddress: IPAddress? { source.flatMap { IPAddress($0) } }

  var firewallMark: UInt32? { mark.map { UInt32($0) } }

  /// The one family asked for; nil for both.
  var family: Family? {
    get throws {
      switch (onlyIPv4, onlyIPv6) {
      case (true, true): throw Failure("-4 and -6 exclude each other")
      case (true, false): .ipv4
      case (false, true): .ipv6
      case (false, false): nil
      }
    }
  }
}

/// The fields of the IP header that a hand may set, beside those of `SendOptions`.
struct IPFieldOptions: ParsableArguments {
  @Option(name: .long, help: ArgumentHelp("IPv4 identification.", valueName: "number"), transform: number(0...0xffff))
  var ipID: UInt64?

  @Flag(name: .long, help: "Set Don't Fragment (IPv4).")
  var df = false

  @Flag(name: .long, help: "Set More Fragments (IPv4).")
  var mf = false

  @Option(
    name: .long, help: ArgumentHelp("IPv4 fragment offset, in units of eight octets.", valueName: "number"),
    transform: number(0...0x1fff))
  var fragmentOffset: UInt64?

  @Option(
    name: .long, help: ArgumentHelp("IPv4 header checksum, right or wrong.", valueName: "number"),
    transform: number(0...0xffff))
  var ipChecksum: UInt64?

  @Option(
    name: .long, help: ArgumentHelp("IPv4 total length, or IPv6 payload length, right or wrong.", valueName: "octets"),
    transform: number(0...0xffff))
  var ipLength: UInt64?

  @Option(
    name: .long, help: ArgumentHelp("IP version, right or wrong.", valueName: "number"), transform: number(0...15))
  var ipVersion: UInt64?

  @Option(
    name: .long, help: ArgumentHelp("IPv4 header length in 32-bit words, right or wrong.", valueName: "words"),
    transform: number(0...15))
  var ihl: UInt64?

  @Option(
    name: .long, help: ArgumentHelp("IPv4 protocol, or IPv6 next header, right or wrong.", valueName: "number"),
    transform: number(0...255))
  var ipProtocol: UInt64?

  @Option(name: .long, help: ArgumentHelp("IPv6 flow label.", valueName: "number"), transform: number(0...0xfffff))
  var flowLabel: UInt64?

  /// Whether a field is written that most packets leave to be computed.
  var isWritten: Bool {
    mf
      || [ipID, fragmentOffset, ipChecksum, ipLength, ipVersion, ihl, ipProtocol, flowLabel].contains { $0 != nil }
  }
}
