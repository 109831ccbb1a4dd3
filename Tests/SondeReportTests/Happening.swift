import SondeHeaders
import SondeLink
import SondeOctets

@testable import SondeProbe

/// Events as a session would tell them, of one host asked by echo requests or of ports.
enum Happening {
  static let host: IPAddress = "192.0.2.7"
  static let wall: Int64 = 1_700_000_000_123_456_789

  static func bytes(_ layers: any Header...) -> [UInt8] { (try? AnyPacket(layers).encoded().bytes) ?? [] }

  static func sent(_ probe: UInt64, target: Int = 0, milliseconds: Int64 = 0) -> Event {
    let packet = bytes(
      IPv4(from: "192.0.2.1", to: "192.0.2.7"), ICMPv4.echoRequest(identifier: 7, sequenceNumber: UInt16(probe)))
    return .sent(
      Sent(
        probe: probe, target: target, turn: probe - 1, at: Instant(nanoseconds: milliseconds * 1_000_000),
        wall: wall + milliseconds * 1_000_000, asked: Registry.dissect(packet)))
  }

  static func answer(
    _ probe: UInt64, _ verdict: Verdict = .reply, by: Basis = .echoReply, from: IPAddress? = host,
    rtt: Int64? = 1_234_567,
    flags: [AnswerFlag] = [], target: Int = 0, report: ErrorReport? = nil, milliseconds: Int64 = 0
  ) -> Answer {
    let packet = bytes(
      IPv4(from: "192.0.2.7", to: "192.0.2.1", ttl: 57), ICMPv4.echoReply(identifier: 7, sequenceNumber: UInt16(probe)),
      Payload(octets: [UInt8](repeating: 0, count: 56)))
    let at = Instant(nanoseconds: milliseconds * 1_000_000)
    let frame = Frame(bytes: packet, stamp: Stamp(monotonic: at, wall: wall))
    return Answer(
      probe: probe, target: target, turn: probe - 1, verdict: verdict, by: by, from: from,
      rtt: rtt.map { .nanoseconds($0) }, rttClock: .kernel, flags: flags, why: "because", report: report,
      reply: Registry.dissect(packet), frame: frame, at: at,
      isFirst: !flags.contains(.duplicate) && !flags.contains(.late) && !flags.contains(.conflict))
  }

  static func silence(_ probe: UInt64, target: Int = 0, _ verdict: Verdict = .timeout) -> Silence {
    Silence(probe: probe, target: target, turn: probe - 1, verdict: verdict)
  }

  static func noise(at nanoseconds: Int64) -> Event {
    .noise(
      Noise(
        probe: nil, from: "198.51.100.9", why: "carries id 8, not our 7",
        frame: Frame(bytes: [0x45], stamp: Stamp(monotonic: Instant(nanoseconds: nanoseconds), wall: wall))))
  }

  static func settlement(
    _ target: Int, _ verdict: Verdict, _ answer: Answer? = nil, isCutShort: Bool = false
  ) -> Settlement {
    Settlement(
      target: target, verdict: verdict, answer: answer, probe: UInt64(target + 1), attempts: 1,
      why: answer == nil ? "no answer to 1 probe" : "",
      isCutShort: isCutShort)
  }

  static func unreachable(_ code: UInt8, _ name: String) -> ErrorReport {
    ErrorReport(version: 4, type: 3, code: code, name: name, verdict: .unreachable)
  }
}

/// Addresses of the tests are written as text.
extension IPAddress: ExpressibleByUnicodeScalarLiteral {}
extension IPAddress: ExpressibleByExtendedGraphemeClusterLiteral {}
extension IPAddress: ExpressibleByStringLiteral {
  init(stringLiteral text: String) {
    guard let address = IPAddress(text) else { preconditionFailure("\(text) is no address") }
    self = address
  }
}
