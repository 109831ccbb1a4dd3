internal import SondeHeaders
internal import SondeLink
internal import SondeLinux
internal import SondeOctets
internal import SondeScript

/// The ways out of one host, all of which stay open, and the ports there that its own stack stays out of.
///
/// A packet goes by the raw door, as routing takes it, unless that would rewrite it; then by the cooked one.
final class HostDoors {
  private var raw: LinuxLink
  private var cooked: LinuxLink
  /// For whole frames.
  private var frames: LinuxLink
  private var held: [HeldPort] = []

  /// Opens them where the calling thread is.
  ///
  /// - Throws: `LinkError` that says what would allow it.
  init() throws(LinkError) {
    raw = try Self.link(.raw)
    cooked = try Self.link(.cooked)
    frames = try Self.link(.packet)
  }

  /// A link that only sends: what a host hears is heard elsewhere.
  private static func link(_ door: DoorKind) throws(LinkError) -> LinuxLink {
    // By this plan the door hears for itself, and no other socket is opened; none of these doors hears anything.
    let plan = [SendPlan(door: door, ear: .datagram)]
    let openings = try Openings.open([.ipv4: plan, .ipv6: plan])
    return try LinuxLink(openings, LinuxLink.Options(transmitStamp: .none))
  }

  /// Sends a packet; the calling thread is on the host.
  ///
  /// - Parameter interface: the index of the one that a frame leaves by, or that a packet is bound to.
  func send(_ packet: Outgoing, by interface: Int?) throws(LinkError) {
    var packet = packet
    if let interface {
      if packet.way == nil, packet.linkType == .raw, let destination = Registry.dissect(packet.bytes).firstHop {
        packet.way = Way(to: destination)
      }
      if packet.way == nil { packet.way = Way(to: .v4(.any)) }
      packet.way?.interface = interface
    }
    let outcome: SendOutcome
    if packet.linkType == .ethernet {
      outcome = frames.send([packet])
    } else if Self.isKeptByRawDoor(packet.bytes) {
      outcome = raw.send([packet])
    } else {
      outcome = cooked.send([packet])
    }
    if let failure = outcome.failure { throw failure }
    guard outcome.count == 1 else {
      throw LinkError(operation: "send", code: 0, message: "this machine has no room for the packet now")
    }
  }

  /// Whether the raw door sends these octets unchanged: of an IPv4 header it writes the total length and the checksum
  /// anew, and the identification and the source where they are zero (raw(7)).
  static func isKeptByRawDoor(_ bytes: [UInt8]) -> Bool {
    guard let first = bytes.first, first >> 4 == 4 else { return true }
    let packet = Registry.dissect(bytes)
    guard let layer = packet.layer(of: IPv4.self), let header = layer.header as? IPv4, !layer.isCut else {
      return false
    }
    let sum = packet.sums().first { $0.layerOffset == 0 }
    return header.totalLength.hand.map(Int.init) == bytes.count && sum?.verdict == .valid && header.source != .any
      && (header.identification != 0 || header.flags.contains(.dontFragment))
  }

  /// Keeps the host's stack from answering on a port; the calling thread is on the host.
  ///
  /// - Throws: `LinkError` where another socket has the port.
  func hold(_ transport: StageTransport, _ port: UInt16) throws(LinkError) {
    held.append(try HeldPort(transport == .tcp ? .tcp : .udp, port, isGuarded: true))
  }
}

extension Dissection {
  /// The address that routing goes by: the one in the outermost header, whatever a source route makes of it.
  fileprivate var firstHop: IPAddress? {
    first(IPv6.self).map { .v6($0.destination) } ?? first(IPv4.self).map { .v4($0.destination) }
  }
}
