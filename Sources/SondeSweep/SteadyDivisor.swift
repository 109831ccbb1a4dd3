/// A number from 1 to 65,536 by which much is divided, and its reciprocal: multiplying takes a fraction of the time that
/// the processor's division does.
struct SteadyDivisor: Sendable {
  let number: UInt64
  /// The whole part of 2^64 - 1 over the number.
  private let reciprocal: UInt64

  init(_ number: UInt64) {
    precondition(number >= 1 && number <= 65_536, "a number from 1 to 65,536")
    self.number = number
    reciprocal = .max / number
  }

  /// Quotient and remainder of a dividend of at most 2^62.
  @inline(__always)
  func divide(_ dividend: UInt64) -> (quotient: UInt64, remainder: UInt64) {
    // The reciprocal lacks less than one of 2^64 over the number, and a little, so that the product lacks at most a
    // half: rounded down it is the quotient or one less.
    let quotient = dividend.multipliedFullWidth(by: reciprocal).high
    let remainder = dividend &- quotient &* number
    return remainder < number ? (quotient, remainder) : (quotient &+ 1, remainder &- number)
  }
}
