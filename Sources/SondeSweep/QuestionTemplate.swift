internal import SondeCraft
internal import SondeHeaders
internal import SondeLink
internal import SondeOctets
internal import SondeProbe

/// A packet that asks, with the fields that differ from question to question.
struct QuestionTemplate: Sendable {
  private var template: PacketTemplate
  /// What does not differ.
  private(set) var image: QuestionImage

  private let destinationV4: PatchField<IPv4Address>?
  private let destinationV6: PatchField<IPv6Address>?
  private let identification: PatchField<UInt16>?
  /// TCP's source and destination, and its sequence number.
  private let flow: PatchField<UInt64>?
  /// UDP's source and destination.
  private let ports: PatchField<UInt32>?
  /// A query's second word.
  private let second: PatchField<UInt32>?
  private let acknowledgment: PatchField<UInt32>?
  private let originate: PatchField<UInt32>?
  private let cookie: PatchField<UInt128>?
  private let time: PatchField<UInt128>?
  private let mark2: PatchField<UInt16>?
  private let mark4: PatchField<UInt32>?
  private let mark8: PatchField<UInt64>?

  init(
    _ packet: AnyPacket, _ kind: SweepQuestions.Kind, _ choice: SweepPayloads.Choice, _ kept: SweepQuestions.Kept
  ) throws(SweepFormError) {
    var packet = packet
    let hasData = packet.first(Payload.self) != nil
    let mark = hasData ? nil : choice.mark
    let hasCookie = kind == .echo && !hasData
    if !hasData, !choice.octets.isEmpty { packet = packet.carrying(choice.octets) }
    if hasCookie { packet = packet.carrying([UInt8](repeating: 0, count: EchoData.byteCount)) }
    do throws(TemplateError) {
      let template = try PacketTemplate(packet)
      let image = QuestionImage(packet, template.emission.bytes, kind, kept, mark: mark, hasCookie: hasCookie)
      let isIPv4 = image.isIPv4
      destinationV4 = isIPv4 ? try template.field("destination", of: IPv4.self) : nil
      destinationV6 = isIPv4 ? nil : try template.field("destination", of: IPv6.self)
      identification = image.keepsIdentification ? nil : try template.field("identification", of: IPv4.self)
      switch kind {
      case .tcp:
        flow = try template.field(octets: 0..<8, of: TCP.self)
        ports = nil
        second = nil
      case .udp:
        flow = nil
        ports = try template.field(octets: 0..<4, of: UDP.self)
        second = nil
      case .echo, .timestamp:
        flow = nil
        ports = nil
        second =
          try isIPv4
          ? template.field(octets: 4..<8, of: ICMPv4.self) : template.field(octets: 4..<8, of: ICMPv6.self)
      }
      acknowledgment = image.fillsAcknowledgment ? try template.field(octets: 8..<12, of: TCP.self) : nil
      originate = kind == .timestamp ? try template.field(octets: 8..<12, of: ICMPv4.self) : nil
      cookie = hasCookie ? try template.field(octets: 0..<16, of: Payload.self) : nil
      time = hasCookie ? try template.field(octets: 16..<32, of: Payload.self) : nil
      mark2 = try template.field(mark, width: 2)
      mark4 = try template.field(mark, width: 4)
      mark8 = try template.field(mark, width: 8)
      self.template = template
      self.image = image
      // What the sum of a question is without all that differs.
      var blank = template
      if let destinationV4 { blank[destinationV4] = .any }
      if let destinationV6 { blank[destinationV6] = .any }
      if let flow { blank[flow] = 0 }
      if let ports { blank[ports] = 0 }
      if let second { blank[second] = 0 }
      if let acknowledgment { blank[acknowledgment] = 0 }
      if let originate { blank[originate] = 0 }
      if let mark2 { blank[mark2] = 0 }
      if let mark4 { blank[mark4] = 0 }
      if let mark8 { blank[mark8] = 0 }
      self.image.take(blank: blank.emission.bytes)
    } catch {
      throw .untemplatable(error)
    }
  }

  var byteCount: Int { template.byteCount }

  /// Lends the packet as it is now. It changes nothing: but what is changed in place is not copied to be read.
  @inline(__always)
  mutating func lend(_ body: (RawSpan) -> Void) { template.withBytes(body) }

  /// Makes it the packet of an attempt.
  @inline(__always)
  mutating func fill(
    _ target: SweepTarget, _ numbers: QuestionNumbers, _ port: UInt16, _ attempt: UInt8, _ now: Instant
  ) {
    switch target.address {
    case .v4(let address): if let destinationV4 { template.write(destinationV4, to: address) }
    case .v6(let address): if let destinationV6 { template.write(destinationV6, to: address) }
    }
    if let identification { template.write(identification, to: numbers.identification) }
    let ends = UInt32(port) &<< 16 | UInt32(target.port)
    if let flow { template.write(flow, to: UInt64(ends) &<< 32 | UInt64(image.second(numbers, attempt))) }
    if let ports { template.write(ports, to: ends) }
    if let second { template.write(second, to: image.second(numbers, attempt)) }
    if let acknowledgment { template.write(acknowledgment, to: numbers.acknowledgment) }
    if let originate { template.write(originate, to: numbers.originate) }
    if let cookie { template.write(cookie, to: numbers.cookie.number) }
    if let time { template.write(time, to: EchoData.number(now)) }
    if let mark2, let mark = image.mark { template.write(mark2, to: UInt16(truncatingIfNeeded: mark.value(numbers))) }
    if let mark4, let mark = image.mark { template.write(mark4, to: UInt32(truncatingIfNeeded: mark.value(numbers))) }
    if let mark8, let mark = image.mark { template.write(mark8, to: mark.value(numbers)) }
    template.seal()
  }
}

extension PacketTemplate {
  fileprivate func field<Value: PatchValue>(
    _ mark: SweepPayloads.Mark?, width: Int
  ) throws(TemplateError) -> PatchField<Value>? {
    guard let mark, mark.width == width else { return nil }
    return try field(octets: mark.offset..<mark.offset + width, of: Payload.self)
  }
}

extension AnyPacket {
  fileprivate func carrying(_ octets: [UInt8]) -> AnyPacket { AnyPacket(layers.layers + [Payload(octets: octets)]) }
}
