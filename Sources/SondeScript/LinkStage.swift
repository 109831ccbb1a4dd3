public import SondeLink

/// Any link as a stage of one host: a simulated network, a raw socket, a link with faults.
///
/// Ports are not held, for a link has none: who opens a link to a real network keeps its kernel silent himself. Nor
/// are there commands.
public struct LinkStage<Link: PacketLink & ~Copyable>: Stage, ~Copyable {
  /// The link that carries the packets.
  public var link: Link
  public let hosts: [StageHost]
  /// What was sent and not handed out yet.
  private var sent: [Sighting] = []
  private var number: UInt64 = 0

  /// The host of a link of which nothing else is known.
  public static var host: StageHost { StageHost("here", interfaces: []) }

  /// - Parameters:
  ///   - host: who sends and hears; a packet whose recipe names no source has its address.
  ///   - peers: others that scenarios may name for their addresses.
  public init(_ link: consuming Link, host: StageHost = Self.host, peers: [StageHost] = []) {
    self.link = link
    hosts = [host] + peers
  }

  /// Gives the link back.
  public consuming func ended() -> Link { link }

  public var now: Instant { link.now }
  public var isRecorded: Bool { false }

  /// Sends at once; where the link is full for the moment, within a second.
  public mutating func send(_ packet: Outgoing, from host: String, by interface: String?) throws(StageError) {
    guard host == hosts[0].name else {
      throw StageError("the link is \(hosts[0].name)'s, and \(host) sends nothing by it")
    }
    number += 1
    var packet = packet
    packet.probe = number
    let deadline = link.now + .seconds(1)
    while true {
      let outcome = link.send([packet])
      if let failure = outcome.failure { throw StageError("\(failure)") }
      if outcome.count > 0 {
        let stamp = Stamp(monotonic: outcome.at, wall: outcome.wall)
        let frame = Frame(bytes: packet.bytes, linkType: packet.linkType, stamp: stamp)
        sent.append(Sighting(host: host, interface: interface ?? "", .ours, frame))
        return
      }
      guard link.now < deadline else { throw StageError("the link found no room for a packet in a second") }
      var heard: [Sighting] = []
      try hear(until: link.now + .milliseconds(1), into: &heard)
      sent += heard
    }
  }

  public mutating func receive(until deadline: Instant, into sightings: inout [Sighting]) throws(StageError) {
    guard sent.isEmpty else {
      sightings += sent
      sent = []
      return
    }
    try hear(until: deadline, into: &sightings)
  }

  private mutating func hear(until deadline: Instant, into sightings: inout [Sighting]) throws(StageError) {
    var batch: [Received] = []
    do throws(LinkError) {
      try link.receive(until: deadline, into: &batch)
    } catch {
      throw StageError("\(error)")
    }
    for case .frame(let frame) in batch {
      sightings.append(Sighting(host: hosts[0].name, interface: "", .incoming, frame))
    }
  }

  /// - Throws: `StageError` always.
  public mutating func hold(_ transport: StageTransport, port: UInt16, on host: String) throws(StageError) {
    throw StageError("a link holds no ports")
  }

  /// - Throws: `StageError` always.
  public mutating func start(_ command: StageCommand, on host: String) throws(StageError) -> Int {
    throw StageError("a link runs no commands")
  }

  public mutating func outcome(of command: Int) -> CommandOutcome? { nil }

  public mutating func end(_ command: Int, patience: Duration) throws(StageError) {}
}
