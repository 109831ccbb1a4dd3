package import SondeHeaders
internal import SondeOctets

// Text and octets in quotes, as Python writes them.
extension RecipeScanner {
  /// A string with its prefix; nil where none begins here.
  package mutating func string() throws(RecipeFault) -> FieldValue? {
    let start = offset
    var prefix: Set<UInt8> = []
    while let next, prefix.count < 2, [0x62, 0x72, 0x75].contains(next | 0x20) {
      prefix.insert(next | 0x20)
      offset += 1
    }
    guard let quote = next, quote == 0x27 || quote == 0x22 else {
      offset = start
      return nil
    }
    offset += 1
    let isOctets = prefix.contains(0x62)
    let octets = try content(quote, start, isOctets: isOctets, isRaw: prefix.contains(0x72))
    if next == 0x27 || next == 0x22 {
      throw RecipeFault(offset, "a string behind a string", "write one string, or join layers by /")
    }
    if isOctets { return .octets(octets) }
    guard let text = String(validating: octets, as: UTF8.self) else {
      throw RecipeFault(start, "text that is no UTF-8", "write octets as b'\\xff'")
    }
    return .text(text)
  }

  /// A string as often as `*` and a number behind it say, as Python repeats it.
  ///
  /// A layer that is a string is not repeated so: there Scapy takes `IP()/"x"*3` for three packets.
  mutating func repeated(_ string: FieldValue) throws(RecipeFault) -> FieldValue {
    let end = offset
    skipSpace()
    guard take("*") else {
      offset = end
      return string
    }
    skipSpace()
    let start = offset
    guard let next, (0x30...0x39).contains(next) else { throw unexpected("a number") }
    let count = try number()
    func times<T: RangeReplaceableCollection>(_ value: T, _ size: Int) throws(RecipeFault) -> T {
      guard size == 0 || count <= UInt64(Self.mostRepeated / size) else {
        throw RecipeFault(start, "text of more than \(Self.mostRepeated) octets", "no packet is longer")
      }
      var result = T()
      for _ in 0..<(size == 0 ? 0 : count) { result += value }
      return result
    }
    switch string {
    case .octets(let octets): return .octets(try times(octets, octets.count))
    case .text(let text): return .text(try times(text, text.utf8.count))
    default: return string
    }
  }

  private static var mostRepeated: Int { 65_535 }

  /// What stands up to the closing quote; text as UTF-8.
  private mutating func content(
    _ quote: UInt8, _ start: Int, isOctets: Bool, isRaw: Bool
  ) throws(RecipeFault) -> [UInt8] {
    var octets: [UInt8] = []
    while true {
      guard let next else { throw RecipeFault(start, "a string without an end", "its closing quote is missing") }
      if next == quote {
        offset += 1
        return octets
      }
      if next == 0x5c {
        if isRaw {
          // In a raw string a backslash keeps a quote from ending it, and both stay.
          octets.append(next)
          offset += 1
          if let escaped = self.next {
            octets.append(escaped)
            offset += 1
          }
        } else {
          try escape(into: &octets, isOctets: isOctets)
        }
        continue
      }
      if isOctets, next > 0x7f {
        throw RecipeFault(offset, "a character beyond ASCII in b'…'", "write its octets: \\x\(Hex.text([next]))")
      }
      octets.append(next)
      offset += 1
    }
  }

  private mutating func escape(into octets: inout [UInt8], isOctets: Bool) throws(RecipeFault) {
    let start = offset
    offset += 1
    guard let letter = next else { return }
    offset += 1
    switch letter {
    case 0x0a: break
    case UInt8(ascii: "x"): try append(digits(2, start), to: &octets, isOctets, start)
    case UInt8(ascii: "u") where !isOctets: try append(digits(4, start), to: &octets, isOctets, start)
    case UInt8(ascii: "U") where !isOctets: try append(digits(8, start), to: &octets, isOctets, start)
    case UInt8(ascii: "N") where !isOctets:
      throw RecipeFault(start, "a character by its name", "write it as it is, or by its number: \\u00e9")
    case 0x30...0x37:
      var value = UInt32(letter - 0x30)
      for _ in 0..<2 {
        guard let next, (0x30...0x37).contains(next) else { break }
        value = value << 3 | UInt32(next - 0x30)
        offset += 1
      }
      try append(isOctets ? value & 0xff : value, to: &octets, isOctets, start)
    case 0x5c, 0x27, 0x22: octets.append(letter)
    case UInt8(ascii: "a"): octets.append(7)
    case UInt8(ascii: "b"): octets.append(8)
    case UInt8(ascii: "t"): octets.append(9)
    case UInt8(ascii: "n"): octets.append(10)
    case UInt8(ascii: "v"): octets.append(11)
    case UInt8(ascii: "f"): octets.append(12)
    case UInt8(ascii: "r"): octets.append(13)
    default:
      // No escape after all: the backslash stands for itself.
      octets.append(0x5c)
      offset -= 1
    }
  }

  private mutating func digits(_ count: Int, _ start: Int) throws(RecipeFault) -> UInt32 {
    var value: UInt32 = 0
    for _ in 0..<count {
      guard let next, let digit = digit(next) else {
        throw RecipeFault(start, "an escape that is cut short", "\(count) hexadecimal digits belong there")
      }
      value = value << 4 | UInt32(digit)
      offset += 1
    }
    return value
  }

  private func append(
    _ value: UInt32, to octets: inout [UInt8], _ isOctets: Bool, _ start: Int
  ) throws(RecipeFault) {
    if isOctets {
      octets.append(UInt8(truncatingIfNeeded: value))
      return
    }
    guard let scalar = Unicode.Scalar(value) else {
      throw RecipeFault(start, "an escape that is no character", "octets are written b'\\xff'")
    }
    octets += Array(String(scalar).utf8)
  }
}

extension TextOctets {
  /// Octets as Python prints them.
  mutating func append(literal octets: some Collection<UInt8>) {
    let quote: UInt8 = octets.contains(0x27) && !octets.contains(0x22) ? 0x22 : 0x27
    append(octet: 0x62)
    append(octet: quote)
    for octet in octets {
      switch octet {
      case 0x09: append("\\t")
      case 0x0a: append("\\n")
      case 0x0d: append("\\r")
      case 0x5c, quote:
        append(octet: 0x5c)
        append(octet: octet)
      case 0x20..<0x7f: append(octet: octet)
      default:
        append("\\x")
        append(hex: UInt64(octet), digits: 2)
      }
    }
    append(octet: quote)
  }
}
