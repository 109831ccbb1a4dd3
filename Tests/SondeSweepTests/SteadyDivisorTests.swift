import TestSupport
import Testing

@testable import SondeSweep

@Suite struct SteadyDivisorTests {
  /// Where a product that is rounded down may fall short: beside every multiple, and at the end of what is divided.
  @Test func everyDivisorDividesAsTheProcessorDoes() {
    var random = Seeded()
    let most: UInt64 = 1 << 62
    for number in UInt64(1)...65_536 {
      let divisor = SteadyDivisor(number)
      let quotient = UInt64.random(in: 1...most / number, using: &random)
      let last = most / number * number
      let dividends = [
        0, 1, number - 1, number, number + 1, quotient * number - 1, quotient * number,
        min(most, quotient * number + 1), last - 1, last, most - 1, most, .random(in: 0...most, using: &random),
      ]
      for dividend in dividends {
        let (quotient, remainder) = divisor.divide(dividend)
        guard quotient == dividend / number, remainder == dividend % number else {
          Issue.record("\(dividend) by \(number) is not \(quotient), \(remainder)")
          return
        }
      }
    }
  }
}
