public import SondeLink

/// How long to listen on after the last question.
public struct CoolDown: Hashable, Sendable {
  /// The wait that was asked for; nil for one that fits what was seen.
  public let fixed: Duration?

  /// A wait that fits what was seen: ten of the largest round trips, but 100 ms at least and 2 s at most, if half of
  /// what was asked has answered; else 2 s.
  public static let automatic = CoolDown()

  private init() { fixed = nil }

  /// A wait of this long at most.
  public init(_ fixed: Duration) { self.fixed = max(.zero, fixed) }

  /// How long after a question its answer is waited for.
  ///
  /// - Parameters:
  ///   - asked: how many questions were asked.
  ///   - answered: how many of them have an answer.
  ///   - largest: the largest round trip seen.
  public func wait(asked: UInt64, answered: UInt64, largest: Duration?) -> Duration {
    if let fixed { return fixed }
    guard let largest, answered >= asked - min(asked, answered) else { return Self.longest }
    guard largest < Self.longest else { return Self.longest }
    return min(max(largest * 10, Self.shortest), Self.longest)
  }

  /// When the run is over: at the last question if all have answered, else after the wait, and while answers still come
  /// not before 100 ms without one; never later than the longest wait.
  ///
  /// - Parameters:
  ///   - lastAsked: when the last question left.
  ///   - lastAnswered: when the last first answer came.
  public func end(
    lastAsked: Instant, lastAnswered: Instant?, asked: UInt64, answered: UInt64, largest: Duration?
  ) -> Instant {
    guard answered < asked else { return lastAsked }
    let end = lastAsked + wait(asked: asked, answered: answered, largest: largest)
    guard fixed == nil, let lastAnswered else { return end }
    return min(max(end, lastAnswered + Self.shortest), lastAsked + Self.longest)
  }

  private static let shortest = Duration.milliseconds(100)
  /// The longest wait that fits anything.
  static let longest = Duration.seconds(2)
}
