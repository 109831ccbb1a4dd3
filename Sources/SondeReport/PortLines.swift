internal import SondeCapture
internal import SondeHeaders
internal import SondeOctets

/// The two ports that many transports begin with.
enum PortsText {
  /// The protocols that begin so, by what they call their fields.
  private static let protocols: Set<ObjectIdentifier> = {
    let types = Registry.known.filter { type in
      let header: (any Header)? = type.recipeNames.first.flatMap { type.blank($0) }
      return header?.fields.prefix(2).map(\.alias) == ["sport", "dport"]
    }
    return Set(types.map { ObjectIdentifier($0) })
  }()

  /// Whether headers of this type begin with two ports.
  static func stand(in type: any Header.Type) -> Bool { protocols.contains(ObjectIdentifier(type)) }

  /// A packet of a transport of which no more is known than its ports.
  static func append(_ layer: Outline.Layer, _ bytes: RawSpan, to text: inout TextOctets) {
    append(bytes, layer.offset, to: &text)
    text += " Len="
    text.append(decimal: max(0, layer.end - layer.offset - layer.byteCount))
  }

  static func append(_ bytes: RawSpan, _ offset: Int, to text: inout TextOctets) {
    text.append(decimal: bytes.bigEndian(at: offset, as: UInt16.self))
    text += " → "
    text.append(decimal: bytes.bigEndian(at: offset &+ 2, as: UInt16.self))
  }
}

/// The echo protocol (RFC 862), the one application that a port alone tells.
enum EchoPort {
  private static let port: UInt16 = 7

  /// Whether the datagram or segment carries data from or to the echo port.
  static func isSpoken(_ sketch: PacketSketch, _ bytes: RawSpan, _ layer: Outline.Layer) -> Bool {
    guard layer.offset &+ layer.byteCount < sketch.ipEnd else { return false }
    return isRequest(bytes, layer) || isResponse(bytes, layer)
  }

  static func isRequest(_ bytes: RawSpan, _ layer: Outline.Layer) -> Bool {
    bytes.bigEndian(at: layer.offset &+ 2, as: UInt16.self) == port
  }

  private static func isResponse(_ bytes: RawSpan, _ layer: Outline.Layer) -> Bool {
    bytes.bigEndian(at: layer.offset, as: UInt16.self) == port
  }
}

/// A UDP datagram.
enum UDPLine {
  static func append(_ sketch: PacketSketch, _ layer: Outline.Layer, _ bytes: RawSpan, to text: inout TextOctets) {
    if EchoPort.isSpoken(sketch, bytes, layer) {
      return text += EchoPort.isRequest(bytes, layer) ? "Request" : "Response"
    }
    PortsText.append(bytes, layer.offset, to: &text)
    let length = Int(bytes.bigEndian(at: layer.offset &+ 4, as: UInt16.self))
    let available = sketch.ipEnd - layer.offset
    // A jumbogram says zero (RFC 2675 §4).
    if length < 8, !(length == 0 && available > 65_535) {
      text += " [BAD UDP LENGTH \(length) < 8]"
      return
    }
    if length > available, !layer.isFragment { text += " [BAD UDP LENGTH \(length) > IP PAYLOAD LENGTH]" }
    text += " Len="
    text.append(decimal: (length == 0 ? available : length) - 8)
  }
}

extension PacketLine {
  /// A TCP segment, as it stands in its connection.
  mutating func appendTCP(
    _ sketch: PacketSketch, _ layer: Outline.Layer, _ bytes: RawSpan, _ facts: FrameFacts, to text: inout TextOctets
  ) {
    let offset = layer.offset
    let flags = bytes.bigEndian(at: offset &+ 12, as: UInt16.self)
    let options = bytes.extracting(offset &+ 20..<offset &+ layer.byteCount)
    let length = UInt32(clamping: sketch.ipEnd - offset - layer.byteCount)
    let segment = TCPSegment(
      sequence: bytes.bigEndian(at: offset &+ 4), acknowledgment: bytes.bigEndian(at: offset &+ 8),
      flags: flags & 0x1ff, window: bytes.bigEndian(at: offset &+ 14), length: length,
      windowShift: flags & TCPSegment.syn != 0 ? TCPOptionText.windowShift(options) : nil, frame: facts.number,
      time: facts.record.timestamp ?? 0)
    let standing = flows.take(
      segment, from: sketch.source.endpoint, bytes.bigEndian(at: offset), to: sketch.destination.endpoint,
      bytes.bigEndian(at: offset &+ 2))
    lastStanding = standing
    if !standing.remarks.isEmpty { TCPRemarks.append(standing, to: &text) }
    if showsServices, EchoPort.isSpoken(sketch, bytes, layer) {
      return text += EchoPort.isRequest(bytes, layer) ? "Request" : "Response"
    }
    PortsText.append(bytes, offset, to: &text)
    text += " ["
    TCPFlagsText.append(flags & 0xfff, to: &text)
    text += "] Seq="
    text.append(decimal: standing.sequence)
    if segment.has(TCPSegment.ack) {
      text += " Ack="
      text.append(decimal: standing.acknowledgment)
    }
    text += " Win="
    text.append(decimal: standing.window)
    if flags & 0x20 != 0 {
      text += " Urg="
      text.append(decimal: bytes.bigEndian(at: offset &+ 18, as: UInt16.self))
    }
    text += " Len="
    text.append(decimal: length)
    if options.byteCount > 0 { TCPOptionText.append(options, base: standing.acknowledgmentBase, to: &text) }
  }
}
