internal import SondeHeaders
internal import SondeOctets

// The line itself.
extension RecipePrinter {
  mutating func append(to line: inout TextOctets) {
    while !layers.isEmpty, !settles() { layers.removeLast() }
    for (index, layer) in layers.enumerated() {
      if index > 0 { line.append(octet: 0x2f) }
      append(layer, to: &line)
    }
    let rest = layers.last.map { $0.offset + $0.byteCount } ?? 0
    if rest < end || layers.isEmpty {
      line += layers.isEmpty ? "Raw(load=" : "/Raw(load="
      line.append(literal: bytes[min(rest, end)..<end])
      line.append(octet: 0x29)
    }
    if end < bytes.count {
      line += "/Padding(load="
      line.append(literal: bytes[end...])
      line.append(octet: 0x29)
    }
  }

  private func append(_ layer: Layer, to line: inout TextOctets) {
    line += layer.name
    line.append(octet: 0x28)
    var isFirst = true
    // From where to where first: it says the most.
    for isFirstPart in [true, false] {
      for index in layer.fields.indices where layer.isWritten[index] {
        let field = layer.fields[index]
        guard (field.alias == "src" || field.alias == "dst") == isFirstPart else { continue }
        if !isFirst { line += ", " }
        isFirst = false
        line += field.alias
        line.append(octet: 0x3d)
        appendValue(of: field, layer.values.isEmpty ? nil : layer.values[index], at: layer.offset, to: &line)
      }
    }
    line.append(octet: 0x29)
  }

  private func appendValue(of field: FieldSpec, _ value: FieldValue?, at offset: Int, to line: inout TextOctets) {
    if let value { return value.append(to: &line) }
    if case .octets = field.form {
      let start = offset + field.bits.lowerBound / 8
      return line.append(literal: bytes[start..<max(start, offset + field.bits.upperBound / 8)])
    }
    if case .ipv6Address = field.form {
      line.append(octet: 0x27)
      line.append(ipv6: ipv6Address(field, at: offset))
      return line.append(octet: 0x27)
    }
    field.form.append(number(field, at: offset) ?? 0, digits: (field.bits.count + 3) / 4, to: &line)
  }
}
