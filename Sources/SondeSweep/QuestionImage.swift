internal import SondeHeaders
internal import SondeOctets

/// What the packets of one template have in common, by which they are known in quotes and by their answers.
struct QuestionImage: Sendable {
  let isIPv4: Bool
  let source: IPAddress
  let mark: SweepPayloads.Mark?
  let hasCookie: Bool
  /// TCP's flags, and how many sequence numbers the segment takes (RFC 9293 §3.4).
  let flags: TCP.Flags
  let length: UInt32
  private let writtenAcknowledgment: UInt32
  /// Whether the hash fills the acknowledgment number: of a segment with ACK a RST gives back that alone
  /// (RFC 9293 §3.5.2).
  let fillsAcknowledgment: Bool
  let keepsIdentification: Bool
  /// A packet; only the octets that `mask` has count.
  private(set) var octets: [UInt8]
  /// 0xff where every packet has the same octet.
  private(set) var mask: [UInt8]
  /// Where the header that asks begins, and its data.
  let transport: Int
  let data: Int
  /// The second word of the header that asks, as written.
  private let written: UInt32
  /// Which of its bits the hash fills.
  private let filled: UInt32
  private let isTCP: Bool
  let isTimestamp: Bool
  let hasPorts: Bool
  /// Whether the sum is over the addresses too.
  let hasPseudoHeader: Bool
  let zeroMeansNone: Bool
  /// Where the checksum of the header that asks stands; nil where it is written.
  let checksum: Int?
  /// The sum of all that is the same.
  private(set) var sum: UInt16 = 0

  init(
    _ packet: AnyPacket, _ octets: [UInt8], _ kind: SweepQuestions.Kind, _ kept: SweepQuestions.Kept,
    mark: SweepPayloads.Mark?, hasCookie: Bool
  ) {
    let ipv4 = packet.first(IPv4.self)
    isIPv4 = ipv4 != nil
    source = ipv4.map { .v4($0.source) } ?? .v6(packet.first(IPv6.self)?.source ?? .any)
    self.mark = mark
    self.hasCookie = hasCookie
    let tcp = packet.first(TCP.self)
    isTCP = tcp != nil
    isTimestamp = kind == .timestamp
    hasPorts = kind == .tcp || kind == .udp
    hasPseudoHeader = hasPorts || ipv4 == nil
    zeroMeansNone = kind == .udp
    flags = tcp?.flags ?? []
    writtenAcknowledgment = tcp?.acknowledgmentNumber ?? 0
    fillsAcknowledgment = flags.contains(.ack) && !kept.contains(.acknowledgmentNumber)
    keepsIdentification = ipv4 == nil || kept.contains(.identification)
    self.octets = octets
    var place = 0
    var transport = octets.count
    var data = octets.count
    var checksum: Int?
    for header in packet.layers.layers {
      switch header {
      case let header as TCP where header.checksum == .auto: checksum = place + 16
      case let header as UDP where header.checksum == .auto: checksum = place + 6
      case let header as ICMPv4 where header.checksum == .auto: checksum = place + 2
      case let header as ICMPv6 where header.checksum == .auto: checksum = place + 2
      default: break
      }
      if header is TCP || header is UDP || header is ICMPv4 || header is ICMPv6 {
        transport = place
        data = place + header.byteCount
      }
      place += header.byteCount
    }
    self.transport = transport
    self.data = data
    self.checksum = checksum
    length =
      UInt32(truncatingIfNeeded: octets.count - data) &+ (flags.contains(.syn) ? 1 : 0)
      &+ (flags.contains(.fin) ? 1 : 0)
    written = octets.rawSpan.bigEndian(at: transport + 4)
    switch kind {
    case .tcp: filled = kept.contains(.sequenceNumber) ? 0 : .max
    case .udp: filled = 0
    case .echo, .timestamp:
      filled = (kept.contains(.identifier) ? 0 : 0xffff_0000) | (kept.contains(.sequenceNumber) ? 0 : 0xffff)
    }
    mask = [UInt8](repeating: 0xff, count: octets.count)
    // Checksums and hop counts change on the way; what the hash fills is compared by itself.
    var open = isIPv4 ? [8..<9, 10..<12, 16..<20] : [7..<8, 24..<40]
    if !keepsIdentification { open.append(4..<6) }
    switch kind {
    case .tcp: open.append(transport..<transport + 8)
    case .udp: open.append(transport..<transport + 4)
    case .echo: open.append(transport + 4..<transport + 8)
    case .timestamp: open.append(transport + 4..<transport + 12)
    }
    if fillsAcknowledgment { open.append(transport + 8..<transport + 12) }
    if hasCookie { open.append(data..<data + EchoData.byteCount) }
    if let mark { open.append(data + mark.offset..<data + mark.offset + mark.width) }
    if let checksum { open.append(checksum..<checksum + 2) }
    for range in open { for place in range { mask[place] = 0 } }
  }

  /// Learns the packet with zeros in all that the hash fills.
  mutating func take(blank: [UInt8]) {
    if let checksum { sum = ~blank.rawSpan.bigEndian(at: checksum, as: UInt16.self) }
  }

  /// Whether the second word is the question's, and not a length and a checksum.
  var hasSecond: Bool { zeroMeansNone == false }

  /// Whether answers tell attempts apart by the second word.
  var tellsAttempts: Bool { !isTCP && filled & 0xffff != 0 }

  /// TCP's acknowledgment number.
  @inline(__always)
  func acknowledgment(_ numbers: QuestionNumbers) -> UInt32 {
    fillsAcknowledgment ? numbers.acknowledgment : writtenAcknowledgment
  }

  /// The second word of an attempt's header: TCP's sequence number, or identifier and sequence number of a query.
  @inline(__always)
  func second(_ numbers: QuestionNumbers, _ attempt: UInt8) -> UInt32 {
    let bits = numbers.sequence
    if isTCP { return filled == 0 ? written : bits }
    let turn = UInt16(truncatingIfNeeded: bits) &+ UInt16(attempt)
    return (bits & 0xffff_0000 | UInt32(turn)) & filled | written & ~filled
  }
}
