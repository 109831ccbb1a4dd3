internal import SondeLink
internal import SondeOctets

/// Which packets wait for the link address of their next hop, and how long.
///
/// The kernel asks for it (ARP, neighbour discovery) and keeps the packet meanwhile; its stamp is taken when the packet
/// leaves, so that the wait is in no round-trip time. Here it is told apart.
struct Resolutions {
  private enum State {
    case unknown
    /// Found out before the first packet, in this time.
    case took(Duration)
    /// Known since the first packet left, at this instant.
    case known(Instant)
  }

  private enum Wait {
    case since(Instant, Way)
    case took(Duration)
  }

  private var states: [Way: State] = [:]
  private var waits: [UInt64: Wait] = [:]
  /// More packets than the kernel keeps for one neighbour (arp(7), unres_qlen_bytes) need not be remembered.
  private static let mostWaits = 4096

  /// Learns that nobody knows the next hop's link address yet.
  mutating func isUnknown(_ way: Way) { states[way] = .unknown }

  /// Learns how long it took to find it out, ahead of the first packet.
  mutating func took(_ duration: Duration, _ way: Way) { states[way] = .took(duration) }

  /// A packet is about to be given to the kernel.
  mutating func sends(_ probe: UInt64, _ way: Way, at now: Instant) {
    guard !states.isEmpty, let state = states[way] else { return }
    switch state {
    case .unknown where waits.count < Self.mostWaits: waits[probe] = .since(now, way)
    case .took(let duration):
      waits[probe] = .took(duration)
      states[way] = nil
    case .unknown, .known: break
    }
  }

  /// Adds to a departure how long the packet had waited.
  mutating func complete(_ departure: inout Departure) {
    guard !waits.isEmpty, let wait = waits.removeValue(forKey: departure.probe) else { return }
    switch wait {
    case .took(let duration): departure.resolution = duration
    case .since(let start, let way):
      if case .known(let since)? = states[way], since <= start { return }
      if case .unknown? = states[way] { states[way] = .known(departure.kernel) }
      departure.resolution = max(.zero, departure.kernel - start)
    }
  }
}
