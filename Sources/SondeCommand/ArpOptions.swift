internal import ArgumentParser
internal import SondeOctets
internal import SondeProbe

/// What is asked of a link, and how often: arping's letters.
struct ArpOptions: ParsableArguments {
  @Flag(
    name: [.customShort("D"), .long],
    help: "Duplicate address detection (RFC 5227, RFC 4862): status 0 if nobody has the address, 1 if it is in use.")
  var detect = false

  @Flag(name: [.customShort("U"), .long], help: "Announce the address as this machine's, by request (RFC 5227).")
  var announce = false

  @Flag(name: [.customShort("A"), .long], help: "Announce it by reply, as arping -A does.")
  var announceReply = false

  @Flag(name: .long, help: "Ask the known owner alone (RFC 1122 §2.3.2.1); all, until one is known.")
  var unicast = false

  @Flag(name: .customShort("b"), help: "Ask all, every time, as is done anyway unless --unicast is written.")
  var broadcast = false

  @Flag(name: .customShort("f"), help: "End once every address has its first answer.")
  var first = false

  @Option(
    name: [.customShort("c", allowingJoined: true), .long],
    help: ArgumentHelp(
      "Rounds over the addresses (1 unless written; 3 probes with -D, 2 announcements; 0 without end).",
      valueName: "number"), transform: number(0...UInt64.max))
  var count: UInt64?

  @Option(
    name: [.customShort("i", allowingJoined: true), .long],
    help: ArgumentHelp(
      "Time between rounds (1 s unless written; with -D and for announcements the RFC's).", valueName: "time"),
    transform: time)
  var interval: UInt64?

  @Option(
    name: [.customShort("w", allowingJoined: true), .long],
    help: ArgumentHelp("Time for the whole run.", valueName: "time"), transform: time)
  var deadline: UInt64?

  @Option(
    name: [.customShort("W", allowingJoined: true), .long],
    help: ArgumentHelp(
      "Time to listen after each packet (1 s unless written, 2 s with -D).", valueName: "time"), transform: time)
  var timeout: UInt64?

  @Option(
    name: .long, help: ArgumentHelp("Packets a second within a round (100 unless written).", valueName: "number"),
    transform: number(1...1_000_000))
  var rate: UInt64?

  @Option(
    name: .customShort("s", allowingJoined: true),
    help: ArgumentHelp("The same as --source.", valueName: "address"), transform: address)
  var from: String?

  @Option(
    name: .long, help: ArgumentHelp("The sender's link address, in frame and message.", valueName: "mac"),
    transform: macAddress)
  var sourceMAC: String?

  @Option(
    name: .long, help: ArgumentHelp("Where the frames go, rather than to all.", valueName: "mac"),
    transform: macAddress)
  var targetMAC: String?

  mutating func validate() throws {
    if [detect, announce, announceReply].filter({ $0 }).count > 1 {
      throw ValidationError("-D, -U and -A exclude each other")
    }
    if unicast, detect || announce || announceReply { throw ValidationError("--unicast is for asking alone") }
    if unicast, broadcast { throw ValidationError("--unicast and -b exclude each other") }
    if detect, from != nil { throw ValidationError("-D asks from no address, and -s gives one") }
  }

  var announces: Bool { announce || announceReply }

  var purpose: NeighborSchedule.Purpose { detect ? .detection : announces ? .announcement : .question }
}

/// The text of a MAC address.
@Sendable
func macAddress(_ text: String) throws -> String {
  guard MACAddress(text) != nil else {
    throw Expectation(description: "a link address: six hexadecimal numbers between colons")
  }
  return text
}
