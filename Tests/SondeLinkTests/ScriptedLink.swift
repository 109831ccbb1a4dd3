import SondeLink

/// A link on a clock of its own, that keeps what was sent and hands out what it was given.
struct ScriptedLink: PacketLink, ~Copyable {
  var now = Instant(nanoseconds: 0)
  var ownDrops: UInt64 = 7
  /// The real time is the monotonic one and this.
  let wallOffset: Int64 = 1_000_000
  /// What comes in, and when; sorted.
  var arrivals: [(at: Instant, received: Received)] = []
  var sent: [(at: Instant, packet: Outgoing)] = []
  /// How many more packets are taken; nil for any number.
  var room: Int?
  /// Why no more is taken once the room is used up.
  var failure: LinkError?
  /// How many calls of `receive` a signal ends at once.
  var interruptions = 0
  /// Thrown by `receive` once everything has arrived.
  var end: LinkError?

  mutating func send(_ batch: [Outgoing]) -> SendOutcome {
    let count = min(batch.count, room ?? .max)
    sent += batch.prefix(count).map { (now, $0) }
    room = room.map { $0 - count }
    return SendOutcome(
      count: count, failure: count < batch.count ? failure : nil, at: now, wall: now.nanoseconds + wallOffset)
  }

  mutating func receive(until deadline: Instant, into batch: inout [Received]) throws(LinkError) {
    if interruptions > 0 {
      interruptions -= 1
      return
    }
    now = max(now, min(arrivals.first?.at ?? deadline, deadline))
    while let first = arrivals.first, first.at <= now {
      batch.append(first.received)
      arrivals.removeFirst()
    }
    if let end, arrivals.isEmpty { throw end }
  }
}

extension Instant {
  static func milliseconds(_ count: Int64) -> Instant { Instant(nanoseconds: count * 1_000_000) }
}

func packet(_ probe: UInt64, _ bytes: [UInt8]? = nil) -> Outgoing {
  Outgoing(probe: probe, bytes: bytes ?? [UInt8(truncatingIfNeeded: probe)])
}

func frame(_ number: UInt8, at instant: Instant = .milliseconds(0), kernel: Instant? = nil, wall: Int64? = nil) -> Frame
{
  Frame(bytes: [number], stamp: Stamp(monotonic: instant, kernel: kernel, wall: wall))
}

let outOfBuffers = LinkError(operation: "sendto", code: 105, message: "no buffer space available")
