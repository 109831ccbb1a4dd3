internal import SondeHeaders
internal import SondeLink
internal import SondeProbe
internal import Testing

/// Data both ways over a link without fault.
@Suite struct ConversationDataTests {
  private func wide(timestamps: Bool) throws -> Rig {
    var options = Conversation.Options.plain
    options.timestamps = timestamps
    let peer: [TCPOption] = timestamps ? [.mss(1460), .timestamps(value: 5, echoReply: 1)] : [.mss(1460)]
    return try .established(options, window: 60_000, peer: peer)
  }

  @Test func fourThousandSixHundredOctetsTakeFourSegments() throws {
    for (timestamps, sizes) in [(false, [1460, 1460, 1460, 220]), (true, [1448, 1448, 1448, 256])] {
      var rig = try wide(timestamps: timestamps)
      _ = try rig.end.write(pattern(4600), at: rig.now)
      let segments = rig.step()
      #expect(segments.map(\.payload.count) == sizes)
      #expect(segments.flatMap(\.payload) == pattern(4600))
      #expect(segments.map { $0.header.flags.contains(.psh) } == [false, false, false, true])
      #expect(segments.map(\.place.lowerBound) == [0, UInt64(sizes[0]), UInt64(2 * sizes[0]), UInt64(3 * sizes[0])])
    }
  }

  @Test func eachCharacterIsPushedAndAcknowledged() throws {
    var rig = try Rig.established()
    for index in 0..<3 {
      _ = try rig.end.write([65], at: rig.now)
      #expect(rig.lines(rig.step()) == ["PA \(index + 1) ack \(index + 1) len 1"])
      rig.hear([.psh, .ack], index + 1, ack: index + 2, [66])
      #expect(rig.lines(rig.step()) == ["A \(index + 2) ack \(index + 2)"])
    }
    #expect(rig.end.read() == [66, 66, 66])
  }

  /// A hundred octets across the wrap: 0xffffffce + 100 is 0x32 (RFC 9293 §3.4).
  @Test(arguments: [(4_242_128_595, 4_242_128_695, 100), (502_886_625, 502_886_825, 200), (0xffff_ffce, 0x32, 100)])
  func numbersCountOctetsModulo32Bits(first: UInt32, behind: UInt32, count: Int) throws {
    var rig = try Rig.established(ours: first &- 1, theirs: first &- 1)
    _ = try rig.end.write(pattern(count), at: rig.now)
    #expect(rig.step().first?.header.sequenceNumber == first)
    rig.hear(.ack, 1, ack: 1 + count)
    #expect(rig.end.unacknowledgedCount == 0 && rig.end.status.sendUnacknowledged == behind)
    rig.hear(.ack, 1, ack: 1 + count, pattern(count))
    #expect(rig.step().first?.header.acknowledgmentNumber == behind)
  }

  @Test func anAnswerCarriesTheAcknowledgment() throws {
    var rig = try Rig.established()
    rig.hear(.ack, 1, ack: 1, pattern(6))
    _ = try rig.end.write(pattern(8), at: rig.now)
    #expect(rig.lines(rig.step()) == ["PA 1 ack 7 len 8"])
    rig.hear(.ack, 7, ack: 9, pattern(2))
    try rig.end.shutdownWrite(at: rig.now)
    #expect(rig.lines(rig.step()) == ["FA 9 ack 9"])
  }

  @Test func theFINGoesWithTheLastOctets() throws {
    var rig = try Rig.established()
    _ = try rig.end.write(pattern(3), at: rig.now)
    try rig.end.shutdownWrite(at: rig.now)
    #expect(rig.lines(rig.step()) == ["FPA 1 ack 1 len 3"])
  }

  /// RFC 9293 §3.8.6.3 and RFC 5681 §4.2.
  @Test func anAcknowledgmentMayWaitButNotForTwoSegments() throws {
    var options = Conversation.Options.plain
    options.acknowledgmentDelay = .milliseconds(100)
    var rig = try Rig.established(options)
    rig.hear(.ack, 1, ack: 1, pattern(1000))
    #expect(rig.step(after: 99).isEmpty)
    #expect(rig.lines(rig.step(after: 1)) == ["A 1 ack 1001"])
    rig.hear(.ack, 1001, ack: 1, pattern(1000))
    #expect(rig.step().isEmpty)
    rig.hear(.ack, 2001, ack: 1, pattern(1000))
    #expect(rig.lines(rig.step()) == ["A 1 ack 3001"])
    // A hole is told of, and its filling too, at once.
    rig.hear(.ack, 4001, ack: 1, pattern(10))
    #expect(rig.lines(rig.step()) == ["A 1 ack 3001"])
    rig.hear(.ack, 3001, ack: 1, pattern(1000))
    #expect(rig.lines(rig.step()) == ["A 1 ack 4011"])
  }

  @Test func whatComesEarlyWaitsAndEachIsTold() throws {
    var rig = try Rig.established()
    rig.hear(.ack, 11, ack: 1, pattern(10, from: 10))
    rig.hear(.ack, 21, ack: 1, pattern(10, from: 20))
    #expect(rig.lines(rig.step()) == ["A 1 ack 1", "A 1 ack 1"] && rig.end.readableCount == 0)
    rig.hear(.ack, 1, ack: 1, pattern(15))
    #expect(rig.lines(rig.step()) == ["A 1 ack 31"])
    #expect(rig.end.read() == pattern(30))
  }

  @Test func whatCameBeforeIsAcknowledgedAgainAndNotReadTwice() throws {
    var rig = try Rig.established()
    rig.hear(.ack, 1, ack: 1, pattern(10))
    rig.step()
    rig.hear(.ack, 1, ack: 1, pattern(10))
    rig.hear(.ack, 6, ack: 1, pattern(10, from: 5))
    #expect(rig.lines(rig.step()) == ["A 1 ack 11", "A 1 ack 16"])
    #expect(rig.takeEvents().ignored == [.duplicate] && rig.end.read() == pattern(15))
  }

  @Test func sackNamesTheNewestHoleFirst() throws {
    var options = Conversation.Options.plain
    options.sackPermitted = true
    var rig = try Rig.established(options, peer: [.mss(1000), .sackPermitted])
    func block(_ left: UInt32, _ right: UInt32) -> TCPOption.SACKBlock {
      .init(left: rig.theirs &+ left, right: rig.theirs &+ right)
    }
    let first = block(11, 21)
    let second = block(31, 41)
    rig.hear(.ack, 11, ack: 1, pattern(10))
    #expect(rig.step().first?.header.options == [.noOperation, .noOperation, .sack([first])])
    rig.hear(.ack, 31, ack: 1, pattern(10))
    #expect(rig.step().first?.header.options == [.noOperation, .noOperation, .sack([second, first])])
    rig.hear(.ack, 1, ack: 1, pattern(10))
    #expect(rig.step().first?.header.options == [.noOperation, .noOperation, .sack([second])])
    rig.hear(.ack, 21, ack: 1, pattern(10))
    #expect(rig.step().first?.header.options == [])
  }

  @Test func octetsWrittenApartShareNoSegment() throws {
    var rig = try Rig.established()
    _ = try rig.end.write(pattern(5), at: rig.now)
    let apart = try rig.end.write(pattern(7), isApart: true, at: rig.now)
    _ = try rig.end.write(pattern(3), at: rig.now)
    _ = try rig.end.write(pattern(2), at: rig.now)
    let segments = rig.step()
    #expect(segments.map(\.payload.count) == [5, 7, 5] && segments[1].place == apart)
  }

  /// RFC 9293 §3.7.4.
  @Test func nagleHoldsSmallSegmentsBackWhileDataIsOnItsWay() throws {
    for isNagle in [true, false] {
      var options = Conversation.Options.plain
      options.isNagle = isNagle
      var rig = try Rig.established(options)
      _ = try rig.end.write([1], at: rig.now)
      #expect(rig.step().count == 1)
      _ = try rig.end.write([2], at: rig.now)
      _ = try rig.end.write([3], at: rig.now)
      #expect(rig.lines(rig.step()) == (isNagle ? [] : ["PA 2 ack 1 len 2"]))
      guard isNagle else { continue }
      rig.hear(.ack, 1, ack: 2)
      #expect(rig.lines(rig.step()) == ["PA 2 ack 1 len 2"])
    }
  }

  @Test func aFullBufferTakesNoMore() throws {
    var options = Conversation.Options.plain
    options.sendBuffer = 100
    var rig = try Rig.established(options)
    #expect(try rig.end.write(pattern(150), at: rig.now) == 0..<100)
    #expect(try rig.end.write(pattern(1), at: rig.now).isEmpty && rig.end.writableCount == 0)
    rig.step()
    rig.hear(.ack, 1, ack: 41)
    #expect(try rig.end.write(pattern(150), at: rig.now) == 100..<140)
    #expect(rig.takeEvents().contains(.acknowledged(40)))
  }

  @Test func readingTakesNoMoreThanIsAsked() throws {
    var rig = try Rig.established()
    rig.hear(.ack, 1, ack: 1, pattern(10))
    #expect(rig.end.read(4) == pattern(4) && rig.end.read(0).isEmpty && rig.end.readableCount == 6)
    #expect(rig.end.read(-1).isEmpty && rig.end.read() == pattern(6, from: 4))
  }

  @Test func dataOnTheSYNACKIsTaken() throws {
    var rig = Rig()
    try rig.end.connect(to: 7, at: rig.now)
    rig.step()
    rig.hear([.syn, .ack, .fin], 0, ack: 1, pattern(4))
    #expect(rig.lines(rig.step()) == ["A 1 ack 6"] && rig.end.state == .closeWait && rig.end.read() == pattern(4))
  }
}
