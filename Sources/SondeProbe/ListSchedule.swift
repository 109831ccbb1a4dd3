public import SondeHeaders
public import SondeLink

/// Sends each of a list of packets once, in order, a gap apart; a packet's place in the list is its target.
public struct ListSchedule: Schedule {
  /// One packet of the list.
  public struct Item: Sendable {
    public var packet: AnyPacket
    /// Whether the address asked names many hosts.
    public var isGroup: Bool
    /// Where it goes; nil reads that from its bytes.
    public var way: Way?

    /// Above how many octets its IP packet is sent as fragments; nil sends it whole.
    public var mtu: Int?

    public init(_ packet: AnyPacket, isGroup: Bool = false, way: Way? = nil, mtu: Int? = nil) {
      self.packet = packet
      self.isGroup = isGroup
      self.way = way
      self.mtu = mtu
    }
  }

  private let items: [Item]
  private let gap: Duration
  private var place = 0
  private var nextAt: Instant?

  public init(_ packets: [AnyPacket], gap: Duration = .zero) { self.init(packets.map { Item($0) }, gap: gap) }

  public init(_ items: [Item], gap: Duration = .zero) {
    self.items = items
    self.gap = gap
  }

  public mutating func next(at now: Instant) -> Turn {
    guard place < items.count else { return .finished }
    if let nextAt, nextAt > now { return .wait(until: nextAt) }
    // As PortSchedule does: time lost by more than a tick is not made up for by a burst.
    nextAt = max(nextAt ?? now, now + .milliseconds(-2)) + gap
    defer { place += 1 }
    let item = items[place]
    return .probe(
      Request(target: place, turn: 0, packet: item.packet, isGroup: item.isGroup, way: item.way, mtu: item.mtu))
  }
}
