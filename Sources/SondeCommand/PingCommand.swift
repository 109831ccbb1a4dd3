internal import ArgumentParser
internal import SondeHeaders
internal import SondeLink
internal import SondeLinux
internal import SondeOctets
internal import SondeProbe

struct PingCommand: ParsableCommand, Verb {
  static let configuration = CommandConfiguration(
    verb: "ping",
    abstract: "Send custom ICMP echo requests, every field settable by hand.",
    discussion: """
      Letters, lines and exit status are those of ping. The datagram socket is used where it keeps what is \
      asked, so that no privilege is needed; else a raw socket.

      Example: sonde ping -c 1 --id 0x0101 --seq 0x0202 -s 0 127.0.0.1
      """)

  @Argument(help: ArgumentHelp("Names or addresses; a zone is written fe80::1%eth0.", valueName: "host"))
  var hosts: [String]

  @OptionGroup(title: "Rounds") var rounds: RoundOptions
  @OptionGroup(title: "ICMP fields") var echo: EchoOptions
  @OptionGroup(title: "IP fields") var ip: IPFieldOptions
  @OptionGroup(title: "Sending") var send: SendOptions
  @OptionGroup(title: "Output") var output: OutputOptions

  mutating func validate() throws {
    if hosts.isEmpty { throw ValidationError("a host is missing") }
    if rounds.discovery == "dont", ip.df { throw ValidationError("-M dont and --df exclude each other") }
    if rounds.discovery == "do" { ip.df = true }
  }

  func execute(on console: Console) throws -> Int32 {
    let destinations = try hosts.map { try Destination($0, send) }
    try ip.check(destinations, setsDF: ip.df && rounds.discovery != "do")
    if let group = destinations.first(where: { $0.route.kind == .broadcast || $0.address == .v4(.broadcast) }),
      !rounds.broadcast
    {
      throw Failure("\(group.name) is a broadcast address; -b allows it")
    }
    var draw = send.generator
    let nonce = UInt32.random(in: 0...UInt32.max, using: &draw)
    let chosen = echo.id.map { UInt16($0) } ?? UInt16.random(in: 1...UInt16.max, using: &draw)
    let base = UInt16.random(in: 1...UInt16.max, using: &draw)
    let isForeign = try send.hasForeignSource()
    let rankings = try rankings(
      try destinations.map {
        try $0.wishes(
          packet(to: $0, 0, chosen, base, nonce), ip, isForeignSource: isForeign,
          forbidsFragmenting: rounds.discovery == "do")
      }, purpose: .ping, door: send.door)
    if send.dryRun {
      try DryRun(rankings, send).show(destinations, as: output, on: console) {
        packet(to: $0, 0, chosen, base, nonce)
      }
      return 0
    }
    var recorder = try Recorder(send.write)
    let openings = try Openings.open(rankings, mark: send.firewallMark)
    try Privileges.drop()
    let interrupter = try Interrupter()
    let signals = try Signals.watch([.interrupt, .quit, .terminate], waking: interrupter)
    var link = try LinuxLink(
      openings,
      LinuxLink.Options(
        echoIdentification: echo.id == nil && send.seed == nil ? nil : chosen, ownIdentification: chosen,
        interface: try Destination.Exit(send).interface,
        mark: send.firewallMark, interrupter: interrupter, watchesOutput: true))
    let identifiers = Dictionary(
      uniqueKeysWithValues: Family.allCases.map { ($0, link.echoIdentification($0) ?? chosen) })
    try link.prepare(destinations.map(\.way))
    try recorder.start()
    let targets = destinations.map { destination in
      EchoSchedule.Host(isGroup: destination.isGroup, way: destination.way) { [self] turn in
        packet(to: destination, turn, identifiers[destination.family] ?? chosen, base, nonce)
      }
    }
    let pace: EchoSchedule.Pace =
      rounds.flood
      ? .flood(atMost: Duration(nanoseconds: rounds.interval ?? 10_000_000))
      : .interval(Duration(nanoseconds: rounds.interval ?? 1_000_000_000))
    var session = Session(
      EchoSchedule(
        targets, count: rounds.count, pace: pace, deadline: rounds.limit),
      timeout: rounds.patience,
      waitsForDepartures: true)
    var report = PingReport(self, destinations, door: doorNames(link.plans), console)
    report.open()
    var failure: LinkError?
    do throws(LinkError) {
      try SondeProbe.run(&session, over: &link) {
        let came = signals.take()
        if came.contains(.quit) { report.interim() }
        return !came.isDisjoint(with: [.interrupt, .terminate]) || console.noticesClosing() || recorder.failure != nil
      } _: { event in
        report.show(event)
        recorder.record(event)
      }
    } catch {
      failure = error
    }
    recorder.finish()
    report.close(session.tally, ownDrops: link.ownDrops)
    if let failure = failure ?? recorder.failure { throw failure }
    return session.tally.wasTried ? report.status : 2
  }
}

extension PingCommand {
  var firstSequenceNumber: UInt16 { UInt16(echo.seq ?? 1) }

  /// The packet of a turn to a host.
  private func packet(
    to destination: Destination, _ turn: UInt64, _ identifier: UInt16, _ base: UInt16, _ nonce: UInt32
  ) -> AnyPacket {
    let sequenceNumber = firstSequenceNumber &+ UInt16(truncatingIfNeeded: turn)
    return AnyPacket([
      ip.header(to: destination, send, identification: base &+ UInt16(truncatingIfNeeded: turn)),
      echo.header(destination.family, identifier: identifier, sequenceNumber: sequenceNumber),
      Payload(octets: echo.payload(nonce, turn)),
    ])
  }
}
