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

/// `part` of `whole` in percent as `%g` prints it: six significant digits, no trailing zeros; never with an
/// exponent, which only shares below a millionth would have.
func percent(_ part: Int, of whole: Int) -> String {
  guard whole > 0, part > 0 else { return "0" }
  var places = 3
  var scaled = Int128(part) * 100_000
  while scaled < Int128(whole) * 100_000, places < 9 {
    places += 1
    scaled *= 10
  }
  var text = fixed(Int64(clamping: Int128(part) * 100), per: Int64(whole), places: places)
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
