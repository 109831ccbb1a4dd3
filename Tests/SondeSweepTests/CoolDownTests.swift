import SondeLink
import SondeSweep
import Testing

struct CoolDownTests {
  private let asked = Instant(nanoseconds: 1_000_000_000)

  private func end(
    _ coolDown: CoolDown = .automatic, answered: UInt64, largest: Duration?, last: Duration? = nil
  ) -> Duration {
    coolDown.end(
      lastAsked: asked, lastAnswered: last.map { asked + $0 }, asked: 100, answered: answered, largest: largest) - asked
  }

  @Test func nothingIsWaitedForWhenAllHaveAnswered() {
    #expect(end(answered: 100, largest: .milliseconds(50)) == .zero)
    #expect(end(CoolDown(.seconds(5)), answered: 100, largest: .milliseconds(50)) == .zero)
  }

  @Test func tenOfTheLargestRoundTripsAreWaitedIfHalfHaveAnswered() {
    #expect(end(answered: 50, largest: .milliseconds(50)) == .milliseconds(500))
    #expect(end(answered: 99, largest: .milliseconds(50)) == .milliseconds(500))
    #expect(end(answered: 49, largest: .milliseconds(50)) == .seconds(2))
    #expect(end(answered: 0, largest: nil) == .seconds(2))
  }

  @Test func theWaitIsATenthOfASecondAtLeastAndTwoSecondsAtMost() {
    #expect(end(answered: 60, largest: .microseconds(80)) == .milliseconds(100))
    #expect(end(answered: 60, largest: .milliseconds(201)) == .seconds(2))
    #expect(end(answered: 60, largest: .nanoseconds(Int64.max)) == .seconds(2))
  }

  @Test func itDoesNotEndWhileAnswersCome() {
    #expect(end(answered: 60, largest: .milliseconds(1), last: .milliseconds(90)) == .milliseconds(190))
    #expect(end(answered: 60, largest: .milliseconds(1), last: .milliseconds(-500)) == .milliseconds(100))
    #expect(end(answered: 60, largest: .milliseconds(1), last: .milliseconds(1_950)) == .seconds(2))
  }

  @Test func theWaitThatWasAskedForIsTheLongest() {
    let second = CoolDown(.seconds(1))
    #expect(end(second, answered: 0, largest: nil) == .seconds(1))
    #expect(end(second, answered: 60, largest: .milliseconds(1), last: .milliseconds(990)) == .seconds(1))
    #expect(end(CoolDown(.zero), answered: 0, largest: nil) == .zero)
    #expect(end(CoolDown(.seconds(-1)), answered: 0, largest: nil) == .zero)
  }

  @Test func roundTripIsSmoothedAsTheStandardSays() {
    var trips = RoundTrip()
    #expect(trips.usual == nil && trips.largest == nil)
    trips.add(.milliseconds(100))
    #expect(trips.usual == .milliseconds(300))
    trips.add(.milliseconds(180))
    // 100 + 80/8, and 50 + (80 - 50)/4: RFC 6298, section 2.3
    #expect(trips.usual == .milliseconds(110) + .microseconds(57_500) * 4)
    trips.add(.milliseconds(20))
    #expect(trips.largest == .milliseconds(180))
    trips.add(.milliseconds(-1))
    #expect(trips.largest == .milliseconds(180))
  }
}
