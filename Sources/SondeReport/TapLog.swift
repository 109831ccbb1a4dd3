internal import SondeCapture
public import SondeLink

/// What a `Tap` sees pass, as a pcapng file in pieces, with times in nanoseconds.
///
/// A packet sent is written when the link takes it; where its transmit timestamp comes later, `CaptureLog` writes the
/// truer time. Each way of reading the first octet (`LinkType`) is an interface of the file.
public struct TapLog: Sendable {
  private var writer = PcapngWriter()
  private var interfaces: [LinkType: Int] = [:]

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
    var octets: [UInt8] = []
    let interface: Int
    if let known = interfaces[linkType] {
      interface = known
    } else {
      let description = writer.interfaceDescription(linkType: linkType.rawValue, name: "sonde")
      octets += description.octets
      interface = description.number
      interfaces[linkType] = interface
    }
    return octets
      + writer.packet(interface: interface, timestamp: wall, bytes: bytes, comment: comment, direction: direction)
  }
}
