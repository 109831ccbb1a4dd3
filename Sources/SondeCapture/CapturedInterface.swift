/// What a capture file says of an interface it was taken on.
public struct CapturedInterface: Hashable, Sendable {
  /// A number of the LINKTYPE registry. What a pcap file says there of frame check sequences is not kept.
  public var linkType: UInt16
  /// The most octets captured of each packet; 0 means no limit.
  public var snapLength: UInt32
  /// The interface's name, where the file has one; beyond 255 octets it is cut.
  public var name: String?
  /// The interface's description, where the file has one; beyond 255 octets it is cut.
  public var description: String?
  /// The counts that the file has given so far, which is usually at its end.
  public var counts: CaptureCounts?
  /// The unit of the time stamps.
  var unit: TimeUnit
  /// Seconds to be added to every time stamp (if_tsoffset).
  var offset: Int64 = 0

  init(linkType: UInt16, snapLength: UInt32, unit: TimeUnit) {
    self.linkType = linkType
    self.snapLength = snapLength
    self.unit = unit
  }

  /// Whether its time stamps tell more than microseconds.
  public var isFinerThanMicroseconds: Bool { unit.rawValue > TimeUnit.microseconds.rawValue }

  /// The time of `ticks` in nanoseconds since 1970; beyond the range it stays at the nearer end.
  func time(_ ticks: UInt64) -> Int64 {
    let time = unit.nanoseconds(ticks)
    guard offset != 0 else { return time }
    let (shift, overflow) = offset.multipliedReportingOverflow(by: 1_000_000_000)
    let (sum, carried) = time.addingReportingOverflow(shift)
    guard !overflow, !carried else { return offset < 0 ? .min : .max }
    return sum
  }
}

/// How many packets an interface received and how many of them were lost before the file, as an interface
/// statistics block counts them (draft-ietf-opsawg-pcapng §4.6).
public struct CaptureCounts: Hashable, Sendable {
  /// Packets that the interface received since the capture began; nil where the file does not say.
  public var received: UInt64?
  /// Packets dropped for want of room since the capture began; nil where the file does not say.
  public var dropped: UInt64?

  public init(received: UInt64? = nil, dropped: UInt64? = nil) {
    self.received = received
    self.dropped = dropped
  }
}

/// What a pcapng file says of a section, which is all of it in most files.
public struct CaptureSection: Hashable, Sendable {
  /// The order of the octets in the section's numbers.
  public var order: ByteOrder
  /// The machine that the packets were captured on, where the file names it.
  public var hardware: String?
  /// The machine's operating system.
  public var system: String?
  /// The program that wrote the section.
  public var application: String?
  /// The comments on the section, in the file's order.
  public var comments: [String]

  public init(
    order: ByteOrder = .little, hardware: String? = nil, system: String? = nil, application: String? = nil,
    comments: [String] = []
  ) {
    self.order = order
    self.hardware = hardware
    self.system = system
    self.application = application
    self.comments = comments
  }
}
