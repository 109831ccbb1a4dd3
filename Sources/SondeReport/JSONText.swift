internal import SondeOctets

extension TextOctets {
  /// Text between quotation marks, as RFC 8259 §7 has it.
  mutating func append(quoted text: String) { append(quoted: text.utf8) }

  /// Text in UTF-8 between quotation marks.
  mutating func append(quoted text: some Sequence<UInt8>) {
    append(octet: 0x22)
    for octet in text {
      switch octet {
      case 0x22, 0x5c:
        append(octet: 0x5c)
        append(octet: octet)
      case 0..<0x20, 0x7f:
        append("\\u00")
        append(hex: UInt64(octet), digits: 2)
      default: append(octet: octet)
      }
    }
    append(octet: 0x22)
  }

  /// A member's name, a comma before it unless it is the first one.
  mutating func append(key: String, isFirst: Bool = false) {
    if !isFirst { append(octet: 0x2c) }
    append(quoted: key)
    append(octet: 0x3a)
  }

  /// Octets as lower-case hexadecimal between quotation marks.
  mutating func append(hexOf bytes: RawSpan) {
    append(octet: 0x22)
    for index in 0..<bytes.byteCount { append(hex: UInt64(bytes[index]), digits: 2) }
    append(octet: 0x22)
  }
}
