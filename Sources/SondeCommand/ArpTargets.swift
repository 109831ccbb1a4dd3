internal import SondeHeaders
internal import SondeLink
internal import SondeLinux
internal import SondeOctets

/// An address of a link that is asked for, and the link.
struct ArpTarget {
  var name: String
  var address: IPAddress
  var interface: NetworkInterface
  /// Whom we say we are: the unspecified address where we probe.
  var source: IPAddress
  /// Our link address there.
  var hardware: MACAddress
  /// Whether the address is one of this machine's.
  var isOwn: Bool

  var way: Way { Way(to: address, interface: interface.index) }

  /// Looks up the link of an address, and our addresses there.
  ///
  /// - Throws: `Failure` naming the address, where no link of Ethernet's kind has it.
  init(
    _ name: String, _ address: IPAddress, zone: Int?, _ ask: ArpOptions, _ send: SendOptions,
    _ exit: Destination.Exit, _ interfaces: [NetworkInterface]
  ) throws {
    self.name = name
    self.address = address
    isOwn = interfaces.contains { $0.addresses.contains { $0.address == address } }
    if address.isGroup || address.isNobody { throw Failure("\(name): \(address) is no address of one host") }
    if case .v6(let asked) = address, asked.isLinkLocal, exit.interface == nil, zone == nil {
      throw Failure("\(name) is of one link only: say of which, as \(address)%eth0 or by -I")
    }
    let through: Int
    var preferred: IPAddress?
    if let index = exit.interface ?? zone {
      through = index
      preferred = (try? Route.lookup(address, interface: index, mark: send.firewallMark))?.source
    } else {
      let route: Route
      do throws(LinkError) {
        route = try Route.lookup(address, source: exit.source, mark: send.firewallMark)
      } catch {
        throw Failure("\(name): \(error.message); -I names the link to ask on")
      }
      if route.kind == .broadcast { throw Failure("\(name): \(address) is a broadcast address, which no host has") }
      if let router = route.nextHop {
        throw Failure(
          "\(name): \(address) is behind the router \(router), not on a link of this machine; -I asks on one")
      }
      // An address of this machine is of the link that has it, whatever routing says.
      let home = interfaces.first { $0.addresses.contains { $0.address == address } }
      through = (route.kind == .local ? home?.index : nil) ?? route.interface.index
      preferred = route.source
    }
    guard let interface = interfaces.first(where: { $0.index == through }) else {
      throw Failure("\(name): interface \(through) is not there any more")
    }
    let protocolName = address.version == 4 ? "ARP" : "neighbour discovery"
    guard interface.resolvesNeighbours, interface.hardwareType == 1, let own = interface.linkAddress else {
      let kind = interface.isLoopback ? "the loopback interface" : "no Ethernet"
      throw Failure("\(name): \(interface.name) is \(kind): nobody answers \(protocolName) there")
    }
    guard interface.isUp else { throw Failure("\(name): interface \(interface.name) is down") }
    self.interface = interface
    hardware = ask.sourceMAC.flatMap { MACAddress($0) } ?? own
    let written = (ask.from.flatMap { IPAddress($0) }) ?? send.sourceAddress ?? exit.source
    if let written, written.version != address.version {
      throw Failure("source \(written) and \(address) are of different families")
    }
    if ask.detect {
      source = address.version == 4 ? .v4(.any) : .v6(.any)
    } else if ask.announces {
      source = written ?? address
    } else {
      let first = interface.addresses.first { $0.address.version == address.version }?.address
      guard let source = written ?? preferred ?? first else {
        throw Failure("\(name): \(interface.name) has no IPv\(address.version) address to ask from; -s gives one")
      }
      self.source = source
    }
  }

  /// The addresses that a word names: one, a range (`192.0.2.1-9`), or a prefix (`192.0.2.0/28`).
  ///
  /// - Throws: `Failure` naming the word.
  static func addresses(_ word: String, _ send: SendOptions) throws -> [(address: IPAddress, zone: Int?)] {
    let family = try send.family
    func check(_ address: IPAddress) throws {
      guard let family, (address.version == 4) != (family == .ipv4) else { return }
      throw Failure("\(word): this is no IPv\(family.rawValue) address, which was asked for")
    }
    if let address = IPAddress(word) {
      try check(address)
      return [(address, nil)]
    }
    if let range = try range(word) {
      guard range.count <= mostAddresses else {
        throw Failure("\(word) names \(range.count) addresses; at most \(mostAddresses) are asked for in one run")
      }
      if let first = range.first { try check(.v4(IPv4Address(rawValue: first))) }
      return range.map { (.v4(IPv4Address(rawValue: $0)), nil) }
    }
    if let addresses = try prefix(word) {
      if let first = addresses.first { try check(first) }
      return addresses.map { ($0, nil) }
    }
    if word.isEmpty || number(word[...]) != nil || isMisspelt(word) {
      throw Failure("\"\(word)\" is no address, range (192.0.2.1-9) or prefix (192.0.2.0/28, 2001:db8::/124)")
    }
    do throws(LinkError) {
      let scoped = try Resolver.resolve(word, family)[0]
      return [(scoped.address, scoped.zone == 0 ? nil : scoped.zone)]
    } catch {
      throw Failure("\(word): \(error.message)")
    }
  }

  private static let mostAddresses = 65_536

  /// Whether a word has signs that are in no name: it was meant for an address, and nobody is asked for it.
  private static func isMisspelt(_ word: String) -> Bool {
    if let zone = word.firstIndex(of: "%"), IPv6Address(word[..<zone]) != nil { return false }
    return word.contains { ":/,*".contains($0) }
      || word.contains("-") && word.allSatisfy { ".-".contains($0) || $0.isASCII && $0.isNumber }
  }

  /// The addresses of a prefix of IPv6; nil for a word that is none.
  private static func prefix(_ word: String) throws -> [IPAddress]? {
    let parts = word.split(separator: "/", omittingEmptySubsequences: false)
    guard parts.count == 2, let base = IPv6Address(parts[0]) else { return nil }
    guard let bits = number(parts[1]), bits <= 128 else {
      throw Failure("\(word): a prefix of IPv6 has 112 to 128 bits here, as in 2001:db8::/124")
    }
    guard bits >= 112 else {
      throw Failure("\(word) names too many addresses; at most \(mostAddresses) are asked for in one run")
    }
    let hosts = (UInt64(1) << UInt64(128 - bits)) &- 1
    let first = base.low & ~hosts
    // The first is all routers' of the network (RFC 4291 §2.6.1), but where there are only two (RFC 6164).
    return (bits >= 127 ? first...first | hosts : first + 1...first | hosts).map {
      .v6(IPv6Address(high: base.high, low: $0))
    }
  }

  /// Several IPv4 addresses; nil for a word that is neither a range nor a prefix of them.
  private static func range(_ word: String) throws -> ClosedRange<UInt32>? {
    let prefix = word.split(separator: "/", omittingEmptySubsequences: false)
    if prefix.count == 2, let base = IPv4Address(prefix[0]) {
      guard let bits = number(prefix[1]), bits <= 32 else {
        throw Failure("\(word): a prefix has 0 to 32 bits, as in 192.0.2.0/28")
      }
      let hosts = bits == 0 ? UInt32.max : (UInt32(1) << UInt32(32 - bits)) &- 1
      let first = base.rawValue & ~hosts
      let last = first | hosts
      // The first and the last address of a network name no host, but where there are only two (RFC 3021).
      return bits >= 31 ? first...last : first + 1...last - 1
    }
    let ends = word.split(separator: "-", omittingEmptySubsequences: false)
    guard ends.count == 2, let first = IPv4Address(ends[0]) else { return nil }
    let last =
      IPv4Address(ends[1])
      ?? number(ends[1]).flatMap { octet in
        octet > 255 ? nil : IPv4Address(rawValue: first.rawValue & ~0xff | UInt32(octet))
      }
    guard let last, first <= last else {
      throw Failure("\(word): a range goes up, as 192.0.2.1-9 or 192.0.2.1-192.0.2.9")
    }
    return first.rawValue...last.rawValue
  }
}

extension ArpTarget {
  /// The frame of a round.
  ///
  /// - Parameter owner: to whom alone it goes; nil for all.
  func frame(_ ask: ArpOptions, to owner: MACAddress?) -> AnyPacket {
    let written = ask.targetMAC.flatMap { MACAddress($0) }
    switch (source, address) {
    case (.v6(let source), .v6(let address)):
      return AnyPacket(neighborDiscovery(ask, from: source, of: address, to: written ?? owner))
    case (let source, let address):
      let asked = address.v4 ?? .any
      // A gratuitous reply names the sender's link address twice (RFC 5944 §4.6); Linux believes no other.
      let arp = ARP(
        from: hardware, source.v4 ?? .any, to: asked, ask.announceReply ? hardware : .zero,
        operation: ask.announceReply ? ARP.reply : ARP.request)
      return AnyPacket([Ethernet(from: hardware, to: written ?? owner ?? .broadcast), arp])
    }
  }

  private func neighborDiscovery(
    _ ask: ArpOptions, from source: IPv6Address, of address: IPv6Address, to owner: MACAddress?
  ) -> [any Header] {
    if ask.announces {
      // RFC 4861 §7.2.6: unsolicited, to all nodes.
      let all: IPv6Address = "ff02::1"
      return [
        Ethernet(from: hardware, to: owner ?? "33:33:00:00:00:01"), IPv6(from: source, to: all, hopLimit: 255),
        ICMPv6.neighborAdvertisement(target: address, flags: .override),
        NeighborDiscoveryOption.targetLinkLayerAddress(hardware),
      ]
    }
    // The group of all whose address ends so (RFC 4291 §2.7.1); its link address ends so too (RFC 2464 §7).
    let group = IPv6Address(high: 0xff02 << 48, low: 0x1_ff00_0000 | address.low & 0xff_ffff)
    let link = MACAddress(rawValue: 0x3333_0000_0000 | group.low & 0xffff_ffff)
    var layers: [any Header] = [
      Ethernet(from: hardware, to: owner ?? link),
      IPv6(from: source, to: owner == nil ? group : address, hopLimit: 255),
      ICMPv6.neighborSolicitation(target: address),
    ]
    // Who probes has no address that could be answered (RFC 4861 §4.3).
    if source != .any { layers.append(NeighborDiscoveryOption.sourceLinkLayerAddress(hardware)) }
    return layers
  }
}
