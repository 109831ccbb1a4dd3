internal import CLinuxNet
public import SondeLink
internal import SondeOctets

/// Sends from the network header on by a packet socket, whose kernel side writes the link header (packet(7),
/// SOCK_DGRAM): past the firewall, through the interface's queue, and each packet to the link address of its hop.
///
/// The socket's own room, not the queue's, bounds what is under way, so that a queue of the usual length never drops.
public struct PacketBulkDoor: ~Copyable, BulkDoor {
  private let socket: BulkSocket
  private var messages = BulkMessages()
  private var rest: BulkRest

  /// Sets up the opening's packet socket; the same one may be the ear's.
  public init(_ opening: BulkOpening, interrupter: Interrupter? = nil) {
    socket = opening.packet
    rest = BulkRest(interrupter)
  }

  public var now: Instant { Clock.monotonic }
  public var name: String { BulkDoorKind.packet.rawValue }

  public mutating func send(_ batch: borrowing PacketBatch, from first: Int) -> BulkOutcome {
    send(batch, first..<batch.count)
  }

  mutating func send(_ batch: borrowing PacketBatch, _ range: Range<Int>) -> BulkOutcome {
    let (sent, code) = messages.send(batch, range, by: socket.number) { _, hop in
      clinux_link(hop.interface, hop.etherType, hop.linkAddress?.rawValue ?? 0, hop.linkAddress == nil ? 0 : 6)
    }
    return rest.outcome(sent, code, "sendmmsg(AF_PACKET)")
  }

  public mutating func waitForRoom() { rest.waitForRoom(of: socket.number) }
  public mutating func sleep(until deadline: Instant) { rest.sleep(until: deadline) }
}
