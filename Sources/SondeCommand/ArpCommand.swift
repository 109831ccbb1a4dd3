internal import ArgumentParser
internal import SondeHeaders
internal import SondeLink
internal import SondeLinux
internal import SondeOctets
internal import SondeProbe

struct ArpCommand: ParsableCommand, Verb {
  static let configuration = CommandConfiguration(
    verb: "arp",
    abstract: "Ask a link who has an address, whether an address is free, or announce one.",
    discussion: """
      ARP for IPv4, neighbour discovery for IPv6; letters and lines are those of arping. All who answer are heard \
      until -W is over: of two owners the second is flagged conflict, and who answers for many addresses is \
      flagged proxy. ADDRESS may be a range or a prefix: 192.0.2.1-9, 192.0.2.0/28; for IPv6 a prefix of 112 bits \
      or more: 2001:db8::/124.

      Example: sonde arp 192.0.2.1
      Example: sonde arp -D -I eth0 192.0.2.7 && echo free
      """)

  @Argument(help: ArgumentHelp("Addresses of a link, ranges or prefixes of them.", valueName: "address"))
  var addresses: [String]

  @OptionGroup(title: "Asking") var ask: ArpOptions
  @OptionGroup(title: "Sending") var send: SendOptions
  @OptionGroup(title: "Output") var output: OutputOptions

  mutating func validate() throws {
    if addresses.isEmpty { throw ValidationError("an address is missing") }
    if send.ttl != nil || send.tos != nil {
      throw ValidationError("-t and -Q are fields of IP, which are fixed here; sonde send writes any packet")
    }
    if let door = send.door, door != "auto", door != DoorKind.packet.rawValue {
      throw ValidationError("whole frames leave by the packet door, not by --door \(door)")
    }
    if ask.detect, send.source != nil { throw ValidationError("-D asks from no address, and --source gives one") }
  }

  func execute(on console: Console) throws -> Int32 {
    let exit = try Destination.Exit(send)
    let interfaces = try NetworkInterface.all()
    var targets: [ArpTarget] = []
    for word in addresses {
      for (address, zone) in try ArpTarget.addresses(word, send) {
        let name = zone == nil ? address.description : word
        targets.append(try ArpTarget(name, address, zone: zone, ask, send, exit, interfaces))
      }
    }
    if send.dryRun {
      let doors = DryRun([:], send)
      for (index, target) in targets.enumerated() {
        try doors.show(target.frame(ask, to: nil), index + 1, nil, isFrame: true, as: output, on: console)
      }
      console.flush()
      return 0
    }
    let owners = ask.unicast ? try targets.map { try Neighbour.known($0.address, interface: $0.interface.index) } : []
    // Heard on one link; on several each frame names its own.
    let links = Set(targets.map(\.interface.index))
    var run = try LiveRun(
      [:], frames: true, send, interface: links.count == 1 ? links.first : exit.interface, filter: filter, ways: [])
    let asked = targets.enumerated().map { index, target in
      NeighborSchedule.Target(target.address, way: target.way) { [self] _, owner in
        target.frame(ask, to: ask.unicast ? owner ?? owners[index] : nil)
      }
    }
    var draw = send.generator
    var session = Session(
      NeighborSchedule(
        asked, pace: pace,
        patience: ask.first ? .endsWhenAnswered : ask.detect ? .untilAnswered : .allRounds, purpose: ask.purpose,
        seed: draw.next()),
      timeout: .patience(ask.timeout ?? (ask.detect ? 2_000_000_000 : 1_000_000_000)), waitsForDepartures: true,
      endsWhenAnswered: false)
    var report = ArpReport(self, targets, console)
    report.open()
    let failure = run.run(&session, limit: .limit(ask.deadline), on: console) { report.show($0) }
    report.close(session, ownDrops: run.link.ownDrops)
    if let failure { throw failure }
    return status(session, targets.count, report.free)
  }

  /// 0 where what was asked for happened: somebody answered, nobody uses the address, the announcement left.
  private func status(_ session: Session<NeighborSchedule>, _ count: Int, _ free: Int) -> Int32 {
    guard session.tally.sent > 0, session.tally.wasTried else { return 2 }
    if ask.announces { return 0 }
    guard ask.detect else { return session.tally.answered > 0 || session.tally.late > 0 ? 0 : 1 }
    if !session.plan.answered.isEmpty { return 1 }
    return free == count ? 0 : 2
  }

  private var filter: PacketFilter {
    var filter = PacketFilter(from: [], etherTypes: [0x0806])
    filter.icmpTypes = []
    filter.icmpv6Types = [135...136]
    // Answers to a made-up link address, and another's probe, which goes to a group of its own.
    filter.passesOtherHosts = ask.sourceMAC != nil || ask.detect
    return filter
  }

  private var pace: NeighborSchedule.Pace {
    let gap = Duration.nanoseconds(1_000_000_000 / Int64(ask.rate ?? 100))
    let interval = ask.interval.map { Duration(nanoseconds: $0) }
    let rounds: UInt64? = ask.count == 0 ? nil : ask.count ?? (ask.detect ? 3 : ask.announces ? 2 : 1)
    guard ask.detect, interval == nil else {
      // ANNOUNCE_INTERVAL is two seconds (RFC 5227 §1.1).
      let fixed = interval ?? .seconds(ask.announces ? 2 : 1)
      return NeighborSchedule.Pace(rounds: rounds, interval: fixed...fixed, gap: gap)
    }
    // PROBE_WAIT, PROBE_MIN and PROBE_MAX of RFC 5227 §1.1.
    return NeighborSchedule.Pace(
      rounds: rounds, start: .zero ... .seconds(1), interval: .seconds(1) ... .seconds(2), gap: gap)
  }
}
