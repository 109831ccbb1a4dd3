internal import SondeHeaders
internal import SondeLink
internal import SondeProbe
internal import Testing

/// RFC 9293 §3.8.6.
@Suite struct ConversationWindowTests {
  @Test func noMoreGoesThanTheWindowTakes() throws {
    var rig = try Rig.established(window: 2500)
    _ = try rig.end.write(pattern(5000), at: rig.now)
    #expect(rig.step().map(\.payload.count) == [1000, 1000], "the rest of the window is less than a segment")
    rig.hear(.ack, 1, ack: 1001, window: 2500)
    #expect(rig.step().map(\.payload.count) == [1000])
    // Older segments do not bring the older window back (§3.10.7.4, SND.WL1 and SND.WL2).
    rig.hear(.ack, 1, ack: 2001, window: 1000)
    rig.hear(.ack, 1, ack: 1001, window: 9000)
    #expect(rig.end.status.sendWindow == 1000)
  }

  /// §3.10.7.4, "fifth": only between SND.UNA and SND.NXT an acknowledgment tells of the window, however new its data.
  @Test func anOldAcknowledgmentDoesNotTellTheWindow() throws {
    var rig = try Rig.established(window: 2000)
    _ = try rig.end.write(pattern(2000), at: rig.now)
    rig.step()
    rig.hear(.ack, 1, ack: 2001, window: 3000)
    rig.hear(.ack, 1, ack: 1001, window: 0, pattern(10))
    #expect(rig.end.status.sendWindow == 3000 && rig.end.status.octetsReceived == 10)
    rig.hear(.ack, 11, ack: 1001, window: 0, pattern(10))
    #expect(rig.end.status.sendWindow == 3000 && rig.end.status.octetsReceived == 20)
    rig.hear(.ack, 21, ack: 2001, window: 0, pattern(10))
    #expect(rig.end.status.sendWindow == 0)
  }

  @Test func noClosedWindowIsProbedInTimeWait() throws {
    var rig = try Rig.established(window: 1000)
    _ = try rig.end.write(pattern(1000), at: rig.now)
    rig.step()
    rig.hear(.ack, 1, ack: 1001, window: 0)
    rig.step()
    try rig.end.shutdownWrite(at: rig.now)
    // The FIN waits for the window, and is what asks for it.
    #expect(rig.step().isEmpty && rig.lines(rig.sleep()) == ["FA 1001 ack 1"])
    rig.hear([.fin, .ack], 1, ack: 1002, window: 0)
    #expect(rig.lines(rig.step()) == ["A 1002 ack 2"] && rig.end.state == .timeWait)
    #expect(rig.sleep().isEmpty && rig.end.state == .closed)
  }

  /// §3.8.6.2.1: half of the largest window ever offered is worth a segment.
  @Test func aWindowBelowASegmentIsUsedByHalves() throws {
    var rig = try Rig.established(window: 600)
    _ = try rig.end.write(pattern(5000), at: rig.now)
    #expect(rig.step().map(\.payload.count) == [600])
    rig.hear(.ack, 1, ack: 601, window: 299)
    #expect(rig.step().isEmpty)
    rig.hear(.ack, 1, ack: 601, window: 300)
    #expect(rig.step().map(\.payload.count) == [300])
  }

  @Test func aLittleWindowIsUsedAfterAWhile() throws {
    var rig = try Rig.established(window: 1000)
    _ = try rig.end.write(pattern(5000), at: rig.now)
    #expect(rig.step().map(\.payload.count) == [1000])
    rig.hear(.ack, 1, ack: 1001, window: 10)
    #expect(rig.step().isEmpty && rig.deadline != nil)
    #expect(rig.sleep().map(\.payload.count) == [10])
  }

  @Test func aClosedWindowIsProbedMoreAndMoreSeldom() throws {
    var rig = try Rig.established(window: 1000)
    _ = try rig.end.write(pattern(3000), at: rig.now)
    rig.step()
    rig.hear(.ack, 1, ack: 1001, window: 0)
    #expect(rig.step().isEmpty && rig.takeEvents().contains(.windowClosed))
    var waits: [Int64] = []
    for _ in 0..<20 {
      let before = rig.now
      let probes = rig.sleep()
      #expect(rig.lines(probes) == ["A 1001 ack 1 len 1"] && probes.first?.purpose == .probe)
      waits.append((rig.now - before).nanoseconds / 1_000_000)
      rig.hear(.ack, 1, ack: 1001, window: 0)
    }
    #expect(waits.prefix(4) == [200, 400, 800, 1600] && waits.last == 60_000)
    #expect(rig.end.state == .established, "who answers is alive, however long the window stays closed")
    rig.hear(.ack, 1, ack: 1001, window: 4000)
    #expect(rig.lines(rig.step()) == ["A 1001 ack 1 len 1000", "PA 2001 ack 1 len 1000"])
    #expect(rig.takeEvents().contains(.windowOpened(4000)))
  }

  @Test func aProbeThatWasTakenCounts() throws {
    var rig = try Rig.established(window: 0)
    _ = try rig.end.write(pattern(3), at: rig.now)
    #expect(rig.step().isEmpty)
    #expect(rig.lines(rig.sleep()) == ["A 1 ack 1 len 1"])
    rig.hear(.ack, 1, ack: 2, window: 0)
    #expect(rig.step().isEmpty && rig.end.unacknowledgedCount == 2)
    #expect(rig.sleep().first?.payload == [pattern(3)[1]])
    rig.hear(.ack, 1, ack: 2, window: 100)
    #expect(rig.lines(rig.step()) == ["PA 2 ack 1 len 2"])
  }

  @Test func aProbeMayAskWithAnOldNumber() throws {
    var options = Conversation.Options.plain
    options.windowProbe = .old
    var rig = try Rig.established(options, window: 0)
    _ = try rig.end.write(pattern(3), at: rig.now)
    rig.step()
    #expect(rig.lines(rig.sleep()) == ["A 0 ack 1"])
  }

  @Test func aFINAloneProbesToo() throws {
    var rig = try Rig.established(window: 0)
    try rig.end.shutdownWrite(at: rig.now)
    #expect(rig.step().isEmpty)
    #expect(rig.lines(rig.sleep()) == ["FA 1 ack 1"])
    rig.hear(.ack, 1, ack: 2, window: 0)
    rig.step()
    #expect(rig.end.state == .finWait2)
  }

  @Test func probesThatNobodyAnswersEnd() throws {
    var options = Conversation.Options.plain
    options.attempts = 4
    var rig = try Rig.established(options, window: 0)
    _ = try rig.end.write(pattern(3), at: rig.now)
    rig.step()
    var count = 0
    while rig.end.ending == nil { count += rig.sleep().count }
    #expect(count == 3 && rig.end.ending == .timedOut)
  }

  @Test func theWindowClosesWhenNobodyReadsAndReopens() throws {
    var options = Conversation.Options.plain
    options.receiveBuffer = 2000
    var rig = try Rig.established(options)
    rig.hear(.ack, 1, ack: 1, pattern(1000))
    #expect(rig.step().map(\.header.window) == [1000])
    rig.hear(.ack, 1001, ack: 1, pattern(1000))
    #expect(rig.step().map(\.header.window) == [0])
    // A probe is acknowledged and not taken; the acknowledgment in it is heard.
    _ = try rig.end.write([1], at: rig.now)
    rig.step()
    rig.hear(.ack, 2001, ack: 2, [99])
    let answer = rig.step()
    #expect(rig.lines(answer) == ["A 2 ack 2001"] && answer.first?.header.window == 0)
    #expect(rig.end.unacknowledgedCount == 0)
    // §3.8.6.2.2: a little room is not told of.
    #expect(rig.end.read(999).count == 999)
    #expect(rig.step().isEmpty)
    rig.hear(.ack, 2001, ack: 2, [99])
    #expect(rig.step().map(\.header.window) == [0], "nor in answer to a probe")
    #expect(rig.end.read(1).count == 1)
    #expect(rig.step().map(\.header.window) == [1000])
    #expect(rig.end.read().count == 1000)
    #expect(rig.step().map(\.header.window) == [2000])
  }

  @Test func dataBeyondTheWindowIsCutOff() throws {
    var options = Conversation.Options.plain
    options.receiveBuffer = 100
    var rig = try Rig.established(options)
    rig.hear(.ack, 1, ack: 1, pattern(150))
    #expect(rig.lines(rig.step()) == ["A 1 ack 101"] && rig.end.read() == pattern(100))
    rig.hear(.ack, 301, ack: 1, pattern(10))
    #expect(rig.lines(rig.step()).last == "A 1 ack 101")
    #expect(rig.takeEvents().ignored == [.outsideWindow])
  }

  @Test func aWindowSetByHandIsToldAtOnceAndHolds() throws {
    var rig = try Rig.established()
    rig.end.pinWindow(0)
    #expect(rig.step().map(\.header.window) == [0])
    rig.hear(.ack, 1, ack: 1, pattern(10))
    #expect(rig.step().map(\.header.window) == [0] && rig.end.readableCount == 0)
    rig.end.pinWindow(5000)
    #expect(rig.step().map(\.header.window) == [5000])
    rig.hear(.ack, 1, ack: 1, pattern(10))
    #expect(rig.step().map(\.header.window) == [5000] && rig.end.readableCount == 10, "unread or not")
    rig.end.pinWindow(nil)
    rig.step()
    #expect(rig.end.status.receiveWindow == 65_525)
  }

  @Test(arguments: [(29_312, 229), (29_056, 227), (100, 1), (0, 0), (1 << 30, 65_535)])
  func aScaledWindowIsToldInItsUnits(octets: Int, field: UInt16) throws {
    var rig = try Rig.established(.init(), peer: [.mss(1460), .windowScale(7)])
    rig.end.pinWindow(octets)
    #expect(rig.step().map(\.header.window) == [field])
  }

  @Test func aLargeShiftCountsAsFourteen() throws {
    let rig = try Rig.established(.init(), window: 3, peer: [.mss(1460), .windowScale(200)])
    #expect(rig.end.status.scales?.send == 14 && rig.end.status.sendWindow == 3)
  }

  @Test func whatAWindowShrunkByHandLeavesBehindIsStillAcknowledged() throws {
    var rig = try Rig.established()
    _ = try rig.end.write([1], at: rig.now)
    rig.end.pinWindow(0)
    rig.step()
    // The peer had sent 500 octets before it heard: its numbers lie behind the new edge.
    rig.hear(.ack, 501, ack: 2)
    rig.step()
    #expect(rig.end.unacknowledgedCount == 0)
  }
}
