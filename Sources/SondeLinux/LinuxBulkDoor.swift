public import SondeLink

/// The doors of a sweep as one: a packet leaves by the fast door of its hop's interface or, where its hop leaves the
/// interface to routing (0), by the raw door, which alone reaches this machine itself.
public struct LinuxBulkDoor: ~Copyable, BulkDoor {
  private var packet: PacketBulkDoor?
  private var raw: RawBulkDoor?
  private var xdp: XDPBulkDoor?
  private var rest: BulkRest
  public let kind: BulkDoorKind
  /// The door that was full last.
  private var full: BulkDoorKind

  /// Sets up the doors of an opening.
  ///
  /// - Parameters:
  ///   - kind: by which packets leave whose hop names an interface.
  ///   - interface: the one that those hops name.
  ///   - interrupter: ends `sleep` early; it is the door's own.
  /// - Throws: `LinkError` naming what the kernel refused.
  public init(
    _ opening: BulkOpening, _ kind: BulkDoorKind, on interface: NetworkInterface?, interrupter: Interrupter? = nil
  ) throws(LinkError) {
    self.kind = kind
    full = kind
    rest = BulkRest(interrupter)
    raw = opening.doors.contains(.raw) ? try RawBulkDoor(opening, interrupter: interrupter) : nil
    packet = kind == .packet ? PacketBulkDoor(opening, on: interface, interrupter: interrupter) : nil
    xdp = nil
    if kind == .xdp {
      guard let interface else { throw LinkError("door xdp", refusal: "it needs one interface") }
      xdp = try XDPBulkDoor(opening, on: interface, interrupter: interrupter)
    }
  }

  public var now: Instant { Clock.monotonic }
  public var name: String { kind.rawValue }

  public mutating func send(_ batch: borrowing PacketBatch, from first: Int) -> BulkOutcome {
    let hops = batch.hops
    var next = first
    while next < batch.count {
      let way = door(of: hops[next])
      var end = next + 1
      while end < batch.count, door(of: hops[end]) == way { end += 1 }
      full = way
      switch send(batch, next..<end, by: way) {
      case .all: next = end
      case .full(let sent): return .full(sent: next - first + sent)
      case .refused(let sent, let error): return .refused(sent: next - first + sent, error)
      }
    }
    return .all
  }

  private func door(of hop: NextHop) -> BulkDoorKind { hop.interface == 0 ? .raw : kind }

  private mutating func send(
    _ batch: borrowing PacketBatch, _ range: Range<Int>, by way: BulkDoorKind
  ) -> BulkOutcome {
    let outcome =
      switch way {
      case .packet: packet?.send(batch, range)
      case .raw: raw?.send(batch, range)
      case .xdp: xdp?.send(batch, range)
      }
    return outcome ?? .refused(sent: 0, LinkError("door \(way.rawValue)", refusal: "it was not opened"))
  }

  public mutating func waitForRoom() {
    switch full {
    case .packet: packet?.waitForRoom()
    case .raw: raw?.waitForRoom()
    case .xdp: xdp?.waitForRoom()
    }
  }

  public mutating func sleep(until deadline: Instant) { rest.sleep(until: deadline) }
}
