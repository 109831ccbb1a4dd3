internal import SondeCraft
internal import SondeHeaders
internal import SondeLink
internal import SondeOctets

/// A packet of a scenario on its way out: what its recipe leaves open is filled in as the sending host would, and
/// what no live packet should repeat is drawn.
struct ScriptedPacket {
  private var layers: [any Header]
  private var written: [Set<String>]
  private let sender: StageHost
  private let hosts: [StageHost]
  /// The interface that a frame leaves by.
  private(set) var interface: String?
  /// The interface that routing would take, as far as addresses tell.
  private(set) var exit: String?
  /// Whether it begins with a link header.
  let isFrame: Bool
  private(set) var way: Way?

  var packet: AnyPacket { AnyPacket(layers) }

  init(_ made: RecipePacket, from sender: StageHost, by interface: String?, _ hosts: [StageHost]) {
    layers = made.packet.layers.layers
    written = made.written + Array(repeating: [], count: max(0, layers.count - made.written.count))
    self.sender = sender
    self.hosts = hosts
    // What only a link announces cannot travel without one.
    if let first = layers.first, first is ARP || first is VLANTag {
      layers.insert(Ethernet(), at: 0)
      written.insert([], at: 0)
    }
    isFrame = layers.first is Ethernet
    self.interface = interface
  }

  mutating func fill(_ draw: inout SeededGenerator) {
    // What stands behind an error's header was sent before, by another.
    let end = layers.firstIndex { $0.errorReport != nil || $0 is Quote }.map { $0 + 1 } ?? layers.count
    let target = layers[..<end].lazy.compactMap { Self.target($0) }.first
    let through = exit(to: target)
    exit = through?.name
    if isFrame { interface = exit ?? interface }
    for place in layers[..<end].indices {
      fillAddresses(place, through, target)
      fillNumbers(&layers[place], written[place], &draw)
    }
    if let target, !isFrame { way = Way(to: target) }
  }

  /// The packet as it leaves by a link of an MTU: cut into fragments if it is longer and may be cut.
  func pieces(mtu: Int?) throws(CraftError) -> [AnyPacket] {
    guard let mtu, !isFrame, packet.byteCount > mtu else { return [packet] }
    if let header = layers.first as? IPv4, header.flags.contains(.dontFragment) { return [packet] }
    return try packet.fragment(mtu: mtu)
  }

  /// Whom a layer is for.
  private static func target(_ header: any Header) -> IPAddress? {
    switch header {
    case let header as IPv4: .v4(header.destination)
    case let header as IPv6: .v6(header.destination)
    case let header as ARP where header.targetProtocolAddress.count == 4:
      .v4(IPv4Address(rawValue: header.targetProtocolAddress.reduce(0) { $0 << 8 | UInt32($1) }))
    default: nil
    }
  }

  /// The interface on whose link the target is, as far as addresses tell: the one that has most bits in common.
  private func exit(to target: IPAddress?) -> StageHost.Interface? {
    if let interface { return sender.interfaces.first { $0.name == interface } }
    guard let target else { return sender.interfaces.first }
    var best: (bits: Int, interface: StageHost.Interface)?
    for interface in sender.interfaces {
      for address in interface.addresses where address.version == target.version {
        let bits = address.commonBits(with: target)
        if best.map({ bits > $0.bits }) ?? true { best = (bits, interface) }
      }
    }
    return best?.interface ?? sender.interfaces.first
  }

  /// The sender's address of a version, the one nearest to the target.
  private func source(_ version: Int, _ through: StageHost.Interface?, _ target: IPAddress?) -> IPAddress? {
    let own = (through?.addresses ?? []).filter { $0.version == version }
    guard let target else { return own.first }
    return own.max { $0.commonBits(with: target) < $1.commonBits(with: target) }
  }

  private mutating func fillAddresses(_ place: Int, _ through: StageHost.Interface?, _ target: IPAddress?) {
    let written = written[place]
    switch layers[place] {
    case var header as IPv4:
      if !written.contains("source"), case .v4(let address)? = source(4, through, target) { header.source = address }
      layers[place] = header
    case var header as IPv6:
      if !written.contains("source"), case .v6(let address)? = source(6, through, target) { header.source = address }
      layers[place] = header
    case var header as ARP:
      if !written.contains("senderHardwareAddress"), let own = through?.linkAddress {
        header.senderHardwareAddress = own.octets
      }
      if !written.contains("senderProtocolAddress"), case .v4(let own)? = source(4, through, target) {
        header.senderProtocolAddress = own.octets
      }
      layers[place] = header
    case var header as Ethernet:
      if !written.contains("source"), let own = through?.linkAddress { header.source = own }
      if !written.contains("destination"), !layers.contains(where: { $0 is ARP }), let known = linkAddress(of: target) {
        header.destination = known
      }
      layers[place] = header
    default: break
    }
  }

  /// The link address of the host that has an address.
  private func linkAddress(of target: IPAddress?) -> MACAddress? {
    guard let target else { return nil }
    return hosts.lazy.flatMap(\.interfaces).first { $0.addresses.contains(target) }?.linkAddress
  }

  private func fillNumbers(_ layer: inout any Header, _ written: Set<String>, _ draw: inout SeededGenerator) {
    func word() -> UInt16 { 1 + UInt16(draw.next(below: 0xffff)) }
    switch layer {
    case var header as IPv4:
      // Zero would leave the choice to the kernel.
      if !written.contains("identification") { header.identification = word() }
      layer = header
    case var header as TCP:
      if !written.contains("sourcePort") { header.sourcePort = draw.port() }
      if !written.contains("sequenceNumber") { header.sequenceNumber = UInt32(draw.next(below: 1 << 32)) }
      layer = header
    case var header as UDP:
      if !written.contains("sourcePort") { header.sourcePort = draw.port() }
      layer = header
    case var header as ICMPv4 where header.type.isQueryOrReply && !written.contains("identifier"):
      header.identifier = word()
      layer = header
    case var header as ICMPv6 where !written.contains("identifier"):
      guard header.type == .echoRequest || header.type == .echoReply else { return }
      header.identifier = word()
      layer = header
    default: break
    }
  }
}

extension IPAddress {
  /// How many bits, from the first on, it has in common with another of its version.
  fileprivate func commonBits(with other: IPAddress) -> Int {
    switch (self, other) {
    case (.v4(let left), .v4(let right)): return (left.rawValue ^ right.rawValue).leadingZeroBitCount
    case (.v6(let left), .v6(let right)):
      let high = left.high ^ right.high
      return high == 0 ? 64 + (left.low ^ right.low).leadingZeroBitCount : high.leadingZeroBitCount
    default: return 0
    }
  }
}
