/// Names of fields as people read them.
enum FieldWords {
  /// Names that are letters, not words.
  private static let acronyms: Set<String> = ["mtu", "tsn", "srh", "tlv", "id"]

  /// `sourcePort` as "Source port".
  static func name(_ field: String) -> String {
    if acronyms.contains(field) { return field.uppercased() }
    var text = ""
    for character in field {
      if character.isUppercase, !text.isEmpty {
        text += " " + character.lowercased()
      } else {
        text += text.isEmpty ? character.uppercased() : String(character)
      }
    }
    return text
  }
}
