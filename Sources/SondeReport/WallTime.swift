/// A moment of real time as RFC 3339 text with nine digits, in UTC.
///
/// - Parameter nanoseconds: since 1970-01-01T00:00:00Z, leap seconds not counted.
public func rfc3339(_ nanoseconds: Int64) -> String {
  let moment = CivilTime(nanoseconds)
  return "\(digits(moment.year, 4))-\(digits(moment.month, 2))-\(digits(moment.day, 2))T\(moment.clock)"
    + ".\(digits(moment.fraction, 9))Z"
}

/// A moment of real time as the daytime service tells it (RFC 867), in UTC, with CR LF behind it.
///
/// - Parameter nanoseconds: since 1970-01-01T00:00:00Z, leap seconds not counted.
public func daytimeLine(_ nanoseconds: Int64) -> String {
  let moment = CivilTime(nanoseconds)
  let weekdays = ["Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"]
  let months = [
    "January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November",
    "December",
  ]
  return "\(weekdays[moment.weekday]), \(months[Int(moment.month) - 1]) \(moment.day), \(moment.year) "
    + "\(moment.clock)-UTC\r\n"
}

/// A moment of real time by the civil calendar, in UTC.
private struct CivilTime {
  var year: Int64
  /// From 1.
  var month: Int64
  /// From 1.
  var day: Int64
  /// From 0, which is Sunday.
  var weekday: Int
  /// Seconds of the day.
  var time: Int64
  /// In nanoseconds.
  var fraction: Int64

  init(_ nanoseconds: Int64) {
    var seconds: Int64
    (seconds, fraction) = nanoseconds.quotientAndRemainder(dividingBy: 1_000_000_000)
    if fraction < 0 {
      fraction += 1_000_000_000
      seconds -= 1
    }
    var days: Int64
    (days, time) = seconds.quotientAndRemainder(dividingBy: 86_400)
    if time < 0 {
      time += 86_400
      days -= 1
    }
    // The first day of 1970 was a Thursday.
    weekday = Int(((days + 4) % 7 + 7) % 7)
    // Days to a civil date in the proleptic Gregorian calendar, years counted from March, so that the leap
    // day is the last of its year.
    let shifted = days + 719_468
    let era = (shifted >= 0 ? shifted : shifted - 146_096) / 146_097
    let dayOfEra = shifted - era * 146_097
    let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
    let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
    let shiftedMonth = (5 * dayOfYear + 2) / 153
    day = dayOfYear - (153 * shiftedMonth + 2) / 5 + 1
    month = shiftedMonth < 10 ? shiftedMonth + 3 : shiftedMonth - 9
    year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0)
  }

  /// `13:44:07`.
  var clock: String { "\(digits(time / 3600, 2)):\(digits(time / 60 % 60, 2)):\(digits(time % 60, 2))" }
}

/// A number with zeros before it.
private func digits(_ value: Int64, _ count: Int) -> String {
  let text = String(value)
  return String(repeating: "0", count: max(0, count - text.count)) + text
}
