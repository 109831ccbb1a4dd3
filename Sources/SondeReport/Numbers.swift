// Numbers as C's printf writes them, without Foundation.

/// `value` with exactly `places` decimals, rounded half away from zero.
func fixed(_ value: Int64, per unit: Int64, places: Int) -> String {
  var scale: Int64 = 1
  for _ in 0..<places { scale *= 10 }
  let magnitude = Int128(value.magnitude) * Int128(scale)
  let rounded = (magnitude + Int128(unit) / 2) / Int128(unit)
  let whole = rounded / Int128(scale)
  let sign = value < 0 && rounded != 0 ? "-" : ""
  guard places > 0 else { return "\(sign)\(whole)" }
  let digits = String(rounded % Int128(scale))
  return "\(sign)\(whole)." + String(repeating: "0", count: places - digits.count) + digits
}

/// `part` of `whole` in percent as `%g` prints it: at most six digits, no trailing zeros.
func percent(_ part: Int, of whole: Int) -> String {
  guard whole > 0 else { return "0" }
  let value = Double(part) * 100 / Double(whole)
  let places = value >= 100 ? 3 : value >= 10 ? 4 : value >= 1 ? 5 : 6
  var text = fixed(Int64(Int128(part) * 100_000_000_000 / Int128(whole)), per: 1_000_000_000, places: places)
  while text.hasSuffix("0") { text.removeLast() }
  if text.hasSuffix(".") { text.removeLast() }
  return text
}

/// A round-trip time as ping prints it: in milliseconds, with three decimals below 1 ms, then two, one and none.
func pingTime(_ nanoseconds: Int64) -> String {
  let microseconds = nanoseconds / 1000
  switch microseconds {
  case 100_000...: return "\(microseconds / 1000)"
  case 10_000...: return truncated(microseconds, places: 1)
  case 1000...: return truncated(microseconds, places: 2)
  default: return truncated(microseconds, places: 3)
  }
}

/// Microseconds as milliseconds with `places` decimals, the rest cut off as ping does.
private func truncated(_ microseconds: Int64, places: Int) -> String {
  var unit: Int64 = 1
  for _ in places..<3 { unit *= 10 }
  return fixed(microseconds / unit, per: 1000 / unit, places: places)
}

/// `text` padded with spaces on its right to `width` characters.
func padded(_ text: String, _ width: Int) -> String {
  text + String(repeating: " ", count: max(0, width - text.count))
}
