public import SondeOctets

/// One option of the IPv4 header (RFC 791 §3.1; IANA "IP Option Numbers").
///
/// An option whose octets are not what its kind has, such as a route of half an address, is read as `option`; all
/// cases that have the same octets are the same on the wire.
public enum IPv4Option: Hashable, Sendable {
  /// End of option list: kind 0.
  case endOfList
  /// No operation: kind 1.
  case noOperation
  /// Kind 7: each router on the way writes its address.
  case recordRoute(Route)
  /// Kind 131: the packet goes by way of these hosts.
  case looseSourceRoute(Route)
  /// Kind 137: the packet goes by way of these hosts alone.
  case strictSourceRoute(Route)
  /// Kind 68: each router on the way writes the time.
  case timestamp(Timestamp)
  /// Kind 130: the layout of RFC 791, eleven octets; what RFC 1108 made of it is an `option`.
  case security(Security)
  /// Kind 136 (RFC 791 §3.1).
  case streamIdentifier(UInt16)
  /// Kind 148: routers should examine the packet; 0 says that each should (RFC 2113 §2.1).
  case routerAlert(UInt16)
  /// Kind 11: the least MTU so far (RFC 1063 §3.1).
  case mtuProbe(UInt16)
  /// Kind 12: the least MTU of a probe (RFC 1063 §3.1).
  case mtuReply(UInt16)
  /// Kind 82 (RFC 1393 §2.2).
  case traceroute(identification: UInt16, outboundHops: UInt16, returnHops: UInt16, originator: IPv4Address)
  /// Kind 147 (RFC 1475 §4).
  case addressExtension(source: IPv4Address, destination: IPv4Address)
  /// Kind 149: selective directed broadcast (RFC 1770 §2).
  case directedBroadcast([IPv4Address])
  /// Any other kind: its octets behind kind and length.
  case option(kind: UInt8, data: [UInt8])
  /// Octets that are no option: what follows the end of the list, or a length that lies.
  case octets([UInt8])

  /// A route that is recorded or followed.
  public struct Route: Hashable, Sendable {
    /// The octet of the next address, counted from the option's first, which is 1; 4 is the first address.
    public var pointer: UInt8
    public var addresses: [IPv4Address]

    public init(_ addresses: [IPv4Address], pointer: UInt8 = 4) {
      self.pointer = pointer
      self.addresses = addresses
    }
  }

  /// The Internet Timestamp option (RFC 791 §3.1).
  public struct Timestamp: Hashable, Sendable {
    /// The octet of the next entry, counted from the option's first, which is 1; 5 is the first entry.
    public var pointer: UInt8
    /// How many routers found no room; four bits.
    public var overflow: UInt8
    /// 0: times alone, 1: an address before each, 3: the addresses are given; four bits.
    public var flag: UInt8
    /// Times, in milliseconds since midnight UT, and addresses, as `flag` says.
    public var words: [UInt32]

    public init(words: [UInt32], pointer: UInt8 = 5, overflow: UInt8 = 0, flag: UInt8 = 0) {
      self.pointer = pointer
      self.overflow = overflow
      self.flag = flag
      self.words = words
    }
  }

  /// The Security option (RFC 791 §3.1).
  public struct Security: Hashable, Sendable {
    public var level: UInt16
    public var compartments: UInt16
    public var handlingRestrictions: UInt16
    /// Three octets.
    public var transmissionControlCode: [UInt8]

    public init(
      level: UInt16 = 0, compartments: UInt16 = 0, handlingRestrictions: UInt16 = 0,
      transmissionControlCode: [UInt8] = Array("xxx".utf8)
    ) {
      self.level = level
      self.compartments = compartments
      self.handlingRestrictions = handlingRestrictions
      self.transmissionControlCode = transmissionControlCode
    }
  }

  /// Its length on the wire in octets.
  public var byteCount: Int {
    switch self {
    case .endOfList, .noOperation: 1
    case .octets(let octets): octets.count
    default: 2 + (parts?.data.count ?? 0)
    }
  }

  /// Its octets on the wire.
  public var octets: [UInt8] {
    switch self {
    case .endOfList: return [0]
    case .noOperation: return [1]
    case .octets(let octets): return octets
    default:
      guard let (kind, data) = parts else { return [] }
      // The length octet counts kind and length too; the header refuses data that it cannot count.
      return [kind, UInt8(truncatingIfNeeded: data.count + 2)] + data
    }
  }

  /// Kind and the octets behind the length; nil where there is no length.
  var parts: (kind: UInt8, data: [UInt8])? {
    switch self {
    case .endOfList, .noOperation, .octets: nil
    case .recordRoute(let route): (7, [route.pointer] + Self.octets(route.addresses))
    case .looseSourceRoute(let route): (131, [route.pointer] + Self.octets(route.addresses))
    case .strictSourceRoute(let route): (137, [route.pointer] + Self.octets(route.addresses))
    case .timestamp(let option):
      (68, [option.pointer, option.overflow << 4 | option.flag & 0xf] + option.words.flatMap { Self.octets($0) })
    case .security(let option):
      (
        130,
        Self.octets(option.level) + Self.octets(option.compartments) + Self.octets(option.handlingRestrictions)
          + option.transmissionControlCode
      )
    case .streamIdentifier(let number): (136, Self.octets(number))
    case .routerAlert(let number): (148, Self.octets(number))
    case .mtuProbe(let mtu): (11, Self.octets(mtu))
    case .mtuReply(let mtu): (12, Self.octets(mtu))
    case .traceroute(let identification, let outbound, let back, let originator):
      (
        82, Self.octets(identification) + Self.octets(outbound) + Self.octets(back) + Self.octets(originator.rawValue)
      )
    case .addressExtension(let source, let destination): (147, Self.octets([source, destination]))
    case .directedBroadcast(let addresses): (149, Self.octets(addresses))
    case .option(let kind, let data): (kind, data)
    }
  }

  private static func octets(_ number: UInt16) -> [UInt8] { [UInt8(number >> 8), UInt8(truncatingIfNeeded: number)] }
  private static func octets(_ number: UInt32) -> [UInt8] {
    (0..<4).map { UInt8(truncatingIfNeeded: number >> (24 - 8 * $0)) }
  }
  private static func octets(_ addresses: [IPv4Address]) -> [UInt8] { addresses.flatMap { octets($0.rawValue) } }

  /// The last address of a loose or strict source route (131, 137) whose pointer is not yet behind it,
  /// so that a receiver sends the packet on (RFC 791 §3.1); nil for any other option.
  var routeEnd: IPv4Address? {
    guard let (kind, data) = parts, kind == 131 || kind == 137 else { return nil }
    // The pointer counts from the option's first octet, from 1; the smallest legal value is 4.
    guard data.count >= 5, Int(data[0]) <= data.count else { return nil }
    return IPv4Address(
      rawValue: data[(1 + (data.count - 1) / 4 * 4 - 4)...].prefix(4).reduce(0) { $0 << 8 | UInt32($1) })
  }

  /// Reads a whole option area; whatever it holds encodes to the same octets again.
  public static func read(_ area: [UInt8]) -> [IPv4Option] {
    var options: [IPv4Option] = []
    var rest = area[...]
    while let kind = rest.first {
      if kind == 0 {
        options.append(.endOfList)
        rest = rest.dropFirst()
        break
      }
      if kind == 1 {
        options.append(.noOperation)
        rest = rest.dropFirst()
        continue
      }
      guard let length = rest.dropFirst().first, length >= 2, Int(length) <= rest.count else { break }
      options.append(IPv4Option(kind: kind, data: Array(rest.dropFirst(2).prefix(Int(length) - 2))))
      rest = rest.dropFirst(Int(length))
    }
    if !rest.isEmpty { options.append(.octets(Array(rest))) }
    return options
  }

  /// The case of its own that such octets have, or `option`.
  init(kind: UInt8, data: [UInt8]) {
    func words(_ start: Int) -> [UInt32] {
      stride(from: start, to: data.count - 3, by: 4).map { data[$0..<$0 + 4].reduce(0) { $0 << 8 | UInt32($1) } }
    }
    func addresses(_ start: Int) -> [IPv4Address] { words(start).map { IPv4Address(rawValue: $0) } }
    func number(_ start: Int) -> UInt16 { UInt16(data[start]) << 8 | UInt16(data[start + 1]) }
    switch (kind, data.count) {
    case (7, let count) where count % 4 == 1: self = .recordRoute(Route(addresses(1), pointer: data[0]))
    case (131, let count) where count % 4 == 1: self = .looseSourceRoute(Route(addresses(1), pointer: data[0]))
    case (137, let count) where count % 4 == 1: self = .strictSourceRoute(Route(addresses(1), pointer: data[0]))
    case (68, let count) where count % 4 == 2:
      self = .timestamp(Timestamp(words: words(2), pointer: data[0], overflow: data[1] >> 4, flag: data[1] & 0xf))
    case (130, 9):
      self = .security(
        Security(
          level: number(0), compartments: number(2), handlingRestrictions: number(4),
          transmissionControlCode: Array(data[6...])))
    case (136, 2): self = .streamIdentifier(number(0))
    case (148, 2): self = .routerAlert(number(0))
    case (11, 2): self = .mtuProbe(number(0))
    case (12, 2): self = .mtuReply(number(0))
    case (82, 10):
      self = .traceroute(
        identification: number(0), outboundHops: number(2), returnHops: number(4), originator: addresses(6)[0])
    case (147, 8): self = .addressExtension(source: addresses(0)[0], destination: addresses(4)[0])
    case (149, let count) where count % 4 == 0: self = .directedBroadcast(addresses(0))
    default: self = .option(kind: kind, data: data)
    }
  }
}
