internal import SondeHeaders
public import SondeLink
internal import SondeOctets
internal import SondeSim

/// A topology's hosts in memory, on virtual time: a scenario runs without privilege, and the same way each time.
///
/// Hosts find each other by ARP, answer as ones on which nothing listens (echo replies, resets, port unreachables), and
/// are silent on ports that are held; those that forward lower the TTL and keep to the MTUs. Nothing is cut into
/// fragments or put together, and IPv6 neighbours are known. What the simulation does not do (commands, lossy networks,
/// packet filters, settings) it refuses by name.
public struct SimulatedStage: Stage, ~Copyable {
  public private(set) var now = Instant(nanoseconds: 0)
  public let hosts: [StageHost]
  public var isRecorded: Bool { false }

  private let routes: TopologyRoutes
  private var neighbours: SimulatedNeighbours
  /// What the hosts answer, at once; how long packets take is up to the stage.
  private var answerer: SimulatedLink
  private var events = Timeline<Event>()

  private enum Event: Sendable {
    /// A frame is seen; one that arrives is then dealt with.
    case seen(Sighting, arrives: Bool)
    /// A host asks for a link address, once more if nobody has told it.
    case asks(String, IPAddress, times: Int)
  }

  /// From one end of a network to the other, beside the network's own delay.
  private static let wire = Duration.microseconds(50)

  /// - Throws: `StageError` naming what the simulation cannot do of the topology.
  public init(_ topology: Topology) throws(StageError) {
    try Self.check(topology)
    routes = TopologyRoutes(topology)
    neighbours = SimulatedNeighbours(routes.topology)
    hosts = routes.topology.stageHosts
    answerer = SimulatedLink(
      hosts.flatMap { host in
        host.interfaces.flatMap { interface in interface.addresses.map { SimulatedHost($0, roundTrip: .zero) } }
      })
  }

  private static func check(_ topology: Topology) throws(StageError) {
    for network in topology.networks where !network.impairment.onlyDelays {
      throw StageError("network \(network.name): the simulation delays, and does nothing else to frames")
    }
    for host in topology.hosts {
      if !host.rules.isEmpty { throw StageError("host \(host.name): the simulation has no packet filter") }
      for route in host.routes where route.gateway == nil {
        throw StageError("host \(host.name): the simulation has no routes that refuse")
      }
      for setting in host.settings where !unlimited.contains(setting) {
        throw StageError("host \(host.name): the simulation knows no setting \(setting.path) \(setting.value)")
      }
    }
  }

  /// What the simulation does anyway: its hosts limit no answers.
  private static let unlimited = [
    Topology.Setting("ipv4/icmp_ratelimit", "0"), Topology.Setting("ipv4/icmp_ratemask", "0"),
    Topology.Setting("ipv6/icmp/ratelimit", "0"),
  ]

  public mutating func send(_ packet: Outgoing, from host: String, by interface: String?) throws(StageError) {
    let isFrame = packet.linkType == .ethernet
    let asked = Registry.dissect(packet.bytes, as: isFrame ? .link(LinkType.ethernet.rawValue) : .ip)
    // The host's stack does not answer on the ports that the scenario speaks from.
    if let segment = asked.first(TCP.self) { try hold(.tcp, port: segment.sourcePort, on: host) }
    if let datagram = asked.first(UDP.self) { try hold(.udp, port: datagram.sourcePort, on: host) }
    if isFrame {
      guard let exit = routes.exit(from: host, by: interface) else {
        throw StageError("\(host) has no interface \(interface ?? "to send by")")
      }
      return emit(packet.bytes, .ours, by: exit)
    }
    guard let destination = packet.way?.destination ?? asked.destination else {
      throw StageError("the packet does not say where it goes")
    }
    if routes.has(destination, host) { return loop(packet.bytes, .ours, on: host) }
    guard let exit = routes.exit(from: host, to: destination, by: interface) else {
      throw StageError("\(host) has no route to \(destination)")
    }
    guard packet.bytes.count <= exit.network.mtu else {
      throw StageError(
        "the packet's \(packet.bytes.count) octets exceed the MTU of \(exit.end.interface), \(exit.network.mtu)")
    }
    leave(packet.bytes, .ours, to: destination, by: exit)
  }

  /// Goes on to whatever happens next, or to `deadline` if that is sooner.
  ///
  /// - Throws: `StageError` where nothing is to come and the deadline is the end of time.
  public mutating func receive(until deadline: Instant, into sightings: inout [Sighting]) throws(StageError) {
    guard events.nextDue != nil || deadline != .distantFuture else {
      throw StageError("nothing is to come, and no deadline ends the wait")
    }
    now = max(now, min(events.nextDue ?? deadline, deadline))
    while let (event, due) = events.popFirst(dueBy: now) {
      switch event {
      case .seen(var sighting, let arrives):
        sighting.frame.stamp = Stamp(monotonic: due, wall: due.nanoseconds)
        sightings.append(sighting)
        if arrives { arrive(sighting) }
      case .asks(let host, let address, let times): ask(for: address, at: host, times)
      }
    }
  }

  public mutating func hold(_ transport: StageTransport, port: UInt16, on host: String) throws(StageError) {
    let own = Set(hosts.first { $0.name == host }?.interfaces.flatMap(\.addresses) ?? [])
    for place in answerer.hosts.indices where own.contains(answerer.hosts[place].address) {
      switch transport {
      case .tcp: answerer.hosts[place].tcp[port] = .silence
      case .udp: answerer.hosts[place].udp[port] = .silence
      }
    }
  }

  /// - Throws: `StageError` always.
  public mutating func start(_ command: StageCommand, on host: String) throws(StageError) -> Int {
    throw StageError("the simulation runs no commands")
  }

  public mutating func outcome(of command: Int) -> CommandOutcome? { nil }

  public mutating func end(_ command: Int, patience: Duration) throws(StageError) {}

  // MARK: Out

  /// Lets a packet leave a host, once the link address of its next hop is known.
  private mutating func leave(
    _ bytes: [UInt8], _ direction: Sighting.Direction, to destination: IPAddress, by exit: TopologyRoutes.Exit
  ) {
    guard let nextHop = exit.nextHop else {
      return emit(bytes, direction, to: destination.groupLinkAddress, by: exit)
    }
    if let link = neighbours.linkAddress(of: nextHop, at: exit.end.host) {
      return emit(bytes, direction, to: link, by: exit)
    }
    let isFirst = neighbours.wait(.init(bytes: bytes, direction: direction), for: nextHop, at: exit.end.host)
    if isFirst { ask(for: nextHop, at: exit.end.host, 1) }
  }

  /// Lets a packet of a host's own stack leave.
  private mutating func leave(_ bytes: [UInt8], from host: String) {
    guard let destination = Registry.dissect(bytes).destination else { return }
    if routes.has(destination, host) { return loop(bytes, .outgoing, on: host) }
    guard let exit = routes.exit(from: host, to: destination) else { return }
    leave(bytes, .outgoing, to: destination, by: exit)
  }

  private mutating func emit(
    _ bytes: [UInt8], _ direction: Sighting.Direction, to link: MACAddress, by exit: TopologyRoutes.Exit
  ) {
    let type: UInt16 = bytes.first.map { $0 >> 4 } == 6 ? 0x86dd : 0x0800
    let source = exit.end.linkAddress ?? .zero
    emit(link.octets + source.octets + [UInt8(type >> 8), UInt8(type & 0xff)] + bytes, direction, by: exit)
  }

  /// Lets a frame be seen where it leaves, at once, and where it arrives: at the end that it is for, or at all others
  /// where that is none, as a switch does that does not know it.
  private mutating func emit(_ frame: [UInt8], _ direction: Sighting.Direction, by exit: TopologyRoutes.Exit) {
    let seen = Frame(bytes: frame, linkType: .ethernet, stamp: Stamp(monotonic: now))
    let end = exit.end
    events.insert(
      .seen(Sighting(host: end.host, interface: end.interface, direction, seen), arrives: false), at: now)
    guard let link = MACAddress(octets: frame) else { return }
    let isGroup = link.octets[0] & 1 == 1
    let others = exit.network.ends.filter { $0 != end }
    let meant = others.filter { $0.linkAddress == link }
    for other in meant.isEmpty ? others : meant {
      let arrives = isGroup || !meant.isEmpty
      let sighting = Sighting(host: other.host, interface: other.interface, arrives ? .incoming : .passing, seen)
      events.insert(
        .seen(sighting, arrives: arrives), at: now + Self.wire + exit.network.impairment.delay)
    }
  }

  /// Lets a packet be seen that stays on its host: once, as on lo.
  private mutating func loop(_ bytes: [UInt8], _ direction: Sighting.Direction, on host: String) {
    let type: [UInt8] = bytes.first.map { $0 >> 4 } == 6 ? [0x86, 0xdd] : [0x08, 0x00]
    let frame = Frame(
      bytes: [UInt8](repeating: 0, count: 12) + type + bytes, linkType: .ethernet, stamp: Stamp(monotonic: now))
    let seen = direction == .ours ? direction : .incoming
    events.insert(.seen(Sighting(host: host, interface: "lo", seen, frame), arrives: true), at: now)
  }

  /// Asks for a link address, and looks again later.
  private mutating func ask(for address: IPAddress, at host: String, _ times: Int) {
    guard neighbours.isWaiting(for: address, at: host) else { return }
    guard times <= SimulatedNeighbours.mostRequests, let exit = routes.exit(from: host, to: address),
      case .v4(let target) = address,
      case .v4(let source)? = exit.end.addresses.map(\.address).first(where: { $0.version == 4 })
    else { return neighbours.giveUp(address, at: host) }
    tell(ARP(from: exit.end.linkAddress ?? .zero, source, to: target), to: .broadcast, by: exit)
    events.insert(.asks(host, address, times: times + 1), at: now + SimulatedNeighbours.interval)
  }

  private mutating func tell(_ packet: ARP, to link: MACAddress, by exit: TopologyRoutes.Exit) {
    let frame = AnyPacket([Ethernet(from: exit.end.linkAddress ?? .zero, to: link), packet])
    guard let bytes = try? frame.encoded().bytes else { return }
    emit(bytes, .outgoing, by: exit)
  }

  // MARK: In

  /// Deals with a frame that came to a host: it is answered, or passed on.
  private mutating func arrive(_ sighting: Sighting) {
    let frame = Registry.dissect(sighting.frame.bytes, as: .link(LinkType.ethernet.rawValue))
    if let packet = frame.first(ARP.self) { return arrive(packet, sighting) }
    let bytes = Array(sighting.frame.bytes.dropFirst(14))
    let host = sighting.host
    guard let destination = frame.destination, !destination.isGroup else { return }
    if routes.has(destination, host) {
      answerer.advance(by: now - answerer.now)
      for answer in Self.answers(to: bytes, of: &answerer) { leave(answer, from: host) }
    } else if routes.forwards(host), let exit = routes.exit(from: host, to: destination) {
      let errors = Self.errors(about: bytes, to: destination, at: routes.router(host, mtu: exit.network.mtu), now)
      for error in errors { leave(error, from: host) }
      guard errors.isEmpty, let passed = try? Registry.dissect(bytes).forwarded(over: 1).encoded() else { return }
      leave(passed.bytes, .outgoing, to: destination, by: exit)
    }
  }

  private mutating func arrive(_ packet: ARP, _ sighting: Sighting) {
    let host = sighting.host
    let isTarget = packet.target.map { routes.has(.v4($0), host) } ?? false
    if let (address, packets) = neighbours.learn(packet, at: host, isTarget: isTarget),
      let exit = routes.exit(from: host, to: address)
    {
      for waiting in packets { leave(waiting.bytes, waiting.direction, to: address, by: exit) }
    }
    guard isTarget, packet.operation == ARP.request, let target = packet.target,
      let asker = MACAddress(octets: packet.senderHardwareAddress), let source = packet.source,
      let exit = routes.exit(from: host, by: sighting.interface)
    else { return }
    let reply = ARP(from: exit.end.linkAddress ?? .zero, target, to: source, asker, operation: ARP.reply)
    tell(reply, to: asker, by: exit)
  }

  /// What a router says of a packet that it does not pass on.
  private static func errors(
    about bytes: [UInt8], to destination: IPAddress, at router: SimulatedRouter, _ now: Instant
  ) -> [[UInt8]] {
    var link = SimulatedLink([.silent(destination, path: [router])], from: now)
    return answers(to: bytes, of: &link)
  }

  private static func answers(to bytes: [UInt8], of link: inout SimulatedLink) -> [[UInt8]] {
    _ = link.send([Outgoing(probe: 0, bytes: bytes)])
    var received: [Received] = []
    // A simulated link ends its reading only where a test says so.
    try? link.receive(until: link.now, into: &received)
    return received.compactMap {
      guard case .frame(let frame) = $0 else { return nil }
      return frame.bytes
    }
  }
}

extension Topology.Impairment {
  /// Whether frames arrive, all of them, and as they left.
  fileprivate var onlyDelays: Bool {
    var rest = self
    rest.delay = .zero
    rest.queue = Self.none.queue
    rest.seed = Self.none.seed
    return rest == .none
  }
}
