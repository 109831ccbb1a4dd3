/// How far a sweep has come, on one line.
public struct SweepProgressLine: Sendable {
  /// What is known at a moment.
  public struct Standing: Sendable {
    /// Questions that were asked once at least, and how many there are.
    public var asked: UInt64
    public var questions: UInt64
    /// Packets so far.
    public var sent: UInt64
    public var answered: UInt64
    public var silent: UInt64
    public var ownDrops: UInt64
    /// Whether all is asked, and only late answers are waited for.
    public var isCoolingDown: Bool

    public init(
      asked: UInt64, questions: UInt64, sent: UInt64, answered: UInt64, silent: UInt64, ownDrops: UInt64,
      isCoolingDown: Bool
    ) {
      self.asked = asked
      self.questions = questions
      self.sent = sent
      self.answered = answered
      self.silent = silent
      self.ownDrops = ownDrops
      self.isCoolingDown = isCoolingDown
    }
  }

  private let start: Int64
  /// Questions that earlier runs have asked.
  private let before: UInt64
  private var last: (at: Int64, sent: UInt64)
  private var rate: Double = 0

  /// - Parameters:
  ///   - now: a monotonic time in nanoseconds.
  ///   - before: how many questions were asked before this run.
  public init(at now: Int64, before: UInt64 = 0) {
    start = now
    self.before = before
    last = (now, 0)
  }

  /// `12 %  9,998/s  1,234 answered  56 lost  0:07 left`; nothing is said of own drops where there are none.
  public mutating func line(_ standing: Standing, at now: Int64, room: Int = .max) -> String {
    if now - last.at >= 250_000_000 || rate == 0 {
      rate = Double(standing.sent &- last.sent) * 1e9 / Double(max(now - last.at, 1))
      last = (now, standing.sent)
    }
    let percent = standing.questions == 0 ? 100 : Double(standing.asked) * 100 / Double(standing.questions)
    var parts = [
      "\(fixed(Int64(percent * 10), per: 10, places: 1)) %", packetRate(rate),
      "\(grouped(standing.answered)) answered", "\(grouped(standing.silent)) lost",
    ]
    if standing.ownDrops > 0 { parts.append("\(grouped(standing.ownDrops)) dropped here") }
    if standing.isCoolingDown {
      parts.append("waiting for late answers")
    } else if standing.asked > before {
      let rest = Double(standing.questions - min(standing.asked, standing.questions))
      let left = Double(max(now - start, 0)) / Double(standing.asked - before) * rest
      parts.append("\(PortProgress.time(Int64(min(left, 1e15)))) left")
    }
    return parts.joined(separator: "  ")
  }
}
