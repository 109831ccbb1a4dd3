public import SondeHeaders
internal import SondeOctets

/// A packet as the source, in Swift, that builds it: the statement that a program of this package's users holds.
public struct SwiftSource: Sendable {
  /// Lines without line feeds.
  public let lines: [String]

  /// The source of a packet that encodes to `bytes`. A layer that has no short form stands as its octets, and then the
  /// layers around it have every field written.
  public init(_ packet: AnyPacket, bytes: [UInt8]) {
    let layers = packet.layers.layers
    var statements = layers.compactMap { Self.statement($0) }
    if statements.count != layers.count { statements = Self.statements(layers, bytes) }
    lines = ["let packet = Packet {"] + statements.map { "  \($0)" } + ["}"]
  }

  /// The layers up to the first without a form as they were made, and the octets behind.
  private static func statements(_ layers: [any Header], _ bytes: [UInt8]) -> [String] {
    var statements: [String] = []
    var offset = 0
    for layer in layers {
      let span = bytes.rawSpan
      var reader = Reader(span.extracting(0..<bytes.count), at: offset)
      let end = offset + layer.byteCount
      guard let header = (try? type(of: layer).init(from: &reader)) as (any Header)?,
        header.byteCount == layer.byteCount,
        !(header is Payload), let statement = statement(header)
      else { break }
      statements.append(statement)
      offset = end
    }
    return statements + [octets(bytes[offset...])]
  }

  private static func octets(_ octets: some Sequence<UInt8>) -> String {
    "Payload(octets: [\(octets.map { Hex.word($0, digits: 2) }.joined(separator: ", "))])"
  }

  private static func statement(_ header: any Header) -> String? {
    switch header {
    case let header as IPv4: header.options.isEmpty ? statement(header) : nil
    case let header as IPv6: statement(header)
    case let header as TCP: statement(header)
    case let header as UDP:
      call(
        "UDP",
        [
          ("from", text(header.sourcePort, unless: 53)), ("to", text(header.destinationPort, unless: 53)),
          ("length", text(header.length)), ("checksum", hex(header.checksum)),
        ])
    case let header as Ethernet:
      header.isLength
        ? nil
        : call(
          "Ethernet",
          [
            ("from", header.source == .zero ? nil : "\"\(header.source)\""),
            ("to", header.destination == .broadcast ? nil : "\"\(header.destination)\""),
            ("etherType", header.etherType.hand.map { Hex.word($0) }),
          ])
    case let header as ICMPv4:
      call(
        "ICMPv4",
        [
          ("type", String(header.type.rawValue)), ("code", text(header.code, unless: 0)),
          ("restOfHeader", header.restOfHeader == 0 ? nil : Hex.word(header.restOfHeader, digits: 8)),
          ("numbers", header.numbers.isEmpty ? nil : "\(header.numbers)"), ("checksum", hex(header.checksum)),
        ])
    case let header as Payload:
      if let text = plain(header.octets) { text } else { octets(header.octets) }
    case let header as Trailer:
      "Trailer(octets: [\(header.octets.map { Hex.word($0, digits: 2) }.joined(separator: ", "))])"
    default: nil
    }
  }

  private static func statement(_ header: IPv4) -> String {
    let flags = [
      (IPv4.Flags.moreFragments, ".moreFragments"), (.dontFragment, ".dontFragment"), (.reserved, ".reserved"),
    ]
    .filter { header.flags.contains($0.0) }.map(\.1)
    return call(
      "IPv4",
      [
        ("from", header.source == .any ? nil : "\"\(header.source)\""),
        ("to", header.destination == .loopback ? nil : "\"\(header.destination)\""),
        ("ttl", text(header.timeToLive, unless: 64)), ("typeOfService", text(header.typeOfService, unless: 0)),
        ("identification", text(header.identification, unless: 1)),
        ("flags", flags.isEmpty ? nil : "[\(flags.joined(separator: ", "))]"),
        ("fragmentOffset", text(header.fragmentOffset, unless: 0)), ("protocol", text(header.protocol)),
        ("version", text(header.version)), ("headerLength", text(header.headerLength)),
        ("totalLength", text(header.totalLength)), ("checksum", hex(header.checksum)),
      ])
  }

  private static func statement(_ header: IPv6) -> String {
    call(
      "IPv6",
      [
        ("from", header.source == .any ? nil : "\"\(header.source)\""),
        ("to", header.destination == .loopback ? nil : "\"\(header.destination)\""),
        ("hopLimit", text(header.hopLimit, unless: 64)), ("trafficClass", text(header.trafficClass, unless: 0)),
        ("flowLabel", text(header.flowLabel, unless: 0)), ("nextHeader", text(header.nextHeader)),
        ("version", text(header.version)), ("payloadLength", text(header.payloadLength)),
      ])
  }

  private static func statement(_ header: TCP) -> String {
    let names = [".fin", ".syn", ".rst", ".psh", ".ack", ".urg", ".ece", ".cwr", ".ae"]
    let flags = names.indices.filter { header.flags.rawValue >> UInt16($0) & 1 == 1 }.map { names[$0] }
    let options = header.options.map { option in
      switch option {
      case .endOfList: ".endOfList"
      case .noOperation: ".noOperation"
      case .mss(let size): ".mss(\(size))"
      case .windowScale(let shift): ".windowScale(\(shift))"
      case .sackPermitted: ".sackPermitted"
      case .sack(let blocks):
        ".sack([\(blocks.map { ".init(left: \($0.left), right: \($0.right))" }.joined(separator: ", "))])"
      case .timestamps(let value, let reply): ".timestamps(value: \(value), echoReply: \(reply))"
      case .option(let kind, let data): ".option(kind: \(kind), data: \(data))"
      case .octets(let octets): ".octets(\(octets))"
      }
    }
    return call(
      "TCP",
      [
        ("from", text(header.sourcePort, unless: 20)), ("to", text(header.destinationPort, unless: 80)),
        ("flags", header.flags == .syn ? nil : "[\(flags.joined(separator: ", "))]"),
        ("sequenceNumber", text(header.sequenceNumber, unless: 0)),
        ("acknowledgmentNumber", text(header.acknowledgmentNumber, unless: 0)),
        ("window", text(header.window, unless: 8192)), ("urgentPointer", text(header.urgentPointer, unless: 0)),
        ("options", options.isEmpty ? nil : "[\(options.joined(separator: ", "))]"),
        ("dataOffset", text(header.dataOffset)), ("reserved", text(header.reserved, unless: 0)),
        ("checksum", hex(header.checksum)),
      ])
  }

  private static func call(_ name: String, _ arguments: [(String, String?)]) -> String {
    "\(name)(\(arguments.compactMap { name, value in value.map { "\(name): \($0)" } }.joined(separator: ", ")))"
  }

  private static func text<Number: BinaryInteger>(_ number: Number, unless usual: Number) -> String? {
    number == usual ? nil : String(number)
  }
  private static func text(_ field: Field<some BinaryInteger>) -> String? { field.hand.map { String($0) } }
  private static func hex(_ field: Field<UInt16>) -> String? { field.hand.map { Hex.word($0) } }

  /// Text in quotes, where the octets are printable ASCII.
  private static func plain(_ octets: [UInt8]) -> String? {
    guard !octets.isEmpty, octets.allSatisfy({ (0x20..<0x7f).contains($0) }) else { return nil }
    let text = String(decoding: octets, as: UTF8.self)
    return "\"\(text.map { $0 == "\"" || $0 == "\\" ? "\\\($0)" : String($0) }.joined())\""
  }
}
