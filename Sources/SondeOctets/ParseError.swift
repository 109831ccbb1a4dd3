/// Why bytes, or the text of bytes, could not be read as what they were said to be.
public struct ParseError: Error, Hashable, Sendable, CustomStringConvertible {
  /// What was wrong.
  public enum Reason: Hashable, Sendable {
    /// The bytes ended: `needed` octets were wanted where `available` were left.
    case short(needed: Int, available: Int)
    /// A field holds what no such header can hold; `limit` says which rule was broken.
    case illegal(field: String, value: UInt64, limit: String)
    /// Hexadecimal text holds a character that does not belong there.
    case notHexadecimal(character: Character)
    /// Hexadecimal text ends, or goes on to the next word, after `0x` without a digit or after a
    /// separator without a word.
    case noDigits
    /// A word of hexadecimal text has an odd number of digits, so that its octets cannot be told.
    case oddDigits(word: String)
  }

  public var reason: Reason
  /// The offset, in octets, of the first octet of the field at fault, counted from the start of the
  /// bytes that the reader was made over; for text, the offset in characters of what is at fault.
  public var offset: Int

  public init(_ reason: Reason, at offset: Int) {
    self.reason = reason
    self.offset = offset
  }

  public var description: String {
    switch reason {
    case .short(let needed, let available):
      "\(needed) \(needed == 1 ? "octet" : "octets") needed at offset \(offset), \(available) left"
    case .illegal(let field, let value, let limit):
      "\(field) \(value) at offset \(offset): \(limit)"
    case .notHexadecimal(let character):
      "\(String(character).debugDescription) at character \(offset + 1) is no hexadecimal digit"
    case .noDigits:
      "hexadecimal digits are missing at character \(offset + 1)"
    case .oddDigits(let word):
      "\"\(word)\" at character \(offset + 1) has an odd number of hexadecimal digits; two make an octet"
    }
  }
}
