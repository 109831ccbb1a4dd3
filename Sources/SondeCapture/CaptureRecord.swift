/// What a capture file says of a packet beside its octets.
public struct CaptureRecord: Hashable, Sendable {
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
  /// How many octets the packet had before the capture cut it, as the file says; nothing keeps a file from
  /// saying less than it holds.
  public var originalLength: Int
  /// nil where the file does not say.
  public var direction: Direction?
  /// The comments on this packet, in the file's order; pcap has none.
  public var comments: [String]

  public init(
    interface: Int = 0, linkType: UInt16, timestamp: Int64?, originalLength: Int, direction: Direction? = nil,
    comments: [String] = []
  ) {
    self.interface = interface
    self.linkType = linkType
    self.timestamp = timestamp
    self.originalLength = originalLength
    self.direction = direction
    self.comments = comments
  }
}

/// One packet of a capture file, with octets of its own; what the file says of it reads like its own properties.
@dynamicMemberLookup
public struct CapturedPacket: Hashable, Sendable {
  /// What the file says of the packet.
  public var record: CaptureRecord
  /// The octets that were captured.
  public var bytes: [UInt8]

  public init(_ record: CaptureRecord, bytes: [UInt8]) {
    self.record = record
    self.bytes = bytes
  }

  public subscript<Value>(dynamicMember path: WritableKeyPath<CaptureRecord, Value>) -> Value {
    get { record[keyPath: path] }
    set { record[keyPath: path] = newValue }
  }
}
