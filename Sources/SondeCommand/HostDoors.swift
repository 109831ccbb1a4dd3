internal import SondeHeaders
internal import SondeLink
internal import SondeLinux
internal import SondeOctets

/// The ways out of one host, all of which stay open: packets go by the one that keeps every octet of theirs.
final class HostDoors {
  /// By routing and by the kernel's own neighbour table.
  private var raw: LinuxLink
  /// The same for what the raw door would rewrite.
  private var cooked: LinuxLink
  /// For whole frames.
  private var frames: LinuxLink
  private var guards: [GuardedPort: PortGuard] = [:]

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
    // The datagram door's ear is the door itself, and so no socket.
    let plan = [SendPlan(door: door, ear: .datagram)]
    let openings = try Openings.open([.ipv4: plan, .ipv6: plan])
    return try LinuxLink(openings, LinuxLink.Options(transmitStamp: .none))
  }
}
