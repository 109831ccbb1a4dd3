internal import SondeLink
internal import SondeProbe
internal import Testing

@Suite struct ListScheduleTests {
  @Test func timeThatWasLostIsNotMadeUpForByABurst() {
    var session = Session(
      ListSchedule((0..<100).map { Pings.packet($0) }, gap: .milliseconds(100)), timeout: .seconds(1))
    #expect(session.send(at: .ms(0)).count == 1)
    #expect(session.send(at: .ms(99)).isEmpty)
    #expect(session.send(at: .ms(9000)).count == 1)
    #expect(session.send(at: .ms(9097)).isEmpty)
    #expect(session.send(at: .ms(9098)).count == 1)
  }

  @Test func aWakeUpThatIsALittleLateDoesNotDrift() {
    var session = Session(
      ListSchedule((0..<100).map { Pings.packet($0) }, gap: .milliseconds(100)), timeout: .seconds(1))
    for turn in 0..<50 { #expect(session.send(at: .ms(Int64(turn) * 100 + 1)).count == 1) }
    #expect(session.send(at: .ms(5000)).isEmpty)
    #expect(session.send(at: .ms(5001)).count == 1)
  }

  @Test func withoutAGapAllLeaveAtOnce() {
    var session = Session(ListSchedule((0..<100).map { Pings.packet($0) }), timeout: .seconds(1))
    #expect(session.send(at: .ms(0)).count == 100)
  }
}
