internal import SondeCapture
public import SondeProbe
internal import SondeHeaders
internal import SondeLink

/// What was sent and received, as a pcapng file in pieces: verdicts are the packets' comments.
///
/// A packet sent is written once the kernel has told when and how it left, or once its probe is over.
public struct CaptureLog: Sendable {
  private var writer = PcapngWriter()
  private let interface: Int
  private let opening: [UInt8]
  private var held: [UInt64: Sent] = [:]

  public init() {
    let section = writer.sectionHeader()
    let description = writer.interfaceDescription(linkType: LinkType.raw.rawValue, name: "sonde")
    interface = description.number
    opening = section + description.octets
  }

  /// What every such file starts with.
  public var header: [UInt8] { opening }

  /// The octets that an event adds to the file.
  public mutating func octets(_ event: Event) -> [UInt8] {
    switch event {
    case .sent(let sent):
      held[sent.probe] = sent
      return []
    case .left(let departure):
      guard let sent = held.removeValue(forKey: departure.probe) else { return [] }
      return record(sent, bytes: departure.bytes ?? sent.asked.bytes, wall: departure.wall)
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
    guard let sent = held.removeValue(forKey: probe) else { return [] }
    return record(sent, bytes: sent.asked.bytes, wall: sent.wall)
  }

  private func record(_ sent: Sent, bytes: [UInt8], wall: Int64) -> [UInt8] {
    writer.packet(
      interface: interface, timestamp: wall, bytes: bytes, comment: "probe \(sent.probe)", direction: .outbound)
  }

  private func record(_ frame: Frame, _ comment: String) -> [UInt8] {
    writer.packet(
      interface: interface, timestamp: frame.stamp.wall ?? 0, bytes: frame.bytes, comment: comment, direction: .inbound)
  }
}
