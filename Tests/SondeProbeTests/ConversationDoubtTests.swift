internal import SondeHeaders
internal import SondeLink
internal import SondeProbe
internal import TestSupport
internal import Testing

/// Segments that somebody else may have sent: RFC 5961, and RFC 7323 §5.
@Suite struct ConversationDoubtTests {
  /// RFC 5961 §3.2.
  @Test func onlyAResetAtTheEdgeResets() throws {
    var rig = try Rig.established()
    rig.hear(.rst, 2)
    #expect(rig.lines(rig.step()) == ["A 1 ack 1"] && rig.takeEvents().challenges == [.reset])
    rig.hear(.rst, 0)
    rig.hear(.rst, 1 + 65_536)
    #expect(rig.step().isEmpty && rig.takeEvents().ignored == [.foreignReset, .foreignReset])
    rig.hear(.rst, 1)
    #expect(rig.step().isEmpty && rig.end.state == .closed && rig.end.ending == .reset)
  }

  /// RFC 5961 §4.2: whatever its number.
  @Test(arguments: [0, 1, 50, -70_000, 1_000_000]) func aSYNOnAStandingConnectionIsChallenged(sequence: Int) throws {
    var rig = try Rig.established()
    rig.hear(.syn, sequence)
    #expect(rig.lines(rig.step()) == ["A 1 ack 1"])
    #expect(rig.takeEvents().challenges == [.syn] && rig.end.state == .established)
  }

  /// RFC 5961 §5.2.
  @Test func anAcknowledgmentOutOfRangeIsChallengedAndItsDataIgnored() throws {
    var rig = try Rig.established(window: 1000)
    rig.hear(.ack, 1, ack: 2, [1])
    rig.hear(.ack, 1, ack: -1000, [1])
    #expect(rig.lines(rig.step()) == ["A 1 ack 1", "A 1 ack 1"])
    let events = rig.takeEvents()
    #expect(events.challenges == [.acknowledgment, .acknowledgment])
    #expect(events.ignored == [.unsentAcknowledged, .oldAcknowledgment] && rig.end.readableCount == 0)
    // As old as the largest window allows.
    rig.hear(.ack, 1, ack: -999, [1])
    #expect(rig.end.readableCount == 1)
  }

  @Test func aSegmentWithoutAcknowledgmentIsNotUsed() throws {
    var rig = try Rig.established()
    rig.hear([], 1, [1])
    rig.hear(.fin, 1)
    #expect(rig.step().isEmpty && rig.takeEvents().ignored == [.missingAcknowledgment, .missingAcknowledgment])
  }

  @Test func doubtfulSegmentsDrawTenAnswersASecond() throws {
    var rig = try Rig.established()
    for _ in 0..<100 { rig.hear(.rst, 5) }
    for _ in 0..<100 { rig.hear(.ack, -5, ack: 1) }
    #expect(rig.step().count == 10)
    rig.step(after: 1000)
    rig.hear(.rst, 5)
    #expect(rig.step().count == 1)
  }

  private func stamped(value: UInt32 = 1000) throws -> Rig {
    try Rig.established(.init(), peer: [.mss(1000), .timestamps(value: value, echoReply: 1)])
  }

  /// RFC 7323 §4.3: the answer to the SYN has acknowledged its number, so that the first data brings a fresh timestamp.
  @Test func theFirstDataAfterAPassiveOpeningIsEchoed() throws {
    var rig = Rig(.init())
    try rig.end.listen()
    rig.hear(.syn, 0, options: [.mss(1000), .timestamps(value: 5, echoReply: 0)])
    rig.step()
    rig.hear(.ack, 1, ack: 1, options: [.timestamps(value: 10, echoReply: 1)])
    // One that lies ahead is no measure of what was heard last.
    rig.hear(.ack, 3, ack: 1, options: [.timestamps(value: 30, echoReply: 1)], pattern(2))
    #expect(echoes(rig.step()) == [10])
    rig.hear(.ack, 1, ack: 1, options: [.timestamps(value: 20, echoReply: 1)], pattern(2))
    #expect(echoes(rig.step()) == [20])
  }

  private func echoes(_ segments: [Conversation.Segment]) -> [UInt32] {
    segments.flatMap(\.header.options).compactMap { if case .timestamps(_, let echo) = $0 { echo } else { nil } }
  }

  private func stamp(_ value: UInt32) -> [TCPOption] { [.timestamps(value: value, echoReply: 1)] }

  @Test(arguments: [1000, 5, 0xffff_fff0] as [UInt32]) func anOldTimestampIsNoSegmentOfNow(first: UInt32) throws {
    var rig = try stamped(value: first)
    rig.hear(.ack, 1, ack: 1, options: stamp(first &- 1), [1])
    #expect(rig.lines(rig.step()) == ["A 1 ack 1"] && rig.takeEvents().ignored == [.oldTimestamp])
    rig.hear(.ack, 1, ack: 1, [1])
    #expect(rig.step().isEmpty && rig.takeEvents().ignored == [.missingTimestamp])
    rig.hear(.ack, 1, ack: 1, options: stamp(first &+ 20), [1])
    #expect(rig.end.readableCount == 1)
    let echo = rig.step().first?.header.options.last
    if case .timestamps(_, let reply) = echo { #expect(reply == first &+ 20) } else { Issue.record("no timestamp") }
    // A reset needs none.
    rig.hear(.rst, 2)
    #expect(rig.end.state == .closed)
  }

  /// RFC 7323 §4.3: what came out of order does not become the echo.
  @Test func theEchoIsThatOfTheOldestUnacknowledgedSegment() throws {
    var rig = try stamped()
    rig.hear(.ack, 11, ack: 1, options: stamp(1005), [1])
    let echo = rig.step().first?.header.options.compactMap {
      if case .timestamps(_, let echo) = $0 { echo } else { nil }
    }
    #expect(echo == [1000])
  }

  @Test func afterTwentyFourDaysAnyTimestampIsNew() throws {
    var rig = try stamped()
    rig.step(after: 24 * 86_400 * 1000)
    rig.hear(.ack, 1, ack: 1, options: stamp(1), [1])
    #expect(rig.end.readableCount == 1)
  }

  /// Whatever comes, nothing traps, and what is sent can be sent.
  @Test(arguments: 0..<4) func anySegmentsAreSurvived(group: Int) throws {
    var generator = Seeded("anySegmentsAreSurvived(\(group))")
    for _ in 0..<60 {
      var rig = Rig(
        generator.next() % 2 == 0 ? .plain : .init(), ours: UInt32.random(in: 0...(.max), using: &generator))
      if generator.next() % 4 == 0 { try rig.end.listen() } else { try rig.end.connect(to: 7, at: rig.now) }
      for _ in 0..<150 { try disturb(&rig, &generator) }
    }
  }

  private func disturb(_ rig: inout Rig, _ generator: inout Seeded) throws {
    let near = [-70_000, -1, 0, 1, 2, 3, 20, 1000, 65_536, Int(Int32.max), Int(Int32.min)]
    let sequence = near.randomElement(using: &generator) ?? 0
    let ack = near.randomElement(using: &generator) ?? 0
    let flags: [TCP.Flags] = [
      .syn, .ack, .ack, .ack, [.syn, .ack], [.fin, .ack], .rst, [.ack, .urg],
      .init(rawValue: UInt16(generator.next() % 512)),
    ]
    let options: [TCPOption] = [
      .mss(UInt16(truncatingIfNeeded: generator.next())), .sackPermitted, .windowScale(UInt8(generator.next() % 256)),
      .timestamps(
        value: UInt32(truncatingIfNeeded: generator.next()), echoReply: UInt32(truncatingIfNeeded: generator.next())),
      .timestamps(value: 5, echoReply: 5),
      .sack([.init(left: rig.ours &+ UInt32(generator.next() % 5), right: rig.ours &+ UInt32(generator.next() % 3000))]
      ),
    ].filter { _ in generator.next() % 2 == 0 }
    rig.hear(
      flags.randomElement(using: &generator) ?? .ack, sequence, ack: ack,
      window: UInt16(truncatingIfNeeded: generator.next() % 3 == 0 ? 0 : generator.next()),
      urgentPointer: UInt16(truncatingIfNeeded: generator.next()), options: options,
      generator.next() % 2 == 0 ? [] : generator.octets(Int(generator.next() % 3000)))
    switch generator.next() % 12 {
    case 0: _ = try? rig.end.write(generator.octets(Int(generator.next() % 5000)), at: rig.now)
    case 1: _ = try? rig.end.writeUrgent(generator.octets(3), isApart: true, at: rig.now)
    case 2: _ = rig.end.read(Int(generator.next() % 3000))
    case 3 where generator.next() % 8 == 0: try? rig.end.shutdownWrite(at: rig.now)
    case 4 where generator.next() % 20 == 0: try? rig.end.close(at: rig.now)
    case 5: rig.end.pinWindow(generator.next() % 2 == 0 ? nil : Int(generator.next() % 100_000))
    case 6: rig.end.setLargestSegment(Int(generator.next() % 3000), at: rig.now)
    case 7: rig.end.setReceiveBuffer(Int(generator.next() % 70_000))
    default: break
    }
    for segment in rig.step(after: Int64(generator.next() % 500)) {
      _ = try bytes([Hosts.there, segment.header, Payload(octets: segment.payload)])
    }
    let status = rig.end.status
    #expect(status.receiveWindow >= 0 && status.flightSize >= 0 && rig.end.readableCount >= 0)
  }
}
