internal import SondeOctets

/// What one word names.
public enum TargetWord: Hashable, Sendable {
  case addresses(TargetEntry)
  /// A name, which is to be looked up.
  case name(String)

  /// Reads an address, a block, a range, octets of which some are lists, or a name.
  ///
  /// - Throws: `SweepError` naming the word and what is accepted.
  public init(_ word: String) throws(SweepError) {
    if let address = IPAddress(word) {
      self = .addresses(TargetEntry(address))
      return
    }
    let entry: TargetEntry?
    do throws(Fault) {
      entry = try Self.addresses(word)
      if entry == nil { try Self.checkName(word) }
    } catch {
      let accepted = """
        accepted are an address, a block (192.0.2.0/24, 2001:db8::/120), a range (192.0.2.1-192.0.2.50, 192.0.2.1-50, \
        2001:db8::1-2001:db8::ff), octets (192.0.2.*, 198.51.0-3.1-254, 192.0.2.1-20,30) and a name (example.com)
        """
      throw SweepError("\"\(Self.shown(word))\" is no target: \(error.why); \(accepted)")
    }
    self = entry.map { .addresses($0) } ?? .name(word)
  }

  /// What is wrong with a word.
  struct Fault: Error {
    var why: String

    init(_ why: String) { self.why = why }
  }

  /// A word as an error shows it: on one line, and not all of it if it is long.
  private static func shown(_ word: String) -> String {
    let signs = word.unicodeScalars.prefix(60)
    let text = signs.map { $0.value < 0x20 || $0.value == 0x7f ? $0.escaped(asASCII: true) : String($0) }
    return text.joined() + (signs.endIndex < word.unicodeScalars.endIndex ? "…" : "")
  }

  /// The addresses of a word; nil for one that is meant for none.
  private static func addresses(_ word: String) throws(Fault) -> TargetEntry? {
    if word.contains("/") { return try block(word) }
    if let range = try range(word) { return range }
    return try OctetLists.read(word)
  }

  /// An address and how many of its first bits count: those behind them are as good as zero.
  private static func block(_ word: String) throws(Fault) -> TargetEntry {
    let parts = word.split(separator: "/", omittingEmptySubsequences: false)
    guard parts.count == 2 else { throw Fault("it has more than one /") }
    guard let base = IPAddress(String(parts[0])) else { throw Fault("before the / stands no address") }
    let width = base.version == 4 ? 32 : 128
    guard let bits = decimal(parts[1]), bits <= width else {
      throw Fault("a block of IPv\(base.version) has 0 to \(width) bits behind the /")
    }
    let hosts = width == bits ? 0 : UInt128.max >> UInt128(128 - width + bits)
    let first = base.number & ~hosts
    return TargetEntry(version: base.version, pieces: [first...first | hosts])
  }

  /// Two addresses with a hyphen between them; nil for a word of another kind.
  private static func range(_ word: String) throws(Fault) -> TargetEntry? {
    let ends = word.split(separator: "-", omittingEmptySubsequences: false)
    guard ends.count == 2, let first = IPAddress(String(ends[0])) else { return nil }
    guard let last = IPAddress(String(ends[1])) else {
      // Of IPv4 the last octet may stand alone, which is one of the octets that are lists.
      if first.version == 4, ends[1].utf8.allSatisfy({ (0x30...0x39).contains($0) || $0 == 0x2c }) { return nil }
      throw Fault("behind the - stands no address")
    }
    guard first.version == last.version else { throw Fault("its ends are of two families") }
    guard first.number <= last.number else { throw Fault("it ends before it begins") }
    return TargetEntry(version: first.version, pieces: [first.number...last.number])
  }

  /// A decimal number of at most three digits, without leading zeros, which some programs read as octal.
  static func decimal(_ text: Substring) -> Int? {
    guard (1...3).contains(text.utf8.count), text.utf8.allSatisfy({ (0x30...0x39).contains($0) }),
      text.utf8.count == 1 || text.utf8.first != 0x30
    else { return nil }
    return Int(text)
  }
}

extension TargetWord {
  /// Sees to it that nobody is asked for a word that was meant for an address, or can be no name (RFC 1123 §2.1; with
  /// the underscore, which is in use).
  private static func checkName(_ word: String) throws(Fault) {
    if word.isEmpty { throw Fault("it is empty") }
    if word.contains("%") { throw Fault("a zone is no part of it, -I names the interface") }
    let hasBrackets = word.contains("[") || word.contains("]")
    if let colon = word.lastIndex(of: ":"), UInt16(word[word.index(after: colon)...]) != nil,
      hasBrackets || word.firstIndex(of: ":") == colon
    {
      throw Fault("ports are named by -p")
    }
    if hasBrackets { throw Fault("no brackets stand around an address") }
    if word.contains(":") { throw Fault("it is no IPv6 address") }
    if word.contains(",") { throw Fault("commas stand between octets only, and blanks between targets") }
    if word.contains("*") { throw Fault("* stands for one octet of the four of an IPv4 address") }
    let labels = (word.hasSuffix(".") ? word.dropLast() : word[...]).utf8
      .split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
    let isNumber = { (label: Substring.UTF8View) in label.allSatisfy { (0x30...0x39).contains($0) || $0 == 0x2d } }
    guard word.utf8.count <= 254,
      labels.allSatisfy({ label in
        (1...63).contains(label.count) && label.first != 0x2d && label.last != 0x2d
          && label.allSatisfy { isNamed($0) }
      })
    else { throw Fault(labels.allSatisfy(isNumber) ? "it is no IPv4 address" : "it has signs that are in no name") }
    // The resolver takes 192.0.514 and 0xc0000201 for addresses (inet_aton(3)); nobody here means them.
    let last = labels.last.map(Substring.init) ?? ""
    let isHexadecimal = last.lowercased().hasPrefix("0x") && last.dropFirst(2).allSatisfy(\.isHexDigit)
    if isHexadecimal || last.utf8.allSatisfy({ (0x30...0x39).contains($0) || $0 == 0x2d }) {
      throw Fault("it is no IPv4 address: that has four octets from 0 to 255, without leading zeros")
    }
    if labels.count == 4, labels.dropLast().allSatisfy(isNumber) {
      throw Fault("its last octet is no number from 0 to 255")
    }
  }

  /// Whether an octet is a letter, a digit, a hyphen or an underscore.
  private static func isNamed(_ octet: UInt8) -> Bool {
    switch octet {
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
      UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "_"):
      true
    default: false
    }
  }
}
