internal import SondeHeaders
internal import SondeLink
internal import SondeLinux
internal import SondeOctets
internal import SondeProbe
internal import SondeScript

/// The two ends of a talk, as options and routing say.
struct TalkEnds {
  let role: TalkPerformance.Role
  let settings: Talk.Settings
  let peer: Talk.End?
  let manner: TalkPerformance.Manner
  private let ports: [UInt16]
  private let offer: TalkOffer
  private let seed: UInt64
  private let source: IPAddress?
  private let mark: UInt32?

  init(
    _ command: TalkCommand, _ destination: Destination?, port: UInt16, _ ports: [UInt16], interface: Int?,
    _ draw: inout SeededGenerator
  ) {
    let send = command.send
    let through = destination?.way.interface ?? interface
    let mark = send.firewallMark
    var settings = Talk.Settings { address in
      let route = try? Route.lookup(address, interface: through, mark: mark)
      // No IPv4 packet counts more.
      return min(route?.mtu ?? 1280, 65_535)
    }
    settings.conversation = command.offer.options
    settings.hopLimit = UInt8(send.ttl ?? 64)
    settings.typeOfService = UInt8(send.tos ?? 0)
    settings.interface = through
    settings.readsAtOnce = !command.manner.noRead && !command.manner.raw
    self.settings = settings
    peer = destination.map { Talk.End($0.address, port) }
    role = if let destination, let peer { .calls(from: destination.source, to: peer) } else { .listens }
    var manner = TalkPerformance.Manner()
    if let timeout = command.manner.timeout { manner.patience = .nanoseconds(Int64(clamping: timeout)) }
    self.manner = manner
    self.ports = ports
    offer = command.offer
    source = destination?.source
    self.mark = mark
    seed = draw.next()
  }

  /// What makes the end of a connection by its number: each has its own port where there are several, and its own
  /// first sequence number.
  var make: @Sendable (Int) -> Talk {
    let (ports, settings, written, seed) = (ports, settings, offer.isn, seed)
    return { number in
      var draw = SeededGenerator(seed: seed)
      var isn = UInt32(truncatingIfNeeded: draw.next())
      var settings = settings
      settings.conversation.timestampOffset = UInt32(truncatingIfNeeded: draw.next())
      // Later connections begin higher, or a peer in TIME-WAIT would not have them (RFC 9293 §3.10.7.4).
      isn = isn &+ UInt32(truncatingIfNeeded: number) &* 0x0100_0000
      if let written { isn = UInt32(clamping: written) }
      return Talk(
        from: ports[number % ports.count], initialSequenceNumber: isn,
        identification: UInt16(truncatingIfNeeded: draw.next()) | 1, settings)
    }
  }

  /// An end that speaks UDP.
  func datagrams(_ manner: TalkPerformance.Manner) -> TalkDatagrams {
    let (source, interface, mark) = (source, settings.interface, mark)
    let family: Family? = peer.map { $0.address.version == 4 ? .ipv4 : .ipv6 }
    return TalkDatagrams(
      from: ports[0], to: peer, identification: UInt16(truncatingIfNeeded: seed) | 1, settings, manner
    ) { address in
      if let source, source.version == address.version { return source }
      return (try? Route.lookup(address, interface: interface, mark: mark))?.source
    } resolve: { host in
      (try? Resolver.resolve(host, family))?.first?.address
    }
  }

  static func header(from source: IPAddress, to destination: IPAddress, _ send: SendOptions) -> any Header {
    let hops = UInt8(send.ttl ?? 64)
    let service = UInt8(send.tos ?? 0)
    switch (source, destination) {
    case (.v6(let source), .v6(let address)):
      return IPv6(from: source, to: address, hopLimit: hops, trafficClass: service)
    case (let source, let address):
      return IPv4(
        from: source.v4 ?? .any, to: address.v4 ?? .any, ttl: hops, typeOfService: service, identification: 1,
        flags: .dontFragment)
    }
  }
}
