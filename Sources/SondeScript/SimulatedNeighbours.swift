internal import SondeHeaders
internal import SondeLink
internal import SondeOctets

/// What the hosts of a simulation know of link addresses, and what they ask and answer by ARP (RFC 826).
///
/// IPv6 neighbours are known from the start: neighbour discovery is not simulated.
struct SimulatedNeighbours: Sendable {
  /// A packet that waits for a link address.
  struct Waiting: Sendable {
    var bytes: [UInt8]
    var direction: Sighting.Direction
  }

  private struct Place: Hashable {
    var host: String
    var address: IPAddress
  }

  /// A request goes so often, a second after the one before (arp(7), mcast_solicit and retrans_time_ms).
  static let mostRequests = 3
  static let interval = Duration.seconds(1)

  private var known: [Place: MACAddress] = [:]
  private var waiting: [Place: [Waiting]] = [:]

  init(_ topology: Topology) {
    for network in topology.networks {
      for end in network.ends {
        for address in end.addresses.map(\.address) where address.version == 6 {
          for other in network.ends where other != end {
            known[Place(host: other.host, address: address)] = end.linkAddress
          }
        }
      }
    }
    for host in topology.hosts {
      for entry in host.neighbours { known[Place(host: host.name, address: entry.address)] = entry.linkAddress }
    }
  }

  /// The link address that a host knows of an address.
  func linkAddress(of address: IPAddress, at host: String) -> MACAddress? { known[Place(host: host, address: address)] }

  /// Keeps a packet until the link address is known.
  ///
  /// - Returns: whether nobody has asked for it yet.
  mutating func wait(_ packet: Waiting, for address: IPAddress, at host: String) -> Bool {
    waiting[Place(host: host, address: address), default: []].append(packet)
    return waiting[Place(host: host, address: address)]?.count == 1
  }

  /// Whether packets wait for a link address.
  func isWaiting(for address: IPAddress, at host: String) -> Bool {
    waiting[Place(host: host, address: address)] != nil
  }

  /// Gives up what waits for a link address that nobody tells.
  mutating func giveUp(_ address: IPAddress, at host: String) { waiting[Place(host: host, address: address)] = nil }

  /// What a host learns of an ARP packet that it hears.
  ///
  /// - Parameter isTarget: whether it is asked, and so remembers whoever asks; others change an entry that they have
  ///   (RFC 826, the merge flag).
  /// - Returns: what waited for it.
  mutating func learn(_ packet: ARP, at host: String, isTarget: Bool) -> (address: IPAddress, packets: [Waiting])? {
    guard let source = packet.source, source != .any, let link = MACAddress(octets: packet.senderHardwareAddress)
    else { return nil }
    let sender = IPAddress.v4(source)
    let place = Place(host: host, address: sender)
    guard isTarget || known[place] != nil || waiting[place] != nil else { return nil }
    known[place] = link
    return (sender, waiting.removeValue(forKey: place) ?? [])
  }
}

extension ARP {
  /// The IPv4 address that is asked for; nil where it asks for something else.
  var target: IPv4Address? { address(targetProtocolAddress) }

  /// The IPv4 address of whoever sent it; nil where it has another.
  var source: IPv4Address? { address(senderProtocolAddress) }

  private func address(_ octets: [UInt8]) -> IPv4Address? {
    guard protocolType == 0x0800, octets.count == 4 else { return nil }
    return IPv4Address(rawValue: octets.reduce(UInt32(0)) { $0 << 8 | UInt32($1) })
  }
}

extension IPAddress {
  /// The link address of a group's frames (RFC 1112 §6.4, RFC 2464 §7).
  var groupLinkAddress: MACAddress {
    switch self {
    case .v4(.broadcast): .broadcast
    case .v4(let address): MACAddress(rawValue: 0x0100_5e00_0000 | UInt64(address.rawValue & 0x7f_ffff))
    case .v6(let address): MACAddress(rawValue: 0x3333_0000_0000 | address.low & 0xffff_ffff)
    }
  }
}
