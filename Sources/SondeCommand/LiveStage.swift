internal import SondeHeaders
internal import SondeLink
internal import SondeLinux
internal import SondeOctets
internal import SondeScript

/// Hosts with real kernels as a stage: those of a laboratory, or this machine.
///
/// One thread holds the sockets of all hosts, hears all that passes their interfaces, and marks what it sent itself.
struct LiveStage: Stage, ~Copyable {
  let hosts: [StageHost]
  var isRecorded: Bool { false }
  var now: Instant { Clock.monotonic }

  private let ground: StageGround
  private var ear: LaboratoryEar
  private let doors: [String: HostDoors]
  /// The indices of interfaces, by `host/interface`.
  private let indices: [String: Int]
  /// What was sent and has not been heard yet, from each host.
  private var departing: [String: [Outgoing]] = [:]
  private var held: Set<Hold> = []
  private var processes: [HostProcess] = []
  /// Whether the run is to end before its time.
  private let isInterrupted: () -> Bool

  /// A port that a host's stack stays out of.
  private struct Hold: Hashable {
    var host: String
    var transport: StageTransport
    var port: UInt16
  }

  /// Why nothing more happens on an interrupted stage.
  static let interruption = StageError("interrupted")

  /// So many packets are remembered of what a host sent and has not been heard.
  private static let mostDeparting = 4096

  /// Opens all sockets; what passes is heard from now on.
  ///
  /// - Parameters:
  ///   - interrupter: ends waits, after which `isInterrupted` is asked.
  /// - Throws: `LinkError` that says what the kernel refused.
  init(
    _ ground: StageGround, waking interrupter: Interrupter, isInterrupted: @escaping () -> Bool
  ) throws(LinkError) {
    let hosts = try ground.hosts()
    var doors: [String: HostDoors] = [:]
    var indices: [String: Int] = [:]
    for host in hosts {
      doors[host.name] = try ground.on(host.name) { () throws(LinkError) in try HostDoors() }
      let there = try ground.on(host.name) { () throws(LinkError) in try NetworkInterface.all() }
      for interface in there { indices[StageRecord.name(of: interface.name, on: host.name)] = interface.index }
    }
    ear = try ground.ear(waking: interrupter)
    self.ground = ground
    self.isInterrupted = isInterrupted
    self.hosts = hosts
    self.doors = doors
    self.indices = indices
  }

  /// How many frames were lost on this side, for want of room.
  var ownDrops: UInt64 { ear.ownDrops }

  mutating func send(_ packet: Outgoing, from host: String, by interface: String?) throws(StageError) {
    try goOn()
    guard let there = hosts.first(where: { $0.name == host }) else { throw StageError("there is no host \(host)") }
    let name = interface ?? (packet.linkType == .ethernet ? there.interfaces.first?.name : nil)
    var index: Int?
    if let name {
      index = indices[StageRecord.name(of: name, on: host)]
      guard index != nil else { throw StageError("\(host) has no interface \(name)") }
    }
    holdSources(of: packet, on: host)
    departing[host, default: []].append(packet)
    if departing[host, default: []].count > Self.mostDeparting { departing[host]?.removeFirst() }
    do throws(LinkError) {
      try ground.on(host) { () throws(LinkError) in try doors[host]?.send(packet, by: index) }
    } catch {
      departing[host]?.removeLast()
      throw StageError("\(error)")
    }
  }

  mutating func receive(until deadline: Instant, into sightings: inout [Sighting]) throws(StageError) {
    try goOn()
    var heard: [LaboratoryEar.Heard] = []
    do throws(LinkError) {
      try ear.receive(until: deadline, watching: processes.filter { $0.status == nil }, into: &heard)
    } catch {
      throw StageError("\(error)")
    }
    for one in heard { sightings.append(sighting(one)) }
    try goOn()
  }

  mutating func hold(_ transport: StageTransport, port: UInt16, on host: String) throws(StageError) {
    guard held.insert(Hold(host: host, transport: transport, port: port)).inserted else { return }
    do throws(LinkError) {
      try ground.on(host) { () throws(LinkError) in try doors[host]?.hold(transport, port) }
    } catch {
      throw StageError("\(transport.rawValue) port \(port) of \(host): \(error.message)")
    }
  }

  mutating func start(_ command: StageCommand, on host: String) throws(StageError) -> Int {
    try goOn()
    guard case .laboratory(let laboratory) = ground else {
      throw StageError("commands run in a laboratory only, and this scenario names none")
    }
    var words = command.words
    // Whoever reads scenarios has no need to know where the program lies.
    if words.first == "sonde" { words[0] = "/proc/self/exe" }
    let environment = ["PATH": HostCommand.path, "SONDE_LAB": laboratory.topology.name, "SONDE_HOST": host]
    do throws(LinkError) {
      processes.append(
        try laboratory.start(
          HostCommand(words, .collected(input: command.input), environment: environment), on: host))
    } catch {
      throw StageError("\(error)")
    }
    return processes.count - 1
  }

  mutating func outcome(of command: Int) -> CommandOutcome? {
    guard processes.indices.contains(command) else { return nil }
    let process = processes[command]
    process.look()
    return process.status.map { CommandOutcome(status: $0, output: process.output, errors: process.errors) }
  }

  mutating func written(by command: Int) -> (output: [UInt8], errors: [UInt8]) {
    guard processes.indices.contains(command) else { return ([], []) }
    processes[command].look()
    return (processes[command].output, processes[command].errors)
  }

  mutating func end(_ command: Int, patience: Duration) throws(StageError) {
    guard processes.indices.contains(command) else { return }
    processes[command].end(patience: patience)
  }

  private func goOn() throws(StageError) { if isInterrupted() { throw Self.interruption } }

  /// Holds the ports that a packet speaks from, so that the host's kernel does not answer what answers it. One that a
  /// program there has is left to that program.
  private mutating func holdSources(of packet: Outgoing, on host: String) {
    let start: Registry.Start = packet.linkType == .ethernet ? .link(LinkType.ethernet.rawValue) : .ip
    let asked = Registry.dissect(packet.bytes, as: start)
    if let segment = asked.first(TCP.self) { try? hold(.tcp, port: segment.sourcePort, on: host) }
    if let datagram = asked.first(UDP.self) { try? hold(.udp, port: datagram.sourcePort, on: host) }
  }

  /// A frame that was heard, and whose it is.
  private mutating func sighting(_ heard: LaboratoryEar.Heard) -> Sighting {
    let direction: Sighting.Direction =
      switch heard.direction {
      // On lo each frame is heard once, as it comes in.
      case .incoming where heard.interface == "lo": takeDeparting(heard) ? .ours : .incoming
      case .incoming: .incoming
      case .passing: .passing
      case .outgoing: takeDeparting(heard) ? .ours : .outgoing
      }
    return Sighting(host: heard.host, interface: heard.interface, direction, heard.frame)
  }

  /// Whether a frame that goes out is one that was sent here, which is then forgotten.
  private mutating func takeDeparting(_ heard: LaboratoryEar.Heard) -> Bool {
    guard let sent = departing[heard.host] else { return false }
    let bytes = heard.frame.bytes
    let header = heard.frame.linkType == .ethernet ? 14 : 0
    let place = sent.firstIndex { packet in
      packet.linkType == .ethernet ? packet.bytes == bytes : bytes.dropFirst(header).elementsEqual(packet.bytes)
    }
    guard let place else { return false }
    departing[heard.host]?.remove(at: place)
    return true
  }
}
