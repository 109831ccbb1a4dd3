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

  private func outcome(
    asked: [any Header] = asked, from source: UInt16 = 5000, to destination: UInt16 = 40000, tag: UInt32,
    _ chunk: [UInt8], length: UInt8 = 20
  ) throws -> Outcome {
    let reply = SCTP(from: source, to: destination, verificationTag: tag)
    let rest = [UInt8](repeating: 0, count: max(0, Int(length) - 4))
    return try Outcome(asked, [Hosts.back, reply, Payload(octets: chunk + [0, length] + rest)])
  }

  @Test func anInitAcknowledgedIsOpenAndAnAbortClosed() throws {
    #expect(try outcome(tag: 0x0102_0304, [2, 0]) == .answer(.open, .sctpInitACK, []))
    #expect(try outcome(tag: 0x0102_0304, [6, 0]) == .answer(.closed, .sctpAbort, []))
    #expect(try outcome(tag: 0x0102_0304, [6, 0], length: 4) == .answer(.closed, .sctpAbort, []))
    #expect(try outcome(tag: 0x0102_0304, [9, 0]) == .answer(.reply, .sctp, []))
  }

  /// Whoever knows no association reflects our tag; what else could come we gave no tag for.
  @Test func whatIsNoInitIsAnsweredWithItsOwnTag() throws {
    func asked(_ tag: UInt32) -> [any Header] {
      [Hosts.there, SCTP(from: 40000, to: 5000, verificationTag: tag), [8, 0, 0, 4] as Payload]
    }
    #expect(try outcome(asked: asked(7), tag: 7, [6, 1], length: 4) == .answer(.closed, .sctpAbort, []))
    #expect(try outcome(asked: asked(7), tag: 7, [14, 1], length: 4) == .answer(.reply, .sctp, []))
    #expect(try outcome(asked: asked(7), tag: 8, [6, 1], length: 4).isNoise)
    #expect(try outcome(asked: asked(7), tag: 7, [6, 0], length: 4).isNoise)
    #expect(try outcome(asked: asked(7), tag: 7, [5, 1], length: 4).isNoise)
    #expect(try outcome(asked: asked(0), tag: 0, [6, 1], length: 4).isNoise)
    #expect(try outcome(asked: asked(0), tag: 0, [6, 0], length: 4).isNoise)
  }

  @Test func cutChunksAnswerNothing() throws {
    #expect(try outcome(tag: 0x0102_0304, [2, 0], length: 19).isNoise)
    #expect(try outcome(tag: 0x0102_0304, [6, 0], length: 3).isNoise)
    let reply = SCTP(from: 5000, to: 40000, verificationTag: 0x0102_0304)
    #expect(try Outcome(Self.asked, [Hosts.back, reply, [6, 0, 0] as Payload]).isNoise)
    #expect(try Outcome(Self.asked, [Hosts.back, reply, [2, 0, 0, 20, 0] as Payload]).isNoise)
    #expect(try Outcome(Self.asked, [Hosts.back, reply]).isNoise)
  }

  @Test func foreignTagsAndPortsAreNoise() throws {
    #expect(try outcome(tag: 0x0102_0305, [2, 0]).isNoise)
    #expect(try outcome(tag: 0, [6, 0]).isNoise)
    #expect(try outcome(tag: 1, [6, 1]).isNoise)
    #expect(try outcome(tag: 0, [6, 1]).isNoise)
    #expect(try outcome(tag: 0x0102_0304, [6, 1]).isNoise)
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
