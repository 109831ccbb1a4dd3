internal import CLinuxNet
public import SondeLink
internal import SondeOctets

/// Sends by the raw IP sockets, with our own IP header (raw(7)): routing finds the way, so it is the door to this
/// machine itself and to links without addresses. The kernel writes IPv4's total length and checksum anew.
public struct RawBulkDoor: ~Copyable, BulkDoor {
  private let ipv4: BulkSocket?
  private let ipv6: BulkSocket?
  private var ipv4Messages: BulkMessages
  private var ipv6Messages: BulkMessages
  private var rest: BulkRest
  /// The socket that was full.
  private var full: Int32 = -1

  /// Sets up the opening's raw sockets.
  ///
  /// - Parameter interface: the index of the one to leave by; nil leaves it to routing.
  /// - Throws: `LinkError` naming what the kernel refused.
  public init(_ opening: BulkOpening, interface: Int? = nil, interrupter: Interrupter? = nil) throws(LinkError) {
    ipv4 = opening.raw[.ipv4]
    ipv6 = opening.raw[.ipv6]
    let index = Int32(clamping: interface ?? 0)
    ipv4Messages = BulkMessages(interface: index, family: .ipv4)
    ipv6Messages = BulkMessages(interface: index, family: .ipv6)
    rest = BulkRest(interrupter)
    for (family, socket) in opening.raw { try Self.prepare(socket.descriptor, family) }
  }

  private static func prepare(_ socket: borrowing Descriptor, _ family: Family) throws(LinkError) {
    try socket.set(KernelNumber.socketLevel, KernelNumber.broadcast, 1, as: "SO_BROADCAST")
    try socket.attach(PacketFilter.nothing)
    switch family {
    // Without IP_RECVERR a packet that a full queue drops counts as sent (raw(7)).
    case .ipv4:
      try socket.set(KernelNumber.ipLevel, KernelNumber.ipReceiveErrors, 1, as: "IP_RECVERR")
      // Else connection tracking holds back a lone fragment.
      try socket.set(KernelNumber.ipLevel, KernelNumber.ipNoDefragment, 1, as: "IP_NODEFRAG")
      try socket.set(KernelNumber.ipLevel, KernelNumber.ipMTUDiscover, KernelNumber.mtuProbe, as: "IP_MTU_DISCOVER")
    case .ipv6:
      try socket.set(KernelNumber.ipv6Level, KernelNumber.ipv6ReceiveErrors, 1, as: "IPV6_RECVERR")
      try socket.set(
        KernelNumber.ipv6Level, KernelNumber.ipv6MTUDiscover, KernelNumber.mtuProbe, as: "IPV6_MTU_DISCOVER")
    }
  }

  public var now: Instant { Clock.monotonic }
  public var name: String { BulkDoorKind.raw.rawValue }

  public mutating func send(_ batch: borrowing PacketBatch, from first: Int) -> BulkOutcome {
    send(batch, first..<batch.count)
  }

  mutating func send(_ batch: borrowing PacketBatch, _ range: Range<Int>) -> BulkOutcome {
    var next = range.lowerBound
    while next < range.upperBound {
      let isIPv6 = batch.isIPv6(next)
      var end = next + 1
      while end < range.upperBound, batch.isIPv6(end) == isIPv6 { end += 1 }
      let before = next - range.lowerBound
      guard let socket = isIPv6 ? ipv6 : ipv4 else {
        return .refused(sent: before, LinkError("door raw", refusal: "no socket of that family was opened"))
      }
      let (sent, code) =
        isIPv6
        ? ipv6Messages.send(batch, next..<end, by: socket.number) { packet, _ in
          guard packet.byteCount >= 40 else { return clinux_ipv6(0, 1, 0, 0) }
          return clinux_ipv6(packet.bigEndian(at: 24), packet.bigEndian(at: 32), 0, 0)
        }
        : ipv4Messages.send(batch, next..<end, by: socket.number) { packet, _ in
          guard packet.byteCount >= 20 else { return clinux_ipv4(0x7f00_0001, 0) }
          return clinux_ipv4(packet.bigEndian(at: 16), 0)
        }
      full = socket.number
      let outcome = rest.outcome(before + sent, code, isIPv6 ? "sendmmsg(ipv6)" : "sendmmsg(ipv4)")
      guard outcome == .all else { return outcome }
      next = end
    }
    return .all
  }

  public mutating func waitForRoom() { rest.waitForRoom(of: full) }
  public mutating func sleep(until deadline: Instant) { rest.sleep(until: deadline) }
}

extension PacketBatch {
  /// Whether a packet's version, in its first octet, is 6.
  fileprivate func isIPv6(_ index: Int) -> Bool {
    withPacket(index) { $0.byteCount > 0 && $0[0] >> 4 == 6 }
  }
}
