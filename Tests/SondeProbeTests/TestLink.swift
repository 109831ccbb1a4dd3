internal import SondeHeaders
internal import SondeLink
internal import SondeOctets
internal import SondeProbe

/// A link on virtual time whose far end is a closure: it is given each packet as it leaves, and says what
/// comes back after how long.
struct TestLink: PacketLink {
  private(set) var now = Instant.ms(0)
  private var arrivals: [(at: Instant, item: Received)] = []
  private var failure: (at: Instant, error: LinkError)?
  var ownDrops: UInt64 { 0 }
  private(set) var departures: [Instant] = []
  private let refuse: (_ packet: Dissection) -> LinkError?
  private let answer: (_ packet: Dissection, _ at: Instant) -> [(after: Duration, bytes: [UInt8])]

  init(
    failingAt failure: (at: Instant, error: LinkError)? = nil,
    refusing refuse: @escaping (_ packet: Dissection) -> LinkError? = { _ in nil },
    _ answer: @escaping (_ packet: Dissection, _ at: Instant) -> [(after: Duration, bytes: [UInt8])]
  ) {
    self.failure = failure
    self.refuse = refuse
    self.answer = answer
  }

  mutating func send(_ batch: [Outgoing]) -> SendOutcome {
    for (count, outgoing) in batch.enumerated() {
      if let error = refuse(Registry.dissect(outgoing.bytes)) {
        return SendOutcome(count: count, failure: error, at: now, wall: now.nanoseconds)
      }
      departures.append(now)
      for (after, bytes) in answer(Registry.dissect(outgoing.bytes), now) {
        let at = now + after
        let index = arrivals.firstIndex { $0.at > at } ?? arrivals.endIndex
        arrivals.insert((at, .frame(Frame(bytes: bytes, stamp: Stamp(monotonic: at)))), at: index)
      }
    }
    return SendOutcome(count: batch.count, at: now, wall: now.nanoseconds)
  }

  mutating func receive(until deadline: Instant, into batch: inout [Received]) throws(LinkError) {
    let next = min(arrivals.first?.at ?? .distantFuture, failure?.at ?? .distantFuture)
    // Nothing is to come, ever, and nobody waits for anything: a run that would hang on a real link.
    precondition(min(next, deadline) < .distantFuture, "the run waits forever")
    now = max(now, min(next, deadline))
    while let first = arrivals.first, first.at <= now {
      batch.append(first.item)
      arrivals.removeFirst()
    }
    if let failure, failure.at <= now { throw failure.error }
  }
}

/// What a host makes of an echo request: the same with addresses swapped.
func echoReply(to packet: Dissection) throws -> [UInt8] {
  guard let ip = packet.first(IPv4.self), let echo = packet.first(ICMPv4.self) else { return [] }
  return try bytes([
    IPv4(from: ip.destination, to: ip.source),
    ICMPv4.echoReply(identifier: echo.identifier, sequenceNumber: echo.sequenceNumber),
    Payload(octets: packet.payload),
  ])
}
