internal import SondeLink
internal import Testing

@testable internal import SondeProbe

/// The estimator alone: what of a host's answers says how often it sends errors.
@Suite struct ErrorRateTests {
  /// Asks as often as `gap` says for `span`; the host has `burst` errors at once and one an `interval`.
  private func measured(_ interval: Duration, burst: Int = 6, gap: Duration, for span: Duration) -> ErrorRate {
    var rate = ErrorRate()
    rate.measure()
    var credit = interval * burst
    for turn in 0..<Int(span / gap) {
      let now = Instant.ms(0) + gap * turn
      rate.asked(at: now)
      credit = min(credit + gap, interval * burst)
      guard credit >= interval else { continue }
      credit -= interval
      rate.error(askedAt: now)
    }
    return rate
  }

  @Test(arguments: [5, 20, 100, 250, 500, 1000, 2000])
  func theSteadyRateIsFoundWhateverTheBurst(_ milliseconds: Int) throws {
    let interval = Duration.milliseconds(milliseconds)
    for burst in [1, 6, 50] {
      let rate = measured(
        interval, burst: burst, gap: max(interval / 50, .milliseconds(1)), for: interval * 60 + .seconds(1))
      let found = try #require(rate.interval, "burst \(burst)")
      #expect(abs(found.nanoseconds - interval.nanoseconds) <= interval.nanoseconds / 20, "burst \(burst): \(found)")
      #expect(try #require(rate.pause) > found)
    }
  }

  @Test func aBurstAloneSaysNothing() {
    #expect(measured(.seconds(1), gap: .milliseconds(1), for: .milliseconds(900)).interval == nil)
  }

  @Test func errorsToAllQuestionsAreNoLimit() {
    let rate = measured(.microseconds(1), gap: .milliseconds(1), for: .seconds(2))
    #expect(rate.interval == nil && !rate.isMeasuring && rate.errors == 2000)
  }

  @Test func whatWasAskedSlowlySaysNothing() {
    #expect(measured(.milliseconds(100), gap: .milliseconds(150), for: .seconds(20)).interval == nil)
  }

  @Test func anAnswerThatIsNoErrorIsNoQuestionInVain() {
    var rate = ErrorRate()
    rate.measure()
    for turn in 0..<100 {
      let now = Instant.ms(Int64(turn) * 20)
      rate.asked(at: now)
      rate.answered(askedAt: now)
      rate.asked(at: now + .milliseconds(10))
      rate.error(askedAt: now + .milliseconds(10))
    }
    #expect(rate.interval == nil && rate.errors == 100)
  }

  @Test(
    arguments: [
      (1000, "1 ICMP error a second"), (1020, "1 ICMP error a second"), (100, "10 ICMP errors a second"),
      (5, "200 ICMP errors a second"), (500, "2 ICMP errors a second"), (2000, "1 ICMP error in 2.0 s"),
    ] as [(Int, String)])
  func itIsToldInWords(_ milliseconds: Int, _ words: String) {
    let interval = Duration.milliseconds(milliseconds)
    #expect(measured(interval, gap: interval / 50, for: interval * 30 + .seconds(1)).words == words)
    #expect(ErrorRate().words == nil)
  }
}
