public import SondeHeaders
internal import SondeOctets

/// A packet as the source, in Swift, that builds it: the statement that a program of this package's users holds.
///
/// What is computed and what has its default is left out.
public struct SwiftSource: Sendable {
  /// Lines without line feeds.
  public let lines: [String]

  /// The source of a packet that encodes to `bytes`. Behind a header that is not of this package stand octets, which a
  /// comment says.
  public init(_ packet: AnyPacket, bytes: [UInt8]) {
    lines = ["let packet = Packet {"] + Self.statements(packet.layers.layers, bytes).map { "  \($0)" } + ["}"]
  }

  private static func statements(_ layers: [any Header], _ bytes: [UInt8]) -> [String] {
    var lines: [String] = []
    var offset = 0
    for layer in layers {
      guard let statement = statement(layer) else {
        let rest = Payload(octets: Array(bytes.dropFirst(offset)))
        return lines + ["// \(type(of: layer).name.rawValue) has no form here; these are its octets."] + octets(rest)
      }
      lines += statement
      offset += layer.byteCount
    }
    return lines
  }

  private static func statement(_ header: any Header) -> [String]? {
    switch header {
    case let payload as Payload: octets(payload)
    case let quote as Quote: statement(quote)
    // A recipe writes the length of what it takes for fixed; here it is computed.
    case let option as NeighborDiscoveryOption where option.length.hand.map { Int($0) * 8 } == option.byteCount:
      statement(NeighborDiscoveryOption(type: option.type, content: option.content))
    default: (usualForm(header) ?? SwiftLiteral.call(header)).map { [$0] }
    }
  }

  private static func octets(_ payload: Payload) -> [String] {
    [SwiftLiteral.quoted(payload.octets) ?? SwiftLiteral.call(payload) ?? ""]
  }

  private static func statement(_ quote: Quote) -> [String]? {
    let inner = quote.packet.layers.layers.map { statement($0) }
    guard inner.allSatisfy({ $0 != nil }) else { return nil }
    let arguments = [quote.cut.map { "cut: \($0)" }, quote.fill == 0 ? nil : "fill: \(quote.fill)"].compactMap { $0 }
    let call = arguments.isEmpty ? "Quote" : "Quote(\(arguments.joined(separator: ", ")))"
    return ["\(call) {"] + inner.compactMap { $0 }.joined().map { "  \($0)" } + ["}"]
  }

  /// The form that people use, where it makes this very header.
  private static func usualForm(_ header: any Header) -> String? {
    switch header {
    case let header as ICMPv4:
      let (identifier, number) = halves(header.restOfHeader)
      return usualForm(
        header,
        [
          (.echoRequest(identifier: identifier, sequenceNumber: number), echo("Request", header.restOfHeader)),
          (.echoReply(identifier: identifier, sequenceNumber: number), echo("Reply", header.restOfHeader)),
          (.timeExceeded(), "timeExceeded()"), (.timeExceeded(code: header.code), "timeExceeded(code: \(header.code))"),
          (.destinationUnreachable(code: header.code), "destinationUnreachable(code: \(header.code))"),
          (
            .destinationUnreachable(code: header.code, nextHopMTU: number),
            "destinationUnreachable(code: \(header.code), nextHopMTU: \(number))"
          ),
        ])
    case let header as ICMPv6:
      let (identifier, number) = halves(header.restOfHeader)
      return usualForm(
        header,
        [
          (.echoRequest(identifier: identifier, sequenceNumber: number), echo("Request", header.restOfHeader)),
          (.echoReply(identifier: identifier, sequenceNumber: number), echo("Reply", header.restOfHeader)),
          (.timeExceeded(), "timeExceeded()"), (.timeExceeded(code: header.code), "timeExceeded(code: \(header.code))"),
          (.destinationUnreachable(code: header.code), "destinationUnreachable(code: \(header.code))"),
          (.packetTooBig(mtu: header.restOfHeader), "packetTooBig(mtu: \(header.restOfHeader))"),
          (.routerSolicitation(), "routerSolicitation()"),
        ])
    case let header as ARP:
      guard let sender = MACAddress(octets: header.senderHardwareAddress),
        let target = MACAddress(octets: header.targetHardwareAddress), header.senderProtocolAddress.count == 4,
        header.targetProtocolAddress.count == 4
      else { return nil }
      let addresses = [header.senderProtocolAddress, header.targetProtocolAddress].map {
        IPv4Address(rawValue: $0.rawSpan.bigEndian(at: 0, as: UInt32.self))
      }
      var words = "from: \"\(sender)\", \"\(addresses[0])\", to: \"\(addresses[1])\""
      if target != .zero { words += ", \"\(target)\"" }
      if header.operation != ARP.request { words += ", operation: \(header.operation)" }
      let short = ARP(from: sender, addresses[0], to: addresses[1], target, operation: header.operation)
      return header == short ? "ARP(\(words))" : nil
    case let header as NeighborDiscoveryOption:
      guard let address = header.macAddress else { return nil }
      return usualForm(
        header,
        [
          (.sourceLinkLayerAddress(address), "sourceLinkLayerAddress(\"\(address)\")"),
          (.targetLinkLayerAddress(address), "targetLinkLayerAddress(\"\(address)\")"),
        ])
    default: return nil
    }
  }

  private static func usualForm<H: Header>(_ header: H, _ forms: [(H, String)]) -> String? {
    forms.first { $0.0 == header }.map { "\(H.self).\($0.1)" }
  }

  private static func halves(_ word: UInt32) -> (UInt16, UInt16) { (UInt16(word >> 16), UInt16(word & 0xffff)) }

  private static func echo(_ kind: String, _ restOfHeader: UInt32) -> String {
    let (identifier, sequenceNumber) = halves(restOfHeader)
    let numbers = [("identifier", identifier), ("sequenceNumber", sequenceNumber)].filter { $0.1 != 0 }
    return "echo\(kind)(\(numbers.map { "\($0): \($1)" }.joined(separator: ", ")))"
  }
}
