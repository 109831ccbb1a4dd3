public import SondeHeaders
public import SondeLink
internal import SondeLinux
internal import SondeCraft
internal import SondeOctets
public import SondeProbe

/// Sends packets over this machine's network and tells which answers are theirs.
///
/// The doors and ears are those of the command: a source address of zero is filled in from the routing
/// table; a packet leaves by a raw socket, and what that would change by a packet socket; IPv4
/// identification 0 leaves the choice of it to the kernel, and an echo request then goes by the datagram
/// socket, which needs no privilege.
///
/// ```swift
/// let packet = Packet {
///   IPv4(to: "192.0.2.1")
///   ICMPv4.echoRequest(identifier: 0x0101, sequenceNumber: 0x0202)
/// }
/// for try await event in Asking([packet.erased]).events() {
///   if case .answer(let answer) = event { … }
/// }
/// ```
public struct Asking: Sendable {
  /// What is sent, each packet once; a packet's place here is the `target` of its events.
  public var packets: [AnyPacket]
  /// How long each packet's answer is waited for.
  public var timeout: Duration
  /// Between two packets.
  public var gap: Duration
  /// Whether the run ends with the last first answer, or listens to the end of the time for duplicates and
  /// late errors.
  public var endsWhenAnswered: Bool
  /// The name of the interface to leave by; nil leaves it to routing. Link-local destinations need one.
  public var interface: String?

  public init(
    _ packets: [AnyPacket], timeout: Duration = .seconds(1), gap: Duration = .zero, endsWhenAnswered: Bool = true,
    interface: String? = nil
  ) {
    self.packets = packets
    self.timeout = timeout
    self.gap = gap
    self.endsWhenAnswered = endsWhenAnswered
    self.interface = interface
  }

  /// Sends and listens on this thread, and returns when every packet has its answer or its time is up.
  ///
  /// - Parameter emit: called with each event as it becomes known.
  /// - Returns: the counts.
  /// - Throws: `LinkError` where there is no route, no privilege, or no door that keeps the fields set.
  @discardableResult
  public func run(_ emit: (Event) -> Void) throws(LinkError) -> Tally {
    try run(interrupter: nil, isInterrupted: { false }, emit)
  }

  /// The same events as an asynchronous sequence; the run blocks a thread of its own, where all times are
  /// taken. The sequence throws what `run(_:)` throws.
  ///
  /// - Throws: `LinkError` when the process has no descriptor left.
  public func events() throws(LinkError) -> EventStream {
    let interrupter = try Interrupter()
    return EventStream(start: Worker.start, interrupt: { interrupter.interrupt() }) { (feed) throws(LinkError) in
      try run(interrupter: interrupter, isInterrupted: { feed.isCancelled }, feed.emit)
    }
  }

  @discardableResult
  private func run(
    interrupter: Interrupter?, isInterrupted: () -> Bool, _ emit: (Event) -> Void
  ) throws(LinkError) -> Tally {
    var routed: [Routed] = []
    let exit = try interface.map { (name) throws(LinkError) in try NetworkInterface.named(name).index }
    for packet in packets { routed.append(try Routed(packet, interface: exit)) }
    let identifiers = routed.compactMap(\.echoIdentifier)
    let hasSeveral = identifiers.contains { $0 != identifiers[0] }
    let purpose: SendPlan.Purpose = identifiers.count == routed.count ? .ping : .probe
    var rankings: [Family: [SendPlan]] = [:]
    for packet in routed {
      let plans = try packet.plans(for: purpose, severalIdentifiers: hasSeveral)
      // The door of a family is one that suits all of its packets.
      rankings[packet.family] = rankings[packet.family].map { known in known.filter(plans.contains) } ?? plans
    }
    guard rankings.allSatisfy({ !$0.value.isEmpty }) else {
      throw LinkError(operation: "door", code: 0, message: "no one door sends all these packets; ask in several runs")
    }
    var link = try LinuxLink(
      try Openings.open(rankings),
      LinuxLink.Options(
        echoIdentification: hasSeveral ? nil : identifiers.first,
        filter: PacketFilter(flows: routed.compactMap(\.flow)), interrupter: interrupter))
    var session = Session(
      ListSchedule(routed.map(\.item), gap: gap), timeout: timeout, waitsForDepartures: true,
      endsWhenAnswered: endsWhenAnswered)
    try SondeProbe.run(&session, over: &link, isInterrupted: isInterrupted, emit)
    return session.tally
  }
}

/// A packet with its source filled in, and what routing says of its way.
private struct Routed {
  var packet: AnyPacket
  var family: Family
  private var route: Route
  private var way: Way
  private var isForeignSource: Bool

  init(_ packet: AnyPacket, interface: Int?) throws(LinkError) {
    self.packet = packet
    if let header = packet.first(IPv4.self) {
      family = .ipv4
      way = Way(to: .v4(header.destination), interface: interface)
      route = try Route.lookup(way.destination, interface: interface)
      if header.source == .any, case .v4(let source)? = route.source { self.packet[IPv4.self]?.source = source }
      isForeignSource = header.source == .any ? false : !(try NetworkInterface.own(.v4(header.source)))
    } else if let header = packet.first(IPv6.self) {
      family = .ipv6
      way = Way(to: .v6(header.destination), interface: interface)
      route = try Route.lookup(way.destination, interface: interface)
      if header.source == .any, case .v6(let source)? = route.source { self.packet[IPv6.self]?.source = source }
      isForeignSource = header.source == .any ? false : !(try NetworkInterface.own(.v6(header.source)))
    } else {
      throw LinkError(operation: "route", code: 0, message: "the packet has no IP header")
    }
  }

  /// The second word's high half of an ICMP message, which is the identifier of a query; nil for any other packet.
  var echoIdentifier: UInt16? { packet.first(ICMPv4.self)?.identifier ?? packet.first(ICMPv6.self)?.identifier }

  /// The packet as the schedule sends it; only routing knows broadcast addresses.
  var item: ListSchedule.Item {
    ListSchedule.Item(packet, isGroup: route.kind == .broadcast || route.kind == .multicast, way: way)
  }

  /// Which packets may answer, beside ICMP.
  var flow: PacketFilter.Flow? {
    if let header = packet.first(TCP.self) {
      return PacketFilter.Flow(protocolNumber: 6, destinationPorts: [header.sourcePort...header.sourcePort])
    }
    return packet.first(UDP.self).map { header in
      PacketFilter.Flow(protocolNumber: 17, destinationPorts: [header.sourcePort...header.sourcePort])
    }
  }

  func plans(for purpose: SendPlan.Purpose, severalIdentifiers: Bool) throws(LinkError) -> [SendPlan] {
    var wishes: Wishes
    do throws(CraftError) {
      // Whether the identification was written nobody can tell; a door that keeps it is never wrong.
      wishes = try Wishes(
        of: packet, keepsIdentification: packet.first(IPv4.self)?.identification != 0,
        isForeignSource: isForeignSource, mtu: route.mtu)
    } catch {
      throw LinkError(operation: "encode", code: 0, message: error.description)
    }
    if severalIdentifiers { wishes.wishes.insert(.severalEchoIdentifiers) }
    return try SendPlan.ranking(for: wishes, purpose: purpose)
  }
}
