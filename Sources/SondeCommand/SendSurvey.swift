internal import SondeCraft
internal import SondeHeaders
internal import SondeLink
internal import SondeLinux
internal import SondeOctets

/// What a run of recipes asks of doors and ears, found out before anything is sent.
struct SendSurvey {
  /// Of the packets that begin with an IP header.
  private(set) var wishes: [Wishes] = []
  private(set) var ways: [Way] = []
  private(set) var hasFrames = false
  private(set) var filter = PacketFilter.everything
  private var families: Set<Family> = []

  /// How many packets of a recipe are looked at, from its first on: they differ in the values of fields, and doors
  /// choose by which fields are written.
  private static let sampleSize: UInt64 = 64
  /// The most addresses that the ear's filter names; it is open to all beyond.
  private static let mostSources = 64

  /// - Throws: `LinkError` where there is no way for a packet, `CraftError` where one does not encode, `Failure` where
  ///   one is too long for its way.
  init(_ recipes: [Recipe], _ packets: inout LivePackets, mtu: Int?) throws {
    var sources: Set<IPAddress> = []
    var isOpen = false
    var etherTypes: Set<UInt16> = []
    var flows: [PacketFilter.Flow] = []
    for recipe in recipes {
      if recipe.count > Self.sampleSize { isOpen = true }
      for number in 0..<min(recipe.count, Self.sampleSize) {
        let live = try packets.live(recipe.packet(at: number), number: number, round: 0)
        if live.isFrame { hasFrames = true }
        if mtu == nil { try live.checkLength() }
        if live.packet.first(ARP.self) != nil { etherTypes.insert(0x0806) }
        if let family = live.family { families.insert(family) }
        if live.isFrame, live.family == nil, live.packet.first(ARP.self) == nil { isOpen = true }
        if let way = live.way, !live.isFrame {
          if !ways.contains(way) { ways.append(way) }
          sources.insert(way.destination)
        }
        // Under a source route or a routing header the host that answers is another than the first one passed.
        if let final = Registry.dissect(try live.packet.encoded().bytes, as: live.start).destination {
          sources.insert(final)
        }
        if live.isGroup { isOpen = true }
        flows += live.flows
        if !live.isFrame { wishes.append(try live.wishes(mtu: mtu)) }
      }
    }
    if ways.count > Self.mostSources { ways = [] }
    if hasFrames, isOpen {
      filter = .allFrames
    } else if !isOpen, sources.count <= Self.mostSources, flows.count <= Self.mostSources {
      filter = PacketFilter(from: Array(sources), flows: flows, etherTypes: Array(etherTypes))
    }
    // A frame's made-up link address hears its answers too.
    filter.passesOtherHosts = hasFrames
  }

  /// Refuses packets of the family that was not asked for.
  func check(family: Family?) throws {
    guard let family, let stray = families.first(where: { $0 != family }) else { return }
    throw Failure(
      "send: the recipe's packet is \(stray == .ipv4 ? "IPv4" : "IPv6"), and -\(family == .ipv4 ? 4 : 6) was asked for")
  }
}

extension LivePacket {
  /// How the packet's first octet is read.
  var start: Registry.Start {
    if isFrame { return .link(LinkType.ethernet.rawValue) }
    return packet.layers.leading?.ipProtocol.map { .ipProtocol($0) } ?? .ip
  }

  /// Refuses what no door sends whole, and names the option that sends it in pieces.
  fileprivate func checkLength() throws {
    guard let mtu else { return }
    let length =
      try packet.encoded().bytes.count
      - packet.layers.layers.prefix { !($0 is IPv4 || $0 is IPv6) }
      .reduce(0) { $0 + $1.byteCount }
    if length > mtu {
      throw Failure("send: the packet's \(length) octets exceed the MTU, \(mtu); --mtu \(mtu) sends it in fragments")
    }
  }

  /// Which packets come back to our ports.
  fileprivate var flows: [PacketFilter.Flow] {
    packet.layers.layers.compactMap { layer in
      switch layer {
      case let header as TCP: .init(protocolNumber: 6, destinationPorts: [header.sourcePort...header.sourcePort])
      case let header as UDP: .init(protocolNumber: 17, destinationPorts: [header.sourcePort...header.sourcePort])
      default: nil
      }
    }
  }

  /// What the packet, or each of its fragments, asks of a door.
  fileprivate func wishes(mtu limit: Int?) throws(CraftError) -> Wishes {
    guard family != nil else {
      throw CraftError(
        layer: packet.layers.layers.first.map { type(of: $0).name } ?? Payload.name, field: "packet",
        reason: "begins with no IP and no Ethernet header, so that no door takes it")
    }
    let whole = try Wishes(
      of: packet, keepsIdentification: keepsIdentification, isForeignSource: isForeignSource, mtu: mtu)
    guard let limit else { return whole }
    let pieces = try packet.fragment(mtu: limit)
    var merged = try Wishes(
      of: pieces[0], keepsIdentification: true, isForeignSource: isForeignSource, mtu: mtu)
    if pieces.count == 1 { return whole }
    // What is not seen in the first piece, the last one has.
    merged.wishes.formUnion(
      try Wishes(of: pieces[pieces.count - 1], keepsIdentification: true, isForeignSource: isForeignSource, mtu: mtu)
        .wishes)
    return merged
  }
}
