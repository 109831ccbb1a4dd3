public import SondeHeaders
internal import SondeOctets

// Values as recipes print them.

extension FieldSpec.Form {
  /// A number of at most 64 bits as this form is written.
  func text(of number: UInt64, digits: Int) -> String {
    switch self {
    case .hexadecimal: return Hex.word(number, digits: digits)
    case .ipv4Address: return "'\(IPv4Address(rawValue: UInt32(truncatingIfNeeded: number)))'"
    case .macAddress:
      let octets = (0..<6).map { UInt8(truncatingIfNeeded: number >> (40 - 8 * UInt64($0))) }
      return "'\(octets.map { Hex.text([$0]) }.joined(separator: ":"))'"
    case .flags(let names):
      guard number != 0, number >> UInt64(names.count) == 0 else { return String(number) }
      let set = names.indices.filter { number >> UInt64($0) & 1 == 1 }.map { names[$0] }
      return "'\(set.joined(separator: names.allSatisfy { $0.utf8.count == 1 } ? "" : "+"))'"
    default: return String(number)
    }
  }
}

extension FieldValue {
  /// The value as a recipe writes it, which is as Python does.
  public var notation: String {
    var line: [UInt8] = []
    append(to: &line)
    return String(decoding: line, as: UTF8.self)
  }

  /// Appends the value as Python writes it.
  func append(to line: inout [UInt8]) {
    switch self {
    case .none: line += Array("None".utf8)
    case .number(let number): line += Array(String(number).utf8)
    case .text(let text): Self.append(text, to: &line)
    case .octets(let octets): appendLiteral(octets, to: &line)
    case .list(let values): Self.append(values, "[", "]", to: &line)
    case .tuple(let values):
      Self.append(values, "(", values.count == 1 ? ",)" : ")", to: &line)
    case .forms(let forms):
      for (index, form) in forms.enumerated() {
        if index > 0 { line.append(0x2f) }
        form.append(to: &line)
      }
    }
  }

  private static func append(_ values: [FieldValue], _ open: String, _ close: String, to line: inout [UInt8]) {
    line += Array(open.utf8)
    for (index, value) in values.enumerated() {
      if index > 0 { line += [0x2c, 0x20] }
      value.append(to: &line)
    }
    line += Array(close.utf8)
  }

  /// Text is written in quotes; what is not plain ASCII by its octets would read as characters, so by its numbers.
  private static func append(_ text: String, to line: inout [UInt8]) {
    line.append(0x27)
    for scalar in text.unicodeScalars {
      switch scalar.value {
      case 0x27, 0x5c: line += [0x5c, UInt8(scalar.value)]
      case 0x20..<0x7f: line.append(UInt8(scalar.value))
      default:
        let digits = String(scalar.value, radix: 16)
        line += Array("\\U\(String(repeating: "0", count: 8 - digits.count))\(digits)".utf8)
      }
    }
    line.append(0x27)
  }
}

extension FieldValue.Form {
  func append(to line: inout [UInt8]) {
    line += Array(name.utf8)
    line.append(0x28)
    for (index, argument) in arguments.enumerated() {
      if index > 0 { line += [0x2c, 0x20] }
      if !argument.name.isEmpty { line += Array("\(argument.name)=".utf8) }
      argument.value.append(to: &line)
    }
    line.append(0x29)
  }
}
