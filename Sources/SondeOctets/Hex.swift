/// Octets as hexadecimal text.
public enum Hex {
  /// Two lower-case digits an octet, nothing between them.
  public static func text(_ octets: some Sequence<UInt8>) -> String {
    var text: [UInt8] = []
    text.reserveCapacity(octets.underestimatedCount * 2)
    for octet in octets {
      text.append(character(octet >> 4))
      text.append(character(octet & 0xf))
    }
    return String(decoding: text, as: UTF8.self)
  }

  /// A number as `0x` and at least `digits` lower-case digits.
  public static func word(_ value: some BinaryInteger, digits: Int = 4) -> String {
    let text = String(value, radix: 16)
    return "0x" + String(repeating: "0", count: max(0, digits - text.count)) + text
  }

  /// The value of one hexadecimal character, upper or lower case.
  public static func digit(_ character: UInt8) -> UInt8? {
    switch character {
    case 0x30...0x39: character - 0x30
    case 0x41...0x46: character - 0x41 + 10
    case 0x61...0x66: character - 0x61 + 10
    default: nil
    }
  }

  private static func character(_ digit: UInt8) -> UInt8 { digit < 10 ? 0x30 + digit : 0x61 + digit - 10 }
}
