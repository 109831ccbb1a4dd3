internal import SondeHeaders
internal import SondeLink
internal import SondeProbe
internal import Testing

/// RFC 6298, RFC 5681, RFC 6582 and RFC 6675.
@Suite struct ConversationLossTests {
  /// An end that has `count` segments of 1000 octets on their way.
  private func flying(
    _ count: Int, sack: Bool = false, _ change: (inout Conversation.Options) -> Void = { _ in }
  ) throws -> Rig {
    var options = Conversation.Options.plain
    options.sackPermitted = sack
    change(&options)
    var rig = try Rig.established(
      options, window: 60_000, peer: sack ? [.mss(1000), .sackPermitted] : [.mss(1000)])
    _ = try rig.end.write(pattern(count * 1000), at: rig.now)
    try #require(rig.step().count == count)
    return rig
  }

  private func sack(_ rig: Rig, _ ranges: (Int, Int)...) -> [TCPOption] {
    [
      .noOperation, .noOperation,
      .sack(
        ranges.map {
          .init(
            left: rig.ours &+ UInt32($0.0), right: rig.ours &+ UInt32($0.1))
        }),
    ]
  }

  @Test func whatNobodyAcknowledgesIsRepeatedAndThenGivenUp() throws {
    var rig = try flying(1) { $0.attempts = 6 }
    let start = rig.now
    var times: [Int64] = []
    while rig.end.ending == nil {
      for segment in rig.sleep() {
        #expect(rig.line(segment) == "PA 1 ack 1 len 1000" && segment.purpose == .retransmission)
        times.append((rig.now - start).nanoseconds / 1_000_000)
      }
    }
    // The handshake took no time: the least timeout, then twice as long each time (RFC 6298 §5.5).
    #expect(times == [200, 600, 1400, 3000, 6200] && rig.end.ending == .timedOut)
    #expect(rig.end.status.retransmissions == 5)
  }

  @Test func aTimeoutSendsOneSegmentAndThenMoreAgain() throws {
    var rig = try flying(5)
    #expect(rig.lines(rig.sleep()) == ["A 1 ack 1 len 1000"])
    #expect(rig.end.status.congestionWindow == 1000 && rig.end.status.slowStartThreshold == 2500)
    rig.hear(.ack, 1, ack: 1001, window: 60_000)
    #expect(rig.lines(rig.step()) == ["A 1001 ack 1 len 1000"])
    rig.hear(.ack, 1, ack: 5001, window: 60_000)
    #expect(rig.step().isEmpty && rig.deadline == nil && rig.end.unacknowledgedCount == 0)
  }

  @Test func threeDuplicatesAreALossAndTwoAreNot() throws {
    var rig = try flying(6)
    for _ in 0..<2 { rig.hear(.ack, 1, ack: 1, window: 60_000) }
    #expect(rig.step().isEmpty)
    rig.hear(.ack, 1, ack: 1, window: 60_000)
    #expect(rig.lines(rig.step()) == ["A 1 ack 1 len 1000"])
    #expect(rig.end.status.slowStartThreshold == 3000)
    #expect(rig.takeEvents().contains(.retransmitted(place: 0..<1000, .duplicateAcknowledgments)))
    rig.hear(.ack, 1, ack: 1, window: 60_000)
    #expect(rig.step().isEmpty, "once is enough")
    // RFC 6582 §3.2: a partial acknowledgment shows the next hole.
    rig.hear(.ack, 1, ack: 3001, window: 60_000)
    #expect(rig.lines(rig.step()) == ["A 3001 ack 1 len 1000"])
    rig.hear(.ack, 1, ack: 6001, window: 60_000)
    #expect(rig.step().isEmpty && rig.end.status.congestionWindow == 3000)
  }

  /// RFC 5681 §2: what else a segment may say makes it no duplicate.
  @Test func dataAndWindowsAreNoDuplicates() throws {
    var rig = try flying(6)
    for index in 0..<4 { rig.hear(.ack, 1 + index, ack: 1, window: 60_000, [1]) }
    for window in 0..<4 as Range<UInt16> { rig.hear(.ack, 5, ack: 1, window: 50_000 + window) }
    #expect(rig.step().allSatisfy { $0.payload.isEmpty } && rig.end.status.retransmissions == 0)
  }

  @Test func sackRepeatsTheHolesAlone() throws {
    var rig = try flying(9, sack: true)
    rig.hear(.ack, 1, ack: 1, window: 60_000, options: sack(rig, (2001, 3001)))
    rig.hear(.ack, 1, ack: 1, window: 60_000, options: sack(rig, (2001, 3001), (4001, 5001)))
    #expect(rig.step().isEmpty)
    rig.hear(.ack, 1, ack: 1, window: 60_000, options: sack(rig, (2001, 3001), (4001, 6001)))
    // The holes 1 and 1001 have three segments behind them, 3001 has two; the halved window has room for one.
    #expect(rig.lines(rig.step()) == ["A 1 ack 1 len 1000"] && rig.end.status.congestionWindow == 4500)
    rig.hear(.ack, 1, ack: 1, window: 60_000, options: sack(rig, (2001, 3001), (4001, 8001)))
    #expect(rig.lines(rig.step()) == ["A 1001 ack 1 len 1000", "A 3001 ack 1 len 1000"])
    rig.hear(.ack, 1, ack: 9001, window: 60_000)
    #expect(rig.step().isEmpty && rig.deadline == nil)
  }

  @Test func sackOfWhatWasNeverSentIsIgnored() throws {
    var rig = try flying(3, sack: true)
    for _ in 0..<5 {
      rig.hear(.ack, 1, ack: 1, window: 60_000, options: sack(rig, (2001, 9001), (5, 4), (90_000, 91_000)))
    }
    #expect(rig.step().isEmpty && rig.end.status.retransmissions == 0)
  }

  /// RFC 2018 §8: a peer may throw away what it told of.
  @Test func aTimeoutForgetsWhatSackTold() throws {
    var rig = try flying(3, sack: true)
    rig.hear(.ack, 1, ack: 1, window: 60_000, options: sack(rig, (1001, 3001)))
    rig.step()
    #expect(rig.lines(rig.sleep()) == ["A 1 ack 1 len 1000"])
    rig.hear(.ack, 1, ack: 1001, window: 60_000)
    #expect(rig.lines(rig.step()).first == "A 1001 ack 1 len 1000")
  }

  /// RFC 6298 §3: a segment that was sent twice measures nothing.
  @Test func onlyWhatWasSentOnceIsTimed() throws {
    var rig = try flying(1)
    rig.step(after: 100)
    rig.hear(.ack, 1, ack: 1001)
    let first = try #require(rig.end.status.roundTrip)
    #expect(first == .milliseconds(100) / 8, "an eighth of the new beside seven of the handshake's nothing")
    _ = try rig.end.write(pattern(10), at: rig.now)
    rig.step()
    _ = rig.sleep()
    rig.step(after: 50)
    rig.hear(.ack, 1, ack: 1011)
    #expect(rig.end.status.roundTrip == first)
  }

  @Test func theWindowOfTheNetworkGrowsWithEachAcknowledgment() throws {
    var rig = try flying(10)
    let before = rig.end.status.congestionWindow
    _ = try rig.end.write(pattern(30_000), at: rig.now)
    #expect(before == 10_000 && rig.step().isEmpty)
    rig.hear(.ack, 1, ack: 1001, window: 60_000)
    #expect(rig.step().count == 2 && rig.end.status.congestionWindow == 11_000)
  }

  @Test func smallerSegmentsAreCutFromWhatIsOnItsWay() throws {
    var rig = try flying(2)
    rig.end.setLargestSegment(600, at: rig.now)
    let segments = rig.step()
    #expect(
      rig.lines(segments) == [
        "A 1 ack 1 len 600", "A 601 ack 1 len 400", "A 1001 ack 1 len 600", "PA 1601 ack 1 len 400",
      ])
    rig.hear(.ack, 1, ack: 2001)
    #expect(rig.step().isEmpty && rig.deadline == nil)
  }

  @Test func aFINIsRepeatedToo() throws {
    var rig = try Rig.established()
    try rig.end.close(at: rig.now)
    rig.step()
    #expect(rig.lines(rig.sleep()) == ["FA 1 ack 1"])
    rig.hear(.ack, 1, ack: 2)
    rig.step()
    #expect(rig.end.state == .finWait2)
  }
}
