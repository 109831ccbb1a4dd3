/// A moment of real time as RFC 3339 text with nine digits, in UTC.
///
/// - Parameter nanoseconds: since 1970-01-01T00:00:00Z, leap seconds not counted.
public func rfc3339(_ nanoseconds: Int64) -> String {
  var (seconds, fraction) = nanoseconds.quotientAndRemainder(dividingBy: 1_000_000_000)
  if fraction < 0 {
    fraction += 1_000_000_000
    seconds -= 1
  }
  var (days, time) = seconds.quotientAndRemainder(dividingBy: 86_400)
  if time < 0 {
    time += 86_400
    days -= 1
  }
  // Days to a civil date in the proleptic Gregorian calendar, years counted from March, so that the leap
  // day is the last of its year.
  let shifted = days + 719_468
  let era = (shifted >= 0 ? shifted : shifted - 146_096) / 146_097
  let dayOfEra = shifted - era * 146_097
  let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
  let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
  let shiftedMonth = (5 * dayOfYear + 2) / 153
  let day = dayOfYear - (153 * shiftedMonth + 2) / 5 + 1
  let month = shiftedMonth < 10 ? shiftedMonth + 3 : shiftedMonth - 9
  let year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0)
  func digits(_ value: Int64, _ count: Int) -> String {
    let text = String(value)
    return String(repeating: "0", count: max(0, count - text.count)) + text
  }
  return "\(digits(year, 4))-\(digits(month, 2))-\(digits(day, 2))T"
    + "\(digits(time / 3600, 2)):\(digits(time / 60 % 60, 2)):\(digits(time % 60, 2)).\(digits(fraction, 9))Z"
}
