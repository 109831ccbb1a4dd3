internal import ArgumentParser

/// How the path MTU is searched for.
struct MTUOptions: ParsableArguments {
  @Option(
    name: .long, help: ArgumentHelp("Send UDP datagrams to this port, not echo requests.", valueName: "port"),
    transform: number(1...65_535))
  var udp: UInt64?

  @Option(
    name: .long, help: ArgumentHelp("Send TCP SYN segments with data to this port.", valueName: "port"),
    transform: number(1...65_535))
  var tcp: UInt64?

  @Option(
    name: .long,
    help: ArgumentHelp("The largest size to try (the interface's MTU unless written).", valueName: "octets"),
    transform: number(68...65_575))
  var max: UInt64?

  @Option(
    name: .long,
    help: ArgumentHelp("How many more times an unanswered size is asked (2 unless written).", valueName: "number"),
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

  mutating func validate() throws {
    if udp != nil, tcp != nil { throw ValidationError("--udp and --tcp exclude each other") }
  }
}
