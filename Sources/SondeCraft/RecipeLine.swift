internal import SondeHeaders
internal import SondeOctets

// The line itself.
extension RecipePrinter {
  func join(_ line: inout [UInt8]) { if !line.isEmpty { line.append(0x2f) } }

  func append(_ layer: Layer, to line: inout [UInt8]) {
    join(&line)
    line += Array(layer.name.utf8)
    line.append(0x28)
    var isFirst = true
    // From where to where first: it says the most.
    for isFirstPart in [true, false] {
      for (index, field) in layer.fields.enumerated() where layer.isWritten[index] {
        guard (field.alias == "src" || field.alias == "dst") == isFirstPart else { continue }
        if !isFirst { line += [0x2c, 0x20] }
        isFirst = false
        line += Array(field.alias.utf8)
        line.append(0x3d)
        appendValue(of: field, layer.values.isEmpty ? nil : layer.values[index], at: layer.offset, to: &line)
      }
    }
    line.append(0x29)
  }

  private func appendValue(of field: FieldSpec, _ value: FieldValue?, at offset: Int, to line: inout [UInt8]) {
    if let value { return value.append(to: &line) }
    let start = offset + field.bits.lowerBound / 8
    let octets = bytes[start..<max(start, offset + field.bits.upperBound / 8)]
    switch field.form {
    case .octets: appendLiteral(octets, to: &line)
    case .ipv6Address: line += Array("'\(ipv6Address(field, at: offset))'".utf8)
    default:
      let number = number(field, at: offset) ?? 0
      line += Array(field.form.text(of: number, digits: (field.bits.count + 3) / 4).utf8)
    }
  }
}
