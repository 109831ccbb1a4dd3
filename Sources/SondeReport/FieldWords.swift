/// Names of fields as people read them.
enum FieldWords {
  /// Names that are letters, not words.
  private static let acronyms: Set<String> = ["mtu", "tsn", "srh", "tlv", "id"]

  /// `sourcePort` as "Source port".
  static func name(_ field: String) -> String {
    if acronyms.contains(field) { return field.uppercased() }
    var octets: [UInt8] = []
    for octet in field.utf8 {
      if octets.isEmpty, 0x61...0x7a ~= octet {
        octets.append(octet & 0xdf)
      } else if 0x41...0x5a ~= octet, !octets.isEmpty {
        octets += [0x20, octet | 0x20]
      } else {
        octets.append(octet)
      }
    }
    return String(decoding: octets, as: UTF8.self)
  }
}
