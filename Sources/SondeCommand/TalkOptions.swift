internal import ArgumentParser
internal import SondeLink
internal import SondeLinux
internal import SondeOctets
internal import SondeProbe
internal import SondeScript

/// How a talk is led.
struct TalkManner: ParsableArguments {
  @Option(
    name: .long, help: ArgumentHelp("Wait for a connection to this port, in place of a host.", valueName: "port"),
    transform: number(1...65_535))
  var listen: UInt64?

  @Flag(name: .long, help: "Speak UDP: sendto and recvfrom.")
  var udp = false

  @Flag(
    name: .long,
    help: "Pass plain octets between standard input, the connection and standard output; the end of input half-closes.")
  var raw = false

  @Option(
    name: [.customShort("e", allowingJoined: true), .long], parsing: .unconditionalSingleValue,
    help: ArgumentHelp("Do these commands, one after the other, with ; between them.", valueName: "commands"))
  var execute: [String] = []

  @Option(name: .long, help: ArgumentHelp("Do the commands of a file, a line each.", valueName: "file"))
  var script: String?

  @Flag(name: .long, help: "Read only when a command says so: the window closes as data comes.")
  var noRead = false

  @Flag(name: .long, help: "Show sequence numbers as they are on the wire, not counted from the first.")
  var absolute = false

  @Option(
    name: [.customShort("W", allowingJoined: true), .long],
    help: ArgumentHelp("How long a command waits for the peer (60 s unless written).", valueName: "time"),
    transform: time)
  var timeout: UInt64?

  @Option(
    name: [.customShort("w", allowingJoined: true), .long],
    help: ArgumentHelp("Time for the whole talk.", valueName: "time"), transform: time)
  var deadline: UInt64?
}

/// What our end of a connection offers.
struct TalkOffer: ParsableArguments {
  @Option(
    name: .long, help: ArgumentHelp("Source port (a free one unless written).", valueName: "port"),
    transform: number(1...65_535))
  var sourcePort: UInt64?

  @Option(
    name: .long,
    help: ArgumentHelp("Maximum segment size to announce (what the way carries unless written).", valueName: "octets"),
    transform: number(1...65_535))
  var mss: UInt64?

  @Option(
    name: .long, help: ArgumentHelp("Shift of our windows, or none (7 unless written).", valueName: "shift"),
    transform: choice(["none"] + (0...14).map(String.init)))
  var wscale: String?

  @Flag(inversion: .prefixedNo, help: "Offer selective acknowledgments.")
  var sack = true

  @Flag(inversion: .prefixedNo, help: "Offer timestamps.")
  var timestamps = true

  @Option(
    name: .long,
    help: ArgumentHelp("Room for data that waits to be read: the window, or a UDP receive queue.", valueName: "octets"),
    transform: number(0...1 << 30))
  var window: UInt64?

  @Option(
    name: [.customLong("isn"), .customLong("seq")],
    help: ArgumentHelp("Initial sequence number (random unless written).", valueName: "number"),
    transform: number(0...0xffff_ffff))
  var isn: UInt64?

  @Option(
    name: .long,
    help: ArgumentHelp("How long an acknowledgment waits for data to go with (0 unless written).", valueName: "time"),
    transform: time)
  var ackDelay: UInt64?

  /// What a conversation is to offer; the way's MTU is not known here.
  var options: Conversation.Options {
    var options = Conversation.Options()
    options.largestSegment = 65_495
    options.mss = UInt16(clamping: mss ?? 65_535)
    options.windowScale = wscale.map { UInt8($0) } ?? 7
    options.sackPermitted = sack
    options.timestamps = timestamps
    options.receiveBuffer = window.map { Int($0) } ?? 1 << 20
    options.sendBuffer = 1 << 22
    options.acknowledgmentDelay = .nanoseconds(Int64(clamping: ackDelay ?? 0))
    return options
  }
}
