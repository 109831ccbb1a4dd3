internal import SondeHeaders
internal import SondeOctets

/// What an argument must be: thrown by a transform, it ends the parser's own sentence, which names the
/// word and the option.
struct Expectation: Error, CustomStringConvertible {
  var description: String
}

// Options have few Swift types: the parser asks the runtime for the conformances of each type anew, which
// is most of the time that a start takes. So every number is a UInt64 of a range, and a choice is text.

/// A number, decimal or hexadecimal behind 0x, of a range.
func number(_ range: ClosedRange<UInt64>) -> @Sendable (String) throws -> UInt64 {
  { text in
    guard let value = number(text[...]), range.contains(value) else {
      throw Expectation(description: "a number from \(range.lowerBound) to \(range.upperBound), decimal or 0x…")
    }
    return value
  }
}

/// One of a few words.
func choice(_ words: [String]) -> @Sendable (String) throws -> String {
  { text in
    guard words.contains(text) else { throw Expectation(description: "one of \(words.joined(separator: ", "))") }
    return text
  }
}

/// The value of a number, decimal or hexadecimal behind 0x; nil for any other text.
func number(_ text: Substring) -> UInt64? {
  let isHexadecimal = text.hasPrefix("0x") || text.hasPrefix("0X")
  let digits = isHexadecimal ? text.dropFirst(2) : text
  guard let first = digits.first, first != "+", first != "-" else { return nil }
  return UInt64(digits, radix: isHexadecimal ? 16 : 10)
}

/// A time in nanoseconds: written as seconds with decimals, or as a number with ns, us, ms, s, m or h.
@Sendable
func time(_ text: String) throws -> UInt64 {
  let expectation = Expectation(description: "a time: seconds (0.2) or with a unit (300ms, 2s, 1m)")
  let units: [(String, Double)] = [("ns", 1e-9), ("us", 1e-6), ("ms", 1e-3), ("s", 1), ("m", 60), ("h", 3600)]
  let unit = units.first { text.hasSuffix($0.0) }
  let digits = text.dropLast(unit?.0.count ?? 0)
  guard digits.allSatisfy({ $0.isASCII && ($0.isNumber || $0 == ".") }), let value = Double(digits) else {
    throw expectation
  }
  let seconds = value * (unit?.1 ?? 1)
  guard seconds <= 1e9 else { throw expectation }
  return UInt64(seconds * 1e9 + 0.5)
}

/// Octets written in hexadecimal.
@Sendable
func octets(_ text: String) throws -> [UInt8] {
  do throws(ParseError) {
    return try Hex.octets(text)
  } catch {
    throw Expectation(description: "octets in hexadecimal: \(error)")
  }
}

/// The text of an IPv4 or IPv6 address.
@Sendable
func address(_ text: String) throws -> String {
  guard IPAddress(text) != nil else { throw Expectation(description: "an IPv4 or IPv6 address") }
  return text
}

/// Ports: numbers and ranges between commas; `-` for all.
@Sendable
func portList(_ text: String) throws -> [UInt16] {
  if text == "-" { return Array(1...65_535) }
  var ports: [UInt16] = []
  var seen = Set<UInt16>()
  for part in text.split(separator: ",", omittingEmptySubsequences: false) {
    let ends = part.split(separator: "-", maxSplits: 1, omittingEmptySubsequences: false)
    let numbers = ends.enumerated().map { index, end in
      end.isEmpty && ends.count == 2 ? (index == 0 ? 1 : 65_535) : number(end) ?? 0
    }
    guard let first = numbers.first, let last = numbers.last, first >= 1, last <= 65_535, first <= last else {
      throw Expectation(description: "\"\(part)\" is no port or range of ports from 1 to 65535 (22,80,1-1024 or -)")
    }
    for port in UInt16(first)...UInt16(last) where seen.insert(port).inserted { ports.append(port) }
  }
  return ports
}

/// TCP control bits by their letters, or as a number.
@Sendable
func controlBits(_ text: String) throws -> UInt64 {
  if let bits = number(text[...]), bits <= 0x1ff { return bits }
  let letters: [Character: UInt64] = [
    "F": 1, "S": 2, "R": 4, "P": 8, "A": 16, "U": 32, "E": 64, "C": 128, "N": 256,
  ]
  var bits: UInt64 = 0
  for letter in text.uppercased() {
    guard let bit = letters[letter] else {
      throw Expectation(description: "letters of FSRPAUECN (\"none\" by 0), \"\(letter)\" is none of them")
    }
    bits |= bit
  }
  return bits
}

extension Duration {
  /// So many nanoseconds; beyond 292 years it stays there.
  init(nanoseconds: UInt64) { self = .nanoseconds(Int64(clamping: nanoseconds)) }

  /// How long a run lasts at most by `-w`; nil for as long as it takes, which 0 means too (ping(8)).
  static func limit(_ nanoseconds: UInt64?) -> Duration? {
    nanoseconds.flatMap { $0 == 0 ? nil : Duration(nanoseconds: $0) }
  }

  /// How long an answer is waited for by `-W`; 0 stands for a time without end (ping(8)).
  static func patience(_ nanoseconds: UInt64) -> Duration {
    nanoseconds == 0 ? .seconds(1_000_000_000) : Duration(nanoseconds: nanoseconds)
  }
}

extension Field where Value: FixedWidthInteger {
  /// A hand's value, whose range the option has checked, or computed.
  init(_ value: UInt64?) { self = value.map { .set(Value(truncatingIfNeeded: $0)) } ?? .auto }
}
