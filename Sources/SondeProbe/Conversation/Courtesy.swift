internal import SondeLink

/// How many answers doubtful segments may draw: ten a second.
///
/// Without a limit two ends that disagree would acknowledge each other's acknowledgments for ever, and whoever guesses
/// numbers could have as many challenges as he likes (RFC 5961 §7).
struct Courtesy: Sendable {
  private var since: Instant?
  private var count = 0

  mutating func allows(at now: Instant) -> Bool {
    if since.map({ now - $0 >= .seconds(1) }) ?? true {
      since = now
      count = 0
    }
    count += 1
    return count <= 10
  }
}
