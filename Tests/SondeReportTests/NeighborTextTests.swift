import SondeHeaders
import SondeProbe
import SondeReport
import Testing

/// The last words on an address, and the count of what came.
@Suite struct NeighborTextTests {
  private func line(
    _ purpose: NeighborSchedule.Purpose, isOwn: Bool = false, isFree: Bool = false, isAnswered: Bool = false
  ) -> String? {
    let answer = isAnswered ? Happening.answer(1, .addressInUse, by: .arpReply) : nil
    return NeighborText.line(
      Happening.settlement(0, isAnswered ? .addressInUse : .timeout, answer), of: "192.0.2.7", isOwn: isOwn,
      for: purpose, isFree: isFree)
  }

  @Test func anOwnAddressIsNotCalledFree() throws {
    #expect(try #require(line(.detection, isFree: true)).hasPrefix("192.0.2.7 is free: "))
    let own = try #require(line(.detection, isOwn: true, isFree: true))
    #expect(own.hasPrefix("192.0.2.7 is this machine's own, and nobody else has it: "))
    #expect(
      line(.detection, isOwn: true, isAnswered: true) == "192.0.2.7 is in use, though it is this machine's own too")
    #expect(line(.detection, isAnswered: true) == "192.0.2.7 is in use")
    // Probed for less often than was asked: nothing is known.
    #expect(try #require(line(.detection)).hasPrefix("192.0.2.7: "))
  }

  @Test func aQuestionToOneselfSaysSo() throws {
    #expect(try #require(line(.question, isOwn: true)).contains("this machine's own address"))
    #expect(try !#require(line(.question)).contains("own"))
    #expect(line(.question, isOwn: true, isAnswered: true) == nil)
  }

  @Test func anAnnouncementWithoutObjectionIsASuccess() throws {
    #expect(try #require(line(.announcement)).hasPrefix("192.0.2.7 is announced: "))
    #expect(line(.announcement, isAnswered: true) == "192.0.2.7 is contested")
  }

  @Test func foreignPacketsAreNoResponses() {
    var tally = Tally()
    #expect(NeighborText.received(0, tally, for: .question) == "Received 0 responses")
    #expect(NeighborText.received(1, tally, for: .announcement) == "Received 1 objection")
    (tally.duplicates, tally.conflicts, tally.noise) = (1, 2, 7)
    #expect(
      NeighborText.received(3, tally, for: .question)
        == "Received 3 responses (1 duplicate, 2 conflicts), and 7 foreign packets")
  }
}
