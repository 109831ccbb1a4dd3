internal import SondeCapture
internal import SondeLink
public import SondeProbe

/// The packets of a talk as a pcapng file in pieces: what each changed at this end stands in its comment.
public struct TalkCapture: Sendable {
  private var writer = PcapngWriter()
  private var interfaces = CapturedLinks()

  public init() {}

  /// What every such file starts with.
  public var header: [UInt8] { writer.sectionHeader() }

  /// The octets that a packet adds to the file.
  ///
  /// - Parameter wall: the real time in nanoseconds since 1970.
  public mutating func packet(
    _ bytes: [UInt8], _ direction: TalkText.Direction, wall: Int64, _ events: [Conversation.Event],
    remark: String? = nil
  ) -> [UInt8] {
    let (interface, description) = interfaces.number(of: .raw, &writer)
    let words = (remark.map { [$0] } ?? []) + events.compactMap { TalkWords.words(of: $0) }
    return description
      + writer.packet(
        interface: interface, timestamp: wall, bytes: bytes,
        comment: words.isEmpty ? nil : words.joined(separator: "; "),
        direction: direction == .out ? .outbound : .inbound)
  }
}
