import TestSupport
import SondeCraft
import SondeHeaders
import SondeOctets

/// A field that a hand can change, in the header and in a template of it alike.
struct Change {
  var field: String
  var bits: Int
  /// Sets the field of a header; the header has it.
  var apply: @Sendable (inout any Header, UInt128) -> Void

  init<H: Header>(_ field: String, _ bits: Int, of type: H.Type, _ set: @escaping @Sendable (inout H, UInt128) -> Void)
  {
    self.field = field
    self.bits = bits
    apply = { header, value in
      guard var own = header as? H else { return }
      set(&own, value)
      header = own
    }
  }

  /// Every field of fixed width that the protocols have, by the header's own properties.
  static func all(of header: any Header) -> [Change] {
    switch header {
    case is IPv4: ipv4
    case is IPv6: ipv6
    case is UDP: udp
    case is TCP: tcp
    case let icmp as ICMPv4: icmpv4(icmp)
    case let icmp as ICMPv6: icmpv6(icmp)
    default: []
    }
  }

  private static let ipv4: [Change] = [
    Change("version", 4, of: IPv4.self) { $0.version = .set(UInt8($1)) },
    Change("headerLength", 4, of: IPv4.self) { $0.headerLength = .set(UInt8($1)) },
    Change("typeOfService", 8, of: IPv4.self) { $0.typeOfService = UInt8($1) },
    Change("totalLength", 16, of: IPv4.self) { $0.totalLength = .set(UInt16($1)) },
    Change("identification", 16, of: IPv4.self) { $0.identification = UInt16($1) },
    Change("flags", 3, of: IPv4.self) { $0.flags = IPv4.Flags(rawValue: UInt8($1)) },
    Change("fragmentOffset", 13, of: IPv4.self) { $0.fragmentOffset = UInt16($1) },
    Change("timeToLive", 8, of: IPv4.self) { $0.timeToLive = UInt8($1) },
    Change("protocol", 8, of: IPv4.self) { $0.protocol = .set(UInt8($1)) },
    Change("checksum", 16, of: IPv4.self) { $0.checksum = .set(UInt16($1)) },
    Change("source", 32, of: IPv4.self) { $0.source = IPv4Address(rawValue: UInt32($1)) },
    Change("destination", 32, of: IPv4.self) { $0.destination = IPv4Address(rawValue: UInt32($1)) },
  ]
  private static let ipv6: [Change] = [
    Change("version", 4, of: IPv6.self) { $0.version = .set(UInt8($1)) },
    Change("trafficClass", 8, of: IPv6.self) { $0.trafficClass = UInt8($1) },
    Change("flowLabel", 20, of: IPv6.self) { $0.flowLabel = UInt32($1) },
    Change("payloadLength", 16, of: IPv6.self) { $0.payloadLength = .set(UInt16($1)) },
    Change("nextHeader", 8, of: IPv6.self) { $0.nextHeader = .set(UInt8($1)) },
    Change("hopLimit", 8, of: IPv6.self) { $0.hopLimit = UInt8($1) },
    Change("source", 128, of: IPv6.self) { $0.source = IPv6Address(patchBits: $1) },
    Change("destination", 128, of: IPv6.self) { $0.destination = IPv6Address(patchBits: $1) },
  ]
  private static let udp: [Change] = [
    Change("sourcePort", 16, of: UDP.self) { $0.sourcePort = UInt16($1) },
    Change("destinationPort", 16, of: UDP.self) { $0.destinationPort = UInt16($1) },
    Change("length", 16, of: UDP.self) { $0.length = .set(UInt16($1)) },
    Change("checksum", 16, of: UDP.self) { $0.checksum = .set(UInt16($1)) },
  ]
  private static let tcp: [Change] = [
    Change("sourcePort", 16, of: TCP.self) { $0.sourcePort = UInt16($1) },
    Change("destinationPort", 16, of: TCP.self) { $0.destinationPort = UInt16($1) },
    Change("sequenceNumber", 32, of: TCP.self) { $0.sequenceNumber = UInt32($1) },
    Change("acknowledgmentNumber", 32, of: TCP.self) { $0.acknowledgmentNumber = UInt32($1) },
    Change("dataOffset", 4, of: TCP.self) { $0.dataOffset = .set(UInt8($1)) },
    Change("reserved", 3, of: TCP.self) { $0.reserved = UInt8($1) },
    Change("flags", 9, of: TCP.self) { $0.flags = TCP.Flags(rawValue: UInt16($1)) },
    Change("window", 16, of: TCP.self) { $0.window = UInt16($1) },
    Change("checksum", 16, of: TCP.self) { $0.checksum = .set(UInt16($1)) },
    Change("urgentPointer", 16, of: TCP.self) { $0.urgentPointer = UInt16($1) },
  ]
  private static func icmpv4(_ header: ICMPv4) -> [Change] {
    [
      Change("code", 8, of: ICMPv4.self) { $0.code = UInt8($1) },
      Change("checksum", 16, of: ICMPv4.self) { $0.checksum = .set(UInt16($1)) },
    ]
      + (header.type.isQueryOrReply
        ? [
          Change("identifier", 16, of: ICMPv4.self) { $0.identifier = UInt16($1) },
          Change("sequenceNumber", 16, of: ICMPv4.self) { $0.sequenceNumber = UInt16($1) },
        ] : [])
      + (header.numbers.count == 3
        ? [Change("transmitTimestamp", 32, of: ICMPv4.self) { $0.numbers[2] = UInt32($1) }] : [])
  }
  private static func icmpv6(_ header: ICMPv6) -> [Change] {
    [
      Change("code", 8, of: ICMPv6.self) { $0.code = UInt8($1) },
      Change("checksum", 16, of: ICMPv6.self) { $0.checksum = .set(UInt16($1)) },
    ]
      + (header.type == .echoRequest
        ? [
          Change("identifier", 16, of: ICMPv6.self) { $0.identifier = UInt16($1) },
          Change("sequenceNumber", 16, of: ICMPv6.self) { $0.sequenceNumber = UInt16($1) },
        ] : [Change("mtu", 32, of: ICMPv6.self) { $0.restOfHeader = UInt32($1) }])
  }
}

extension Seeded {
  /// One in `count`.
  mutating func chance(_ count: Int) -> Bool { Int.random(in: 0..<count, using: &self) == 0 }

  /// Any number, and the corners of ones' complement more often than chance has them.
  mutating func number(bits: Int) -> UInt128 {
    let all = UInt128.max >> UInt128(128 - bits)
    switch Int.random(in: 0..<6, using: &self) {
    case 0: return 0
    case 1: return all
    case 2: return all - 1
    default: return UInt128.random(in: 0...all, using: &self)
    }
  }

  mutating func word() -> UInt16 { UInt16(number(bits: 16)) }

  private mutating func sum() -> Field<UInt16> { chance(5) ? .set(chance(2) ? 0 : word()) : .auto }

  private mutating func ip() -> any Header {
    if chance(3) {
      return IPv6(
        from: IPv6Address(patchBits: number(bits: 128)), to: IPv6Address(patchBits: number(bits: 128)),
        trafficClass: UInt8(number(bits: 8)), flowLabel: UInt32(number(bits: 20)),
        payloadLength: chance(6) ? .set(word()) : .auto)
    }
    return IPv4(
      from: IPv4Address(rawValue: UInt32(number(bits: 32))), to: IPv4Address(rawValue: UInt32(number(bits: 32))),
      identification: word(), options: chance(4) ? [.noOperation, .option(kind: 7, data: octets(5))] : [],
      version: chance(8) ? .set(0) : .auto, headerLength: chance(6) ? .set(UInt8(number(bits: 4))) : .auto,
      totalLength: chance(6) ? .set(word()) : .auto, checksum: sum())
  }

  private mutating func transport() -> any Header {
    switch Int.random(in: 0..<6, using: &self) {
    case 0: return TCP(from: word(), to: word(), options: chance(2) ? [.mss(word())] : [], checksum: sum())
    case 1:
      return ICMPv4(
        type: chance(2) ? .echoReply : .echoRequest, restOfHeader: UInt32(number(bits: 32)), checksum: sum())
    case 2: return ICMPv6(type: chance(2) ? .echoRequest : .packetTooBig, checksum: sum())
    case 3: return ICMPv4.timestampRequest(transmit: UInt32(number(bits: 32)))
    default: return UDP(from: word(), to: word(), length: chance(6) ? .set(word()) : .auto, checksum: sum())
    }
  }

  private mutating func payload() -> any Header {
    let count = Int.random(in: 0...33, using: &self)
    return Payload(octets: chance(3) ? [UInt8](repeating: 0, count: count) : octets(count))
  }

  /// A packet of any protocols, nested, with odd payloads between, some sums and lengths set by hand.
  mutating func packet() -> AnyPacket {
    var layers = [ip()]
    if chance(4) { layers.append(ip()) }
    layers.append(transport())
    // One sum over another, both with the same pseudo-header.
    if chance(4) { layers.append(transport()) }
    if chance(3) { layers.append(payload()) }
    if chance(4) { layers += [ip(), transport()] }
    if chance(6) { layers.append(Quote(AnyPacket([IPv4(), UDP(), payload()]), cut: 31)) }
    layers.append(payload())
    if chance(4) { layers.append(Trailer(octets: octets(Int.random(in: 1...5, using: &self)))) }
    return AnyPacket(layers)
  }
}
