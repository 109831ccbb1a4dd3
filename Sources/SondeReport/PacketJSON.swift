internal import SondeCapture
internal import SondeCraft
internal import SondeHeaders
internal import SondeOctets

// A packet as one object on a line: the documented object of `decode --json`.
extension PacketPrinter {
  mutating func appendJSON(_ bytes: RawSpan, _ facts: FrameFacts, to text: inout TextOctets) {
    let octets = bytes.octets
    let dissection = Registry.dissect(octets, as: facts.start)
    let record = facts.record
    text += "{\"type\":\"packet\",\"frame\":"
    text.append(decimal: facts.number)
    text.append(key: "time")
    text += record.timestamp.map { "\"\(rfc3339($0))\"" } ?? "null"
    text.append(key: "length")
    text.append(decimal: max(0, record.originalLength))
    text.append(key: "captured")
    text.append(decimal: bytes.byteCount)
    appendMore(facts, to: &text)
    text.append(key: "layers")
    append(LayerWalk(dissection).layers, bytes, to: &text)
    text.append(key: "payload")
    text.append(hexOf: dissection.payload.rawSpan)
    text.append(key: "stopped")
    if let stop = dissection.stopped {
      text.append(octet: 0x7b)
      text.append(key: "layer", isFirst: true)
      text.append(quoted: stop.layer.rawValue)
      text.append(key: "offset")
      text.append(decimal: stop.offset)
      text.append(key: "reason")
      text.append(quoted: stop.error.description)
      text.append(octet: 0x7d)
    } else {
      text += "null"
    }
    text.append(key: "summary")
    scratch.clear()
    outline.read(bytes, as: facts.start)
    line.appendSummary(bytes, outline, facts, to: &scratch)
    text.append(quoted: scratch.octets)
    text.append(key: "recipe")
    scratch.clear()
    dissection.appendRecipe(to: &scratch)
    text.append(quoted: scratch.octets)
    text += "}\n"
  }

  /// What not every capture tells.
  private func appendMore(_ facts: FrameFacts, to text: inout TextOctets) {
    if let word = facts.readAs {
      text.append(key: "as")
      text.append(quoted: word)
    }
    if let name = facts.interface {
      text.append(key: "interface")
      text.append(quoted: name)
    }
    if let direction = facts.record.direction {
      text.append(key: "direction")
      text.append(quoted: direction == .inbound ? "in" : "out")
    }
    if case .link(let number) = facts.start {
      text.append(key: "link_type")
      text.append(decimal: number)
    }
    if facts.sumsAreUnfinished { text += ",\"checksum_not_ready\":true" }
    guard !facts.record.comments.isEmpty else { return }
    text.append(key: "comments")
    text.append(octet: 0x5b)
    for (index, comment) in facts.record.comments.enumerated() {
      if index > 0 { text.append(octet: 0x2c) }
      text.append(quoted: comment)
    }
    text.append(octet: 0x5d)
  }

  private func append(_ layers: [LayerWalk.Layer], _ bytes: RawSpan, to text: inout TextOctets) {
    text.append(octet: 0x5b)
    var isFirst = true
    for layer in layers where layer.depth > 0 || !layer.isPayload {
      if !isFirst { text.append(octet: 0x2c) }
      isFirst = false
      text.append(octet: 0x7b)
      text.append(key: "name", isFirst: true)
      text.append(quoted: layer.name)
      text.append(key: "offset")
      text.append(decimal: layer.offset)
      if layer.depth > 0 { text += ",\"quoted\":true" }
      text.append(key: "fields")
      text.append(octet: 0x7b)
      if layer.isData {
        text.append(key: "load", isFirst: true)
        let end = min(layer.offset + layer.byteCount, bytes.byteCount)
        text.append(hexOf: bytes.extracting(min(layer.offset, end)..<end))
        text += "}}"
        continue
      }
      for (index, field) in layer.header.fields.enumerated() {
        text.append(key: field.alias, isFirst: index == 0)
        append(field, of: layer, bytes, to: &text)
      }
      text += "}}"
    }
    text.append(octet: 0x5d)
  }

  /// Numbers as numbers, octets in hexadecimal, all else as text.
  private func append(_ field: FieldSpec, of layer: LayerWalk.Layer, _ bytes: RawSpan, to text: inout TextOctets) {
    switch field.form {
    case .number, .hexadecimal, .flags:
      if let number = field.number(in: bytes, at: layer.offset) { return text.append(decimal: number) }
      text.append(hexOf: field.octets(in: bytes, at: layer.offset))
    case .octets: text.append(hexOf: field.octets(in: bytes, at: layer.offset))
    case .ipv4Address, .ipv6Address, .macAddress:
      text.append(octet: 0x22)
      field.append(of: layer.header, in: bytes, at: layer.offset, to: &text)
      text.append(octet: 0x22)
    case .structured: text.append(quoted: field.text(of: layer.header, in: bytes, at: layer.offset))
    }
  }
}
