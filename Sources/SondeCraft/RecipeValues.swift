public import SondeHeaders
internal import SondeOctets

// Values as recipes print them.

extension FieldSpec.Form {
  /// Appends a number of at most 64 bits as this form is written.
  func append(_ number: UInt64, digits: Int, to line: inout TextOctets) {
    switch self {
    case .hexadecimal:
      line += "0x"
      line.append(hex: number, digits: digits)
    case .ipv4Address:
      line.append(octet: 0x27)
      line.append(ipv4: UInt32(truncatingIfNeeded: number))
      line.append(octet: 0x27)
    case .macAddress:
      line.append(octet: 0x27)
      line.append(mac: number)
      line.append(octet: 0x27)
    case .flags(let names):
      guard number != 0, number >> UInt64(names.count) == 0 else { return line.append(decimal: number) }
      let set = names.indices.filter { number >> UInt64($0) & 1 == 1 }.map { names[$0] }
      line += "'\(set.joined(separator: names.allSatisfy { $0.utf8.count == 1 } ? "" : "+"))'"
    default: line.append(decimal: number)
    }
  }
}

extension FieldValue {
  /// The value as a recipe writes it, which is as Python does.
  public var notation: String {
    var line = TextOctets()
    append(to: &line)
    return String(decoding: line.octets, as: UTF8.self)
  }

  /// Appends the value as Python writes it.
  func append(to line: inout TextOctets) {
    switch self {
    case .none: line += "None"
    case .number(let number): line.append(decimal: number)
    case .text(let text): Self.append(text, to: &line)
    case .octets(let octets): line.append(literal: octets)
    case .list(let values): Self.append(values, "[", "]", to: &line)
    case .tuple(let values): Self.append(values, "(", values.count == 1 ? ",)" : ")", to: &line)
    case .forms(let forms):
      for (index, form) in forms.enumerated() {
        if index > 0 { line.append(octet: 0x2f) }
        form.append(to: &line)
      }
    }
  }

  private static func append(_ values: [FieldValue], _ open: String, _ close: String, to line: inout TextOctets) {
    line += open
    for (index, value) in values.enumerated() {
      if index > 0 { line += ", " }
      value.append(to: &line)
    }
    line += close
  }

  /// Text is written in quotes; what is not plain ASCII by its octets would read as characters, so by its numbers.
  private static func append(_ text: String, to line: inout TextOctets) {
    line.append(octet: 0x27)
    for scalar in text.unicodeScalars {
      switch scalar.value {
      case 0x27, 0x5c:
        line.append(octet: 0x5c)
        line.append(octet: UInt8(scalar.value))
      case 0x20..<0x7f: line.append(octet: UInt8(scalar.value))
      default:
        line += "\\U"
        line.append(hex: UInt64(scalar.value), digits: 8)
      }
    }
    line.append(octet: 0x27)
  }
}

extension FieldValue.Form {
  func append(to line: inout TextOctets) {
    line += name
    line.append(octet: 0x28)
    for (index, argument) in arguments.enumerated() {
      if index > 0 { line += ", " }
      if !argument.name.isEmpty {
        line += argument.name
        line.append(octet: 0x3d)
      }
      argument.value.append(to: &line)
    }
    line.append(octet: 0x29)
  }
}
