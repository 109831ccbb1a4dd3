import SondeHeaders
import SondeLink
import SondeOctets
import SondeProbe

@testable import SondeSweep

/// The hosts of these tests.
enum Hosts {
  static let us: IPv4Address = "192.0.2.1"
  static let asked: IPv4Address = "198.51.100.7"
  static let other: IPv4Address = "198.51.100.8"
  static let router: IPv4Address = "203.0.113.1"
  static let us6: IPv6Address = "2001:db8::1"
  static let asked6: IPv6Address = "2001:db8:7::7"
  static let other6: IPv6Address = "2001:db8:7::8"
  static let router6: IPv6Address = "2001:db8:99::1"
}

/// A way to ask, in both families.
enum Way: String, CaseIterable, Sendable {
  case syn, ack, fin, synData, udp, udpData, services, echo, echoData, timestamp

  var packets: [AnyPacket] {
    let ipv4 = IPv4(from: Hosts.us, ttl: 60, typeOfService: 0x28, flags: .dontFragment)
    let ipv6 = IPv6(from: Hosts.us6, hopLimit: 60, trafficClass: 0x28, flowLabel: 0x12345)
    return switch self {
    case .timestamp: [AnyPacket([ipv4, ICMPv4.timestampRequest()])]
    case .echo: [AnyPacket([ipv4, ICMPv4.echoRequest()]), AnyPacket([ipv6, ICMPv6.echoRequest()])]
    case .echoData:
      [
        AnyPacket([ipv4, ICMPv4.echoRequest(), Payload("data of a hand")]),
        AnyPacket([ipv6, ICMPv6.echoRequest(), Payload("data of a hand")]),
      ]
    default: [AnyPacket([ipv4] + transport), AnyPacket([ipv6] + transport)]
    }
  }

  private var transport: [any Header] {
    switch self {
    case .syn: [TCP(window: 1024, options: [.mss(1460)])]
    case .ack: [TCP(flags: .ack, acknowledgmentNumber: 0x0102_0304)]
    case .fin: [TCP(flags: [.fin, .psh, .urg])]
    case .synData: [TCP(), Payload("abc")]
    case .udpData: [UDP(), Payload("hello")]
    default: [UDP()]
    }
  }

  var hasPorts: Bool { ![.echo, .echoData, .timestamp].contains(self) }

  func questions(
    key: SweepKey = SweepKey(1, 2), sourcePorts: ClosedRange<UInt16> = 49_152...65_535, attempts: Int = 2,
    keeping kept: SweepQuestions.Kept = []
  ) throws -> SweepQuestions {
    try SweepQuestions(
      packets, key: key, sourcePorts: sourcePorts, attempts: attempts, keeping: kept,
      payloads: self == .services ? .services : .none)
  }
}

extension SweepQuestions {
  /// A question's octets.
  func question(_ target: SweepTarget, attempt: UInt8 = 0, at now: Instant = Instant(nanoseconds: 5_000)) -> [UInt8] {
    var copy = self
    var octets: [UInt8] = []
    copy.write(target, attempt: attempt, at: now) { octets = $0.octets }
    return octets
  }

  func read(_ octets: [UInt8], _ facts: BulkFacts = .plain) -> SweepFinding {
    var facts = facts
    facts.length = octets.count
    return read(octets.rawSpan, facts)
  }
}

extension BulkFacts {
  static let plain = BulkFacts(
    interface: 2, at: Instant(nanoseconds: 90_000), wall: 0, checksumNotReady: false, length: 0)
}

extension SweepFinding {
  var answer: SweepAnswer? { if case .answer(let answer) = self { answer } else { nil } }
  var noise: String? { if case .noise(_, let why) = self { why.rawValue } else { nil } }
}

extension AnyPacket {
  var octets: [UInt8] { (try? encoded().bytes) ?? [] }
}
