internal import SondeOctets

/// Writes a pcapng file of one section block by block (draft-ietf-opsawg-pcapng).
///
/// Each function gives the octets to be appended to the file: first `sectionHeader`, then an
/// `interfaceDescription` for every interface before its first packet, then packets in any order, and last,
/// for a live capture, `statistics` of every interface. What a second writer gives may follow in the same file
/// as another section.
public struct PcapngWriter: Sendable {
  /// The most octets kept of one packet, whatever its interface's snap length: 256 KiB, above which the usual
  /// readers refuse a file.
  public static let largestPacket = 262_144

  /// The order of the octets in the file's numbers.
  public let order: ByteOrder
  private var interfaces: [Interface] = []

  private struct Interface {
    /// The most octets kept of each packet.
    var limit: Int
    var precision: CapturePrecision
  }

  public init(order: ByteOrder = .little) { self.order = order }

  /// The section header, which begins the file, with the names of the machine, of its operating system and
  /// of the program where they are not nil.
  public func sectionHeader(
    hardware: String? = nil, system: String? = nil, application: String? = "sonde", comments: [String] = []
  ) -> [UInt8] {
    var block = Block(Pcapng.Block.sectionHeader, order)
    block.append(Pcapng.byteOrderMagic)
    block.append(Pcapng.majorVersion)
    block.append(UInt16(0))
    // The section's length is not known while it grows.
    block.append(UInt64.max)
    for comment in comments { block.append(option: Pcapng.Option.comment, text: comment) }
    block.append(option: Pcapng.Option.sectionHardware, text: hardware)
    block.append(option: Pcapng.Option.sectionSystem, text: system)
    block.append(option: Pcapng.Option.sectionApplication, text: application)
    return block.finished()
  }

  /// Describes the next interface; they are numbered from 0 in the order of these calls.
  ///
  /// - Parameters:
  ///   - linkType: A number of the LINKTYPE registry.
  ///   - snapLength: The most octets kept of each packet; 0 means no limit but `largestPacket`.
  ///   - precision: The unit of its packets' times.
  public mutating func interfaceDescription(
    linkType: UInt16, snapLength: UInt32 = 0, name: String? = nil, description: String? = nil,
    precision: CapturePrecision = .nanoseconds
  ) -> (number: Int, octets: [UInt8]) {
    let limit = snapLength == 0 ? Self.largestPacket : min(Int(snapLength), Self.largestPacket)
    interfaces.append(Interface(limit: limit, precision: precision))
    var block = Block(Pcapng.Block.interfaceDescription, order)
    block.append(linkType)
    block.append(UInt16(0))
    block.append(snapLength)
    block.append(option: Pcapng.Option.interfaceName, text: name)
    block.append(option: Pcapng.Option.interfaceDescription, text: description)
    block.append(option: Pcapng.Option.interfaceTimeUnit, number: precision.unit.rawValue)
    return (interfaces.count - 1, block.finished())
  }

  /// One packet. What is beyond its interface's snap length is cut off, and the original length tells of it.
  ///
  /// - Parameters:
  ///   - record: What is told of the packet. Its interface is a number that `interfaceDescription` gave, any
  ///     other stops the program; its link type is that interface's. The format has no time before 1970 and
  ///     none that is unknown: both become 0. An original length under the number of octets is raised to it.
  ///     Of each comment 65,535 octets are kept.
  ///   - bytes: The packet's octets.
  public func packet(_ record: CaptureRecord, _ bytes: RawSpan) -> [UInt8] {
    let interface = interface(record.interface)
    let captured = bytes.extracting(first: interface.limit)
    var block = Block(Pcapng.Block.enhancedPacket, order, reserving: captured.byteCount + 64)
    block.append(UInt32(clamping: record.interface))
    append(record.timestamp ?? 0, interface.precision, to: &block)
    block.append(UInt32(captured.byteCount))
    block.append(UInt32(clamping: max(record.originalLength, bytes.byteCount)))
    block.append(padded: captured)
    for comment in record.comments { block.append(option: Pcapng.Option.comment, text: comment) }
    if let direction = record.direction {
      block.append(option: Pcapng.Option.packetFlags, number: direction.rawValue)
    }
    return block.finished()
  }

  /// One packet, told of by arguments instead of a record.
  public func packet(
    interface: Int, timestamp: Int64, bytes: [UInt8], originalLength: Int? = nil, comment: String? = nil,
    direction: CaptureRecord.Direction? = nil
  ) -> [UInt8] {
    let record = CaptureRecord(
      interface: interface, linkType: 0, timestamp: timestamp, originalLength: originalLength ?? bytes.count,
      direction: direction, comments: comment.map { [$0] } ?? [])
    return packet(record, bytes.rawSpan)
  }

  /// What an interface received and lost until `timestamp`, in nanoseconds since 1970.
  ///
  /// - Parameter interface: A number that `interfaceDescription` gave; any other stops the program.
  public func statistics(interface: Int, timestamp: Int64, _ counts: CaptureCounts) -> [UInt8] {
    let precision = self.interface(interface).precision
    var block = Block(Pcapng.Block.interfaceStatistics, order)
    block.append(UInt32(clamping: interface))
    append(timestamp, precision, to: &block)
    if let received = counts.received { block.append(option: Pcapng.Option.statisticsReceived, number: received) }
    if let dropped = counts.dropped { block.append(option: Pcapng.Option.statisticsDropped, number: dropped) }
    return block.finished()
  }

  private func interface(_ number: Int) -> Interface {
    precondition(interfaces.indices.contains(number), "interface \(number) has no description")
    return interfaces[number]
  }

  /// Appends a time, its high half first in both byte orders.
  private func append(_ timestamp: Int64, _ precision: CapturePrecision, to block: inout Block) {
    let ticks = UInt64(clamping: timestamp) / precision.nanoseconds
    block.append(UInt32(truncatingIfNeeded: ticks >> 32))
    block.append(UInt32(truncatingIfNeeded: ticks))
  }
}
