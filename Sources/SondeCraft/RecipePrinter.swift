public import SondeHeaders
public import SondeOctets

extension Packet {
  /// The packet on one line, in Scapy's notation: `IP(src='192.0.2.1', dst='192.0.2.7')/UDP(dport=53)`.
  ///
  /// Scapy 2.5 evaluates it to the octets that the packet encodes to. See `Dissection.recipe`.
  ///
  /// - Throws: `CraftError` where a value does not fit its field.
  public var recipe: String {
    get throws(CraftError) {
      Registry.dissect(try encoded().bytes, as: start).recipe
    }
  }

  /// How the packet's first octet is read.
  public var start: Registry.Start {
    let outermost = erased.layers.layers.first.map { type(of: $0) }
    if let number = outermost?.announced.linkType { return .link(number) }
    if let number = outermost?.announced.etherType { return .etherType(number) }
    if let number = outermost?.announced.ipProtocol { return .ipProtocol(number) }
    // Octets in front of everything are data, whatever they look like; no layer has the EtherType 0.
    return outermost == Quote.self ? .quote : .etherType(0)
  }
}

extension Dissection {
  /// The packet on one line, in Scapy's notation, which Scapy 2.5 evaluates to the same octets.
  ///
  /// A field is left out where the notation gives it the value that it has: a length, a sum or a protocol number that
  /// is right, and any other at its default; addresses are always written. What has no layer, or one that cannot make
  /// these octets, is `Raw`; what no length counts is `Padding`.
  public var recipe: String {
    var line = TextOctets()
    appendRecipe(to: &line)
    return String(decoding: line.octets, as: UTF8.self)
  }

  /// Appends what `recipe` is.
  public func appendRecipe(to text: inout TextOctets) {
    var printer = RecipePrinter(self)
    printer.append(to: &text)
  }
}

/// Prints a packet so that what is printed makes the same octets again: it is made, and what differs is written out.
struct RecipePrinter {
  /// One layer that a recipe can name, as it is printed.
  struct Layer {
    var name: String
    /// As read: every derived field is set.
    var header: any Header
    var offset: Int
    var byteCount: Int
    var fields: [FieldSpec]
    /// Which of `fields` are written.
    var isWritten: [Bool]
    /// What the structured fields are written as.
    var values: [FieldValue?]
    /// Whether the fields lie as in the header that leaves all of them out, so that no more needs to be set than read.
    var isPlain: Bool
  }

  /// More layers than any honest packet has; Python evaluates a longer line only so far.
  private static let deepest = 32

  let bytes: [UInt8]
  /// Where padding begins: what no length counts.
  private(set) var end: Int
  var layers: [Layer] = []

  init(_ dissection: Dissection) {
    bytes = dissection.bytes
    end = bytes.count
    // The outermost length says where the packet ends; one further in that says less leaves data behind it.
    if let first = dissection.layers.first(where: { $0.header.following.byteCount != nil }) {
      end = min(max(first.end, first.offset + first.byteCount), bytes.count)
    }
    _ = place(dissection.layers, at: 0, isQuoted: false)
    omitWhatInnerLayersImply()
  }

  /// Leaves out the fields that have the value which the layer inside gives them.
  private mutating func omitWhatInnerLayersImply() {
    for index in layers.indices.dropLast() {
      let (layer, inner) = (layers[index], layers[index + 1].header)
      for place in layer.fields.indices where layer.isWritten[place] && layer.fields[place].usual != nil {
        let field = layer.fields[place]
        guard let usual = inner.usual(field.name, in: type(of: layer.header)) else { continue }
        if number(field, at: layer.offset) == usual { layers[index].isWritten[place] = false }
      }
    }
  }

  /// Takes layers up to the first that no recipe names; false if there was one.
  private mutating func place(_ found: [Dissection.Layer], at base: Int, isQuoted: Bool) -> Bool {
    for layer in found {
      guard place(layer.header, at: base + layer.offset, isQuoted: isQuoted) else { return false }
    }
    return true
  }

  private mutating func place(_ header: any Header, at offset: Int, isQuoted: Bool) -> Bool {
    let type: any Header.Type = type(of: header)
    if type == Payload.self || type == Trailer.self || layers.count >= Self.deepest { return false }
    if type == Quote.self, let quote = header as? Quote {
      var offset = offset
      for header in quote.packet.layers.layers {
        guard place(header, at: offset, isQuoted: true) else { return false }
        offset += header.byteCount
      }
      return false
    }
    let count = header.byteCount
    guard offset + count <= end, let name = header.recipeName(isQuoted: isQuoted) else { return false }
    let fields = header.recipeFields
    var layer = Layer(
      name: name, header: header, offset: offset, byteCount: count, fields: fields,
      isWritten: [Bool](repeating: false, count: fields.count), values: [],
      isPlain: Self.isPlain(fields, type, name))
    let blank = layer.isPlain ? nil : type.blank(name) as (any Header)?
    for index in fields.indices {
      let field = fields[index]
      if case .structured = field.form {
        guard let value = header.value(of: field) else { return false }
        if layer.values.isEmpty { layer.values = [FieldValue?](repeating: nil, count: fields.count) }
        layer.values[index] = value
        let usual = blank?.recipeFields.first { $0.name == field.name }.flatMap { blank?.value(of: $0) }
        layer.isWritten[index] = usual.map { $0 != value } ?? !value.elements.isEmpty
      } else if !field.isDerived {
        layer.isWritten[index] =
          field.form == .octets || field.usual == nil || number(field, at: offset) != field.usual
      }
    }
    guard !layer.values.isEmpty else {
      layers.append(layer)
      return true
    }
    // What is written may make less than all, and what is left of the header is data; never more.
    guard let made = made(layer)?.header.byteCount, made <= count else { return false }
    layer.byteCount = made
    layers.append(layer)
    return made == count
  }

  /// The number that a field's bits make; nil where they are more than 64.
  func number(_ field: FieldSpec, at offset: Int) -> UInt64? { field.number(in: bytes.rawSpan, at: offset) }

  /// Makes the packet of what is to be written, and writes what differs, until nothing does; false if nothing more
  /// can be written and yet it differs.
  mutating func settles() -> Bool {
    while true {
      guard let made = made(), made.count == bytes.count else { return writeAllDerived() ? settles() : false }
      if made == bytes { return true }
      guard writeDifferences(made) else { return false }
    }
  }

  /// Writes the fields whose bits differ, sums only where nothing else does, and of these the innermost: a field that
  /// is written may set right the sums over it. False if none could be.
  private mutating func writeDifferences(_ made: [UInt8]) -> Bool {
    var isChanged = false
    var sum: (layer: Int, field: Int)?
    for index in layers.indices {
      let (offset, fields) = (layers[index].offset, layers[index].fields)
      let sumBit = type(of: layers[index].header).sumRule.map { $0.offset * 8 }
      for (place, field) in fields.enumerated() where !layers[index].isWritten[place] {
        if case .structured = field.form { continue }
        guard number(field, at: offset) != field.number(in: made.rawSpan, at: offset) else { continue }
        if field.bits.lowerBound == sumBit {
          sum = (index, place)
        } else {
          layers[index].isWritten[place] = true
          isChanged = true
        }
      }
    }
    if !isChanged, let sum {
      layers[sum.layer].isWritten[sum.field] = true
      isChanged = true
    }
    return isChanged
  }

  /// Writes every derived field; false if they were all written.
  private mutating func writeAllDerived() -> Bool {
    var isChanged = false
    for index in layers.indices {
      for (place, field) in layers[index].fields.enumerated() where field.isDerived && !layers[index].isWritten[place] {
        layers[index].isWritten[place] = true
        isChanged = true
      }
    }
    return isChanged
  }

  /// The octets of what is to be written; nil where it cannot be made.
  private func made() -> [UInt8]? {
    var stack: [RecipeLayer] = []
    stack.reserveCapacity(layers.count + 2)
    for layer in layers {
      guard let made = made(layer) else { return nil }
      stack.append(made)
    }
    let rest = layers.last.map { $0.offset + $0.byteCount } ?? 0
    if rest < end {
      stack.append(RecipeLayer(name: "Raw", header: Payload(octets: Array(bytes[rest..<end])), written: ["load"]))
    }
    if end < bytes.count {
      stack.append(RecipeLayer(name: "Padding", header: Trailer(octets: Array(bytes[end...])), written: ["load"]))
    }
    return try? RecipeStack.packet(stack).encoded().bytes
  }

  private static func isPlain(_ fields: [FieldSpec], _ type: any Header.Type, _ name: String) -> Bool {
    guard let blank = (type.blank(name) as (any Header)?)?.recipeFields else { return false }
    let count = fields.last?.form == .structured ? fields.count - 1 : fields.count
    guard blank.count == count else { return false }
    return blank.indices.allSatisfy { index in
      switch fields[index].form {
      case .octets, .structured: false
      default: fields[index].bits == blank[index].bits
      }
    }
  }

  /// A layer as its recipe makes it.
  private func made(_ layer: Layer) -> RecipeLayer? {
    var made = RecipeLayer(name: layer.name, header: layer.header)
    do throws(FieldError) {
      if layer.isPlain {
        for (index, field) in layer.fields.enumerated() where !layer.isWritten[index] {
          if field.isDerived { try made.header.set(field.alias, to: .none) }
          // Options of which none can be written.
          if field.form == .structured { try made.header.set(field.alias, to: .list([])) }
        }
      } else {
        guard let blank = type(of: layer.header).blank(layer.name) as (any Header)? else { return nil }
        made.header = blank
      }
      let order = layer.isPlain ? [] : made.header.recipeFields
      for pass in 0...1 {
        for (index, field) in layer.fields.enumerated() where layer.isWritten[index] {
          // What the header with nothing set has comes first, as the reader has it.
          let isLater = !layer.isPlain && !order.contains { $0.name == field.name }
          guard isLater == (pass == 1) else { continue }
          made.written.append(field.name)
          let value = layer.values.isEmpty ? nil : layer.values[index]
          if let value {
            try made.header.set(field.alias, to: value)
            if field.name == "options" { made.note(value) }
          } else if !layer.isPlain {
            try made.header.set(field.alias, to: self.value(of: field, at: layer.offset))
          }
        }
        if layer.isPlain { break }
      }
    } catch {
      return nil
    }
    return made
  }

  /// What a field's bits are written as.
  private func value(of field: FieldSpec, at offset: Int) -> FieldValue {
    switch field.form {
    case .octets:
      let start = min(offset + field.bits.lowerBound / 8, bytes.count)
      return .octets(Array(bytes[start..<min(bytes.count, max(start, offset + field.bits.upperBound / 8))]))
    case .ipv4Address:
      return .text(IPv4Address(rawValue: UInt32(truncatingIfNeeded: number(field, at: offset) ?? 0)).description)
    case .ipv6Address: return .text(ipv6Address(field, at: offset).description)
    case .macAddress: return .text(MACAddress(rawValue: number(field, at: offset) ?? 0).description)
    default: return .number(number(field, at: offset) ?? 0)
    }
  }

  func ipv6Address(_ field: FieldSpec, at offset: Int) -> IPv6Address {
    let start = offset + field.bits.lowerBound / 8
    guard start >= 0, start + 16 <= bytes.count else { return .any }
    return IPv6Address(high: bytes.rawSpan.bigEndian(at: start), low: bytes.rawSpan.bigEndian(at: start + 8))
  }
}
