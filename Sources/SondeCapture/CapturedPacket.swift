/// One packet of a capture file.
public struct CapturedPacket: Hashable, Sendable {
  /// Which way a packet went, as seen from the interface (epb_flags, draft-ietf-opsawg-pcapng §4.3.1).
  public enum Direction: UInt32, Hashable, Sendable {
    case inbound = 1
    case outbound = 2
  }

  /// The number of the interface within its section, from 0; always 0 in a pcap file.
  public var interface: Int
  /// How the first octet is to be read: a number of the LINKTYPE registry.
  public var linkType: UInt16
  /// Nanoseconds since 1970; nil where the file says nothing (simple packet blocks). A time outside
  /// the range stands at its nearer end.
  public var timestamp: Int64?
  /// The octets that were captured.
  public var bytes: [UInt8]
  /// How many octets the packet had before the capture cut it, as the file says; nothing keeps a file from
  /// saying less than it holds.
  public var originalLength: Int
  /// The comments on this packet, in the file's order; pcap has none.
  public var comments: [String]
  /// nil where the file does not say.
  public var direction: Direction?

  public init(
    interface: Int = 0, linkType: UInt16, timestamp: Int64?, bytes: [UInt8], originalLength: Int? = nil,
    comments: [String] = [], direction: Direction? = nil
  ) {
    self.interface = interface
    self.linkType = linkType
    self.timestamp = timestamp
    self.bytes = bytes
    self.originalLength = originalLength ?? bytes.count
    self.comments = comments
    self.direction = direction
  }
}

/// What a capture file says of an interface it was taken on.
public struct CapturedInterface: Hashable, Sendable {
  /// A number of the LINKTYPE registry.
  public var linkType: UInt16
  /// The most octets captured of each packet; 0 means no limit.
  public var snapLength: UInt32
  /// The interface's name, where the file has one; beyond 255 octets it is cut.
  public var name: String?
  /// The unit of the time stamps.
  var unit: TimeUnit
  /// Seconds to be added to every time stamp (if_tsoffset).
  var offset: Int64
}
