/// What a server does for its clients: the small standard services, and the greeting one of network courses.
public enum Service: String, Hashable, Sendable, CaseIterable {
  /// Sends back what comes (RFC 862).
  case echo
  /// Throws away what comes (RFC 863).
  case discard
  /// Tells the time, and closes (RFC 867).
  case daytime
  /// Sends characters without end (RFC 864).
  case chargen
  /// Greets, answers each line, and has a last word for the client that half-closes: TCP only.
  case welcome

  /// The port that it has unless another is asked for: IANA's, and that of the course for `welcome`.
  public var usualPort: UInt16 {
    switch self {
    case .echo: 7
    case .discard: 9
    case .daytime: 13
    case .chargen: 19
    case .welcome: 1234
    }
  }

  /// Whether it answers datagrams too.
  public var speaksUDP: Bool { self != .welcome }
}

/// The stream of characters of RFC 864: lines of 72 of the 95 printing characters, each line beginning one further.
public enum CharacterPattern {
  /// How many octets it takes until the pattern is at its first line again: 95 lines of 72 characters and CR LF.
  public static let period = 95 * 74

  /// The pattern a few times over: any `period` octets' beginning has a long stretch behind it.
  public static let octets: [UInt8] = (0..<10).flatMap { _ in (0..<95).flatMap(line) }

  /// The line of this number, from 0, with its CR LF.
  public static func line(_ number: Int) -> [UInt8] {
    let printing = UInt8(ascii: " ")...UInt8(ascii: "~")
    return (0..<72).map { printing.lowerBound + UInt8((number + $0) % printing.count) } + [0x0d, 0x0a]
  }
}
