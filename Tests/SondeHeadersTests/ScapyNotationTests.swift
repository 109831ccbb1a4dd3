internal import SondeHeaders
internal import SondeOctets
internal import Testing

/// A header made from the fields that a recipe writes has the bytes that Scapy gives it (`Vectors/linknotation.txt`).
@Suite struct ScapyNotationTests {
  @Test(arguments: Vectors.file("linknotation"))
  func headersHaveScapysBytes(_ vector: Vector) throws {
    let form = try #require(Notation.form(vector.summary))
    let type = try #require(Registry.known.first { $0.recipeNames.contains(form.name) })
    let header = try Self.header(type, form)
    #expect(try AnyPacket([header]).encoded().bytes == vector.bytes, "\(vector.summary)")
  }

  private static func header<H: Header>(_ type: H.Type, _ form: FieldValue.Form) throws -> any Header {
    var header = try #require(type.blank(form.name))
    for argument in form.arguments { try header.set(argument.name, to: argument.value) }
    return header
  }

  @Test func everyFileOfNotationIsThere() { #expect(Vectors.file("linknotation").count > 40) }

  @Test(arguments: [
    ("IPv6ExtHdrHopByHop", "options", "[Pad1(optlen=1)]"), ("IPv6ExtHdrHopByHop", "options", "[TCP()]"),
    ("IPv6ExtHdrHopByHop", "options", "[1]"), ("IPv6ExtHdrHopByHop", "options", "[HAO(hoa=1)]"),
    ("IPv6ExtHdrHopByHop", "options", "[RouterAlert(value=65536)]"), ("IPv6ExtHdrHopByHop", "len", "256"),
    ("IPv6ExtHdrRouting", "tag", "1"), ("IPv6ExtHdrRouting", "addresses", "[1]"),
    ("IPv6ExtHdrSegmentRouting", "tlv_objects", "[IPv6ExtHdrSegmentRoutingTLV(padding=1)]"),
    ("IPv6ExtHdrSegmentRouting", "unused2", "8"), ("IPv6ExtHdrSegmentRouting", "reserved", "1"),
    ("Dot1Q", "prio", "8"), ("Dot1Q", "vlan", "4096"), ("Ether", "src", "1"), ("ARP", "op", "\"is-it\""),
    ("ARP", "hwsrc", "1"), ("SCTP", "sport", "65536"), ("IPv6ExtHdrFragment", "offset", "8192"),
  ])
  func valuesThatDoNotFitAreRefused(_ name: String, _ field: String, _ value: String) throws {
    let form = try #require(Notation.form("\(name)(\(field)=\(value))"))
    let type = try #require(Registry.known.first { $0.recipeNames.contains(name) })
    #expect(throws: FieldError.self) { _ = try Self.header(type, form) }
  }
}

/// As much of Python's notation as the vectors are written in.
private struct Notation {
  private var rest: Substring

  static func form(_ text: String) -> FieldValue.Form? {
    var notation = Notation(rest: text[...])
    return notation.form()
  }

  private mutating func eat(_ character: Character) -> Bool {
    guard rest.first == character else { return false }
    rest.removeFirst()
    return true
  }

  private mutating func form() -> FieldValue.Form? {
    let name = rest.prefix { $0.isLetter || $0.isNumber || $0 == "_" }
    rest.removeFirst(name.count)
    guard eat("(") else { return nil }
    var form = FieldValue.Form(String(name))
    while !eat(")") {
      let name = rest.prefix { $0 != "=" }
      rest.removeFirst(name.count)
      guard eat("="), let value = value() else { return nil }
      form.arguments.append(.init(String(name), value))
      _ = eat(",")
    }
    return form
  }

  private mutating func value() -> FieldValue? {
    if eat("[") {
      var values: [FieldValue] = []
      while !eat("]") {
        guard let value = value() else { return nil }
        values.append(value)
        _ = eat(",")
      }
      return .list(values)
    }
    if rest.hasPrefix("b\"") {
      rest.removeFirst()
      return string().map { .octets(Array($0.utf8)) }
    }
    if rest.first == "\"" { return string().map { .text($0) } }
    if let digit = rest.first, digit.isNumber {
      let digits = rest.prefix { $0.isNumber }
      rest.removeFirst(digits.count)
      return UInt64(digits).map { .number($0) }
    }
    return form().map { .forms([$0]) }
  }

  private mutating func string() -> String? {
    guard eat("\"") else { return nil }
    let text = rest.prefix { $0 != "\"" }
    rest.removeFirst(text.count)
    return eat("\"") ? String(text) : nil
  }
}
