internal import SondeOctets

/// Writes a pcap file packet by packet (draft-ietf-opsawg-pcap): one link type, and no comments.
///
/// Append `header` to the file first, then what `packet` gives for each packet.
public struct PcapWriter: Sendable {
  /// How the first octet of every packet is to be read: a number of the LINKTYPE registry.
  public let linkType: UInt16
  /// The most octets kept of each packet, at most `PcapngWriter.largestPacket`.
  public let snapLength: Int
  /// The unit of the times.
  public let precision: CapturePrecision
  /// The order of the octets in the file's numbers.
  public let order: ByteOrder

  /// - Parameter snapLength: The most octets kept of each packet; 0, or more than `PcapngWriter.largestPacket`,
  ///   means as many as that.
  public init(
    linkType: UInt16, snapLength: UInt32 = 0, precision: CapturePrecision = .nanoseconds,
    order: ByteOrder = .little
  ) {
    self.linkType = linkType
    self.snapLength =
      snapLength == 0 ? PcapngWriter.largestPacket : min(Int(snapLength), PcapngWriter.largestPacket)
    self.precision = precision
    self.order = order
  }

  /// What begins the file.
  public var header: [UInt8] {
    var octets: [UInt8] = []
    octets.reserveCapacity(Pcap.fileHeaderLength)
    switch precision {
    case .microseconds: octets.append(Pcap.microsecondsMagic, order)
    case .nanoseconds: octets.append(Pcap.nanosecondsMagic, order)
    }
    octets.append(Pcap.majorVersion, order)
    octets.append(Pcap.minorVersion, order)
    // Two reserved words.
    octets.append(UInt64(0), order)
    octets.append(UInt32(clamping: snapLength), order)
    octets.append(UInt32(linkType), order)
    return octets
  }

  /// One packet. What is beyond the snap length is cut off, and the original length tells of it.
  ///
  /// - Parameters:
  ///   - record: What is told of the packet. The format holds its time, from 1970 to 2106 (any other stands at
  ///     the nearer end, and one that is unknown becomes 0), and its original length, which is raised to the
  ///     number of octets if it is under it; all else is left out.
  ///   - bytes: The packet's octets.
  public func packet(_ record: CaptureRecord, _ bytes: RawSpan) -> [UInt8] {
    let captured = bytes.extracting(first: snapLength)
    let time = min(UInt64(clamping: record.timestamp ?? 0), UInt64(UInt32.max) * 1_000_000_000 + 999_999_999)
    let (seconds, rest) = time.quotientAndRemainder(dividingBy: 1_000_000_000)
    var octets: [UInt8] = []
    octets.reserveCapacity(Pcap.recordHeaderLength + captured.byteCount)
    octets.append(UInt32(truncatingIfNeeded: seconds), order)
    octets.append(UInt32(truncatingIfNeeded: rest / precision.nanoseconds), order)
    octets.append(UInt32(captured.byteCount), order)
    octets.append(UInt32(clamping: max(record.originalLength, bytes.byteCount)), order)
    octets.append(bytes: captured)
    return octets
  }
}
