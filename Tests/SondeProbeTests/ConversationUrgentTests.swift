internal import SondeHeaders
internal import SondeLink
internal import SondeProbe
internal import Testing

/// RFC 9293 §3.8.5, RFC 6093 and RFC 1122 §4.2.2.4.
@Suite struct ConversationUrgentTests {
  private func rig(_ reading: Conversation.UrgentReading, window: UInt16 = 8000) throws -> Rig {
    var options = Conversation.Options.plain
    options.urgentReading = reading
    return try .established(options, window: window)
  }

  @Test(arguments: [(Conversation.UrgentReading.following, 1, 3), (.last, 0, 2)])
  func bothReadingsOfThePointerAreSpoken(reading: Conversation.UrgentReading, one: Int, three: Int) throws {
    var rig = try rig(reading)
    _ = try rig.end.writeUrgent([33], at: rig.now)
    #expect(rig.lines(rig.step()) == ["PUA 1 ack 1 len 1 urg \(one)"])
    rig.hear(.ack, 1, ack: 2)
    _ = try rig.end.writeUrgent([1, 2, 33], at: rig.now)
    #expect(rig.lines(rig.step()) == ["PUA 2 ack 1 len 3 urg \(three)"])
    rig.hear(.ack, 1, ack: 5)
    _ = try rig.end.write([4], at: rig.now)
    #expect(rig.lines(rig.step()) == ["PA 5 ack 1 len 1"], "what has arrived is urgent no more")
  }

  @Test(arguments: [(.following, 3), (.last, 2)] as [(Conversation.UrgentReading, UInt16)])
  func bothReadingsOfThePointerAreHeard(reading: Conversation.UrgentReading, pointer: UInt16) throws {
    var rig = try rig(reading)
    rig.hear([.ack, .urg, .psh], 1, ack: 1, urgentPointer: pointer, [7, 8, 9, 10])
    rig.step()
    #expect(rig.takeEvents().contains(.urgent(place: 2)))
    #expect(rig.end.takeUrgent() == 9 && rig.end.takeUrgent() == nil)
    #expect(rig.end.read() == [7, 8, 9, 10], "one stream, no second queue")
  }

  @Test func thePointerGoesAheadOfItsOctet() throws {
    var rig = try rig(.following)
    rig.hear([.ack, .urg], 1, ack: 1, urgentPointer: 5, [1, 2])
    rig.step()
    #expect(rig.takeEvents().contains(.urgent(place: 4)) && rig.end.takeUrgent() == nil)
    rig.hear([.ack, .urg], 3, ack: 1, urgentPointer: 3, [3, 4, 5])
    rig.step()
    #expect(!rig.takeEvents().contains(.urgent(place: 4)) && rig.end.takeUrgent() == 5)
  }

  @Test func aPointerAtNothingNewIsNoNews() throws {
    var rig = try rig(.following)
    rig.hear([.ack, .urg], 1, ack: 1, urgentPointer: 0, [1, 2])
    rig.hear(.ack, 3, ack: 1, urgentPointer: 2, [1, 2])
    rig.step()
    #expect(!rig.takeEvents().contains { if case .urgent = $0 { true } else { false } })
  }

  @Test func aClosedWindowLetsThePointerThrough() throws {
    var rig = try rig(.following, window: 0)
    _ = try rig.end.writeUrgent([1, 2], at: rig.now)
    #expect(rig.lines(rig.step()) == ["UA 1 ack 1 urg 2"])
    #expect(rig.step().isEmpty)
  }

  @Test func aPointerThatIsTooFarSaysAsFarAsItCan() throws {
    var rig = try rig(.following, window: 1000)
    _ = try rig.end.write(pattern(70_000), at: rig.now)
    _ = try rig.end.writeUrgent([1], at: rig.now)
    let first = try #require(rig.step().first)
    #expect(first.header.flags.contains(.urg) && first.header.urgentPointer == 65_535)
  }
}
