internal import SondeHeaders
public import SondeLink
public import SondeOctets
internal import SondeSweep

/// What a sweep asks, as far as its lines tell.
public struct SweepSubject: Sendable {
  /// "tcp", "udp" or "icmp".
  public var proto: String
  /// Whether ports are asked: then each has a last word, and else only hosts that answer.
  public var asksPorts: Bool
  /// The names by which hosts were asked; those without one are known by their address.
  public var names: [IPAddress: String]
  /// How wide the column of addresses is.
  public var addressWidth: Int
  /// When the run began, on the monotonic clock.
  public var start: Instant
  /// Only what is open, or alive.
  public var onlyOpen: Bool
  /// Silent hosts, and the octets of answers.
  public var isVerbose: Bool

  public init(
    proto: String, asksPorts: Bool, names: [IPAddress: String] = [:], addressWidth: Int = 16, start: Instant,
    onlyOpen: Bool = false,
    isVerbose: Bool = false
  ) {
    self.proto = proto
    self.asksPorts = asksPorts
    self.names = names
    self.addressWidth = addressWidth
    self.start = start
    self.onlyOpen = onlyOpen
    self.isVerbose = isVerbose
  }

  /// Whether an answer of this verdict is what a sweep looks for.
  static func isFound(_ verdict: Verdict) -> Bool { verdict == .open || verdict == .reply }

  /// Whether an event of this verdict has a line among results that programs read.
  func admits(_ verdict: Verdict, isSilence: Bool) -> Bool {
    if onlyOpen { return Self.isFound(verdict) }
    return !isSilence || asksPorts || isVerbose
  }

  /// What a question without an answer was worth, in words.
  static func why(silent result: SweepResult) -> String {
    if result.verdict == .sendFailed { return "it could not be sent" }
    return "no answer to \(result.attempts) \(result.attempts == 1 ? "probe" : "probes")"
  }
}

extension SweepSubject {
  /// The members that say who was asked what, a comma before each.
  func append(_ target: SweepTarget, to text: inout TextOctets) {
    text += ",\"host\":\""
    if let name = names.isEmpty ? nil : names[target.address] {
      text += name
    } else {
      text.append(target.address)
    }
    text += "\",\"proto\":\""
    text += proto
    text.append(octet: 0x22)
    if asksPorts {
      text += ",\"port\":"
      text.append(decimal: target.port)
    }
  }
}
