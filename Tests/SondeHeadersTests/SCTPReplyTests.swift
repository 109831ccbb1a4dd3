internal import SondeHeaders
internal import SondeOctets
internal import Testing

/// What answers an SCTP packet, and what nearly does (RFC 9260 §8.5.1).
@Suite struct SCTPReplyTests {
  private static let sctp = SCTP(from: 40000, to: 5000)
  private static let initiation: Payload = [
    1, 0, 0, 20, 1, 2, 3, 4, 0, 0, 16, 0, 0, 10, 0, 10, 0, 0, 0, 1,
  ]
  private static let asked: [any Header] = [Hosts.there, sctp, initiation]

  private func outcome(from source: UInt16 = 5000, to destination: UInt16 = 40000, tag: UInt32, _ chunk: [UInt8]) throws
    -> Outcome
  {
    let reply = SCTP(from: source, to: destination, verificationTag: tag)
    return try Outcome(Self.asked, [Hosts.back, reply, Payload(octets: chunk + [0, 4])])
  }

  @Test func anInitAcknowledgedIsOpenAndAnAbortClosed() throws {
    #expect(try outcome(tag: 0x0102_0304, [2, 0]) == .answer(.open, .sctpInitACK, []))
    #expect(try outcome(tag: 0x0102_0304, [6, 0]) == .answer(.closed, .sctpAbort, []))
    #expect(try outcome(tag: 0, [6, 1]) == .answer(.closed, .sctpAbort, []))
    #expect(try outcome(tag: 0x0102_0304, [9, 0]) == .answer(.reply, .sctp, []))
  }

  @Test func foreignTagsAndPortsAreNoise() throws {
    #expect(try outcome(tag: 0x0102_0305, [2, 0]).isNoise)
    #expect(try outcome(tag: 0, [6, 0]).isNoise)
    #expect(try outcome(tag: 1, [6, 1]).isNoise)
    #expect(try outcome(from: 5001, tag: 0x0102_0304, [2, 0]).isNoise)
    #expect(try outcome(to: 40001, tag: 0x0102_0304, [2, 0]).isNoise)
  }

  @Test func errorsQuoteThePorts() throws {
    let router = IPv4(from: Hosts.router, to: Hosts.us)
    let quote = Quote(AnyPacket(Self.asked), cut: 28)
    #expect(
      try Outcome(Self.asked, [router, ICMPv4.timeExceeded(), quote]) == .answer(.timeExceeded, .icmpError, []))
    let foreign = Quote(AnyPacket([Hosts.there, SCTP(from: 40001, to: 5000)]), cut: 28)
    #expect(try Outcome(Self.asked, [router, ICMPv4.timeExceeded(), foreign]).isNoise)
    let short = Quote(AnyPacket(Self.asked), cut: 22)
    #expect(try Outcome(Self.asked, [router, ICMPv4.timeExceeded(), short]).isNoise)
  }
}
