internal import SondeHeaders
internal import SondeLinux
internal import SondeProbe

// When there is a first round, and what it leaves.
extension ProbeSweep {
  /// What is left to do, and the books of what was done.
  struct Outcome {
    /// How often each target was asked in vain; nil where it is settled.
    var asked: [Int?]
    /// The probe that asked each, where it is not settled, and what came of it.
    var found: [Int: (probe: UInt64, verdict: Verdict)] = [:]
    /// What ICMP errors of hosts said that settled ports, of some of them.
    var errors: [Int: Verdict] = [:]
    var tally = Tally()
    var ownDrops: UInt64 = 0
    /// The user wants no more.
    var isStopped = false

    /// Whether nothing is left to be asked.
    var isDone: Bool { asked.allSatisfy { $0 == nil } }
  }

  /// Fewer questions than this are asked one by one: a ring is not worth its making.
  private static let fewest = 1024

  /// Whether the ports are many, and no option wants each probe to be watched, or fields that are no part of the proof.
  static func suits(_ probe: ProbeCommand, _ destinations: [Destination]) -> Bool {
    let (transport, send, ip) = (probe.transport, probe.send, probe.ip)
    // The schedule has at least one question for all that this round leaves.
    guard destinations.count * probe.ask.ports.count >= fewest, probe.ask.retries != 0 else { return false }
    let isWatched =
      probe.output.verbose || send.explain || send.write != nil || probe.ask.deadline != nil || transport.hold
    let isWritten =
      transport.flags != nil || transport.sourcePort != nil || transport.seq != nil || transport.ack != nil
      || transport.checksum != nil || transport.udpLength != nil || ip.isWritten
    let isElsewhere = send.door.map { $0 != "auto" } ?? false
    return !isWatched && !isWritten && !isElsewhere
      && destinations.allSatisfy { $0.scoped.zone == 0 && !$0.isGroup }
  }
}
