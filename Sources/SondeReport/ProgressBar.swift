/// A line of a terminal that says how far a long run has come, in whatever words.
///
/// It shows nothing in the first second, is drawn at most ten times a second, and never wraps. It reads no clock:
/// whoever holds it passes the time.
public struct ProgressLine: Sendable {
  private let start: Int64
  private var drawn: Int64?

  /// How long a run takes before it is worth a line, in nanoseconds.
  public static let patience: Int64 = 1_000_000_000
  /// The least time between two drawings, in nanoseconds.
  public static let pause: Int64 = 100_000_000

  /// - Parameter now: a monotonic time in nanoseconds.
  public init(at now: Int64) { start = now }

  /// Whether it stands on the terminal.
  public private(set) var isShown = false

  /// What to write to the terminal; nil as long as nothing is due.
  ///
  /// - Parameter text: the line for so much room; what is longer is cut, so that it never wraps.
  public mutating func draw(at now: Int64, width: Int, _ text: (_ room: Int) -> String) -> String? {
    guard now - start >= Self.patience, now - (drawn ?? .min / 2) >= Self.pause else { return nil }
    drawn = now
    isShown = true
    let room = max(width - 1, 0)
    return "\r" + text(room).prefix(room) + "\u{1b}[K"
  }

  /// What takes it away; nil where it does not show.
  public mutating func clear() -> String? {
    guard isShown else { return nil }
    isShown = false
    return "\r\u{1b}[K"
  }
}

/// How far a run over a file has come, in octets.
public struct ProgressBar: Sendable {
  private let total: Int?
  private let start: Int64

  /// - Parameters:
  ///   - total: how many octets there are; nil where nobody knows.
  ///   - now: a monotonic time in nanoseconds.
  public init(total: Int?, at now: Int64) {
    self.total = total
    start = now
  }

  /// `[#####     ]  50 %  12.0 MB of 24.0 MB  6.0 MB/s  2 s left`, or the numbers alone where there is no room
  /// for the bar.
  public func line(done: Int, at now: Int64, room: Int) -> String {
    let seconds = Double(max(now - start, 1)) / 1e9
    let rate = Double(done) / seconds
    var text = "  " + Self.size(Double(done))
    var bar = ""
    if let total, total > 0 {
      let share = min(max(Double(done) / Double(total), 0), 1)
      text = "  \(Int(share * 100)) %" + text + " of \(Self.size(Double(total)))"
      let cells = 20
      let full = Int(share * Double(cells))
      bar = "[" + String(repeating: "#", count: full) + String(repeating: " ", count: cells - full) + "]"
    }
    text += "  \(Self.size(rate))/s"
    if let total, total > done, rate >= 1 { text += "  \(Self.time(Double(total - done) / rate)) left" }
    // A narrow terminal keeps the numbers.
    return bar.count + text.count <= room ? bar + text : String(text.drop { $0 == " " })
  }

  /// Octets in units of 1000, with one decimal.
  static func size(_ octets: Double) -> String {
    var value = octets
    var index = 0
    let units = ["B", "kB", "MB", "GB", "TB"]
    while value >= 999.95, index < units.count - 1 {
      value /= 1000
      index += 1
    }
    guard index > 0 else { return "\(Int(value)) B" }
    return fixed(Int64(value * 1000), per: 1000, places: 1) + " " + units[index]
  }

  static func time(_ seconds: Double) -> String {
    let whole = Int(min(seconds, 359_999).rounded(.up))
    guard whole >= 60 else { return "\(whole) s" }
    func two(_ number: Int) -> String { number < 10 ? "0\(number)" : "\(number)" }
    let minutes = "\(two(whole / 60 % 60)):\(two(whole % 60))"
    return whole < 3600 ? minutes : "\(whole / 3600):" + minutes
  }
}
