internal import SondeCapture
internal import SondeHeaders
internal import SondeLink
internal import SondeOctets
public import SondeSweep

/// What a sweep sent and received, as a pcapng file in pieces: verdicts are the packets' comments.
public struct SweepLog {
  private var writer = PcapngWriter()
  private var reading: SweepReading
  private var why = TextOctets()

  /// - Parameter questions: what the sweep asks by.
  public init(_ questions: SweepQuestions) { reading = SweepReading(questions) }

  /// What every such file starts with: packets begin with their IP header.
  public mutating func header() -> [UInt8] {
    writer.sectionHeader() + writer.interfaceDescription(linkType: LinkType.raw.rawValue).octets
  }

  /// The octets that a packet that left adds to the file.
  public func octets(of sent: SweepSent) -> [UInt8] {
    writer.packet(
      interface: 0, timestamp: sent.wall, bytes: sent.octets, comment: "probe \(sent.number)", direction: .outbound)
  }

  /// The octets that an event adds to the file: none for silence.
  ///
  /// - Parameter packet: what came, from its IP header on.
  public mutating func octets(of event: SweepEvent, _ packet: RawSpan) -> [UInt8] {
    switch event {
    case .answered(let result, let answer), .repeated(let result, let answer):
      why.clear()
      var flags = result.flags
      if answer.isPlain {
        reading.append(whyOfPlain: answer, packet, to: &why)
      } else {
        let details = reading.details(of: answer, packet)
        flags = result.flags(with: details.flags)
        why += details.why
      }
      let marks = flags.isEmpty ? "" : " [\(flags.map(\.rawValue).joined(separator: " "))]"
      let rtt = result.rtt.map { ", rtt \($0.nanoseconds) ns" } ?? ""
      return writer.packet(
        interface: 0, timestamp: result.wall, bytes: packet.octets,
        comment: "probe \(result.number): \(answer.verdict) by \(answer.by)\(marks)\(rtt): "
          + String(decoding: why.octets, as: UTF8.self),
        direction: .inbound)
    case .noise(_, let why, _, let wall):
      return writer.packet(
        interface: 0, timestamp: wall, bytes: packet.octets, comment: "noise: \(why)", direction: .inbound)
    case .silent: return []
    }
  }
}
