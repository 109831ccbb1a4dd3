internal import SondeHeaders
internal import SondeLink
internal import SondeOctets
internal import SondeProbe

/// Somebody who writes a stream into a conversation by and by, and reads what comes.
struct Talker {
  var end: Conversation
  let stream: [UInt8]
  private(set) var written = 0
  private(set) var read: [UInt8] = []
  private(set) var isFinished = false
  private(set) var events: [Conversation.Event] = []
  private(set) var deadline: Instant?
  private var dice: SeededGenerator
  private let isWhimsical: Bool
  private var nextWhim: Instant

  init(_ end: Conversation, saying stream: [UInt8], _ dice: SeededGenerator, isWhimsical: Bool, from now: Instant) {
    self.end = end
    self.stream = stream
    self.dice = dice
    self.isWhimsical = isWhimsical
    nextWhim = now
  }

  var isOver: Bool { end.state == .closed || end.state == .timeWait }

  /// Writes, reads and steps; gives the segments to be sent.
  mutating func act(at now: Instant) -> [Conversation.Segment] {
    do throws(ConversationError) { try talk(at: now) } catch { isFinished = true }
    deadline = end.step(at: now)
    if isWhimsical, !isOver { deadline = min(deadline ?? nextWhim, nextWhim) }
    events += end.takeEvents()
    return end.takeSegments()
  }

  private mutating func talk(at now: Instant) throws(ConversationError) {
    if isWhimsical {
      guard now >= nextWhim else { return }
      nextWhim = now + .microseconds(Int64(dice.next(below: 20_000)) + 1)
    }
    if end.state != .listen, !isFinished {
      while written < stream.count {
        let most = isWhimsical ? Int(dice.next(below: 5000)) + 1 : stream.count
        let part = Array(stream[written..<min(written + most, stream.count)])
        let place = try end.write(part, isApart: isWhimsical && dice.chance(0.1), at: now)
        written += place.count
        if place.count < part.count || isWhimsical { break }
      }
      if written == stream.count {
        try end.shutdownWrite(at: now)
        isFinished = true
      }
    }
    if isWhimsical, dice.chance(0.05) {
      // Windows set by hand, shrunk ones too, lose time but no octet.
      end.pinWindow(dice.chance(0.4) ? Int(dice.next(below: 6000)) : nil)
    }
    if isWhimsical, dice.chance(0.3) { return }
    read += end.read(isWhimsical ? Int(dice.next(below: 9000)) : .max)
  }

  mutating func hear(_ dissection: Dissection, at now: Instant) {
    guard let header = dissection.first(TCP.self) else { return }
    end.receive(header, dissection.payload, at: now)
  }

  /// Takes the rest out once all is over.
  mutating func readRest() { read += end.read() }
}

/// A link on virtual time at whose far end another conversation sits.
struct TalkerLink: PacketLink {
  private(set) var now = Instant.ms(0)
  var far: Talker
  private var arrivals: [[UInt8]] = []
  private let us: IPv4
  private let them: IPv4
  var ownDrops: UInt64 { 0 }

  init(_ far: Talker) {
    self.far = far
    us = Hosts.there
    them = Hosts.back
  }

  mutating func send(_ batch: [Outgoing]) -> SendOutcome {
    for outgoing in batch {
      far.hear(Registry.dissect(outgoing.bytes), at: now)
      answer()
    }
    return SendOutcome(count: batch.count, at: now, wall: now.nanoseconds)
  }

  private mutating func answer() {
    for segment in far.act(at: now) {
      let packet: [any Header] = [them, segment.header, Payload(octets: segment.payload)]
      if let bytes = try? bytes(packet) { arrivals.append(bytes) }
    }
  }

  mutating func receive(until deadline: Instant, into batch: inout [Received]) throws(LinkError) {
    if arrivals.isEmpty {
      now = max(now, min(deadline, far.deadline ?? .distantFuture))
      answer()
    }
    for bytes in arrivals { batch.append(.frame(Frame(bytes: bytes, stamp: Stamp(monotonic: now)))) }
    arrivals.removeAll()
  }
}

/// What became of two conversations over a link that loses, repeats, delays and reorders.
struct Duel {
  var near: Talker
  var far: Talker
  var took: Duration

  init(
    near: Talker, far: Talker, faults: Faults, seed: UInt64, limit: Duration = .seconds(3600)
  ) throws {
    var near = near
    let start = Instant.ms(0)
    var link = FaultyLink(TalkerLink(far), sending: faults, receiving: faults, seed: seed)
    var batch: [Received] = []
    while link.now - start < limit {
      let segments = near.act(at: link.now)
      for segment in segments {
        let packet = try bytes([Hosts.there, segment.header, Payload(octets: segment.payload)])
        _ = link.send([Outgoing(probe: 0, bytes: packet)])
      }
      let isOver = near.isOver && link.base.far.isOver
      if isOver, link.heldCount == 0 { break }
      let wake = min(near.deadline ?? .distantFuture, start + limit)
      batch.removeAll(keepingCapacity: true)
      try link.receive(until: wake, into: &batch)
      for case .frame(let frame) in batch { near.hear(Registry.dissect(frame.bytes), at: link.now) }
    }
    near.readRest()
    link.base.far.readRest()
    self.near = near
    self.far = link.base.far
    took = link.now - start
  }
}
