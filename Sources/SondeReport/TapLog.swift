internal import SondeCapture
public import SondeLink

/// What a `Tap` sees pass, as a pcapng file in pieces, with times in nanoseconds.
///
/// A packet sent is written when the link takes it; where its transmit timestamp comes later, `CaptureLog` writes the
/// truer time. Each way of reading the first octet (`LinkType`) is an interface of the file.
public struct TapLog: Sendable {
  private var writer = PcapngWriter()
  private var interfaces = CapturedLinks()

  public init() {}

  /// What every such file starts with.
  public var header: [UInt8] { writer.sectionHeader() }

  /// The octets that an event adds to the file; none where nothing passed.
  public mutating func octets(_ event: TapEvent) -> [UInt8] {
    switch event {
    case .sent(let packet, _, let wall):
      return record(packet.bytes, packet.linkType, wall, "probe \(packet.probe)", .outbound)
    case .received(let frame):
      let comment = frame.isRebuilt ? "its IP header was rebuilt from what the kernel told" : nil
      return record(frame.bytes, frame.linkType, frame.stamp.wall ?? 0, comment, .inbound)
    case .left, .failed: return []
    }
  }

  private mutating func record(
    _ bytes: [UInt8], _ linkType: LinkType, _ wall: Int64, _ comment: String?, _ direction: CaptureRecord.Direction
  ) -> [UInt8] {
    let (interface, description) = interfaces.number(of: linkType, &writer)
    return description
      + writer.packet(interface: interface, timestamp: wall, bytes: bytes, comment: comment, direction: direction)
  }
}
