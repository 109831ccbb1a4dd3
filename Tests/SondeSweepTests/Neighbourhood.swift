import SondeLink
import SondeOctets
import SondeSweep

/// A book on virtual time, and a link whose hosts answer when they are told to.
struct Neighbourhood {
  /// What was asked for, and of whom.
  struct Question: Equatable {
    var octets: [UInt8]
    var hop: NextHop
  }

  static let ours: MACAddress = "02:00:00:00:00:0a"
  static let interface: Int32 = 7
  static let asker: IPAddress = .v4("192.0.2.10")
  static let asker6: IPAddress = .v6("2001:db8::a")

  var book: NeighbourBook
  var now = Instant(nanoseconds: 1_000_000_000_000)

  init(_ ipv4: [BulkWay], ipv6: [BulkWay] = [], capacity: Int = 65_536) {
    book = NeighbourBook(ipv4: ipv4, ipv6: ipv6, capacity: capacity)
  }

  static func range(_ first: IPAddress, _ last: IPAddress) -> ClosedRange<UInt128> { number(first)...number(last) }

  static func number(_ address: IPAddress) -> UInt128 {
    switch address {
    case .v4(let address): UInt128(address.rawValue)
    case .v6(let address): UInt128(address.high) << 64 | UInt128(address.low)
    }
  }

  /// 192.0.2.0/24 on the link.
  static let lan = BulkWay(
    addresses: range(.v4("192.0.2.0"), .v4("192.0.2.255")), kind: .onLink, interface: interface, interfaceName: "eth0",
    linkAddress: ours, source: asker, asker: asker, mtu: 1500)

  /// 10.0.0.0/8 on the link: more than the book holds.
  static let wide = BulkWay(
    addresses: range(.v4("10.0.0.0"), .v4("10.255.255.255")), kind: .onLink, interface: interface,
    interfaceName: "eth0", linkAddress: ours, source: asker, asker: asker, mtu: 1500)

  /// 198.51.100.0/24 through 192.0.2.1.
  static let beyond = BulkWay(
    addresses: range(.v4("198.51.100.0"), .v4("198.51.100.255")), kind: .router(.v4("192.0.2.1")),
    interface: interface, interfaceName: "eth0", linkAddress: ours, source: asker, asker: asker, mtu: 1500)

  /// 2001:db8::/64 on the link.
  static let lan6 = BulkWay(
    addresses: range(.v6("2001:db8::"), .v6("2001:db8::ffff:ffff:ffff:ffff")), kind: .onLink, interface: interface,
    interfaceName: "eth0", linkAddress: ours, source: asker6, asker: asker6, mtu: 1500)

  mutating func wait(_ duration: Duration) { now = now + duration }

  /// All that is due now.
  mutating func questions() -> [Question] {
    var questions: [Question] = []
    while book.writeRequest(at: now, { questions.append(Question(octets: $0.octets, hop: $1)) }) {}
    return questions
  }

  mutating func hop(_ address: IPAddress) -> HopStanding { book.hop(to: address, at: now) }

  /// An ARP packet comes; unless told otherwise, a reply to us.
  mutating func arp(
    _ sender: IPv4Address, _ linkAddress: MACAddress, operation: UInt16 = 2, target: IPv4Address = "192.0.2.10",
    interface: Int32 = interface
  ) {
    var octets: [UInt8] = [0, 1, 8, 0, 6, 4, 0, UInt8(operation)]
    octets += linkAddress.octets
    octets += sender.octets
    octets += Self.ours.octets
    octets += target.octets
    hear(octets, 0x0806, interface: interface)
  }

  mutating func hear(_ octets: [UInt8], _ etherType: UInt16, interface: Int32 = interface) {
    let now = now
    book.hear(octets.rawSpan, etherType: etherType, interface: interface, at: now)
  }
}

extension HopStanding {
  /// The link address to send to.
  var linkAddress: MACAddress? {
    guard case .ready(let hop) = self else { return nil }
    return hop.linkAddress
  }

  var isReady: Bool {
    guard case .ready = self else { return false }
    return true
  }

  var waits: Bool {
    guard case .wait = self else { return false }
    return true
  }

  var why: String? {
    guard case .never(let why) = self else { return nil }
    return why.message
  }
}

extension IPv4Address {
  var octets: [UInt8] { (0..<4).map { UInt8(truncatingIfNeeded: rawValue >> (24 - 8 * $0)) } }
}
