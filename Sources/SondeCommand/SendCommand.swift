internal import ArgumentParser
internal import SondeCraft
internal import SondeHeaders
internal import SondeLink
internal import SondeLinux
internal import SondeOctets
internal import SondeProbe

struct SendCommand: ParsableCommand, Verb {
  static let configuration = CommandConfiguration(
    verb: "send",
    abstract: "Send any packet that a recipe can name, and report every answer and why it counts.",
    discussion: """
      A recipe is Scapy's notation: layers joined by /, fields in parentheses; ranges and lists make many packets. \
      A field that is written is sent as written, however wrong; what is left out is computed, has its default, or, \
      where a live packet should not repeat it (ports, sequence numbers, identifiers), is random. With - recipes are \
      read from standard input, one a line.

      Example: sonde send 'IP(dst="127.0.0.1")/ICMP()/"hello"'
      Example: sonde send 'IP(dst="127.0.0.1")/TCP(dport=(79,81), flags="S", options=[("MSS", 1460)])'
      Example: sonde send --hold -W 60 'IP(dst="127.0.0.1")/TCP(sport=4000, dport=80, flags="S")'
      """)

  @Argument(help: ArgumentHelp("Packets in Scapy's notation, or - for standard input.", valueName: "recipe"))
  var recipes: [String]

  @OptionGroup(title: "Rounds and pace") var run: SendRunOptions
  @OptionGroup(title: "Sending") var send: SendOptions
  @OptionGroup(title: "Output") var output: OutputOptions

  mutating func validate() throws {
    if recipes.isEmpty { throw ValidationError("a recipe is missing; try sonde send 'IP(dst=\"127.0.0.1\")/ICMP()'") }
  }

  func execute(on console: Console) throws -> Int32 {
    // Reading standard input may take long, and ends early too.
    _ = try Signals.watch([.interrupt, .terminate], waking: Interrupter())
    let input = try RecipeInput(recipes, verb: "send")
    for fault in input.faults { fault.tell(console, asJSON: output.json) }
    // Where a word of the command line is wrong nothing is sent; of standard input the other lines go on.
    if input.recipes.isEmpty || !recipes.contains("-") && !input.faults.isEmpty { return 2 }
    var draw = send.generator
    let ports = try HeldPorts(for: input.recipes, run, &draw)
    let settings = try settings(ports)
    let seed = draw.next()
    var sample = LivePackets(settings, seed: seed)
    let survey = try SendSurvey(input.recipes, &sample, mtu: run.mtu.map { Int($0) })
    try survey.check(family: try send.family)
    if survey.hasFrames, let door = send.door, door != "auto", door != DoorKind.packet.rawValue {
      throw Failure("send: a packet that begins with a link header leaves by the packet door, not by --door \(door)")
    }
    let rankings = try rankings(survey.wishes, purpose: .probe, door: survey.wishes.isEmpty ? nil : send.door)
    if send.dryRun {
      let doors = DryRun(rankings, send)
      var number: UInt64 = 0
      for (index, recipe) in input.recipes.enumerated() {
        // The number that the packet has in a run, so that a seed draws the same for both.
        let live = try sample.live(recipe.first, number: number, round: 0)
        number &+= recipe.count
        try doors.show(live.packet, index + 1, live.family, isFrame: live.isFrame, as: output, on: console)
      }
      console.flush()
      return 0
    }
    var live = try LiveRun(
      rankings, frames: survey.hasFrames, send, interface: settings.interface, filter: survey.filter,
      ways: survey.ways)
    let pace = RecipeSchedule.Pace(
      rounds: run.count ?? 1, interval: Duration(nanoseconds: run.interval ?? 1_000_000_000),
      gap: .nanoseconds(1_000_000_000 / Int64(run.rate ?? 5000)))
    var session = Session(
      RecipeSchedule(
        input.recipes, LivePackets(settings, seed: seed), pace: pace, mtu: run.mtu.map { Int($0) }),
      timeout: .patience(run.timeout ?? 1_000_000_000), waitsForDepartures: true, endsWhenAnswered: run.untilAnswer)
    let counts = input.recipes.map(\.count)
    var report = SendReport(
      output, explains: send.explain, doors: live.link.plans.mapValues(\.door.rawValue),
      lines: SentLines(counts, input.lines), console)
    let failure = withExtendedLifetime(ports) {
      live.run(&session, limit: .limit(run.deadline), on: console) { report.show($0) }
    }
    report.close(session.tally, ownDrops: live.link.ownDrops)
    if let failure { throw failure }
    if !input.faults.isEmpty { return 2 }
    return session.tally.wasTried ? session.tally.answered > 0 ? 0 : 1 : 2
  }

  private func settings(_ ports: HeldPorts) throws -> LivePackets.Settings {
    let exit = try Destination.Exit(send)
    return LivePackets.Settings(
      timeToLive: send.ttl.map { UInt8($0) }, typeOfService: send.tos.map { UInt8($0) },
      source: send.sourceAddress ?? exit.source, interface: exit.interface, mark: send.firewallMark,
      tcpPorts: ports.tcp, udpPorts: ports.udp, asksNeighbours: !send.dryRun)
  }
}
