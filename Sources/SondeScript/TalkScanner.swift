internal import SondeCraft
internal import SondeLink
internal import SondeOctets

extension TalkInstruction {
  /// Reads a line; nil where it is empty or a comment.
  ///
  /// - Throws: `TalkFault` naming the word at fault.
  public init?(line: some StringProtocol) throws(TalkFault) {
    var scanner = TalkScanner(line)
    guard let word = scanner.word() else { return nil }
    self = try scanner.instruction(word)
    try scanner.expectEnd()
  }

  /// The instructions of a text: one a line, or several with `;` between them.
  ///
  /// - Throws: `TalkFault` naming the word at fault; its column is that of the whole text's line.
  public static func list(_ line: some StringProtocol) throws(TalkFault) -> [TalkInstruction] {
    var list: [TalkInstruction] = []
    var scanner = TalkScanner(line)
    while true {
      if let word = scanner.word() { list.append(try scanner.instruction(word)) }
      guard scanner.takeSeparator() else { break }
    }
    try scanner.expectEnd()
    return list
  }
}

/// Reads the words of `sonde talk`.
struct TalkScanner {
  private let text: [UInt8]
  private var offset = 0

  init(_ line: some StringProtocol) { text = Array(line.utf8) }

  // MARK: Verbs

  mutating func instruction(_ word: Word) throws(TalkFault) -> TalkInstruction {
    switch word.text {
    case "connect": return TalkInstruction(.connect, edits: try edits())
    case "accept": return TalkInstruction(.accept, edits: try edits())
    case "write":
      let (octets, edits) = try data()
      return TalkInstruction(.write(octets), edits: edits)
    case "writehex":
      let octets = try hexadecimal()
      return TalkInstruction(.write(octets), edits: try edits())
    case "usend":
      let (octets, edits) = try data()
      return TalkInstruction(.writeUrgent(octets), edits: edits)
    case "read": return TalkInstruction(.read(try optionalNumber("how many octets")))
    case "urecv": return TalkInstruction(.readUrgent)
    case "shutdown": return TalkInstruction(.shutdown(try side()), edits: try edits())
    case "close": return TalkInstruction(.close, edits: try edits())
    case "reset": return TalkInstruction(.reset, edits: try edits())
    case "window": return TalkInstruction(.window(try window()))
    case "status": return TalkInstruction(.status)
    case "wait": return TalkInstruction(.wait(try moment()))
    case "sendto": return try sendTo()
    case "recvfrom": return TalkInstruction(.receiveFrom(try optionalNumber("how many octets")))
    case "help": return TalkInstruction(.help(self.word()?.text))
    case "quit", "exit": return TalkInstruction(.quit)
    default:
      let advice = Suggestion.advice(for: word.text, among: TalkInstruction.names, kind: "verbs")
      throw fault(word.offset, "\(Suggestion.quoted(word.text)) is no verb", advice)
    }
  }

  private mutating func sendTo() throws(TalkFault) -> TalkInstruction {
    let start = offset
    var peer: TalkPeer?
    if let host = word(), !host.isQuoted, let port = word(), let number = UInt16(port.text), hasMore {
      peer = TalkPeer(host: host.text, port: number)
    } else {
      offset = start
    }
    let (octets, edits) = try data()
    return TalkInstruction(.sendTo(peer, octets), edits: edits)
  }

  private mutating func side() throws(TalkFault) -> TalkInstruction.Side {
    skipSpace()
    let start = offset
    if let word = word(), let side = TalkInstruction.Side(rawValue: word.text) { return side }
    throw fault(start, "shutdown needs a side", "in, out or both")
  }

  private mutating func window() throws(TalkFault) -> Int? {
    skipSpace()
    let start = offset
    guard let word = word() else { throw fault(start, "window needs a number of octets", "or auto") }
    if word.text == "auto" { return nil }
    guard let number = number(word.text), number <= 1 << 30 else {
      throw fault(start, "\(Suggestion.quoted(word.text)) is no window", "a number up to 1073741824, or auto")
    }
    return Int(number)
  }

  private mutating func moment() throws(TalkFault) -> TalkMoment {
    skipSpace()
    let start = offset
    let advice = "a time (0.5, 300ms) or \(TalkMoment.named.map(\.0).joined(separator: ", "))"
    guard let word = word() else { throw fault(start, "wait needs to know for what", advice) }
    if let moment = TalkMoment.named.first(where: { $0.0 == word.text }) { return moment.1 }
    guard let time = Self.time(word.text) else {
      throw fault(start, "\(Suggestion.quoted(word.text)) is nothing to wait for", advice)
    }
    return .time(time)
  }

  /// Seconds with decimals, or a number with a unit.
  static func time(_ text: String) -> Duration? {
    let units: [(String, Double)] = [("us", 1e3), ("ms", 1e6), ("s", 1e9), ("m", 60e9)]
    let unit = units.first { text.hasSuffix($0.0) }
    let digits = text.dropLast(unit?.0.utf8.count ?? 0)
    guard let first = digits.utf8.first, first == 0x2e || (0x30...0x39).contains(first),
      digits.utf8.allSatisfy({ $0 == 0x2e || (0x30...0x39).contains($0) }), let value = Double(digits)
    else { return nil }
    let nanoseconds = value * (unit?.1 ?? 1e9)
    guard nanoseconds <= 1e17 else { return nil }
    return .nanoseconds(Int64(nanoseconds + 0.5))
  }

  private mutating func optionalNumber(_ what: String) throws(TalkFault) -> Int? {
    skipSpace()
    let start = offset
    guard let word = word() else { return nil }
    guard let number = number(word.text), number > 0, number <= 1 << 40 else {
      throw fault(start, "\(Suggestion.quoted(word.text)) does not say \(what)", "a number is wanted")
    }
    return Int(number)
  }

  private func number(_ text: String) -> UInt64? {
    let isHexadecimal = text.hasPrefix("0x")
    let digits = isHexadecimal ? text.dropFirst(2) : text[...]
    guard let first = digits.utf8.first, first != 0x2b, first != 0x2d else { return nil }
    return UInt64(digits, radix: isHexadecimal ? 16 : 10)
  }

  // MARK: Data

  /// Text in quotes, times a number perhaps, or words as they are up to the first field; then fields.
  private mutating func data() throws(TalkFault) -> ([UInt8], [FieldEdit]) {
    skipSpace()
    let start = offset
    var octets: [UInt8]
    if let literal = try literal() {
      octets = literal
      if take(UInt8(ascii: "*")) { octets = try times(octets) }
      return (octets, try edits())
    }
    // Words as they are typed, with the spaces between them.
    var end = offset
    while let word = word() {
      if isEdit(at: word.offset) {
        offset = word.offset
        break
      }
      end = offset
    }
    octets = Array(text[start..<end])
    let edits = try edits()
    if octets.isEmpty, edits.isEmpty { throw fault(start, "there is nothing to send", "text, in quotes or not") }
    return (octets, edits)
  }

  private mutating func times(_ octets: [UInt8]) throws(TalkFault) -> [UInt8] {
    let start = offset
    guard let word = word(), let count = number(word.text), count <= 1 << 30 / UInt64(max(1, octets.count)) else {
      throw fault(start, "how many times is missing", "\"x\"*4600; at most 1 GiB in all")
    }
    if octets.isEmpty { return [] }
    var result: [UInt8] = []
    result.reserveCapacity(octets.count * Int(count))
    for _ in 0..<count { result += octets }
    return result
  }

  private mutating func hexadecimal() throws(TalkFault) -> [UInt8] {
    skipSpace()
    let start = offset
    var digits = ""
    while let word = word() {
      if isEdit(at: word.offset) {
        offset = word.offset
        break
      }
      digits += word.text
    }
    do throws(ParseError) {
      let octets = try Hex.octets(digits)
      if !octets.isEmpty { return octets }
    } catch {}
    throw fault(start, "octets in hexadecimal are wanted", "such as 0800 f4fc")
  }

  /// The octets of a string with Python's escapes; nil where none begins here.
  private mutating func literal() throws(TalkFault) -> [UInt8]? {
    do throws(RecipeError) {
      guard let (octets, end) = try RecipeLiteral.octets(text, at: offset) else { return nil }
      offset = end
      return octets
    } catch {
      throw TalkFault(column: error.column, message: error.message)
    }
  }

  // MARK: Fields

  private mutating func edits() throws(TalkFault) -> [FieldEdit] {
    var edits: [FieldEdit] = []
    while true {
      skipSpace()
      guard hasMore, isEdit(at: offset) else { return edits }
      let start = offset
      do throws(RecipeError) {
        let (edit, end) = try FieldEdit.read(text, at: offset)
        edits.append(edit)
        offset = end
      } catch {
        throw TalkFault(column: error.column, message: error.message)
      }
      if let last = edits.last, let complaint = last.complaint() {
        throw TalkFault(column: column(start), message: "\(last.field) at column \(column(start)) \(complaint)")
      }
    }
  }

  /// Whether a name and `=`, `+=` or `-=` stand here: a field, and no text.
  private func isEdit(at start: Int) -> Bool { FieldEdit.begins(text, at: start) }

  // MARK: Words

  struct Word {
    var text: String
    var offset: Int
    var isQuoted: Bool
  }

  private var hasMore: Bool {
    var copy = self
    copy.skipSpace()
    return copy.offset < text.count && copy.text[copy.offset] != UInt8(ascii: "#")
      && copy.text[copy.offset] != UInt8(ascii: ";")
  }

  private mutating func skipSpace() {
    while offset < text.count, Self.isSpace(text[offset]) { offset += 1 }
  }

  private static func isSpace(_ octet: UInt8) -> Bool { octet == 0x20 || (0x09...0x0d).contains(octet) }

  private mutating func take(_ octet: UInt8) -> Bool {
    guard offset < text.count, text[offset] == octet else { return false }
    offset += 1
    return true
  }

  /// The next word up to a space or a semicolon; nil at the end and before a comment.
  mutating func word() -> Word? {
    skipSpace()
    guard hasMore else { return nil }
    let start = offset
    while offset < text.count, !Self.isSpace(text[offset]), text[offset] != UInt8(ascii: ";") { offset += 1 }
    return Word(
      text: String(decoding: text[start..<offset], as: UTF8.self), offset: start,
      isQuoted: text[start] == 0x22 || text[start] == 0x27)
  }

  mutating func takeSeparator() -> Bool {
    skipSpace()
    return take(UInt8(ascii: ";"))
  }

  mutating func expectEnd() throws(TalkFault) {
    skipSpace()
    guard offset < text.count, text[offset] != UInt8(ascii: "#") else { return }
    let start = offset
    let found = text[offset] == UInt8(ascii: ";") ? ";" : word()?.text ?? ""
    throw fault(start, "\(Suggestion.quoted(found)) does not belong", "the line ends here")
  }

  private func column(_ offset: Int) -> Int { String(decoding: text.prefix(offset), as: UTF8.self).count + 1 }

  private func fault(_ offset: Int, _ claim: String, _ advice: String) -> TalkFault {
    TalkFault(column: column(offset), message: "\(claim) at column \(column(offset)); \(advice)")
  }
}
