internal import ArgumentParser
internal import SondeHeaders
internal import SondeLink
internal import SondeLinux
internal import SondeOctets
internal import SondeProbe

struct MTUCommand: ParsableCommand, Verb {
  static let configuration = CommandConfiguration(
    verb: "mtu",
    abstract: "Find the largest packet that reaches a host whole, and which router limits it.",
    discussion: """
      Packets that nobody may fragment go there, the interface's MTU first. What a router names is believed where it \
      is plausible, and tried; without errors the size is searched for. Each result is proved: one size was answered, \
      and the next one was refused or lost several times; where it is lost without a word, packets of few hops show \
      where. What this machine's kernel remembers of the path plays no \
      part.

      Echo replies are as large as the requests: where the way back carries less, they come in fragments, which is \
      said, or (IPv6) are lost once and then come in fragments. UDP to a closed port and TCP draw small answers, so \
      that only the way there counts.

      Example: sonde mtu 127.0.0.1
      """)

  @Argument(help: ArgumentHelp("A name or an address; a zone is written fe80::1%eth0.", valueName: "host"))
  var host: String

  @OptionGroup(title: "The search") var search: MTUOptions
  @OptionGroup(title: "Sending") var send: SendOptions
  @OptionGroup(title: "Output") var output: OutputOptions

  func execute(on console: Console) throws -> Int32 {
    let destination = try Destination(host, send)
    if destination.isGroup { throw Failure("\(host) is an address of many hosts, to which no one path leads") }
    var draw = send.generator
    let secret = draw.next()
    let sizes = sizes(to: destination)
    // The size is the search's own matter: a door that refuses it says so when it is its turn.
    let asked = packet(to: destination, sizes.smallest, 0, from: 1, secret)
    let wishes = try Wishes(
      of: asked, keepsIdentification: false, isForeignSource: try send.hasForeignSource(), mtu: nil)
    let rankings = try rankings(wishes)
    if send.dryRun {
      let source = try sourcePorts(1, &draw).first ?? UInt16(truncatingIfNeeded: secret)
      try DryRun(rankings, send).show([destination], withRecipe: true, as: output, on: console) {
        packet(to: $0, sizes.smallest, 0, from: source, secret)
      }
      return 0
    }
    let held = try search.transport.map { (kind, _) throws(LinkError) in
      try SourcePorts(kind, written: nil, attempts: 8, &draw)
    }
    let ports = held?.numbers ?? []
    let number: UInt8 = search.udp == nil ? 6 : 17
    let filter = PacketFilter(
      from: [destination.address], flows: ports.map { .init(protocolNumber: number, destinationPorts: [$0...$0]) })
    var run = try LiveRun(
      rankings, send, interface: Destination.Exit(send).interface, filter: filter, ways: [destination.way])
    let identifier =
      run.link.echoIdentification(destination.family) ?? UInt16(truncatingIfNeeded: secret >> 48) | 1
    let plan = MTUSearch(
      destination.address, sizes: sizes, patience: .init(retries: Int(search.retries ?? 2)), way: destination.way
    ) { [self] size, turn, hops in
      let port = ports.isEmpty ? identifier : ports[Int(turn % UInt64(ports.count))]
      return packet(to: destination, size, turn, from: port, hops: hops, secret)
    }
    var session = Session(plan, timeout: .patience(search.timeout ?? 1_000_000_000), waitsForDepartures: true)
    var report = MTUReport(self, destination, door: doorNames(run.link.plans), console)
    report.open(largest: sizes.largest)
    let failure = withExtendedLifetime(held) {
      run.run(&session, limit: .limit(search.deadline), on: console) { report.show($0) }
    }
    report.close(session.plan.finding, session.tally, ownDrops: run.link.ownDrops)
    if let failure { throw failure }
    guard session.tally.wasTried else { return 2 }
    return session.plan.finding.isProved ? 0 : 1
  }
}

extension MTUOptions {
  /// The transport that is used, and the port that is asked; nil for echo requests.
  var transport: (kind: Transport, port: UInt16)? {
    if let udp { return (.udp, UInt16(udp)) }
    return tcp.map { (.tcp, UInt16($0)) }
  }
}

extension MTUCommand {
  private func sizes(to destination: Destination) -> MTUSearch.Sizes {
    let isIPv4 = destination.family == .ipv4
    // The interface's own: the route's may be what the kernel remembers of the path (ip-route(8), mtu).
    let device = Swift.min(destination.route.interface.mtu, isIPv4 ? 65_535 : 65_575)
    let largest = search.max.map { Swift.min(Int($0), device) } ?? device
    return MTUSearch.Sizes(smallest: isIPv4 ? 68 : 100, largest: largest, floor: isIPv4 ? 68 : 1280)
  }

  private func sourcePorts(_ count: Int, _ draw: inout SeededGenerator) throws(LinkError) -> [UInt16] {
    guard let (kind, _) = search.transport else { return [] }
    return try SourcePorts(kind, written: nil, attempts: count, &draw).numbers
  }

  private func rankings(_ wishes: Wishes) throws(LinkError) -> [Family: [SendPlan]] {
    let door = send.door.flatMap { DoorKind(rawValue: $0) }
    let isDatagram = door == .datagram
    var plans = try SendPlan.ranking(for: wishes, purpose: isDatagram ? .ping : .probe, door: door)
    if isDatagram, wishes.family == .ipv6 {
      throw LinkError(
        operation: "door datagram", code: 0,
        message: "over IPv6 this door fragments what is too big; use --door raw")
    }
    // Without privilege it serves as well, for IPv4: there Don't Fragment is an option of the socket.
    if door == nil, wishes.family == .ipv4, wishes.refusal(by: .datagram) == nil {
      plans.append(SendPlan(door: .datagram, ear: .datagram))
    }
    return [wishes.family: plans]
  }

  /// The packet of a size: Don't Fragment set, and all of the rest data.
  private func packet(
    to destination: Destination, _ size: Int, _ turn: UInt64, from source: UInt16, hops: UInt8 = 0,
    _ secret: UInt64
  ) -> AnyPacket {
    var draw = SeededGenerator(seed: secret ^ turn << 32)
    let bits = draw.next()
    let hops = hops == 0 ? UInt8(send.ttl ?? 64) : hops
    let service = UInt8(send.tos ?? 0)
    let network: any Header
    switch (destination.source, destination.address) {
    case (.v6(let from), .v6(let to)): network = IPv6(from: from, to: to, hopLimit: hops, trafficClass: service)
    case (let from, let to):
      network = IPv4(
        from: from.v4 ?? .any, to: to.v4 ?? .any, ttl: hops, typeOfService: service,
        identification: UInt16(truncatingIfNeeded: bits >> 32) | 1, flags: .dontFragment)
    }
    let message: any Header
    switch search.transport {
    case (.udp, let port)?: message = UDP(from: source, to: port)
    case (.tcp, let port)?:
      message = TCP(from: source, to: port, flags: .syn, sequenceNumber: UInt32(truncatingIfNeeded: bits))
    case nil:
      let sequenceNumber = UInt16(truncatingIfNeeded: turn &+ 1)
      message =
        destination.family == .ipv4
        ? ICMPv4.echoRequest(identifier: source, sequenceNumber: sequenceNumber)
        : ICMPv6.echoRequest(identifier: source, sequenceNumber: sequenceNumber)
    }
    let room = Swift.max(0, size - network.byteCount - message.byteCount)
    let cookie = Cookie(nonce: UInt32(truncatingIfNeeded: secret), probe: turn).octets
    let data =
      cookie.prefix(room) + (cookie.count..<Swift.max(cookie.count, room)).map { UInt8(truncatingIfNeeded: $0) }
    return AnyPacket([network, message, Payload(octets: Array(data))])
  }
}
