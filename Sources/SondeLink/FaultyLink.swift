/// A link that loses, duplicates, corrupts, reorders and delays what another one carries.
///
/// Faults are drawn from a seed: over a link that behaves the same, the same calls meet the same faults.
/// Delays are measured by the link's own clock, so they take real time over the kernel and virtual time
/// over a simulation. What is held waits for a call: due frames are handed out, and due packets sent,
/// within `receive` and `send`.
///
/// A packet lost on its way out counts as taken, as one lost in the network does; but since the link
/// below never saw it, it has no departure.
public struct FaultyLink<Base: PacketLink & ~Copyable>: PacketLink, ~Copyable {
  /// The link that carries the packets.
  public var base: Base
  /// What all faults were drawn from.
  public let seed: UInt64
  private var outgoing: FaultyLane<Outgoing>
  private var incoming: FaultyLane<Frame>
  /// What became of held packets, until the next `receive`.
  private var reports: [Received] = []

  /// How long a held packet waits for a link that was full when it was due.
  private static var retryInterval: Duration { .milliseconds(1) }

  public init(_ base: consuming Base, sending: Faults = .none, receiving: Faults = .none, seed: UInt64) {
    self.base = base
    self.seed = seed
    var generator = SeededGenerator(seed: seed)
    outgoing = FaultyLane(sending, generator.split())
    incoming = FaultyLane(receiving, generator.split())
  }

  /// Gives the link below back; what is still held is lost.
  public consuming func removed() -> Base { base }

  /// What is done to packets that are sent from now on.
  public var sending: Faults {
    get { outgoing.faults }
    set { outgoing.faults = newValue }
  }

  /// What is done to frames that come in from now on.
  public var receiving: Faults {
    get { incoming.faults }
    set { incoming.faults = newValue }
  }

  public var sendingCounts: FaultCounts { outgoing.counts }
  public var receivingCounts: FaultCounts { incoming.counts }

  /// How many packets and frames wait for their instants.
  public var heldCount: Int { outgoing.heldCount + incoming.heldCount }

  public var now: Instant { base.now }
  public var ownDrops: UInt64 { base.ownDrops }

  public mutating func send(_ batch: [Outgoing]) -> SendOutcome {
    // An empty batch sends nothing and tells both clocks, also where the link below will be given nothing.
    var whole = base.send([])
    sendDue()
    for (index, packet) in batch.enumerated() {
      let before = outgoing
      let now = base.now
      outgoing.admit(packet, at: now)
      // All that was due went before, so the first that is due now is this packet, if it is due at all.
      guard let (held, _) = outgoing.next(at: now) else {
        whole.count = index + 1
        continue
      }
      let outcome = base.send([held.item])
      guard outcome.count == 1 else {
        // Asked again, the packet meets the same faults.
        outgoing = before
        whole.failure = outcome.failure
        return whole
      }
      whole.count = index + 1
      sendDue()
    }
    return whole
  }

  public mutating func receive(until deadline: Instant, into batch: inout [Received]) throws(LinkError) {
    let before = batch.count
    sendDue()
    while true {
      let wake = [outgoing.nextDue, incoming.nextDue].reduce(deadline) { min($0, $1 ?? $0) }
      var fresh: [Received] = []
      var failure: LinkError?
      do throws(LinkError) { try base.receive(until: wake, into: &fresh) } catch { failure = error }
      let now = base.now
      for received in fresh {
        if case .frame(let frame) = received {
          incoming.admit(frame, at: now)
        } else {
          batch.append(received)
        }
      }
      sendDue()
      handOut(into: &batch)
      if let failure { throw failure }
      let wasInterrupted = fresh.isEmpty && now < wake
      if batch.count > before || wasInterrupted || base.now >= deadline { return }
    }
  }

  /// Sends what was held and is due; send() had taken it, so what cannot go is reported.
  private mutating func sendDue() {
    while let (held, _) = outgoing.next(at: base.now) {
      let outcome = base.send([held.item])
      if outcome.count == 1 { continue }
      if let failure = outcome.failure {
        reports.append(.failure(failure, probe: held.item.probe))
      } else {
        outgoing.putBack(held, until: base.now + Self.retryInterval)
      }
    }
  }

  private mutating func handOut(into batch: inout [Received]) {
    batch += reports
    reports.removeAll()
    let now = base.now
    while let (held, due) = incoming.next(at: now) {
      var frame = held.item
      if due > held.admitted {
        // A delayed frame is one that came later, by every clock.
        let delay = due - held.admitted
        frame.stamp.monotonic = now
        frame.stamp.kernel = frame.stamp.kernel.map { $0 + delay }
        frame.stamp.wall = frame.stamp.wall.map { $0 &+ delay.nanoseconds }
      }
      batch.append(.frame(frame))
    }
  }
}
