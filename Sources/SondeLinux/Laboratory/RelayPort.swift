internal import CLinuxNet
internal import SondeLink
internal import SondeOctets

/// An interface of a relay: what comes in by it, and what goes out by it.
final class RelayPort {
  let socket: Descriptor
  var ring: SlotRing
  var lane: RelayLane
  private var batch: PacketBatch
  private var messages = BulkMessages()

  /// Room for a burst that comes while the relay's thread does not run.
  private static let ringSize = 4 << 20

  /// - Parameter longest: the length of the longest frame, in octets.
  init(_ interface: Int, _ lane: RelayLane, longest: Int) throws(LinkError) {
    let opened = try Openings.open(.frame)
    try opened.set(KernelNumber.packetLevel, KernelNumber.packetIgnoreOutgoing, 1, as: "PACKET_IGNORE_OUTGOING")
    let index = Int32(clamping: interface)
    try checked(clinux_promiscuous(opened.number, index), "setsockopt(PACKET_ADD_MEMBERSHIP)")
    ring = try SlotRing(opened, longest: longest, size: Self.ringSize)
    opened.growSendBuffer()
    try opened.bind(to: clinux_link(index, KernelNumber.etherAll, 0, 0), as: "bind(AF_PACKET)")
    socket = opened
    self.lane = lane
    batch = PacketBatch(stride: longest)
  }

  /// Puts a frame to those that leave together.
  func queue(_ frame: RawSpan) {
    guard frame.byteCount <= batch.stride else { return }
    batch.append(frame, to: NextHop(interface: 0, linkAddress: nil, etherType: 0))
    if batch.isFull { flush() }
  }

  /// Sends what waits. A frame that the kernel does not take is lost, as on a cable whose far end is down.
  func flush() {
    var start = 0
    while start < batch.count {
      let (sent, code) = messages.send(batch, start..<batch.count, by: socket.number) { _, _ in clinux_none() }
      start += sent + (code == 0 ? 0 : 1)
    }
    batch.removeAll()
  }
}

/// The ports of a relay, and behind which of them each link address was seen last.
final class RelaySwitch {
  private let ports: [RelayPort]
  private var places: [UInt64: Int] = [:]
  private var watched: [clinux_poll]

  private static let mostPlaces = 4096
  /// How many frames are taken from one port before the others have their turn.
  private static let framesInTurn = 64

  /// - Parameter stopping: an event that ends it.
  init(_ ports: [RelayPort], stopping: Int32) {
    self.ports = ports
    watched = (ports.map { $0.socket.number } + [stopping]).map {
      clinux_poll(fd: $0, events: KernelNumber.pollIn, revents: 0)
    }
  }

  var counts: [RelayCounts] { ports.map(\.lane.counts) }

  /// Passes on what is due and what came, and waits for more if there was nothing.
  ///
  /// - Returns: false when it is to end.
  func turn() -> Bool {
    let now = Clock.monotonic
    for port in ports { port.lane.release(at: now) { port.queue($0) } }
    var hasMore = false
    for (number, port) in ports.enumerated() {
      var count = 0
      while count < Self.framesInTurn, port.ring.next({ pass($1, from: number, at: now) }) { count += 1 }
      if count == Self.framesInTurn { hasMore = true }
    }
    for port in ports { port.flush() }
    var wait: Int64 = -1
    if hasMore {
      wait = 0
    } else if let due = ports.compactMap(\.lane.nextDue).min() {
      wait = max(0, (due - Clock.monotonic).nanoseconds)
    }
    _ = unsafe clinux_poll(&watched, watched.count, wait)
    return watched[ports.count].revents == 0
  }

  private func pass(_ frame: RawSpan, from source: Int, at now: Instant) {
    guard frame.byteCount >= 12 else { return }
    let (destination, sender) = (frame.linkAddress(at: 0), frame.linkAddress(at: 6))
    if sender & Self.group == 0, places.count < Self.mostPlaces || places[sender] != nil { places[sender] = source }
    if destination & Self.group == 0, let place = places[destination] {
      if place != source { admit(frame, to: ports[place], at: now) }
      return
    }
    for (number, port) in ports.enumerated() where number != source { admit(frame, to: port, at: now) }
  }

  private func admit(_ frame: RawSpan, to port: RelayPort, at now: Instant) {
    port.lane.admit(frame, at: now) { port.queue($0) }
  }

  /// The bit that an address for several has (IEEE 802).
  private static let group: UInt64 = 0x0100_0000_0000
}

extension RawSpan {
  /// Six octets as a number.
  fileprivate func linkAddress(at offset: Int) -> UInt64 {
    UInt64(bigEndian(at: offset, as: UInt16.self)) << 32 | UInt64(bigEndian(at: offset + 2, as: UInt32.self))
  }
}
