import SondeCraft
import SondeHeaders
import SondeLink
import SondeOctets
import SondeReport
import SondeSweep
import Testing

/// Questions of a sweep, and what comes of them.
struct Asked {
  var questions: SweepQuestions
  let us: IPAddress
  let wall: Int64 = 1_700_000_000_123_456_789

  init(_ asking: (any Header), data: [UInt8] = [], isIPv6: Bool = false) throws {
    us = isIPv6 ? .v6("2001:db8::1") : .v4("192.0.2.1")
    let ip: any Header = isIPv6 ? IPv6(from: "2001:db8::1", to: "::") : IPv4(from: "192.0.2.1", to: "0.0.0.0")
    let payload: [any Header] = data.isEmpty ? [] : [Payload(octets: data)]
    questions = try SweepQuestions([AnyPacket([ip, asking] + payload)], key: SweepKey(1, 2))
  }

  /// The packet that asks.
  mutating func question(_ target: SweepTarget) -> Dissection {
    var octets: [UInt8] = []
    questions.write(target, attempt: 0, at: Instant(nanoseconds: 5)) { octets = $0.octets }
    return Registry.dissect(octets)
  }

  /// What a packet that came is to the sweep.
  func event(_ packet: [UInt8], flags: [AnswerFlag] = [], isPlain: Bool? = nil) throws -> SweepEvent {
    let facts = BulkFacts(
      interface: 1, at: Instant(nanoseconds: 9_000_000), wall: wall, checksumNotReady: false, length: packet.count)
    guard case .answer(var answer) = questions.read(packet.rawSpan, facts) else {
      Issue.record("no answer: \(Registry.dissect(packet).recipe)")
      throw CancellationError()
    }
    answer.isPlain = isPlain ?? answer.isPlain
    let result = SweepResult(
      target: answer.target, number: 7, verdict: answer.verdict, attempts: 1, rtt: .nanoseconds(81_234),
      at: Instant(nanoseconds: 9_000_000), wall: wall, flags: flags + answer.flags)
    return flags.isEmpty ? .answered(result, answer) : .repeated(result, answer)
  }

  func silent(_ target: SweepTarget, _ verdict: Verdict, attempts: Int = 1) -> SweepEvent {
    .silent(
      SweepResult(
        target: target, number: 8, verdict: verdict, attempts: attempts, at: Instant(nanoseconds: 9_000_000)))
  }
}

/// The answers that the tests know.
enum SweepAnswers {
  static let target = SweepTarget(address: .v4("192.0.2.7"), port: 80)

  static func syn(isIPv6: Bool = false) throws -> Asked {
    try Asked(TCP(flags: .syn, options: [.mss(1460)]), isIPv6: isIPv6)
  }

  /// A RST that answers the question; of IPv6 from 2001:db8::7.
  static func reset(_ asked: inout Asked, port: UInt16 = 80, isIPv6: Bool = false) throws -> [UInt8] {
    let address: IPAddress = isIPv6 ? .v6("2001:db8::7") : .v4("192.0.2.7")
    let question = asked.question(SweepTarget(address: address, port: port))
    let syn = try #require(question.first(TCP.self))
    let segment = TCP(
      from: port, to: syn.sourcePort, flags: [.rst, .ack], acknowledgmentNumber: syn.sequenceNumber &+ 1, window: 0)
    return try AnyPacket([ip(isIPv6), segment]).encoded().bytes
  }

  static func ip(_ isIPv6: Bool) -> any Header {
    isIPv6
      ? IPv6(from: "2001:db8::7", to: "2001:db8::1") as any Header
      : IPv4(from: "192.0.2.7", to: "192.0.2.1", ttl: 57, identification: 0, flags: .dontFragment)
  }
}
