internal import SondeCraft
internal import SondeHeaders
public import SondeLink
public import SondeOctets
internal import SondeProbe

/// Does the instructions of a talk by datagrams (UDP, RFC 768).
public struct TalkDatagrams: TalkPerformer, Sendable {
  /// Whether a datagram came, or one went that no error came back for.
  public var tookPlace: Bool { hasReceived || hasSent && !wasRefused }
  private var hasReceived = false
  private var hasSent = false
  private var wasRefused = false
  /// Whom datagrams go to that name nobody: the peer, or who sent the last one.
  public private(set) var remote: Talk.End?
  private let localPort: UInt16
  private let settings: Talk.Settings
  private let manner: TalkPerformance.Manner
  private let source: @Sendable (IPAddress) -> IPAddress?
  private let resolve: @Sendable (String) -> IPAddress?
  private var identification: UInt16
  private var isEnding = false
  /// Until when a datagram is waited for.
  private var until: Instant?
  private var goal = TalkMoment.data
  /// How many octets of the datagram that is waited for are taken; nil for all.
  private var limit: Int?
  /// What the network said of a datagram of ours, and no instruction has been told.
  private var refusal: String?
  /// Datagrams that were shown as they came, and that no instruction has asked for yet.
  private var unasked = 0
  private var inbox: [(octets: [UInt8], from: Talk.End)] = []
  private var packets: [Outgoing] = []
  private var events: [TalkEvent] = []
  private var outcomes: [TalkOutcome] = []
  private var nextProbe: UInt64 = 1

  /// How many octets wait to be taken; a datagram that finds no room is lost, as in every receive queue.
  private var waiting = 0
  private var lost = 0

  /// - Parameters:
  ///   - source: our address towards another; nil where no way leads there.
  ///   - resolve: the address of a host as it was written; nil where it has none.
  public init(
    from localPort: UInt16, to remote: Talk.End?, identification: UInt16, _ settings: Talk.Settings,
    _ manner: TalkPerformance.Manner, source: @escaping @Sendable (IPAddress) -> IPAddress?,
    resolve: @escaping @Sendable (String) -> IPAddress?
  ) {
    self.localPort = localPort
    self.remote = remote
    self.identification = identification
    self.settings = settings
    self.manner = manner
    self.source = source
    self.resolve = resolve
  }

  public var isBusy: Bool { until != nil }
  public var isOver: Bool { isEnding }
  public var standing: String { "udp" }

  public mutating func begin(_ instruction: TalkInstruction, at now: Instant) {
    if let objection = instruction.objection(on: .datagrams) { return outcomes.append(.failed(objection)) }
    switch instruction.verb {
    case .write(let octets): send(octets, to: nil, instruction, at: now)
    case .sendTo(let peer, let octets): send(octets, to: peer, instruction, at: now)
    case .receiveFrom(let limit), .read(let limit):
      self.limit = limit
      if manner.isInteractive, inbox.isEmpty, unasked == 0, refusal == nil {
        return outcomes.append(.remark("nothing has come"))
      }
      wait(for: .data, until: now + manner.patience)
    case .wait(.time(let time)): wait(for: .time(time), until: now + time)
    case .wait(.data):
      limit = nil
      wait(for: .data, until: now + manner.patience)
    case .help(let verb): outcomes.append(.help(verb))
    case .quit, .close: isEnding = true
    case .status:
      let peer = remote.map { "\($0.address) port \($0.port)" } ?? "nobody yet"
      let loss = lost == 0 ? "" : ", \(lost) were lost"
      outcomes.append(.remark("UDP from port \(localPort), to \(peer); \(inbox.count) datagrams wait\(loss)"))
    case .connect, .accept, .writeUrgent, .readUrgent, .shutdown, .reset, .window, .wait: break
    }
  }

  private mutating func wait(for goal: TalkMoment, until: Instant) {
    self.goal = goal
    self.until = until
  }

  private mutating func send(_ octets: [UInt8], to peer: TalkPeer?, _ instruction: TalkInstruction, at now: Instant) {
    var end = remote
    if let peer {
      guard let address = resolve(peer.host) else {
        return outcomes.append(.failed("there is no address of \(peer.host) to send to"))
      }
      end = Talk.End(address, peer.port)
    }
    guard let end else { return outcomes.append(.failed("say to whom: sendto HOST PORT TEXT")) }
    guard let from = source(end.address) else {
      return outcomes.append(.failed("no way leads to \(end.address)"))
    }
    let network: any Header
    switch (from, end.address) {
    case (.v4(let source), .v4(let destination)):
      network = IPv4(
        from: source, to: destination, ttl: settings.hopLimit, typeOfService: settings.typeOfService,
        identification: identification)
      identification = identification == .max ? 1 : identification + 1
    case (.v6(let source), .v6(let destination)):
      network = IPv6(from: source, to: destination, hopLimit: settings.hopLimit, trafficClass: settings.typeOfService)
    default: return outcomes.append(.failed("\(end.address) is of another family than this end"))
    }
    do throws(CraftError) {
      let packet = AnyPacket([network, UDP(from: localPort, to: end.port), Payload(octets: octets)])
      let bytes = try instruction.edits.applied(to: packet).encoded().bytes
      packets.append(
        Outgoing(probe: nextProbe, bytes: bytes, way: Way(to: end.address, interface: settings.interface)))
      nextProbe &+= 1
      hasSent = true
      events.append(.sent(TalkPacket(bytes, at: now, edits: instruction.edits)))
      if remote == nil { remote = end }
    } catch {
      outcomes.append(.failed(error.description))
    }
  }

  public mutating func finish(at now: Instant) { isEnding = true }
  public mutating func abort(at now: Instant) {
    isEnding = true
    until = nil
  }

  public mutating func failed(_ error: LinkError, at now: Instant) { events.append(.failed(error, at: now)) }

  public mutating func receive(_ received: Received, at now: Instant) {
    switch received {
    case .departure: break
    case .failure(let error, _): failed(error, at: now)
    case .frame(let frame):
      guard frame.linkType == .raw else { return }
      let dissection = Registry.dissect(frame.bytes)
      let packet = TalkPacket(
        frame.bytes, at: now, wall: frame.stamp.wall, checksumNotReady: frame.checksumNotReady)
      if let report = dissection.errorReport {
        guard let quoted = dissection.quoted, quoted.first(UDP.self)?.sourcePort == localPort else { return }
        if report.isDestinationUnreachable {
          refusal = report.name
          wasRefused = true
        }
        return events.append(.error(report, from: dissection.source, packet))
      }
      guard let layer = dissection.layer(of: UDP.self), let header = layer.header as? UDP,
        header.destinationPort == localPort, let address = dissection.source
      else { return }
      if let damage = dissection.damage(of: frame) { return events.append(.damaged(damage, packet)) }
      events.append(.received(packet))
      hasReceived = true
      let end = Talk.End(address, header.sourcePort)
      if remote == nil { remote = end }
      let octets = Array(frame.bytes[layer.offset + 8..<max(layer.offset + 8, layer.end)])
      guard waiting + octets.count <= settings.conversation.receiveBuffer else {
        lost += 1
        return
      }
      waiting += octets.count
      inbox.append((octets, end))
      if settings.readsAtOnce, goal != .data || until == nil { show() }
    }
  }

  private mutating func show() {
    for datagram in inbox { outcomes.append(.datagram(datagram.octets, from: datagram.from)) }
    unasked += inbox.count
    inbox = []
    waiting = 0
  }

  public mutating func step(at now: Instant) -> Instant? {
    guard let until else { return nil }
    if goal == .data, unasked > 0 {
      unasked -= 1
      self.until = nil
    } else if goal == .data, !inbox.isEmpty {
      let first = inbox.removeFirst()
      waiting -= first.octets.count
      outcomes.append(.datagram(Array(first.octets.prefix(limit ?? .max)), from: first.from))
      self.until = nil
    } else if goal == .data, let refusal {
      // As a socket reports an error once (RFC 1122 §4.1.3.3).
      self.until = nil
      self.refusal = nil
      outcomes.append(.failed(refusal))
    } else if until <= now {
      self.until = nil
      if goal == .data { outcomes.append(.failed("its time is up")) }
    }
    return self.until
  }

  public mutating func takePackets() -> [Outgoing] {
    defer { packets = [] }
    return packets
  }
  public mutating func takeEvents() -> [TalkEvent] {
    defer { events = [] }
    return events
  }
  public mutating func takeOutcomes() -> [TalkOutcome] {
    defer { outcomes = [] }
    return outcomes
  }
}
