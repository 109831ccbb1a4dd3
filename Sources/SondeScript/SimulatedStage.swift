internal import SondeHeaders
public import SondeLink
internal import SondeOctets
internal import SondeSim

/// A topology's hosts in memory, on virtual time: a scenario runs without privilege, and the same way each time.
///
/// Each host answers as one on which nothing listens: echo replies, resets, port unreachables; on ports that are held
/// it is silent. Packets are IP packets; hosts that forward lower the TTL and keep to the MTUs, and nothing is cut
/// into fragments or put together. What the simulation does not do (frames with a link header, commands, lossy
/// networks, packet filters) it refuses by name; ARP is never seen.
public struct SimulatedStage: Stage, ~Copyable {
  public private(set) var now = Instant(nanoseconds: 0)
  public let hosts: [StageHost]
  public var isRecorded: Bool { false }

  private let routes: TopologyRoutes
  /// What the hosts answer, at once; how long packets take is up to the stage.
  private var answerer: SimulatedLink
  private var sightings = Timeline<Sighting>()

  /// From one end of a network to the other, beside the network's own delay.
  private static let wire = Duration.microseconds(50)

  /// - Throws: `StageError` naming what the simulation cannot do of the topology.
  public init(_ topology: Topology) throws(StageError) {
    try Self.check(topology)
    routes = TopologyRoutes(topology)
    hosts = topology.stageHosts
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
    guard packet.linkType == .raw else {
      throw StageError("the simulation carries IP packets, and none that begin with a link header")
    }
    let asked = Registry.dissect(packet.bytes)
    guard let destination = packet.way?.destination ?? asked.destination else {
      throw StageError("the packet does not say where it goes")
    }
    // The host's stack does not answer on the ports that the scenario speaks from.
    if let segment = asked.first(TCP.self) { try hold(.tcp, port: segment.sourcePort, on: host) }
    if let datagram = asked.first(UDP.self) { try hold(.udp, port: datagram.sourcePort, on: host) }
    guard let exit = routes.exit(from: host, to: destination, by: interface) else {
      throw StageError("\(host) has no route to \(destination)")
    }
    guard packet.bytes.count <= exit.mtu else {
      throw StageError("the packet's \(packet.bytes.count) octets exceed the MTU of \(exit.interface), \(exit.mtu)")
    }
    leave(packet.bytes, .ours, from: host, by: exit)
  }

  /// Goes on to whatever happens next, or to `deadline` if that is sooner.
  ///
  /// - Throws: `StageError` where nothing is to come and the deadline is the end of time.
  public mutating func receive(until deadline: Instant, into sightings: inout [Sighting]) throws(StageError) {
    guard self.sightings.nextDue != nil || deadline != .distantFuture else {
      throw StageError("nothing is to come, and no deadline ends the wait")
    }
    now = max(now, min(self.sightings.nextDue ?? deadline, deadline))
    while let (waiting, due) = self.sightings.popFirst(dueBy: now) {
      var sighting = waiting
      sighting.frame.stamp = Stamp(monotonic: due, wall: due.nanoseconds)
      sightings.append(sighting)
      if sighting.direction == .incoming { arrive(sighting.frame.bytes, at: sighting.host) }
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

  /// Lets a packet be seen where it leaves, at once, and where it arrives.
  private mutating func leave(
    _ bytes: [UInt8], _ direction: Sighting.Direction, from host: String, by exit: TopologyRoutes.Exit
  ) {
    let frame = Frame(bytes: bytes, stamp: Stamp(monotonic: now))
    // Nobody is there: on a real link the neighbour's address would be asked for, and the packet never leave.
    guard !exit.receivers.isEmpty else { return }
    sightings.insert(Sighting(host: host, interface: exit.interface, direction, frame), at: now)
    for end in exit.receivers {
      sightings.insert(
        Sighting(host: end.host, interface: end.interface, .incoming, frame), at: now + Self.wire + exit.delay)
    }
  }

  /// Answers a packet that came to a host, or passes it on.
  private mutating func arrive(_ bytes: [UInt8], at host: String) {
    let packet = Registry.dissect(bytes)
    guard let destination = packet.destination, !destination.isGroup else { return }
    if routes.has(destination, host) {
      answerer.advance(by: now - answerer.now)
      for answer in Self.answers(to: bytes, of: &answerer) { leave(answer, from: host) }
    } else if routes.forwards(host), let exit = routes.exit(from: host, to: destination) {
      let errors = Self.errors(about: bytes, to: destination, at: routes.router(host, mtu: exit.mtu), now)
      for error in errors { leave(error, from: host) }
      guard errors.isEmpty, let passed = try? packet.forwarded(over: 1).encoded() else { return }
      leave(passed.bytes, .outgoing, from: host, by: exit)
    }
  }

  private mutating func leave(_ bytes: [UInt8], from host: String) {
    guard let destination = Registry.dissect(bytes).destination, let exit = routes.exit(from: host, to: destination)
    else { return }
    leave(bytes, .outgoing, from: host, by: exit)
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
