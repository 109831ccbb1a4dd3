public import SondeCapture
public import SondeHeaders

/// What is known of a packet beside its octets.
public struct FrameFacts: Sendable {
  /// Counted from 1.
  public var number: Int
  /// What the capture says of it.
  public var record: CaptureRecord
  /// How its first octet is read.
  public var start: Registry.Start
  /// The word for `start` where no capture says it: that of a guess, or of who asked.
  public var readAs: String?
  /// The interface's name, where there is one.
  public var interface: String?
  /// Whether its time is told in nanoseconds rather than microseconds.
  public var isInNanoseconds: Bool
  /// Whether the kernel says that a device had yet to compute the transport's checksum: a wrong one is no fault.
  public var sumsAreUnfinished: Bool

  public init(
    number: Int, record: CaptureRecord, start: Registry.Start? = nil, readAs: String? = nil,
    interface: String? = nil, isInNanoseconds: Bool = false, sumsAreUnfinished: Bool = false
  ) {
    self.number = number
    self.record = record
    self.start = start ?? .link(record.linkType)
    self.readAs = readAs
    self.interface = interface
    self.isInNanoseconds = isInNanoseconds
    self.sumsAreUnfinished = sumsAreUnfinished
  }
}
