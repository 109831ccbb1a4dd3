import Testing

@testable import SondeCapture

@Suite struct TimeUnitTests {
  @Test func powersOfTenScaleToNanoseconds() {
    #expect(TimeUnit(rawValue: 0).nanoseconds(3) == 3_000_000_000)
    #expect(TimeUnit(rawValue: 3).nanoseconds(3) == 3_000_000)
    #expect(TimeUnit.microseconds.nanoseconds(1_700_000_000_123_456) == 1_700_000_000_123_456_000)
    #expect(TimeUnit.nanoseconds.nanoseconds(7) == 7)
    #expect(TimeUnit(rawValue: 12).nanoseconds(7_999) == 7)
    #expect(TimeUnit(rawValue: 28).nanoseconds(.max) == 1)
    #expect(TimeUnit(rawValue: 29).nanoseconds(.max) == 0)
    #expect(TimeUnit(rawValue: 127).nanoseconds(.max) == 0)
  }

  @Test func powersOfTwoScaleToNanoseconds() {
    #expect(TimeUnit(rawValue: 0x80).nanoseconds(3) == 3_000_000_000)
    #expect(TimeUnit(rawValue: 0x81).nanoseconds(3) == 1_500_000_000)
    #expect(TimeUnit(rawValue: 0xa0).nanoseconds(1 << 31) == 500_000_000)
    #expect(TimeUnit(rawValue: 0xff).nanoseconds(.max) == 0)
  }

  @Test func timesBeyondTheRangeStayAtItsEnd() {
    #expect(TimeUnit(rawValue: 0).nanoseconds(.max) == .max)
    #expect(TimeUnit.nanoseconds.nanoseconds(.max) == .max)
    #expect(TimeUnit.nanoseconds.nanoseconds(UInt64(Int64.max)) == .max)
    #expect(TimeUnit.nanoseconds.nanoseconds(UInt64(Int64.max) - 1) == .max - 1)
    #expect(TimeUnit(rawValue: 0x80).nanoseconds(.max) == .max)
  }
}
