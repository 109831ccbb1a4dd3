public import SondeHeaders
internal import SondeOctets

/// A recipe in which variables may stand for values: it is made into packets, or compared with packets that were seen.
///
///     let answer = try OpenRecipe("IP(src=$b)/TCP(flags='SA', seq=$isn, ack=$mine+1)")
public struct OpenRecipe: Sendable {
  /// A term, and the field that it stands in.
  public struct Mention: Hashable, Sendable {
    public var term: RecipeTerm
    /// nil where the field has no bits of its own before it is set.
    public var field: FieldSpec?
    /// Whether the term is all that is written of the field.
    public var isWhole: Bool
    /// The offset in octets at which the field's value begins.
    var offset: Int
  }

  enum Content: Sendable {
    /// Layers in the octets of a text, which may hold more than the recipe.
    case forms([ScannedForm], in: [UInt8])
    case packet(AnyPacket)
  }

  /// As it is written.
  public let text: String
  let content: Content
  /// Where it begins in the line of its content.
  private let start: Int

  /// Reads a recipe.
  ///
  /// - Throws: `RecipeError` with the column of the word at fault.
  public init(_ text: some StringProtocol) throws(RecipeError) {
    let octets = Array(text.utf8)
    var offset = 0
    try self.init(octets, at: &offset)
    var scanner = RecipeScanner(octets)
    scanner.offset = offset
    scanner.skipSpace()
    guard scanner.offset == octets.count else {
      throw scanner.unexpected("\"/\" and another layer, or the end").error(in: octets)
    }
  }

  /// Reads a recipe that stands within a line.
  ///
  /// - Parameters:
  ///   - line: the octets of the line, which are UTF-8.
  ///   - offset: where the recipe begins; it becomes where it ended.
  /// - Throws: `RecipeError` with the column, in the line, of the word at fault.
  public init(_ line: [UInt8], at offset: inout Int) throws(RecipeError) {
    do throws(RecipeFault) {
      var scanner = RecipeScanner(line, takesVariables: true)
      scanner.offset = max(0, offset)
      scanner.skipSpace()
      start = scanner.offset
      let forms = try scanner.scanLayers()
      offset = scanner.offset
      var end = offset
      while end > start, line[end - 1] == 0x20 || line[end - 1] == 0x09 { end -= 1 }
      text = String(decoding: line[start..<end], as: UTF8.self)
      content = .forms(forms, in: line)
    } catch {
      throw error.error(in: line)
    }
  }

  /// The recipe of a packet that was made already: it is sent as it is, and compared by what was set of it. A field
  /// that has the value which its type gives it when nothing is said matches anything.
  public init(_ packet: Packet<some LayerStack>) {
    content = .packet(packet.erased)
    start = 0
    text = (try? packet.recipe) ?? packet.erased.layers.layers.map { "\(type(of: $0).name)" }.joined(separator: "/")
  }

  /// The value of a variable in a field of this form; nil where it has none.
  public typealias Values = (_ variable: String, _ form: FieldSpec.Form?) -> FieldValue?

  /// The packets that it names.
  ///
  /// - Throws: `RecipeError` where a variable has no value, or a field does not take it.
  public func packets(_ values: @escaping Values) throws(RecipeError) -> RecipePackets {
    switch content {
    case .packet(let packet):
      // Nothing of it is left to be chosen when it is sent, but where it comes from.
      let written = packet.layers.layers.map { header in
        Set(header.recipeFields.map(\.name)).subtracting(header.leavesSourceOpen ? ["source"] : [])
      }
      return RecipePackets(made: RecipePacket(packet: packet, written: written))
    case .forms(let forms, let line):
      return Recipe(layers: try Self.planned(forms, in: line, values).layers).packets
    }
  }

  /// The terms in it, in the order in which their fields are set.
  ///
  /// It is tried with values, so that what could not be made or compared later is found now.
  ///
  /// - Parameter values: of variables that have one, or one like that which they will have; for others a value is made
  ///   up that their field takes.
  /// - Throws: `RecipeError` with the column of the word at fault.
  public func mentions(_ values: @escaping Values = { _, _ in nil }) throws(RecipeError) -> [Mention] {
    guard case .forms(let forms, let line) = content else { return [] }
    return try Self.planned(forms, in: line) { values($0, $1) ?? Self.sample($1) }.mentions
  }

  /// As it is written, but with the values of variables that have one, where a term is all that is written of a field.
  public func text(with values: @escaping Values) -> String {
    guard case .forms(let forms, let line) = content, let mentions = try? mentions(values) else { return text }
    let ends = Dictionary(Self.places(in: forms), uniquingKeysWith: { first, _ in first })
    var octets: [UInt8] = []
    var place = start
    for mention in mentions.filter(\.isWhole).sorted(by: { $0.offset < $1.offset }) {
      guard mention.offset >= place, let end = ends[mention.offset],
        let value = mention.term.value(width: mention.field?.sumWidth ?? 32, { values($0, mention.field?.form) })
      else { continue }
      octets += line[place..<mention.offset] + Array(value.notation.utf8)
      place = end
    }
    return String(decoding: octets + line[place..<start + text.utf8.count], as: UTF8.self)
  }

  /// Where values begin and end.
  private static func places(in forms: [ScannedForm]) -> [(Int, Int)] {
    forms.flatMap(\.arguments).flatMap { [($0.valueOffset, $0.end)] + places(in: $0.forms) }
  }

  /// The column of a mention in the line that the recipe stands in, in characters from 1.
  public func column(of mention: Mention) -> Int {
    guard case .forms(_, let line) = content else { return 1 }
    return String(decoding: line.prefix(mention.offset), as: UTF8.self).count + 1
  }

  /// A value that a field of this form takes.
  package static func sample(_ form: FieldSpec.Form?) -> FieldValue {
    switch form {
    case .ipv4Address: .text("0.0.0.0")
    case .ipv6Address: .text("::")
    case .macAddress: .text("00:00:00:00:00:00")
    case .octets, nil: .octets([])
    case .number, .hexadecimal, .flags, .structured: .number(0)
    }
  }

  /// The layers with the values of variables.
  static func planned(
    _ forms: [ScannedForm], in line: [UInt8], _ values: @escaping Values
  ) throws(RecipeError) -> (layers: [PlannedLayer], mentions: [Mention]) {
    do throws(RecipeFault) {
      var reader = RecipeReader(fill: { term, field in
        term.value(width: field?.sumWidth ?? 32) { values($0, field?.form) }
      })
      let layers = try reader.plan(forms)
      return (layers, reader.mentions)
    } catch {
      throw error.error(in: line)
    }
  }
}

extension OpenRecipe: Hashable {
  public static func == (left: Self, right: Self) -> Bool { left.text == right.text }
  public func hash(into hasher: inout Hasher) { hasher.combine(text) }
}

extension FieldSpec {
  /// Modulo how many bits sums in it are taken.
  var sumWidth: Int {
    // What stands in options is at most as wide as a word.
    form == .structured ? 32 : min(bits.count, 64)
  }
}

extension Header {
  /// Whether it is an IP header that names no source.
  fileprivate var leavesSourceOpen: Bool {
    switch self {
    case let header as IPv4: header.source == .any
    case let header as IPv6: header.source == .any
    default: false
    }
  }
}
