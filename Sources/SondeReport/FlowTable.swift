internal import SondeOctets

/// The two ends of a TCP connection, in an order of their own, so that both directions have the same.
struct FlowKey: RecentKey {
  private var lowHigh, lowLow, highHigh, highLow: UInt64
  private var ports: UInt32
  let mixed: UInt64

  /// - Returns: the key, and whether the packet goes from the lower end to the higher.
  static func of(_ source: Endpoint, _ sourcePort: UInt16, _ destination: Endpoint, _ destinationPort: UInt16) -> (
    key: FlowKey, isForward: Bool
  ) {
    let isForward =
      source.low != destination.low
      ? source.low < destination.low
      : source.high != destination.high ? source.high < destination.high : sourcePort <= destinationPort
    let (low, high) = isForward ? (source, destination) : (destination, source)
    let (lowPort, highPort) = isForward ? (sourcePort, destinationPort) : (destinationPort, sourcePort)
    return (FlowKey(low, lowPort, high, highPort), isForward)
  }

  private init(_ low: Endpoint, _ lowPort: UInt16, _ high: Endpoint, _ highPort: UInt16) {
    (lowHigh, lowLow) = (low.high, low.low)
    (highHigh, highLow) = (high.high, high.low)
    ports = UInt32(lowPort) << 16 | UInt32(highPort)
    mixed = mixedBits(mixedBits(lowHigh ^ lowLow &+ UInt64(ports)) ^ mixedBits(highLow) &+ highHigh)
  }
}

/// An address of either family as two numbers: IPv4 below 2^32, where no IPv6 packet has one.
struct Endpoint: Equatable, Sendable {
  var high: UInt64
  var low: UInt64
}

/// The TCP connections of a capture: as many as there is room for, the one unheard of longest forgotten first.
struct FlowTable: Sendable {
  /// The most connections that are kept.
  static let capacity = 65_536

  private var table: RecentTable<FlowKey, TCPFlow>

  /// Whether numbers stay as they are on the wire.
  private let isAbsolute: Bool

  init(capacity: Int = FlowTable.capacity, isAbsolute: Bool = false) {
    table = RecentTable(capacity: capacity)
    self.isAbsolute = isAbsolute
  }

  /// Takes a segment into account, and says how it stands in its connection.
  ///
  /// A connection whose beginning is not in the capture counts from its first packet, as tshark has it. Once any
  /// connection was forgotten that first packet may be one that comes back: then numbers stay as they are on the wire.
  mutating func take(
    _ segment: TCPSegment, from source: Endpoint, _ sourcePort: UInt16, to destination: Endpoint,
    _ destinationPort: UInt16
  ) -> TCPStanding {
    let (key, isForward) = FlowKey.of(source, sourcePort, destination, destinationPort)
    let isBeginning = segment.flags & TCPSegment.syn != 0
    let hasEvicted = table.hasEvicted
    let (index, _) = table.entry(key, orInsert: TCPFlow(isAbsolute: hasEvicted && !isBeginning, isForced: isAbsolute))
    return table.values[index].take(segment, isForward: isForward)
  }
}
