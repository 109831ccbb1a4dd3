internal import SondeHeaders
internal import SondeLink
internal import SondeProbe
internal import Testing

/// RFC 9293 §3.5 and §3.10.7.1 to §3.10.7.3.
@Suite struct ConversationOpeningTests {
  private func connecting(_ options: Conversation.Options = .plain) throws -> Rig {
    var rig = Rig(options)
    try rig.end.connect(to: 7, at: rig.now)
    return rig
  }

  private func listening(_ options: Conversation.Options = .plain) throws -> Rig {
    var rig = Rig(options)
    try rig.end.listen()
    return rig
  }

  @Test func threeSegmentsOpen() throws {
    var rig = try connecting()
    #expect(rig.lines(rig.step()) == ["S 0"])
    rig.hear([.syn, .ack], 0, ack: 1)
    #expect(rig.lines(rig.step()) == ["A 1 ack 1"])
    #expect(rig.takeEvents().states == [.synSent, .established])
    #expect(rig.step().isEmpty && rig.deadline == nil)
  }

  @Test func whatWasWrittenBeforeGoesWithTheAcknowledgment() throws {
    var rig = try connecting()
    #expect(try rig.end.write(pattern(5), at: rig.now) == 0..<5)
    #expect(rig.lines(rig.step()) == ["S 0"])
    rig.hear([.syn, .ack], 0, ack: 1)
    #expect(rig.lines(rig.step()) == ["PA 1 ack 1 len 5"])
  }

  @Test func theOptionsStandAsLinuxWritesThem() throws {
    var rig = try connecting(.init())
    let segment = try #require(rig.step().first)
    let timestamp = try #require(
      segment.header.options.compactMap { if case .timestamps(let value, 0) = $0 { value } else { nil } }.first)
    #expect(
      segment.header.options == [
        .mss(1460), .sackPermitted, .timestamps(value: timestamp, echoReply: 0), .noOperation, .windowScale(7),
      ])
    #expect(segment.header.byteCount == 40)
    // The window of a SYN is not scaled (RFC 7323 §2.2).
    #expect(segment.header.window == 65_535)
    rig.hear(
      [.syn, .ack], 0, ack: 1,
      options: [.mss(1460), .sackPermitted, .timestamps(value: 9, echoReply: timestamp), .noOperation, .windowScale(3)])
    let answer = try #require(rig.step().first)
    #expect(answer.header.options == [.noOperation, .noOperation, .timestamps(value: timestamp, echoReply: 9)])
    #expect(answer.header.window == 65_535 >> 7)
    #expect(rig.end.status.scales == .init(send: 3, receive: 7))
  }

  /// An option counts only where both SYNs hold it (RFC 7323 §2.2 and §3.2, RFC 2018 §2).
  @Test func whatThePeerDoesNotOfferIsNotUsed() throws {
    var rig = try connecting(.init())
    rig.step()
    rig.hear([.syn, .ack], 0, ack: 1, options: [.mss(1460)])
    let answer = try #require(rig.step().first)
    #expect(answer.header.options.isEmpty && answer.header.window == 65_535)
    let status = rig.end.status
    #expect(status.scales == nil && !status.usesSACK && !status.usesTimestamps)
  }

  @Test func aSilentPeerTakes536Octets() throws {
    let rig = try Rig.established(peer: [])
    #expect(rig.end.status.segmentSize == 536)
    #expect(try Rig.established(peer: [.mss(900)]).end.status.segmentSize == 900)
  }

  @Test func theAnswerOffersNothingThatWasNotAsked() throws {
    var rig = try listening(.init())
    rig.hear(.syn, 0, options: [.mss(1400), .noOperation, .windowScale(2)])
    let answer = try #require(rig.step().first)
    #expect(answer.header.options == [.mss(1460), .noOperation, .windowScale(7)])
    #expect(rig.line(answer) == "SA 0 ack 1")
  }

  @Test func aResetOfTheSYNRefuses() throws {
    var rig = try connecting()
    rig.step()
    // Near misses: nothing acknowledged, or something else.
    rig.hear(.rst, 0)
    rig.hear([.rst, .ack], 0, ack: 2)
    rig.hear([.rst, .ack], 0, ack: 0)
    #expect(rig.step().isEmpty && rig.end.state == .synSent)
    #expect(rig.takeEvents().ignored == [.foreignReset, .unsentAcknowledged, .unsentAcknowledged])
    rig.hear([.rst, .ack], 0, ack: 1)
    #expect(rig.step().isEmpty && rig.end.state == .closed && rig.end.ending == .refused)
  }

  @Test(arguments: [0, 2, -5]) func aSYNACKOfSomethingElseIsReset(ack: Int) throws {
    var rig = try connecting()
    rig.step()
    rig.hear([.syn, .ack], 0, ack: ack)
    #expect(rig.lines(rig.step()) == ["R \(ack)"] && rig.end.state == .synSent)
  }

  @Test func anAcknowledgmentAloneDoesNotOpen() throws {
    var rig = try connecting()
    rig.step()
    rig.hear(.ack, 0, ack: 1)
    #expect(rig.step().isEmpty && rig.end.state == .synSent)
    #expect(rig.takeEvents().ignored == [.beforeSYN])
  }

  /// RFC 6298 §5.5: each wait is twice the one before.
  @Test func theSYNIsRepeatedMoreAndMoreSeldom() throws {
    var rig = try connecting()
    rig.step()
    let start = rig.now
    var times: [Int64] = []
    while rig.end.ending == nil {
      for segment in rig.sleep() {
        #expect(rig.line(segment) == "S 0" && segment.purpose == .opening)
        times.append((rig.now - start).nanoseconds / 1_000_000_000)
      }
    }
    #expect(times == [1, 3, 7, 15, 31] && rig.end.ending == .timedOut)
  }

  @Test func aListenerAnswersAndIsOpenByTheAcknowledgment() throws {
    var rig = try listening()
    rig.hear(.syn, 0)
    #expect(rig.lines(rig.step()) == ["SA 0 ack 1"])
    // The SYN once more: the answer was lost.
    rig.hear(.syn, 0)
    #expect(rig.lines(rig.step()) == ["SA 0 ack 1"])
    rig.hear(.ack, 1, ack: 2)
    #expect(rig.lines(rig.step()) == ["R 2"] && rig.end.state == .synReceived)
    rig.hear(.ack, 1, ack: 1)
    #expect(rig.step().isEmpty && rig.end.state == .established && rig.end.remotePort == 7)
    #expect(rig.takeEvents().states == [.listen, .synReceived, .established])
  }

  @Test func aListenerHearsTheNextAfterAReset() throws {
    var rig = try listening()
    rig.hear(.rst, 0)
    rig.hear(.ack, 5, ack: 9)
    #expect(rig.lines(rig.step()) == ["R 9"] && rig.end.state == .listen)
    rig.hear(.syn, 0)
    rig.step()
    rig.hear(.rst, 2)
    #expect(rig.lines(rig.step()) == ["A 1 ack 1"] && rig.end.state == .synReceived, "only at the edge")
    rig.hear(.rst, 1)
    #expect(rig.step().isEmpty && rig.end.state == .listen && rig.end.remotePort == nil)
    rig.hear(.syn, 100)
    #expect(rig.lines(rig.step()) == ["SA 0 ack 101"])
  }

  @Test func aListenerGivesUpACallerThatIsGone() throws {
    var rig = try listening()
    rig.hear(.syn, 0)
    var count = rig.step().count
    while rig.end.state == .synReceived { count += rig.sleep().count }
    #expect(count == 6 && rig.end.state == .listen && rig.end.ending == nil)
  }

  /// §3.5, figure 8.
  @Test(arguments: [true, false]) func bothEndsMayOpen(bySYNACK: Bool) throws {
    var rig = try connecting()
    rig.step()
    rig.hear(.syn, 0)
    #expect(rig.lines(rig.step()) == ["SA 0 ack 1"] && rig.end.state == .synReceived)
    if bySYNACK { rig.hear([.syn, .ack], 0, ack: 1) } else { rig.hear(.ack, 1, ack: 1) }
    rig.step()
    #expect(rig.end.state == .established)
    #expect(rig.takeEvents().states == [.synSent, .synReceived, .established])
  }

  @Test func noConnectionResetsAllButResets() {
    var rig = Rig()
    rig.hear(.syn, 0)
    let reset = rig.end.takeSegments()
    #expect(reset.first?.header.flags == [.rst, .ack] && reset.first?.header.sequenceNumber == 0)
    #expect(reset.first?.header.acknowledgmentNumber == rig.theirs &+ 1 && reset.first?.header.window == 0)
    rig.hear(.ack, 5, ack: 77, [1, 2])
    #expect(rig.lines(rig.end.takeSegments()) == ["R 77"])
    rig.hear(.rst, 0)
    #expect(rig.end.takeSegments().isEmpty)
  }

  @Test func otherPortsAreNotHeard() throws {
    var rig = try Rig.established()
    rig.end.receive(TCP(from: 8, to: 40_000, flags: .rst, sequenceNumber: rig.theirs &+ 1), [], at: rig.now)
    rig.end.receive(TCP(from: 7, to: 40_001, flags: .rst, sequenceNumber: rig.theirs &+ 1), [], at: rig.now)
    #expect(rig.step().isEmpty && rig.end.state == .established)
    #expect(rig.takeEvents().ignored == [.otherPorts, .otherPorts])
  }

  @Test func callsOutOfPlaceAreRefused() throws {
    var rig = Rig()
    #expect(throws: ConversationError.wrongState(.closed)) { try rig.end.write([1], at: rig.now) }
    #expect(throws: ConversationError.wrongState(.closed)) { try rig.end.shutdownWrite(at: rig.now) }
    try rig.end.connect(to: 7, at: rig.now)
    #expect(throws: ConversationError.wrongState(.synSent)) { try rig.end.listen() }
    try rig.end.shutdownWrite(at: rig.now)
    #expect(throws: ConversationError.finished) { try rig.end.write([1], at: rig.now) }
    try rig.end.close(at: rig.now)
    #expect(throws: ConversationError.ended(.aborted)) { try rig.end.write([1], at: rig.now) }
  }

  @Test func anUnreachablePeerEndsAnOpeningButNoConnection() throws {
    var rig = try connecting()
    rig.step()
    rig.end.unreachable(quoting: rig.ours &+ 1, why: "no route", isHard: true, at: rig.now)
    rig.end.unreachable(quoting: rig.ours, why: "no route", isHard: false, at: rig.now)
    #expect(rig.end.state == .synSent)
    rig.end.unreachable(quoting: rig.ours, why: "port unreachable", isHard: true, at: rig.now)
    #expect(rig.end.ending == .unreachable("port unreachable"))
    var open = try Rig.established()
    _ = try open.end.write([1], at: open.now)
    open.step()
    open.end.unreachable(quoting: open.ours &+ 1, why: "no route", isHard: true, at: open.now)
    #expect(open.end.state == .established)
    while open.end.ending == nil { _ = open.sleep() }
    #expect(open.end.ending == .unreachable("no route"), "the reason, once patience is over")
  }
}
