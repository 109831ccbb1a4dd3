internal import SondeHeaders
internal import SondeOctets

extension PacketLine {
  /// An ICMP message, with the request that an echo reply answers.
  mutating func appendICMPv4(
    _ sketch: PacketSketch, _ layer: Outline.Layer, _ bytes: RawSpan, _ facts: FrameFacts, to text: inout TextOctets
  ) {
    let offset = layer.offset
    let (type, code) = (bytes[offset], bytes[offset &+ 1])
    let start = text.count
    text += ICMPWords.v4(type)
    if type != 4 { text.append(spaces: 20 - (text.count - start)) }
    switch type {
    case 0, 8, 13...18:
      guard layer.byteCount >= 8 else { return }
      text += " id=0x"
      text.append(hex: UInt64(bytes.bigEndian(at: offset &+ 4, as: UInt16.self)), digits: 4)
      let sequence: UInt16 = bytes.bigEndian(at: offset &+ 6)
      text += ", seq="
      text.append(decimal: sequence)
      text += "/"
      text.append(decimal: sequence.byteSwapped)
      if sketch.ipOffset != nil {
        text += ", ttl="
        text.append(decimal: sketch.hopLimit)
      }
      if type == 8 || type == 0 {
        pair(sketch, bytes, offset, facts, request: 0x0800, isRequest: type == 8, to: &text)
      }
    case 3, 5, 6, 9, 11, 12, 40, 42, 43:
      text += " ("
      text += ICMPWords.code(type, code) ?? "Unknown code: \(code)"
      text += ")"
    case 4: text += " (flow control)"
    default: break
    }
  }

  mutating func appendICMPv6(
    _ sketch: PacketSketch, _ layer: Outline.Layer, _ bytes: RawSpan, _ facts: FrameFacts, to text: inout TextOctets
  ) {
    let offset = layer.offset
    let end = max(min(layer.end, bytes.byteCount), offset &+ 4)
    let (type, code) = (bytes[offset], bytes[offset &+ 1])
    text += ICMPWords.v6(type)
    switch type {
    case 128, 129:
      guard end >= offset &+ 8 else { return }
      text += " id=0x"
      text.append(hex: UInt64(bytes.bigEndian(at: offset &+ 4, as: UInt16.self)), digits: 4)
      text += ", seq="
      text.append(decimal: bytes.bigEndian(at: offset &+ 6, as: UInt16.self))
      if sketch.ipOffset != nil {
        text += ", hop limit="
        text.append(decimal: sketch.hopLimit)
      }
      pair(sketch, bytes, offset, facts, request: 0x8000, isRequest: type == 128, to: &text)
    case 1, 3, 4, 160, 161:
      text += " ("
      text += ICMPWords.code6(type, code) ?? "Unknown (\(code))"
      text += ")"
    case 133...136: appendDiscovery(type, bytes.extracting(offset..<end), to: &text)
    default: break
    }
  }

  /// Neighbour discovery: who is meant, and the link-layer address of the first option that has one (RFC 4861 §4).
  private func appendDiscovery(_ type: UInt8, _ message: RawSpan, to text: inout TextOctets) {
    var options = type == 133 ? 8 : type == 134 ? 16 : 24
    guard message.byteCount >= options else { return }
    if type >= 135 {
      text += type == 135 ? " for " : " "
      text.append(ipv6: IPv6Address(high: message.bigEndian(at: 8), low: message.bigEndian(at: 16)))
    }
    if type == 136 {
      let names = [(0x80, "rtr"), (0x40, "sol"), (0x20, "ovr")].filter { message[4] & UInt8($0.0) != 0 }.map(\.1)
      text += " (" + (names.isEmpty ? "none" : names.joined(separator: ", ")) + ")"
    }
    while options &+ 8 <= message.byteCount, message[options &+ 1] > 0 {
      if message[options] == (type == 136 ? 2 : 1), message[options &+ 1] == 1 {
        text += type == 136 ? " is at " : " from "
        return text.append(mac: message.bigEndian(at: options, as: UInt64.self) & 0xffff_ffff_ffff)
      }
      options &+= Int(message[options &+ 1]) &* 8
    }
  }

  /// Keeps a request, and names the one that a reply answers.
  private mutating func pair(
    _ sketch: PacketSketch, _ bytes: RawSpan, _ offset: Int, _ facts: FrameFacts, request: UInt32, isRequest: Bool,
    to text: inout TextOctets
  ) {
    // What the checksum would be without the type (RFC 1624): replies differ from requests in that alone. IPv6 sums
    // the addresses too, which change places and so leave the sum.
    let typed = isRequest ? request : request == 0x0800 ? 0 : 0x8100
    let untyped = UInt32(~bytes.bigEndian(at: offset &+ 2, as: UInt16.self)) &+ (0xffff &- typed)
    let sum = UInt16(truncatingIfNeeded: (untyped & 0xffff) &+ (untyped &>> 16))
    let (asker, asked) = isRequest ? (sketch.source, sketch.destination) : (sketch.destination, sketch.source)
    let key = EchoKey(
      asker: asker.endpoint, asked: asked.endpoint, number: bytes.bigEndian(at: offset &+ 4),
      sum: sum == 0xffff ? 0 : sum)
    if isRequest {
      echoes.ask(key, frame: facts.number)
    } else if let frame = echoes.answer(key) {
      text += " (request in "
      text.append(decimal: frame)
      text += ")"
    }
  }
}
