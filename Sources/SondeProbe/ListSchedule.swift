public import SondeHeaders
public import SondeLink

/// Sends each of a list of packets once, in order, a gap apart; a packet's place in the list is its target.
public struct ListSchedule: Schedule {
  private let packets: [AnyPacket]
  private let gap: Duration
  private var place = 0
  private var nextAt: Instant?

  public init(_ packets: [AnyPacket], gap: Duration = .zero) {
    self.packets = packets
    self.gap = gap
  }

  public mutating func next(at now: Instant) -> Turn {
    guard place < packets.count else { return .finished }
    if let nextAt, nextAt > now { return .wait(until: nextAt) }
    // As PortSchedule does: time lost by more than a tick is not made up for by a burst.
    nextAt = max(nextAt ?? now, now + .milliseconds(-2)) + gap
    defer { place += 1 }
    return .probe(Request(target: place, turn: 0, packet: packets[place]))
  }
}
