public import SondeOctets

/// Where a packet of a batch goes first.
@frozen
public struct NextHop: Hashable, Sendable {
  /// The index of the interface to leave by; 0 leaves it to routing, which only a raw door knows.
  public var interface: Int32
  /// The link address of the next host; nil where the link has none, and where the kernel finds it out.
  public var linkAddress: MACAddress?
  /// What the link carries: 0x0800 IPv4, 0x86dd IPv6, 0x0806 ARP.
  public var etherType: UInt16

  @inlinable
  public init(interface: Int32, linkAddress: MACAddress?, etherType: UInt16) {
    self.interface = interface
    self.linkAddress = linkAddress
    self.etherType = etherType
  }
}

/// Packets ready to leave together, from the network header on, in slots of one size: memory that is made once.
public struct PacketBatch: Sendable {
  /// How many packets go by one call: at 64 a call's own cost is small beside theirs.
  public static let size = 64

  /// The longest packet, in octets.
  public let stride: Int
  /// How many slots there are.
  public let capacity: Int
  public private(set) var count = 0
  /// All slots one after the other.
  public private(set) var octets: [UInt8]
  public private(set) var lengths: [Int]
  public private(set) var hops: [NextHop]

  public init(stride: Int, capacity: Int = PacketBatch.size) {
    self.stride = stride
    self.capacity = capacity
    octets = [UInt8](repeating: 0, count: stride * capacity)
    lengths = [Int](repeating: 0, count: capacity)
    hops = [NextHop](repeating: NextHop(interface: 0, linkAddress: nil, etherType: 0), count: capacity)
  }

  public var isFull: Bool { count == capacity }

  /// Appends a packet: `bytes` fits a slot, and there is a free one.
  public mutating func append(_ bytes: RawSpan, to hop: NextHop) {
    precondition(count < capacity && bytes.byteCount <= stride, "room for the packet")
    let start = count * stride
    octets.withMutableBytes { all in
      all.withSuffix(from: start) { $0.copy(bytes) }
    }
    lengths[count] = bytes.byteCount
    hops[count] = hop
    count += 1
  }

  public mutating func removeAll() { count = 0 }

  /// Lends a packet.
  public func withPacket<R>(_ index: Int, _ body: (RawSpan) -> R) -> R {
    body(octets.rawSpan.extracting(index * stride..<index * stride + lengths[index]))
  }
}
