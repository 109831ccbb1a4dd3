internal import SondeHeaders
internal import SondeLink
internal import SondeProbe
internal import Testing

/// RFC 9293 §3.6 and §3.10.4.
@Suite struct ConversationClosingTests {
  @Test func thisEndClosesFirst() throws {
    var rig = try Rig.established()
    try rig.end.close(at: rig.now)
    #expect(rig.lines(rig.step()) == ["FA 1 ack 1"])
    rig.hear(.ack, 1, ack: 2)
    #expect(rig.step().isEmpty)
    rig.hear([.fin, .ack], 1, ack: 2)
    #expect(rig.lines(rig.step()) == ["A 2 ack 2"])
    #expect(rig.takeEvents().states == [.finWait1, .finWait2, .timeWait])
    #expect(rig.sleep().isEmpty && rig.end.state == .closed && rig.end.ending == .closed)
    #expect(rig.deadline == nil)
  }

  @Test func thePeerClosesFirst() throws {
    var rig = try Rig.established()
    rig.hear([.fin, .ack], 1, ack: 1)
    #expect(rig.lines(rig.step()) == ["A 1 ack 2"] && rig.end.isAtEnd)
    try rig.end.close(at: rig.now)
    #expect(rig.lines(rig.step()) == ["FA 1 ack 2"])
    rig.hear(.ack, 2, ack: 2)
    rig.step()
    #expect(rig.takeEvents().states == [.closeWait, .lastAck, .closed] && rig.end.ending == .closed)
  }

  @Test func bothEndsCloseAtOnce() throws {
    var rig = try Rig.established()
    try rig.end.close(at: rig.now)
    rig.step()
    rig.hear([.fin, .ack], 1, ack: 1)
    #expect(rig.lines(rig.step()) == ["A 2 ack 2"] && rig.end.state == .closing)
    rig.hear(.ack, 2, ack: 2)
    rig.step()
    #expect(rig.takeEvents().states == [.finWait1, .closing, .timeWait])
  }

  @Test func aFINThatAcknowledgesOursLeadsStraightToTimeWait() throws {
    var rig = try Rig.established()
    try rig.end.shutdownWrite(at: rig.now)
    rig.step()
    rig.hear([.fin, .ack], 1, ack: 2)
    #expect(rig.lines(rig.step()) == ["A 2 ack 2"])
    #expect(rig.takeEvents().states == [.finWait1, .finWait2, .timeWait])
  }

  @Test func afterAHalfCloseThePeerMaySpeak() throws {
    var rig = try Rig.established()
    try rig.end.shutdownWrite(at: rig.now)
    #expect(rig.lines(rig.step()) == ["FA 1 ack 1"])
    rig.hear(.ack, 1, ack: 2, pattern(14))
    #expect(rig.lines(rig.step()) == ["A 2 ack 15"] && rig.end.read() == pattern(14))
    #expect(throws: ConversationError.finished) { try rig.end.write([1], at: rig.now) }
    #expect(throws: ConversationError.finished) { try rig.end.shutdownWrite(at: rig.now) }
  }

  @Test func afterThePeersHalfCloseThisEndMaySpeak() throws {
    var rig = try Rig.established()
    rig.hear([.fin, .ack], 1, ack: 1)
    _ = try rig.end.write(pattern(14), at: rig.now)
    #expect(rig.lines(rig.step()) == ["PA 1 ack 2 len 14"] && rig.end.state == .closeWait)
  }

  @Test func aFINWaitsForTheDataBeforeIt() throws {
    var rig = try Rig.established()
    rig.hear([.fin, .ack], 11, ack: 1, pattern(5, from: 10))
    rig.hear([.fin, .ack], 16, ack: 1)
    #expect(rig.lines(rig.step()) == ["A 1 ack 1", "A 1 ack 1"] && rig.end.state == .established)
    rig.hear(.ack, 1, ack: 1, pattern(10))
    #expect(rig.lines(rig.step()) == ["A 1 ack 17"] && rig.end.state == .closeWait)
    #expect(rig.end.read() == pattern(15))
  }

  @Test func nothingBelongsBehindAFIN() throws {
    var rig = try Rig.established()
    rig.hear([.fin, .ack], 11, ack: 1)
    rig.hear(.ack, 1, ack: 1, pattern(20))
    rig.step()
    #expect(rig.end.read() == pattern(10) && rig.end.state == .closeWait)
    rig.hear(.ack, 12, ack: 1, pattern(5))
    #expect(rig.step().isEmpty && rig.takeEvents().ignored == [.afterFinish])
  }

  @Test func timeWaitAcknowledgesARepeatedFINAndWaitsAnew() throws {
    var rig = try Rig.established()
    try rig.end.shutdownWrite(at: rig.now)
    rig.step()
    rig.hear([.fin, .ack], 1, ack: 2)
    rig.step()
    #expect(rig.step(after: 900).isEmpty)
    rig.hear([.fin, .ack], 1, ack: 2)
    #expect(rig.lines(rig.step()) == ["A 2 ack 2"])
    #expect(rig.step(after: 900).isEmpty && rig.end.state == .timeWait)
    rig.step(after: 100)
    #expect(rig.end.state == .closed)
  }

  /// RFC 1337: a reset cuts TIME-WAIT short, and everything had arrived.
  @Test func aResetInTimeWaitIsAnEndLikeAnother() throws {
    var rig = try Rig.established()
    try rig.end.shutdownWrite(at: rig.now)
    rig.step()
    rig.hear([.fin, .ack], 1, ack: 2)
    rig.hear(.rst, 2)
    rig.step()
    #expect(rig.end.ending == .closed)
  }

  @Test func dataForSomebodyWhoClosedIsReset() throws {
    var rig = try Rig.established()
    try rig.end.close(at: rig.now)
    rig.step()
    rig.hear(.ack, 1, ack: 2)
    rig.hear([.psh, .ack], 1, ack: 2, [1])
    #expect(rig.lines(rig.step()) == ["RA 2 ack 1"] && rig.end.ending == .aborted)
    // After the reset nothing is known of the connection.
    rig.hear([.psh, .ack], 2, ack: 2, [1])
    #expect(rig.lines(rig.step()) == ["R 2"])
  }

  @Test func dataForSomebodyWhoOnlyShutIsThrownAway() throws {
    var rig = try Rig.established()
    rig.end.shutdownRead()
    rig.hear(.ack, 1, ack: 1, pattern(10))
    #expect(rig.lines(rig.step()) == ["A 1 ack 11"] && rig.end.readableCount == 0)
    #expect(rig.end.status.octetsReceived == 10)
  }

  @Test func closingWithUnreadDataResets() throws {
    var rig = try Rig.established()
    rig.hear(.ack, 1, ack: 1, pattern(10))
    rig.step()
    try rig.end.close(at: rig.now)
    #expect(rig.lines(rig.step()) == ["RA 1 ack 11"] && rig.end.ending == .aborted)
  }

  @Test func aPeerThatNeverClosesIsNotWaitedForForever() throws {
    var rig = try Rig.established()
    try rig.end.close(at: rig.now)
    rig.step()
    rig.hear(.ack, 1, ack: 2)
    rig.step()
    #expect(rig.end.state == .finWait2)
    #expect(rig.sleep().isEmpty && rig.end.ending == .timedOut)
    // Whoever shut one direction alone may wait.
    var patient = try Rig.established()
    try patient.end.shutdownWrite(at: patient.now)
    patient.step()
    patient.hear(.ack, 1, ack: 2)
    patient.step()
    #expect(patient.deadline == nil)
  }

  @Test func anAbortTellsThePeer() throws {
    var rig = try Rig.established()
    _ = try rig.end.write(pattern(10), at: rig.now)
    rig.step()
    rig.end.abort(at: rig.now)
    #expect(rig.lines(rig.step()) == ["RA 11 ack 1"] && rig.end.ending == .aborted)
    rig.end.abort(at: rig.now)
    #expect(rig.step().isEmpty && rig.deadline == nil)
  }

  @Test func anOpeningIsAbandonedInSilence() throws {
    var rig = Rig()
    try rig.end.connect(to: 7, at: rig.now)
    rig.step()
    rig.end.abort(at: rig.now)
    #expect(rig.step().isEmpty && rig.end.ending == .aborted)
  }

  @Test func aStreamEndedBeforeTheOpeningEndsBehindIt() throws {
    var rig = Rig()
    try rig.end.connect(to: 7, at: rig.now)
    _ = try rig.end.write(pattern(3), at: rig.now)
    try rig.end.shutdownWrite(at: rig.now)
    rig.step()
    rig.hear([.syn, .ack], 0, ack: 1)
    #expect(rig.lines(rig.step()) == ["FPA 1 ack 1 len 3"] && rig.end.state == .finWait1)
  }
}
