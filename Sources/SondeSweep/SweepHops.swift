public import SondeLink
public import SondeOctets

/// What is known of the way to an address now.
public enum HopStanding: Sendable {
  /// A packet may go.
  case ready(NextHop)
  /// It is being found out; to be asked again in a while.
  case wait
  /// No packet will get there.
  case never(LinkError)
}

/// Knows where the packets of a sweep go first. It is used by the thread that sends.
public protocol SweepHops: ~Copyable, Sendable {
  /// Where a packet to an address goes now.
  mutating func hop(to address: IPAddress, at now: Instant) -> HopStanding

  /// Hears what came for it, and puts packets of its own, such as ARP requests, into a batch.
  ///
  /// - Parameter room: how many it may put in, as pace and batch allow; with none it only hears.
  /// - Returns: when it is to be called again at the latest; it is called before each batch.
  mutating func attend(_ batch: inout PacketBatch, room: Int, at now: Instant) -> Instant
}

extension SweepHops where Self: ~Copyable {
  public mutating func attend(_ batch: inout PacketBatch, room: Int, at now: Instant) -> Instant { .distantFuture }
}

/// One next hop for every address of a family: a link without link addresses, one router, or routing itself.
public struct FixedHop: SweepHops {
  public var ipv4: NextHop
  public var ipv6: NextHop

  /// - Parameter interface: 0 leaves it to routing, which only a raw door knows.
  public init(interface: Int32 = 0, linkAddress: MACAddress? = nil) {
    ipv4 = NextHop(interface: interface, linkAddress: linkAddress, etherType: 0x0800)
    ipv6 = NextHop(interface: interface, linkAddress: linkAddress, etherType: 0x86dd)
  }

  public mutating func hop(to address: IPAddress, at now: Instant) -> HopStanding {
    switch address {
    case .v4: .ready(ipv4)
    case .v6: .ready(ipv6)
    }
  }
}
