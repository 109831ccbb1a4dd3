internal import SondeCapture
internal import SondeHeaders
internal import SondeLink
public import SondeProbe

/// What was sent and received, as a pcapng file in pieces: verdicts are the packets' comments.
///
/// A packet sent is written once the kernel has told when and how it left, or once its probe is over. Each way of
/// reading the first octet (`LinkType`) is an interface of the file.
public struct CaptureLog: Sendable {
  private var writer = PcapngWriter()
  private var interfaces = CapturedLinks()
  private var held: [UInt64: Departing] = [:]

  public init() {}

  /// What every such file starts with.
  public var header: [UInt8] { writer.sectionHeader() }

  /// The octets that an event adds to the file.
  public mutating func octets(_ event: Event) -> [UInt8] {
    switch event {
    case .sent(let sent):
      held[sent.probe] = Departing(sent)
      return []
    case .left(let departure):
      guard var departing = held[departure.probe] else { return [] }
      departing.add(departure)
      held[departure.probe] = departing.isWhole ? nil : departing
      let sent = departing.sent
      let unknown = sent.fragments.isEmpty ? (sent.asked.bytes, sent.linkType) : nil
      guard let (bytes, linkType) = departure.bytes.map({ ($0, departure.linkType) }) ?? unknown else { return [] }
      return record(bytes, linkType, departure.wall, "probe \(sent.probe)", .outbound)
    case .answer(let answer):
      guard let frame = answer.frame else { return release(answer.probe) }
      let flags = answer.flags.isEmpty ? "" : " [\(answer.flags.map(\.rawValue).joined(separator: " "))]"
      let rtt = answer.rtt.map { ", rtt \($0.nanoseconds) ns" } ?? ""
      let rebuilt = frame.isRebuilt ? "; its IP header was rebuilt from what the kernel told" : ""
      return release(answer.probe)
        + record(
          frame, "probe \(answer.probe): \(answer.verdict) by \(answer.by)\(flags)\(rtt): \(answer.why)\(rebuilt)")
    case .noise(let noise):
      return record(noise.frame, "noise: \(noise.why)")
    case .silence(let silence): return release(silence.probe)
    case .sendFailed, .pending, .settled, .failure: return []
    }
  }

  /// The packets that are still held: for the end of the run.
  public mutating func rest() -> [UInt8] { held.keys.sorted().flatMap { release($0) } }

  private mutating func release(_ probe: UInt64) -> [UInt8] {
    guard let departing = held.removeValue(forKey: probe) else { return [] }
    let sent = departing.sent
    let frames = sent.fragments.isEmpty ? [sent.asked.bytes] : departing.missing
    return frames.flatMap { record($0, sent.linkType, sent.wall, "probe \(probe)", .outbound) }
  }

  private mutating func record(_ frame: Frame, _ comment: String) -> [UInt8] {
    record(frame.bytes, frame.linkType, frame.stamp.wall ?? 0, comment, .inbound)
  }

  private mutating func record(
    _ bytes: [UInt8], _ linkType: LinkType, _ wall: Int64, _ comment: String, _ direction: CaptureRecord.Direction
  ) -> [UInt8] {
    let (interface, description) = interfaces.number(of: linkType, &writer)
    return description
      + writer.packet(interface: interface, timestamp: wall, bytes: bytes, comment: comment, direction: direction)
  }
}

extension Sent {
  /// How the first octet of what was sent is read.
  var linkType: LinkType {
    asked.layers.first.flatMap { type(of: $0.header).announced.linkType }.map { LinkType(rawValue: $0) } ?? .raw
  }
}
