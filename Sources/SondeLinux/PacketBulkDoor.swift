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
  private let interface: String?
  private var isRunning = true
  private var nextLook = Instant(nanoseconds: .min)

  /// How often the link is looked at.
  private static let look = Duration.milliseconds(100)

  /// Sets up the opening's packet socket; the same one may be the ear's.
  ///
  /// - Parameter interface: the one by which packets leave. The kernel takes packets for a link without a carrier and
  ///   drops them, so they are refused here from a tenth of a second after it went.
  public init(_ opening: BulkOpening, on interface: NetworkInterface? = nil, interrupter: Interrupter? = nil) {
    socket = opening.packet
    self.interface = interface?.name
    rest = BulkRest(interrupter)
  }

  public var now: Instant { Clock.monotonic }
  public var name: String { BulkDoorKind.packet.rawValue }

  public mutating func send(_ batch: borrowing PacketBatch, from first: Int) -> BulkOutcome {
    send(batch, first..<batch.count)
  }

  mutating func send(_ batch: borrowing PacketBatch, _ range: Range<Int>) -> BulkOutcome {
    if let interface, now >= nextLook {
      isRunning = unsafe clinux_is_running(socket.number, interface) != 0
      nextLook = now + Self.look
    }
    guard isRunning else { return .refused(sent: 0, LinkError("sendmmsg(AF_PACKET)", refusal: Self.noCarrier)) }
    let (sent, code) = messages.send(batch, range, by: socket.number) { _, hop in
      clinux_link(hop.interface, hop.etherType, hop.linkAddress?.rawValue ?? 0, hop.linkAddress == nil ? 0 : 6)
    }
    return rest.outcome(sent, code, "sendmmsg(AF_PACKET)")
  }

  private static let noCarrier = "the interface is down, or its link has no carrier"

  public mutating func waitForRoom() { rest.waitForRoom(of: socket.number) }
  public mutating func sleep(until deadline: Instant) { rest.sleep(until: deadline) }
}
