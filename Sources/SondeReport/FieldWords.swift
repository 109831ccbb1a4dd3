internal import SondeOctets

/// Names of fields as people read them.
enum FieldWords {
  /// Names that are letters, not words.
  private static let acronyms: Set<String> = ["mtu", "tsn", "srh", "tlv", "id"]

  /// `sourcePort` as "Source port".
  static func name(_ field: String) -> String {
    var text = TextOctets()
    append(field, to: &text)
    return String(decoding: text.octets, as: UTF8.self)
  }

  /// Appends what `name` is.
  static func append(_ field: String, to text: inout TextOctets) {
    if field.utf8.count < 4, acronyms.contains(field) { return text += field.uppercased() }
    var isFirst = true
    for octet in field.utf8 {
      if isFirst, 0x61...0x7a ~= octet {
        text.append(octet: octet & 0xdf)
      } else if 0x41...0x5a ~= octet, !isFirst {
        text.append(octet: 0x20)
        text.append(octet: octet | 0x20)
      } else {
        text.append(octet: octet)
      }
      isFirst = false
    }
  }
}
