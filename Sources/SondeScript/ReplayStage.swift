internal import SondeCapture
internal import SondeHeaders
public import SondeLink
internal import SondeOctets

/// A recorded capture as a stage: everything has happened, and its frames are looked at in the order of their times.
///
/// The clock is the record's: instant zero is the time of the first frame, and only `receive` moves it on. Where the
/// capture's interfaces are named `host/interface`, as a run writes them, each frame was seen there; where they are
/// not, every host of the scenario sees all of them, and which way they went is read from their addresses.
public struct ReplayStage: Stage, Sendable {
  public private(set) var now = Instant(nanoseconds: 0)
  public let hosts: [StageHost]
  public var isRecorded: Bool { true }

  /// What is still to come, the next last.
  private var sightings: [Sighting]

  /// The host of a capture whose interfaces name none, where the scenario has none either.
  public static let onlyHost = "capture"

  /// Reads a capture file, pcapng or pcap.
  ///
  /// - Parameters:
  ///   - octets: the whole file.
  ///   - scenario: of a file that holds several scenarios' frames, and says so, this one's are taken.
  ///   - topology: the scenario's network: its hosts' order and addresses, where the file does not tell them.
  /// - Throws: `StageError` where the file cannot be read, holds other scenarios, or names hosts of which the topology
  ///   has none.
  public init(_ octets: [UInt8], scenario: String? = nil, topology: Topology? = nil) throws(StageError) {
    let (places, packets) = try Self.packets(of: scenario, in: octets)
    if let topology, !places.isEmpty, !places.contains(where: { place in topology.has(place.host) }) {
      let names = Self.hosts(of: places, nil).map(\.name).joined(separator: ", ")
      throw StageError("the capture is of other hosts than the scenario's: \(names)")
    }
    hosts = places.isEmpty ? Self.hosts(of: topology) : Self.hosts(of: places, topology)
    var last = packets.lazy.compactMap(\.packet.timestamp).first ?? 0
    let first = packets.lazy.compactMap(\.packet.timestamp).min() ?? 0
    var found: [Sighting] = []
    for (place, linkName, packet) in packets {
      // A packet of which no time is told came after the one before it.
      last = packet.timestamp ?? last
      let instant = Instant(nanoseconds: last.subtractingReportingOverflow(first).partialValue)
      let frame = Frame(
        bytes: packet.bytes, linkType: LinkType(rawValue: packet.linkType),
        stamp: Stamp(monotonic: instant, wall: last))
      if let place {
        let told = StageRecord.direction(of: packet.record)
        found.append(Sighting(host: place.host, interface: place.interface.name, told ?? .unknown, frame))
        guard let name = place.network, told == .ours || told == .outgoing else { continue }
        let network = places.filter { $0.network == name }
        for other in network where other != place {
          guard let direction = StageRecord.direction(of: frame, at: other, among: network) else { continue }
          found.append(Sighting(host: other.host, interface: other.interface.name, direction, frame))
        }
      } else {
        for host in hosts {
          found.append(Sighting(host: host.name, interface: linkName, host.direction(of: frame, packet.record), frame))
        }
      }
    }
    // Files of several interfaces may hold their packets out of order; those of one time stay in the file's.
    sightings = found.enumerated()
      .sorted { ($0.element.frame.stamp.monotonic, $0.offset) < ($1.element.frame.stamp.monotonic, $1.offset) }
      .map(\.element).reversed()
  }

  private typealias Place = StageRecord.Place

  /// The hosts' interfaces of a file, and its packets, each with the place that it was seen at, or with the name of its
  /// interface.
  private static func packets(
    of scenario: String?, in octets: [UInt8]
  ) throws(StageError) -> (places: [Place], packets: [(place: Place?, linkName: String, packet: CapturedPacket)]) {
    var reader = CaptureReader()
    reader.feed(octets)
    reader.finish()
    var packets: [(place: Place?, linkName: String, packet: CapturedPacket)] = []
    var others: [String] = []
    do throws(CaptureError) {
      while let packet = try reader.next() {
        let captured = reader.interfaces[packet.interface]
        if let scenario, let other = StageRecord.scenario(of: captured), other != scenario {
          if others.last != other { others.append(other) }
          continue
        }
        packets.append((StageRecord.interface(captured), captured.name ?? "\(packet.interface)", packet))
      }
    } catch {
      throw StageError("the capture: \(error)")
    }
    if packets.isEmpty, let scenario, !others.isEmpty {
      throw StageError("the capture is of \(others.joined(separator: ", ")), and not of \(scenario)")
    }
    let places = reader.interfaces.filter { captured in
      scenario.map { StageRecord.scenario(of: captured) ?? $0 == $0 } ?? true
    }.compactMap { StageRecord.interface($0) }
    return (places, packets)
  }

  /// - Throws: `StageError` always: what was to be sent has been sent, and is looked for.
  public mutating func send(_ packet: Outgoing, from host: String, by interface: String?) throws(StageError) {
    throw StageError("nothing is sent into a recorded capture")
  }

  /// Goes on to the next frames, which have one time, or to `deadline` if that is sooner.
  public mutating func receive(until deadline: Instant, into sightings: inout [Sighting]) throws(StageError) {
    guard let next = self.sightings.last?.frame.stamp.monotonic, next <= max(deadline, now) else {
      now = max(now, deadline)
      return
    }
    now = max(now, next)
    while let sighting = self.sightings.last, sighting.frame.stamp.monotonic <= now {
      sightings.append(sighting)
      self.sightings.removeLast()
    }
  }

  /// Does nothing: whatever a host's stack answered is in the capture.
  public mutating func hold(_ transport: StageTransport, port: UInt16, on host: String) throws(StageError) {}

  /// - Throws: `StageError` always: only what passed on the wire is in a capture.
  public mutating func start(_ command: StageCommand, on host: String) throws(StageError) -> Int {
    throw StageError("a recorded capture does not hold what a command did")
  }

  public mutating func outcome(of command: Int) -> CommandOutcome? { nil }

  public mutating func end(_ command: Int, patience: Duration) throws(StageError) {}

  /// The hosts that interfaces of the file name, the topology's first and in its order.
  private static func hosts(
    of places: some Sequence<Place>, _ topology: Topology?
  ) -> [StageHost] {
    var hosts: [StageHost] = []
    for known in places {
      let (name, interface) = (known.host, known.interface)
      if let place = hosts.firstIndex(where: { $0.name == name }) {
        guard !hosts[place].interfaces.contains(where: { $0.name == interface.name }) else { continue }
        hosts[place].interfaces.append(interface)
      } else {
        hosts.append(StageHost(name, interfaces: [interface]))
      }
    }
    guard let topology, !hosts.isEmpty else { return hosts }
    let known = topology.stageHosts.map { planned in
      guard let seen = hosts.first(where: { $0.name == planned.name }) else { return planned }
      return planned.filled(by: seen)
    }
    return known + hosts.filter { host in !known.contains { $0.name == host.name } }
  }

  private static func hosts(of topology: Topology?) -> [StageHost] {
    let planned = topology?.stageHosts ?? []
    return planned.isEmpty ? [StageHost(onlyHost, interfaces: [])] : planned
  }
}

extension Topology {
  fileprivate func has(_ host: String) -> Bool { hosts.contains { $0.name == host } }

  /// Its hosts as a stage has them.
  public var stageHosts: [StageHost] {
    hosts.map { host in
      StageHost(
        host.name,
        interfaces: ends(of: host.name).map { end, _ in
          StageHost.Interface(
            end.interface, linkAddress: end.linkAddress, addresses: end.addresses.map(\.address))
        })
    }
  }
}

extension StageHost {
  /// The host with what a capture tells of its interfaces and the plan does not.
  fileprivate func filled(by seen: StageHost) -> StageHost {
    var host = self
    for interface in seen.interfaces {
      if let place = host.interfaces.firstIndex(where: { $0.name == interface.name }) {
        host.interfaces[place].linkAddress = interface.linkAddress ?? host.interfaces[place].linkAddress
        if !interface.addresses.isEmpty { host.interfaces[place].addresses = interface.addresses }
      } else {
        host.interfaces.append(interface)
      }
    }
    return host
  }

  /// Which way a frame went, seen from here, as its addresses tell where the record does not.
  fileprivate func direction(of frame: Frame, _ record: CaptureRecord) -> Sighting.Direction {
    let packet = Registry.dissect(frame.bytes, as: .link(frame.linkType.rawValue))
    let links = interfaces.compactMap(\.linkAddress)
    let addresses = interfaces.flatMap(\.addresses)
    if let header = packet.first(Ethernet.self) {
      if links.contains(header.source) { return .outgoing }
      if links.contains(header.destination) { return .incoming }
    }
    if let source = packet.source, addresses.contains(source) { return .outgoing }
    if let destination = packet.destination, addresses.contains(destination) || destination.isGroup { return .incoming }
    if let header = packet.first(Ethernet.self), header.destination.octets[0] & 1 == 1 { return .incoming }
    return interfaces.isEmpty ? StageRecord.direction(of: record) ?? .unknown : .passing
  }
}
