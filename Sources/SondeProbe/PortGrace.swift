internal import SondeHeaders
internal import SondeLink

/// First answers of ports that wait a little before they settle anything, for one that contradicts them.
///
/// A RST and an ICMP error can be forged by whoever saw the probe, or sent by a filter on the way, and then the port's
/// own answer comes right behind. What is true then:
/// - A SYN-ACK, or a datagram from the port, proves it open whatever came before: only the port itself can have sent
///   it, for a filter that wanted to hide the port would have dropped it, and one that wanted to show it could have
///   shown it alone. So it decides, and is flagged `conflict`.
/// - What only the host itself can know, said by another (`third-party`), yields to the host's own word.
/// - Of two answers none of which proves that (a RST and an unreachable) the first stands, and is flagged `conflict`:
///   each is as easily forged as the other (RFC 5927 §4, RFC 5961 §3).
/// - An open port settles at once, and no later answer changes that.
struct PortGrace: Sendable {
  private struct Held: Sendable {
    var answer: Answer
    var due: Instant
  }

  private let time: Duration
  private var held: [Int: Held] = [:]
  /// Ports in the order in which their time is up; all have the same.
  private var order = Queue<Int>()

  init(_ time: Duration) { self.time = time }

  /// When the next port's time is up.
  var nextDue: Instant? { order.first.flatMap { held[$0]?.due } }

  /// What the first answer of a port that waits says; nil of any other port.
  func verdict(of port: Int) -> Verdict? { held[port]?.answer.verdict }

  /// Takes a port's first answer, unless it settles the port at once.
  mutating func takes(_ answer: Answer, of port: Int) -> Bool {
    guard answer.verdict != .open, time > .zero else { return false }
    if held.updateValue(Held(answer: answer, due: answer.at + time), forKey: port) == nil { order.append(port) }
    return true
  }

  /// Takes an answer that contradicts a port's first: which of them counts, if that is known now.
  mutating func contradicted(by answer: Answer, of port: Int) -> Answer? {
    guard var first = held[port] else { return nil }
    let isTrueOwners = first.answer.flags.contains(.thirdParty) && !answer.flags.contains(.thirdParty)
    guard answer.verdict == .open || isTrueOwners else {
      first.answer.flag(conflictWith: answer, "came too")
      held[port] = first
      return nil
    }
    var winner = answer
    winner.flag(conflictWith: first.answer, "had come before it")
    release(port)
    return winner
  }

  /// The next answer whose time is up by `now`, and its port.
  mutating func next(by now: Instant) -> (port: Int, answer: Answer)? {
    guard let port = order.first, let first = held[port], first.due <= now else { return nil }
    release(port)
    return (port, first.answer)
  }

  private mutating func release(_ port: Int) {
    held[port] = nil
    let held = held
    order.removeFirst { held[$0] == nil }
  }
}

extension Answer {
  /// Tells of another answer to the same question that says something else.
  fileprivate mutating func flag(conflictWith other: Answer, _ when: String) {
    if !flags.contains(.conflict) { flags.append(.conflict) }
    let from = other.from.map { " from \($0)" } ?? ""
    why += "; \(other.verdict) by \(other.by)\(from) \(when): \(other.why)"
  }
}
