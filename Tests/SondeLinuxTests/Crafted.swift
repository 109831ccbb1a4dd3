import SondeLink
import Testing
import SondeOctets

@testable import SondeLinux

/// Packets for the tests, written octet by octet.
enum Crafted {
  static func sum(_ bytes: [UInt8]) -> UInt16 {
    var total: UInt32 = 0
    for at in stride(from: 0, to: bytes.count, by: 2) {
      total += UInt32(bytes[at]) << 8 | (at + 1 < bytes.count ? UInt32(bytes[at + 1]) : 0)
    }
    while total >> 16 != 0 { total = total & 0xffff + total >> 16 }
    return ~UInt16(total)
  }

  static func words(_ words: UInt16...) -> [UInt8] { words.flatMap { [UInt8($0 >> 8), UInt8($0 & 0xff)] } }

  static func ipv4(
    _ source: IPv4Address, _ destination: IPv4Address, _ protocolNumber: UInt8, _ payload: [UInt8], ttl: UInt8 = 64,
    tos: UInt8 = 0, identification: UInt16 = 0x1234, flags: UInt16 = 0x4000, totalLength: UInt16? = nil,
    checksum: UInt16? = nil
  ) -> [UInt8] {
    var header = [0x45, tos] + words(totalLength ?? UInt16(20 + payload.count), identification, flags)
    header += [ttl, protocolNumber, 0, 0]
    for address in [source, destination] {
      header += words(UInt16(address.rawValue >> 16), UInt16(address.rawValue & 0xffff))
    }
    header.replaceSubrange(10..<12, with: words(checksum ?? sum(header)))
    return header + payload
  }

  static func ipv6(
    _ source: IPv6Address, _ destination: IPv6Address, _ next: UInt8, _ payload: [UInt8], hopLimit: UInt8 = 64,
    trafficClass: UInt8 = 0
  ) -> [UInt8] {
    [0x60 | trafficClass >> 4, trafficClass << 4, 0, 0] + words(UInt16(payload.count)) + [next, hopLimit]
      + (source.groups + destination.groups).flatMap { words($0) } + payload
  }

  static func pseudo(_ source: IPAddress, _ destination: IPAddress, _ next: UInt8, _ length: Int) -> [UInt8] {
    var bytes: [UInt8] = []
    for address in [source, destination] {
      switch address {
      case .v4(let address): bytes += words(UInt16(address.rawValue >> 16), UInt16(address.rawValue & 0xffff))
      case .v6(let address): bytes += address.groups.flatMap { words($0) }
      }
    }
    return bytes + words(0, UInt16(length), 0, UInt16(next))
  }

  /// `message` with the checksum at `offset` computed over it and, with addresses, the pseudo-header.
  static func summed(
    _ message: [UInt8], at offset: Int, _ ends: (IPAddress, IPAddress)? = nil, _ next: UInt8 = 0
  ) -> [UInt8] {
    let head = ends.map { pseudo($0.0, $0.1, next, message.count) } ?? []
    var message = message
    message.replaceSubrange(offset..<offset + 2, with: words(sum(head + message)))
    return message
  }

  static let payload: [UInt8] = Array("sonde says hello".utf8)

  static func echo(
    _ source: IPAddress, _ destination: IPAddress, id: UInt16, sequence: UInt16, hops: UInt8 = 64,
    payload: [UInt8] = payload
  ) -> [UInt8] {
    switch (source, destination) {
    case (.v4(let from), .v4(let to)):
      return ipv4(from, to, 1, summed(words(0x0800, 0, id, sequence) + payload, at: 2), ttl: hops)
    case (.v6(let from), .v6(let to)):
      let message = summed(words(0x8000, 0, id, sequence) + payload, at: 2, (source, destination), 58)
      return ipv6(from, to, 58, message, hopLimit: hops)
    default: preconditionFailure("two families")
    }
  }

  static func udp(
    _ source: IPAddress, _ destination: IPAddress, _ ports: (UInt16, UInt16), payload: [UInt8] = payload
  ) -> [UInt8] {
    let message = words(ports.0, ports.1, UInt16(8 + payload.count), 0) + payload
    return transport(source, destination, 17, summed(message, at: 6, (source, destination), 17))
  }

  static func syn(_ source: IPAddress, _ destination: IPAddress, _ ports: (UInt16, UInt16)) -> [UInt8] {
    let message = words(ports.0, ports.1, 0x1122, 0x3344, 0, 0, 0x5002, 1024, 0, 0)
    return transport(source, destination, 6, summed(message, at: 16, (source, destination), 6))
  }

  static func transport(_ source: IPAddress, _ destination: IPAddress, _ next: UInt8, _ message: [UInt8]) -> [UInt8] {
    switch (source, destination) {
    case (.v4(let source), .v4(let destination)): return ipv4(source, destination, next, message)
    case (.v6(let source), .v6(let destination)): return ipv6(source, destination, next, message)
    default: preconditionFailure("two families")
    }
  }
}

/// The two ends of `WireNetwork` in one family, and what lies behind the far one.
struct Ends: Sendable, CustomTestStringConvertible {
  let family: Family
  let near: IPAddress
  let far: IPAddress
  /// Answered by the far host with an unreachable.
  let unreachable: IPAddress
  /// The far host would forward to it.
  let beyond: IPAddress

  static let ipv4 = Ends(
    family: .ipv4, near: .v4("10.9.0.1"), far: .v4("10.9.0.2"), unreachable: .v4("10.9.2.9"), beyond: .v4("10.9.1.9"))
  static let ipv6 = Ends(
    family: .ipv6, near: .v6("fd09::1"), far: .v6("fd09::2"), unreachable: .v6("fd09:2::9"), beyond: .v6("fd09:1::9"))
  static let both = [ipv4, ipv6]

  var testDescription: String { "\(family)" }
  var headerLength: Int { family == .ipv4 ? 20 : 40 }
  var echoReply: UInt8 { family == .ipv4 ? 0 : 129 }
  var icmp: UInt8 { family == .ipv4 ? 1 : 58 }
}

extension LinuxLink {
  /// A link of one plan for one family.
  static func open(
    _ family: Family, _ door: DoorKind, _ ear: EarKind, _ options: Options = Options()
  ) throws(LinkError) -> LinuxLink {
    try LinuxLink(Openings.open([family: [SendPlan(door: door, ear: ear)]]), options)
  }

  /// Receives until `isEnough` holds or, much later than any answer comes, half a minute has passed.
  mutating func collect(until isEnough: ([Received]) -> Bool) throws -> [Received] {
    var received: [Received] = []
    let end = now + .seconds(30)
    while !isEnough(received), now < end { try receive(until: end, into: &received) }
    return received
  }
}

extension [Received] {
  var frames: [Frame] {
    compactMap {
      if case .frame(let frame) = $0 { frame } else { nil }
    }
  }

  var departures: [Departure] {
    compactMap {
      if case .departure(let departure) = $0 { departure } else { nil }
    }
  }
}

/// What a call is refused with; nil if it is not.
func refusal(_ call: () throws -> Void) -> LinkError? {
  do {
    try call()
    return nil
  } catch {
    return error as? LinkError
  }
}
