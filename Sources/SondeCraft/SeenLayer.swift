internal import SondeHeaders
internal import SondeOctets

/// A layer of a packet that was seen, under the name that recipes give it where it stands.
struct SeenLayer {
  var name: String
  var header: any Header
  /// The octets that it lies in.
  var bytes: [UInt8]
  var offset: Int
  /// Whether the octets end within it, as in a quote: fields behind the end are not there.
  var isCut = false

  /// Quotes that lie deeper in each other are not looked into.
  private static let deepest = 4

  /// The layers of a packet, those of what it quotes among them, outermost first.
  static func all(of packet: Dissection, depth: Int = 0) -> [SeenLayer] {
    var layers: [SeenLayer] = []
    for layer in packet.layers {
      if let stop = packet.stopped, layer.offset == stop.offset, layer.header is Payload, depth > 0 {
        if let cut = cut(packet.bytes, stop) { layers.append(cut) }
        continue
      }
      if layer.header is Quote {
        guard depth < deepest else { continue }
        let quoted = Array(packet.bytes[layer.offset..<layer.offset + layer.place.byteCount])
        layers += all(of: Registry.dissect(quoted, as: .quote), depth: depth + 1)
        continue
      }
      let name = name(of: layer.header, isQuoted: depth > 0)
      layers.append(SeenLayer(name: name, header: layer.header, bytes: packet.bytes, offset: layer.offset))
    }
    return layers
  }

  static func name(of header: any Header, isQuoted: Bool) -> String {
    if let name = header.recipeName(isQuoted: isQuoted) { return name }
    let names = type(of: header).recipeNames
    return (isQuoted && names.count > 1 ? names[1] : names.first) ?? type(of: header).name.rawValue
  }

  /// What is there of a layer that the octets end in: at least eight of them are quoted (RFC 792).
  private static func cut(_ bytes: [UInt8], _ stop: Dissection.Stop) -> SeenLayer? {
    guard let type = Registry.known.first(where: { $0.name == stop.layer }), case .short = stop.error.reason else {
      return nil
    }
    var filled = bytes + [UInt8](repeating: 0, count: 64)
    // A TCP header whose length is cut off is taken to be one without options.
    if type == TCP.self, stop.offset + 12 >= bytes.count { filled[stop.offset + 12] = 0x50 }
    var reader = Reader(filled.rawSpan, at: stop.offset)
    guard let header = try? type.init(from: &reader) else { return nil }
    return SeenLayer(
      name: name(of: header, isQuoted: true), header: header, bytes: bytes, offset: stop.offset, isCut: true)
  }

  /// The field that a recipe calls so; nil where this header has none of that name.
  func field(_ name: String) -> FieldSpec? {
    let spec = header.recipeFields.first { $0.isCalled(name) } ?? header.fields.first { $0.isCalled(name) }
    guard let spec, !isCut || offset * 8 + spec.bits.upperBound <= bytes.count * 8 else { return nil }
    return spec
  }

  func number(of field: FieldSpec) -> UInt64? { field.number(in: bytes.rawSpan, at: offset) }

  /// The value as a recipe would write it.
  func value(of field: FieldSpec) -> FieldValue {
    let octets: [UInt8] = {
      let start = min(offset + field.bits.lowerBound / 8, bytes.count)
      return Array(bytes[start..<max(start, min(offset + field.bits.upperBound / 8, bytes.count))])
    }()
    switch field.form {
    case .structured: return header.value(of: field) ?? .octets(octets)
    case .octets: return .octets(octets)
    case .ipv4Address:
      return .text(IPv4Address(rawValue: UInt32(truncatingIfNeeded: number(of: field) ?? 0)).description)
    case .ipv6Address:
      guard octets.count == 16 else { return .octets(octets) }
      return .text(
        IPv6Address(high: octets.rawSpan.bigEndian(at: 0), low: octets.rawSpan.bigEndian(at: 8)).description)
    case .macAddress: return .text(MACAddress(rawValue: number(of: field) ?? 0).description)
    case .number, .hexadecimal, .flags: return number(of: field).map { .number($0) } ?? .octets(octets)
    }
  }

  /// The value for a reader, numbers in the base in which `expected` has them.
  func text(of field: FieldSpec, beside expected: String) -> String {
    let value = value(of: field)
    guard case .number(let number) = value else { return value.shortened }
    var line = TextOctets()
    let isHexadecimal = expected.hasPrefix("0x") && field.form == .number
    (isHexadecimal ? .hexadecimal : field.form).append(number, digits: (field.bits.count + 3) / 4, to: &line)
    return String(decoding: line.octets, as: UTF8.self)
  }
}

extension FieldValue {
  /// The value as a recipe writes it, not for ever.
  var shortened: String {
    switch self {
    case .octets(let octets) where octets.count > 64:
      "\(FieldValue.octets(Array(octets.prefix(60))).notation)… (\(octets.count) octets)"
    case .text(let text) where text.utf8.count > 64:
      "\(FieldValue.text(String(text.prefix(60))).notation)… (\(text.utf8.count) octets)"
    default: notation
    }
  }
}
