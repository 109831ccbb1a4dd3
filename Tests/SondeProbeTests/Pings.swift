internal import SondeHeaders
internal import SondeLink
internal import SondeOctets
internal import SondeProbe
internal import Testing

/// Pings of a host, what comes back for them, and sessions of them.
enum Pings {
  static func packet(_ turn: UInt64, to destination: IPv4Address = Hosts.asked) -> AnyPacket {
    AnyPacket([
      IPv4(from: Hosts.us, to: destination),
      ICMPv4.echoRequest(identifier: 0x77, sequenceNumber: UInt16(truncatingIfNeeded: turn &+ 1)),
      Payload(octets: Cookie(nonce: 9, probe: turn).octets),
    ])
  }

  static func reply(_ turn: UInt64, from source: IPv4Address = Hosts.asked) throws -> [UInt8] {
    try bytes([
      IPv4(from: source, to: Hosts.us),
      ICMPv4.echoReply(identifier: 0x77, sequenceNumber: UInt16(truncatingIfNeeded: turn &+ 1)),
      Payload(octets: Cookie(nonce: 9, probe: turn).octets),
    ])
  }

  static func unreachable(_ turn: UInt64) throws -> [UInt8] {
    try bytes([Hosts.onTheWay, ICMPv4.destinationUnreachable(code: 1), Quote(packet(turn))])
  }

  /// A session that sends `count` probes, `gap` milliseconds apart.
  static func session(
    _ count: UInt64, every gap: Int64 = 0, waitsForDepartures: Bool = false, endsWhenAnswered: Bool = true,
    isGroup: Bool = false
  ) -> Session<Script> {
    Session(
      Script((0..<count).map { packet($0) }, every: .milliseconds(gap), isGroup: isGroup), timeout: .seconds(1),
      linger: .seconds(10), waitsForDepartures: waitsForDepartures, endsWhenAnswered: endsWhenAnswered)
  }

  static func isFinished(_ step: Session<Script>.Step) -> Bool {
    if case .finished = step { true } else { false }
  }

  static func wait(_ step: Session<Script>.Step) -> Instant? {
    if case .wait(let until) = step { until } else { nil }
  }
}

extension Session.Step {
  var isFinished: Bool { if case .finished = self { true } else { false } }
}
