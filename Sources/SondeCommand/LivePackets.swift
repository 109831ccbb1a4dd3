internal import SondeCraft
internal import SondeHeaders
internal import SondeLink
internal import SondeLinux
internal import SondeOctets
internal import SondeProbe

/// A packet as it is sent: what its recipe left open is filled in for this machine and this moment.
struct LivePacket {
  var packet: AnyPacket
  /// Where it goes; nil where its bytes name no host.
  var way: Way?
  /// Of the outermost IP header; nil where there is none.
  var family: Family?
  /// Whether the address asked names many hosts.
  var isGroup: Bool
  var isForeignSource: Bool
  /// Whether it begins with a link header, and leaves as it is.
  var isFrame: Bool
  /// Whether a hand has written the IPv4 identification.
  var keepsIdentification: Bool
  var mtu: Int?
}

/// Fills in what recipes leave open: addresses by routing, and at random what a live packet should not repeat (ports,
/// sequence numbers, identifiers).
struct LivePackets: Sendable {
  /// What the options say of fields that a recipe leaves out.
  struct Settings: Sendable {
    var timeToLive: UInt8?
    var typeOfService: UInt8?
    var source: IPAddress?
    /// The index of the interface to leave by, and its name.
    var interface: Int?
    var mark: UInt32?
    /// The source ports of each transport, by the round.
    var tcpPorts: [UInt16] = []
    var udpPorts: [UInt16] = []
    /// Whether a link address that is not known yet is asked for, which sends packets.
    var asksNeighbours = true
  }

  private let settings: Settings
  private let seed: UInt64
  private var routes: [IPAddress: Route] = [:]
  private var own: [IPAddress: Bool] = [:]

  init(_ settings: Settings, seed: UInt64) {
    self.settings = settings
    self.seed = seed
  }

  /// The packet of a recipe, ready to leave.
  ///
  /// - Parameter number: of the packet in the run, from 0; with the same seed it draws the same numbers again.
  /// - Throws: `LinkError` where there is no route, no interface, or a neighbour does not answer.
  mutating func live(_ made: RecipePacket, number: UInt64, round: UInt64) throws(LinkError) -> LivePacket {
    var layers = made.packet.layers.layers
    var written = made.written + Array(repeating: [], count: max(0, layers.count - made.written.count))
    // What only a link announces cannot travel without one.
    if let first = layers.first, first is ARP || first is VLANTag {
      layers.insert(Ethernet(), at: 0)
      written.insert([], at: 0)
    }
    let isFrame = layers.first is Ethernet
    var draw = SeededGenerator(seed: seed ^ number &* 0x9e37_79b9_7f4a_7c15)
    let end = liveEnd(layers)
    let index = layers[..<end].firstIndex { $0 is IPv4 || $0 is IPv6 }
    var live = LivePacket(
      packet: made.packet, isGroup: false, isForeignSource: false, isFrame: isFrame, keepsIdentification: false)
    var route: Route?
    if let index { route = try fillIP(&layers, written, index, &live, isFrame: isFrame) }
    for place in layers[..<end].indices {
      fillNumbers(&layers[place], written[place], round, &draw)
      if let header = layers[place] as? IPv4, place != index, header.source == .any, !written[place].contains("source"),
        case .v4(let source)? = route?.source
      {
        // A tunnel's inner packet comes from us too.
        var header = header
        header.source = source
        layers[place] = header
      }
    }
    if isFrame { try fillLink(&layers, written, route, &live) }
    live.packet = AnyPacket(layers)
    return live
  }

  /// The first layer that is not ours to fill in: what stands in a quote was sent before.
  private func liveEnd(_ layers: [any Header]) -> Int {
    layers.firstIndex { $0.errorReport != nil || $0 is Quote }.map { $0 + 1 } ?? layers.count
  }

  /// Asks routing about the destination of the IP header at `index`.
  private mutating func fillIP(
    _ layers: inout [any Header], _ written: [Set<String>], _ index: Int, _ live: inout LivePacket, isFrame: Bool
  ) throws(LinkError) -> Route? {
    let written = written[index]
    let destination: IPAddress
    switch layers[index] {
    case let header as IPv4: destination = .v4(header.destination)
    case let header as IPv6: destination = .v6(header.destination)
    default: return nil
    }
    live.family = destination.version == 4 ? .ipv4 : .ipv6
    live.way = Way(to: destination, interface: settings.interface)
    if case .v6(let address) = destination, address.needsInterface, settings.interface == nil {
      throw LinkError(
        operation: "send", code: 0, message: "\(address) is of one link only: say of which, by -I")
    }
    let route: Route
    do throws(LinkError) {
      route = try self.route(to: destination)
    } catch {
      // A frame that says where it goes needs no routing.
      guard isFrame, settings.interface != nil else { throw error }
      return nil
    }
    live.isGroup = destination.isGroup || route.kind == .broadcast || route.kind == .multicast
    live.mtu = route.interface.mtu
    live.keepsIdentification = written.contains("identification")
    let source = settings.source ?? route.source
    switch layers[index] {
    case var header as IPv4:
      if !written.contains("source"), case .v4(let address)? = source { header.source = address }
      if let value = settings.timeToLive, !written.contains("timeToLive") { header.timeToLive = value }
      if let value = settings.typeOfService, !written.contains("typeOfService") { header.typeOfService = value }
      live.isForeignSource = try isForeign(.v4(header.source))
      layers[index] = header
    case var header as IPv6:
      if !written.contains("source"), case .v6(let address)? = source { header.source = address }
      if let value = settings.timeToLive, !written.contains("hopLimit") { header.hopLimit = value }
      if let value = settings.typeOfService, !written.contains("trafficClass") { header.trafficClass = value }
      live.isForeignSource = try isForeign(.v6(header.source))
      layers[index] = header
    default: break
    }
    return route
  }

  /// Draws what a live packet should not repeat.
  private func fillNumbers(
    _ layer: inout any Header, _ written: Set<String>, _ round: UInt64, _ draw: inout SeededGenerator
  ) {
    func port(_ ports: [UInt16]) -> UInt16 {
      ports.isEmpty ? UInt16(49_152 + draw.next(below: 16_384)) : ports[Int(round % UInt64(ports.count))]
    }
    switch layer {
    case var header as IPv4:
      // Zero would leave the choice to the kernel.
      if !written.contains("identification") { header.identification = UInt16.random(in: 1...UInt16.max, using: &draw) }
      layer = header
    case var header as TCP:
      if !written.contains("sourcePort") { header.sourcePort = port(settings.tcpPorts) }
      if !written.contains("sequenceNumber") { header.sequenceNumber = UInt32.random(in: 0...UInt32.max, using: &draw) }
      layer = header
    case var header as UDP:
      if !written.contains("sourcePort") { header.sourcePort = port(settings.udpPorts) }
      layer = header
    case var header as ICMPv4 where header.type.isQueryOrReply && !written.contains("identifier"):
      header.identifier = UInt16.random(in: 1...UInt16.max, using: &draw)
      layer = header
    case var header as ICMPv6 where !written.contains("identifier"):
      guard header.type == .echoRequest || header.type == .echoReply else { return }
      header.identifier = UInt16.random(in: 1...UInt16.max, using: &draw)
      layer = header
    default: break
    }
  }

  /// Fills in the addresses of an Ethernet header and of ARP, and the interface.
  private mutating func fillLink(
    _ layers: inout [any Header], _ written: [Set<String>], _ route: Route?, _ live: inout LivePacket
  ) throws(LinkError) {
    let place = layers.firstIndex { $0 is ARP }
    var arp = place.flatMap { layers[$0] as? ARP }
    let asked = arp.flatMap { $0.targetProtocolAddress.count == 4 ? $0.targetProtocolAddress : nil }
      .map { IPAddress.v4(IPv4Address(rawValue: $0.reduce(0) { $0 << 8 | UInt32($1) })) }
    let through: NetworkInterface
    let askedRoute = try asked.map { (address) throws(LinkError) in try self.route(to: address) }
    if let index = settings.interface {
      through = try NetworkInterface.at(index)
    } else if let interface = (route ?? askedRoute)?.interface {
      through = interface
    } else {
      throw LinkError(
        operation: "send", code: 0, message: "the frame names no host, so that -I must name the interface to leave by")
    }
    if let place, arp != nil {
      if !written[place].contains("senderHardwareAddress"), let mac = through.linkAddress {
        arp?.senderHardwareAddress = mac.octets
      }
      if !written[place].contains("senderProtocolAddress"),
        case .v4(let source)? = settings.source ?? askedRoute?.source
      {
        arp?.senderProtocolAddress = source.octets
      }
      if let arp { layers[place] = arp }
    }
    if var ethernet = layers.first as? Ethernet {
      if !written[0].contains("source"), let mac = through.linkAddress { ethernet.source = mac }
      if !written[0].contains("destination"), let address = live.way?.destination, let route {
        if settings.asksNeighbours {
          ethernet.destination = try route.linkAddress(of: address)
        } else if let known = try Neighbour.known(route.nextHop ?? address, interface: through.index) {
          ethernet.destination = known
        }
      }
      layers[0] = ethernet
    }
    live.way = Way(to: live.way?.destination ?? asked ?? .v4(.any), interface: through.index)
  }

  private mutating func route(to destination: IPAddress) throws(LinkError) -> Route {
    if let known = routes[destination] { return known }
    let route = try Route.lookup(destination, interface: settings.interface, mark: settings.mark)
    // A sweep asks for each address once: what was asked before need not be kept for ever.
    if routes.count >= 4096 { routes.removeAll(keepingCapacity: true) }
    routes[destination] = route
    return route
  }

  private mutating func isForeign(_ source: IPAddress) throws(LinkError) -> Bool {
    if source == .v4(.any) || source == .v6(.any) { return false }
    if let known = own[source] { return !known }
    let isOwn = try NetworkInterface.own(source)
    if own.count >= 4096 { own.removeAll(keepingCapacity: true) }
    own[source] = isOwn
    return !isOwn
  }
}
