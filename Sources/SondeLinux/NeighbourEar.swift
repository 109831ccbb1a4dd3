internal import CLinuxNet
public import SondeLink
public import SondeOctets

/// Hears what hosts on a link tell of their link addresses, by a packet socket of its own, so that the ear of a run
/// hears answers to the run alone.
///
/// It hears ARP replies, gratuitous ARP and neighbour advertisements, on one interface. It is used by one thread.
public struct NeighbourEar: NeighbourNews, ~Copyable {
  /// Nil where nothing is to be heard: closing a packet socket takes 10 to 25 ms.
  private let socket: Descriptor?
  private let number: Int32?
  /// The index of the interface that it hears.
  private var interface: Int32 = 0
  /// The longest advertisement with options worth reading.
  private var buffer = ReceiveBuffer(room: 512)

  /// Opens the socket, which needs CAP_NET_RAW; nothing is heard before `listen`.
  ///
  /// - Throws: `LinkError` if the socket cannot be opened.
  public init() throws(LinkError) {
    let opened = try Openings.open(.packet)
    number = opened.number
    socket = consume opened
  }

  private init(_ nothing: Void) {
    socket = nil
    number = nil
  }

  /// An ear that hears nothing: it only looks into the system's table.
  public static func deaf() -> NeighbourEar { NeighbourEar(()) }

  /// Begins to hear on an interface; this needs no privilege any more.
  ///
  /// - Throws: `LinkError` if the interface is gone.
  public mutating func listen(on interface: Int32, _ families: Set<Family>) throws(LinkError) {
    try socket?.attach(Self.program)
    try socket?.set(KernelNumber.packetLevel, KernelNumber.packetIgnoreOutgoing, 1, as: "PACKET_IGNORE_OUTGOING")
    socket?.growReceiveBuffer(to: Self.room)
    // Of one family, other packets need not even be looked at.
    let etherType =
      switch (families.contains(.ipv4), families.contains(.ipv6)) {
      case (true, false): KernelNumber.etherARP
      case (false, true): KernelNumber.etherIPv6
      default: KernelNumber.etherAll
      }
    self.interface = interface
    try socket?.bind(to: clinux_link(interface, etherType, 0, 0), as: "bind(AF_PACKET)")
  }

  /// Room for some thousand answers: they come in between two batches.
  private static let room: Int32 = 4 << 20

  public mutating func drain(_ take: (RawSpan, UInt16, Int32) -> Void) {
    // No more than a batch can have asked for keeps coming; a flood must not keep the sender.
    for _ in 0..<1024 {
      guard let length = socket?.receive(into: &buffer, errorQueue: false), length >= 0 else { return }
      let etherType = clinux_link_protocol(buffer.address)
      take(buffer.bytes.rawSpan.extracting(0..<min(length, buffer.bytes.count)), etherType, interface)
    }
  }

  public mutating func known(_ address: IPAddress, interface: Int32) -> MACAddress? {
    try? Neighbour.known(address, interface: Int(interface))
  }

  /// How many answers were dropped for want of room.
  public var drops: UInt32 { number.map { Descriptor.drops(at: $0) } ?? 0 }
}

extension NeighbourEar {
  /// ARP replies, ARP requests that announce (the sender asks for itself, RFC 5227 §3) and neighbour advertisements,
  /// for a packet socket whose octet 0 is the first behind the link header.
  static let program: [PacketFilter.Instruction] = [
    .loadHalf(PacketFilter.packetType), .atLeast(PacketFilter.otherHost, 14, 0),
    .loadHalf(PacketFilter.etherType), .equal(UInt32(KernelNumber.etherARP), 0, 7),
    // The operation; then sender and target.
    .loadHalf(6), .equal(2, 11, 0), .equal(1, 0, 9),
    .loadWord(14), .copyToX, .loadWord(24), .equalsX(6, 5),
    // ICMPv6 of type 136 right behind the IPv6 header.
    .equal(UInt32(KernelNumber.etherIPv6), 0, 4), .loadByte(6), .equal(58, 0, 2), .loadByte(40), .equal(136, 1, 0),
    .reject, .accept,
  ]
}
