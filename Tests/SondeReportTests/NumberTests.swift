import Testing

@testable import SondeReport

/// Numbers as C's printf writes them: expected values are printf's.
@Suite struct NumberTests {
  @Test(arguments: [
    (0, "0.000"), (1, "0.000"), (999, "0.000"), (1000, "0.001"), (44_999, "0.044"), (151_000, "0.151"),
    (999_999, "0.999"), (1_000_000, "1.00"), (1_239_999, "1.23"), (9_999_999, "9.99"), (10_000_000, "10.0"),
    (99_999_999, "99.9"), (100_000_000, "100"), (100_999_999, "100"), (4_000_000_000, "4000"),
  ])
  func aTimeLosesADecimalWithEachDigit(nanoseconds: Int64, text: String) {
    #expect(pingTime(nanoseconds) == text)
  }

  @Test(arguments: [
    (0, 5, "0"), (5, 5, "100"), (1, 3, "33.3333"), (2, 3, "66.6667"), (1, 7, "14.2857"), (1, 2, "50"), (1, 8, "12.5"),
    (1, 40, "2.5"), (1, 300, "0.333333"), (1, 1000, "0.1"), (299, 300, "99.6667"), (1, 3000, "0.0333333"),
    (1, 65_536, "0.00152588"), (999_999, 1_000_000, "99.9999"), (9_999_999, 10_000_000, "100"), (0, 0, "0"),
    (1, 1_000_000, "0.0001"),
  ])
  func aLossHasSixDigitsAtMost(part: Int, whole: Int, text: String) {
    #expect(percent(part, of: whole) == text)
  }

  @Test func decimalsAreRoundedHalfAwayFromZero() {
    #expect(fixed(1500, per: 1000, places: 0) == "2" && fixed(1499, per: 1000, places: 0) == "1")
    #expect(fixed(-1500, per: 1000, places: 0) == "-2" && fixed(-1, per: 1000, places: 2) == "0.00")
    #expect(fixed(5, per: 1000, places: 3) == "0.005" && fixed(.max, per: 1, places: 3) == "9223372036854775807.000")
  }

  @Test(arguments: [
    (0, "1970-01-01T00:00:00.000000000Z"), (1, "1970-01-01T00:00:00.000000001Z"),
    (-1, "1969-12-31T23:59:59.999999999Z"), (951_782_400_000_000_000, "2000-02-29T00:00:00.000000000Z"),
    (1_709_251_199_999_999_999, "2024-02-29T23:59:59.999999999Z"),
    (4_107_542_400_000_000_000, "2100-03-01T00:00:00.000000000Z"),
    (1_700_000_000_123_456_789, "2023-11-14T22:13:20.123456789Z"),
    (.max, "2262-04-11T23:47:16.854775807Z"), (.min, "1677-09-21T00:12:43.145224192Z"),
  ])
  func aMomentIsRFC3339TextWithNineDigits(nanoseconds: Int64, text: String) {
    #expect(rfc3339(nanoseconds) == text)
  }

  @Test func paddingNeverCuts() {
    #expect(padded("ab", 4) == "ab  " && padded("abcdef", 4) == "abcdef")
  }
}
