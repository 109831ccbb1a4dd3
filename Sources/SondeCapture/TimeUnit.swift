/// The unit of an interface's time stamps, as if_tsresol writes it (draft-ietf-opsawg-pcapng §4.2): a
/// negative power of ten or, with the high bit set, of two.
struct TimeUnit: Hashable, Sendable {
  var rawValue: UInt8

  static let microseconds = TimeUnit(rawValue: 6)
  static let nanoseconds = TimeUnit(rawValue: 9)

  /// `ticks` of this unit in nanoseconds, rounded down; beyond the year 2262 it stays at the end of the
  /// range.
  func nanoseconds(_ ticks: UInt64) -> Int64 {
    let exponent = Int(rawValue & 0x7f)
    guard rawValue & 0x80 == 0 else {
      return Int64(clamping: (UInt128(ticks) &* 1_000_000_000) >> UInt128(exponent))
    }
    guard exponent > 9 else {
      let (product, overflow) = ticks.multipliedReportingOverflow(by: Self.powerOfTen(9 - exponent))
      return overflow ? .max : Int64(clamping: product)
    }
    // 10^20 is above any 64-bit number.
    return exponent - 9 < 20 ? Int64(clamping: ticks / Self.powerOfTen(exponent - 9)) : 0
  }

  /// 10 to the power of `exponent`, which is at most 19.
  private static func powerOfTen(_ exponent: Int) -> UInt64 {
    (0..<exponent).reduce(1) { product, _ in product &* 10 }
  }
}
