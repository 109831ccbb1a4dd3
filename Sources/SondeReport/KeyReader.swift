/// Makes keys of the octets that a terminal sends for them (console_codes(4), terminfo of xterm).
struct KeyReader: Sendable {
  enum Key: Hashable, Sendable {
    case character(Character)
    case `return`, tab, backspace, delete
    /// Control-D.
    case deleteOrEnd
    /// Control-C.
    case interrupt
    case left, right, up, down, wordLeft, wordRight, home, toEnd
    case cutToEnd, cutToStart, cutWord, paste, redraw
    /// One that does nothing here.
    case other
  }

  private enum Place: Sendable {
    case ground
    /// Behind Escape.
    case escape
    /// Behind Escape and `[`.
    case sequence
    /// Behind Escape and `O`.
    case single
  }

  private var place = Place.ground
  private var parameters: [UInt8] = []
  private var pending: [UInt8] = []
  /// Whether Return was the last key: a line feed behind it is the same key.
  private var hasReturned = false

  /// Takes in an octet; nil as long as more belong to the key.
  mutating func take(_ octet: UInt8) -> Key? {
    switch place {
    case .ground: return ground(octet)
    case .escape: return behindEscape(octet)
    case .single:
      place = .ground
      return Self.letter(octet, isWord: false)
    case .sequence:
      if (0x20..<0x40).contains(octet) {
        if parameters.count < 16 { parameters.append(octet) }
        return nil
      }
      place = .ground
      return sequence(octet)
    }
  }

  private mutating func ground(_ octet: UInt8) -> Key? {
    let followsReturn = hasReturned
    hasReturned = octet == 0x0d
    if octet >= 0x80 || !pending.isEmpty { return character(octet) }
    switch octet {
    case 0x1b:
      place = .escape
      return nil
    case 0x0a: return followsReturn ? nil : .return
    case 0x0d: return .return
    default: return Self.control(octet) ?? (octet < 0x20 ? .other : .character(Character(Unicode.Scalar(octet))))
    }
  }

  private static func control(_ octet: UInt8) -> Key? {
    switch octet {
    case 0x01: .home
    case 0x02: .left
    case 0x03: .interrupt
    case 0x04: .deleteOrEnd
    case 0x05: .toEnd
    case 0x06: .right
    case 0x08, 0x7f: .backspace
    case 0x09: .tab
    case 0x0b: .cutToEnd
    case 0x0c: .redraw
    case 0x0e: .down
    case 0x10: .up
    case 0x15: .cutToStart
    case 0x17: .cutWord
    case 0x19: .paste
    default: nil
    }
  }

  /// A character of several octets (UTF-8); what is none is passed over.
  private mutating func character(_ octet: UInt8) -> Key? {
    if !pending.isEmpty, octet & 0xc0 != 0x80 {
      pending = []
      return take(octet)
    }
    pending.append(octet)
    let wanted =
      switch pending[0] {
      case 0xc2...0xdf: 2
      case 0xe0...0xef: 3
      case 0xf0...0xf4: 4
      default: 1
      }
    guard pending.count >= wanted else { return nil }
    defer { pending = [] }
    guard let text = String(validating: pending, as: UTF8.self), text.count == 1, let first = text.first else {
      return .other
    }
    return .character(first)
  }

  private mutating func behindEscape(_ octet: UInt8) -> Key? {
    place = .ground
    switch octet {
    case UInt8(ascii: "["):
      place = .sequence
      parameters = []
      return nil
    case UInt8(ascii: "O"):
      place = .single
      return nil
    case 0x1b:
      place = .escape
      return nil
    case UInt8(ascii: "b"): return .wordLeft
    case UInt8(ascii: "f"): return .wordRight
    case 0x7f, 0x08: return .cutWord
    default: return .other
    }
  }

  private func sequence(_ last: UInt8) -> Key {
    // With a modifier, as 1;5 of Control, arrows go by words.
    let isWord = parameters.contains(UInt8(ascii: ";"))
    guard last == UInt8(ascii: "~") else { return Self.letter(last, isWord: isWord) }
    return switch parameters.first {
    case UInt8(ascii: "1"), UInt8(ascii: "7"): .home
    case UInt8(ascii: "3"): .delete
    case UInt8(ascii: "4"), UInt8(ascii: "8"): .toEnd
    default: .other
    }
  }

  private static func letter(_ octet: UInt8, isWord: Bool) -> Key {
    switch octet {
    case UInt8(ascii: "A"): .up
    case UInt8(ascii: "B"): .down
    case UInt8(ascii: "C"): isWord ? .wordRight : .right
    case UInt8(ascii: "D"): isWord ? .wordLeft : .left
    case UInt8(ascii: "H"): .home
    case UInt8(ascii: "F"): .toEnd
    default: .other
    }
  }
}

extension LineEditor {
  /// How many columns of a terminal characters take: those of East Asian writing and pictures take two.
  static func columns(of characters: some Sequence<Character>) -> Int {
    characters.reduce(0) { $0 + columns($1) }
  }

  private static func columns(_ character: Character) -> Int {
    guard let scalar = character.unicodeScalars.first else { return 0 }
    let isWide = wide.contains { $0.contains(scalar.value) }
    return isWide ? 2 : 1
  }

  /// Wide or fullwidth (Unicode Standard Annex 11), in rough.
  private static let wide: [ClosedRange<UInt32>] = [
    0x1100...0x115f, 0x2e80...0xa4cf, 0xac00...0xd7a3, 0xf900...0xfaff, 0xfe30...0xfe6f, 0xff00...0xff60,
    0xffe0...0xffe6, 0x1f300...0x1faff, 0x20000...0x3fffd,
  ]
}
