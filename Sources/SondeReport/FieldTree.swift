internal import SondeCapture
internal import SondeCraft
internal import SondeHeaders
internal import SondeOctets

/// All fields of a packet, one a line, with what each value means.
struct FieldTree {
  var isColored = false
  /// How the segment stands in its connection, where the packet is one.
  var standing: TCPStanding?

  /// What the capture says of the packet.
  func append(_ facts: FrameFacts, captured: Int, to text: inout TextOctets) {
    let record = facts.record
    title("Frame \(facts.number)", "\(record.originalLength) octets on the wire, \(captured) here", to: &text)
    if let time = record.timestamp { line("Time", rfc3339(time), to: &text) }
    if let interface = facts.interface { line("Interface", Self.clean(interface), to: &text) }
    if let direction = record.direction { line("Direction", direction == .inbound ? "in" : "out", to: &text) }
    for comment in record.comments { line("Comment", Self.clean(comment), to: &text) }
  }

  func append(_ layers: [LayerWalk.Layer], _ bytes: RawSpan, to text: inout TextOctets) {
    for layer in layers {
      let place = layer.byteCount > 0 ? "octets \(layer.offset) to \(layer.offset + layer.byteCount - 1)" : "no octets"
      if layer.isData {
        title(layer.title, "\(layer.byteCount) octets, from octet \(layer.offset)", to: &text)
        continue
      }
      title(layer.depth > 0 ? "\(layer.title), quoted" : layer.title, place, to: &text)
      for field in layer.header.fields { append(field, of: layer, bytes, to: &text) }
    }
  }

  func append(_ stop: Outline.Stop, to text: inout TextOctets) {
    title("Stopped", "in \(PacketLine.name(stop.layer)) at octet \(stop.offset): \(stop.error)", to: &text)
  }

  private func append(_ field: FieldSpec, of layer: LayerWalk.Layer, _ bytes: RawSpan, to text: inout TextOctets) {
    text += "  "
    FieldWords.append(field.name, to: &text)
    if case .structured = field.form, let value = layer.header.value(of: field), case .list(let values) = value,
      values.count > 1
    {
      text += ": \(values.count)\n"
      for value in values { text += "    \(value.notation)\n" }
      return
    }
    text += ": "
    field.append(of: layer.header, in: bytes, at: layer.offset, to: &text)
    end(FieldMeaning.of(field, layer, bytes, standing: standing), to: &text)
  }

  private func title(_ name: String, _ rest: String, to text: inout TextOctets) {
    text += isColored ? "\u{1b}[1m\(name)\u{1b}[0m, \(rest)\n" : "\(name), \(rest)\n"
  }

  private func line(_ name: String, _ value: String, to text: inout TextOctets) {
    text += "  "
    text += name
    text += ": "
    text += value
    end(nil, to: &text)
  }

  /// Goes on behind a value to the end of the line.
  private func end(_ meaning: String?, to text: inout TextOctets) {
    if let meaning {
      text += " ("
      text += meaning
      text.append(octet: 0x29)
    }
    text.append(octet: 0x0a)
  }

  /// Text of a file, without what would move a terminal's cursor.
  private static func clean(_ text: String) -> String {
    String(String.UnicodeScalarView(text.unicodeScalars.map { $0.value < 0x20 || $0.value == 0x7f ? " " : $0 }))
  }
}
