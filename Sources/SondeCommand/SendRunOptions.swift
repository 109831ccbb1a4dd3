internal import ArgumentParser

/// How often, how fast and for how long packets are sent.
struct SendRunOptions: ParsableArguments {
  @Option(
    name: [.customShort("c", allowingJoined: true), .long],
    help: ArgumentHelp("Rounds over all packets (1 unless written).", valueName: "number"),
    transform: number(1...UInt64.max))
  var count: UInt64?

  @Option(
    name: [.customShort("i", allowingJoined: true), .long],
    help: ArgumentHelp("Time between rounds (1 s unless written).", valueName: "time"), transform: time)
  var interval: UInt64?

  @Option(
    name: .long, help: ArgumentHelp("Packets a second within a round (5000 unless written).", valueName: "number"),
    transform: number(1...1_000_000))
  var rate: UInt64?

  @Option(
    name: [.customShort("w", allowingJoined: true), .long],
    help: ArgumentHelp("Time for the whole run.", valueName: "time"), transform: time)
  var deadline: UInt64?

  @Option(
    name: [.customShort("W", allowingJoined: true), .long],
    help: ArgumentHelp("Time to listen after each packet (1 s unless written, 0 without end).", valueName: "time"),
    transform: time)
  var timeout: UInt64?

  @Flag(
    name: .long,
    help: "End when every packet has its first answer; else duplicates, conflicts and late errors are waited for.")
  var untilAnswer = false

  @Option(
    name: .long, help: ArgumentHelp("Send IP packets above this as fragments.", valueName: "octets"),
    transform: number(28...65_535))
  var mtu: UInt64?

  @Option(
    name: .long,
    help: ArgumentHelp("Source port of TCP and UDP (random unless written here or in the recipe).", valueName: "port"),
    transform: number(0...0xffff))
  var sourcePort: UInt64?

  @Flag(
    name: .long,
    help: """
      Keep this machine's kernel from resetting what it did not begin, on every TCP source port of the run and for as \
      long as it lasts: for a conversation by hand, whose next segment follows the peer's SYN-ACK. Without it that \
      draws the kernel's RST, which leaves nothing half open at the peer.
      """)
  var hold = false
}
