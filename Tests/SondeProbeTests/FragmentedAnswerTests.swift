internal import SondeHeaders
internal import SondeLink
internal import SondeOctets
internal import SondeProbe
internal import Testing

/// Answers in pieces are judged whole; what was odd about the pieces is told.
@Suite struct FragmentedAnswerTests {
  private static let text = Payload(octets: (0..<3000).map { UInt8(truncatingIfNeeded: $0 / 7) })
  private static let asked = AnyPacket([Hosts.there, ICMPv4.echoRequest(identifier: 5, sequenceNumber: 1), text])

  private func pieces(altered: Int? = nil) throws -> [[UInt8]] {
    var text = Self.text
    if let altered { text.octets[altered] ^= 1 }
    let reply = AnyPacket([Hosts.back, ICMPv4.echoReply(identifier: 5, sequenceNumber: 1), text])
    return try reply.fragment(mtu: 1500).map { try $0.encoded().bytes }
  }

  /// What comes of pieces heard a millisecond apart.
  private func events(_ pieces: [[UInt8]]) throws -> [Event] {
    var session = Session(Script([Self.asked]), timeout: .seconds(1), endsWhenAnswered: false)
    session.send(at: .ms(0))
    for (place, piece) in pieces.enumerated() { session.receive(piece, at: .ms(Int64(place) + 1)) }
    _ = session.step(at: .ms(999))
    _ = session.step(at: .ms(1000))
    #expect(session.tally.isBalanced)
    return session.takeEvents()
  }

  @Test func aReplyInPiecesIsOneAnswerWhenItsLastPieceCame() throws {
    let pieces = try pieces()
    #expect(pieces.count == 3)
    let answer = try #require(try events(pieces).answers.first)
    #expect(answer.verdict == .reply)
    #expect(answer.flags == [.fragmented])
    #expect(answer.rtt == .milliseconds(3))
    #expect(answer.why.hasSuffix("put together from fragments"))
    #expect(try events(pieces).answers.count == 1)
  }

  @Test func piecesOutOfOrderAndTwiceAreNamed() throws {
    let pieces = try pieces()
    let backwards = try events(pieces.reversed())
    #expect(backwards.answers.map(\.flags) == [[.fragmented]])
    #expect(backwards.answers.first?.why.hasSuffix("(out-of-order)") == true)
    let twice = try events([pieces[0], pieces[1], pieces[1], pieces[2]])
    #expect(twice.answers.first?.why.hasSuffix("(duplicate)") == true)
    #expect(twice.noise.isEmpty)
  }

  @Test func dataIsComparedToItsEnd() throws {
    #expect(try events(pieces(altered: 2900)).answers.map(\.flags) == [[.dataMismatch, .fragmented]])
  }

  @Test func whereAPieceIsMissingTheFirstAnswersAsFarAsItGoes() throws {
    let pieces = try pieces()
    let events = try events([pieces[0], pieces[2]])
    #expect(events.answers.map(\.flags) == [[.fragmented]])
    #expect(events.answers.first?.why.hasSuffix("the first fragment only, octets 1480 to 2959 never came") == true)
    #expect(events.silences.isEmpty)
    #expect(try self.events(Array(pieces.dropFirst())).silences.count == 1)
  }

  @Test func overlappingPiecesAreNoiseAndVoidTheReply() throws {
    let pieces = try pieces()
    let events = try events([pieces[0], try self.pieces(altered: 1500)[1], pieces[1], pieces[2]])
    #expect(events.answers.isEmpty)
    #expect(events.noise.first?.why.contains("overlaps") == true)
    #expect(events.noise.first?.probe == 1)
    #expect(events.silences.count == 1)
  }

  @Test func aStrangersPiecesNeitherAnswerNorSpoil() throws {
    let pieces = try pieces()
    let foreign = AnyPacket([
      IPv4(from: Hosts.router, to: Hosts.us), ICMPv4.echoReply(identifier: 5, sequenceNumber: 1), Self.text,
    ])
    let strangers = try foreign.fragment(mtu: 1500).map { try $0.encoded().bytes }
    let events = try events([pieces[0], strangers[1], strangers[1], pieces[1], strangers[2], pieces[2]])
    #expect(events.answers.map(\.flags) == [[.fragmented]])
    #expect(events.noise.isEmpty)
  }
}

/// A probe that leaves in fragments is one probe.
@Suite struct FragmentedProbeTests {
  private struct Cutting: Schedule {
    var packets: [AnyPacket]

    mutating func next(at now: Instant) -> Turn {
      guard let packet = packets.popLast() else { return .finished }
      return .probe(Request(target: 0, turn: 0, packet: packet, mtu: 600))
    }
  }

  private static let packet = AnyPacket([
    Hosts.there, ICMPv4.echoRequest(identifier: 5, sequenceNumber: 1),
    Payload(octets: Array(repeating: 3, count: 1400)),
  ])

  @Test func aProbeHasLeftWithItsLastFragment() throws {
    var session = Session(Cutting(packets: [Self.packet]), timeout: .seconds(1))
    guard case .send(let batch) = session.step(at: .ms(0)) else { Issue.record("nothing to send"); return }
    #expect(batch.map(\.probe) == [1, 1, 1])
    session.took(batch, SendOutcome(count: 2, failure: nil, at: .ms(0), wall: 0))
    #expect(session.takeEvents().sent.isEmpty)
    guard case .send(let rest) = session.step(at: .ms(1)) else { Issue.record("the rest is not sent"); return }
    #expect(rest == [batch[2]])
    session.took(rest, SendOutcome(count: 1, failure: nil, at: .ms(1), wall: 0))
    let sent = try #require(session.takeEvents().sent.first)
    #expect(sent.fragments == batch.map(\.bytes))
    #expect(sent.asked.bytes == (try Self.packet.encoded().bytes))
    session.receive(
      try bytes([Hosts.back, ICMPv4.echoReply(identifier: 5, sequenceNumber: 1), Self.packet.layers.layers[2]]),
      at: .ms(2))
    #expect(session.takeEvents().answers.map(\.verdict) == [.reply])
    #expect(session.tally.isBalanced)
  }

  @Test func aFragmentThatFailsFailsTheProbeOnce() throws {
    var session = Session(Cutting(packets: [Self.packet]), timeout: .seconds(1))
    guard case .send(let batch) = session.step(at: .ms(0)) else { Issue.record("nothing to send"); return }
    let error = LinkError(operation: "send", code: 1, message: "refused")
    session.took(batch, SendOutcome(count: 1, failure: error, at: .ms(0), wall: 0))
    #expect(session.takeEvents().failures.count == 1)
    #expect(session.tally.sendFailed == 1)
    guard case .finished = session.step(at: .ms(1)) else { Issue.record("the run goes on"); return }
    #expect(session.tally.isBalanced)
  }
}
