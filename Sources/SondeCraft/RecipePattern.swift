public import SondeHeaders
internal import SondeOctets

/// What a packet must have to be the one that an open recipe names: its layers next to each other in this order,
/// beginning anywhere, and the fields that are written.
///
/// Of a range or a list any value will do; flags must be exactly those; what is written in quotes as the last layer
/// is the whole of what the packet carries, and `''` there says that it carries nothing. A variable that has a value
/// must agree; one that has none takes the value that is seen.
public struct RecipePattern: Sendable {
  /// What a field must be.
  enum Test: Sendable {
    /// Any of these.
    case choices(RecipeChoices)
    case term(RecipeTerm)
    /// A value with terms in it that have no value yet.
    case structure(FieldValue)
  }

  struct Field: Sendable {
    var name: String
    var test: Test
    /// As it is written.
    var text: String
  }

  struct Layer: Sendable {
    var name: String
    var fields: [Field]

    /// Whether it says that the packet carries nothing.
    var isNothing: Bool {
      guard name == "Raw", fields.count == 1, case .choices(.one(let value)) = fields[0].test else { return false }
      return value == .text("") || value == .octets([])
    }
  }

  var layers: [Layer]
  let values: @Sendable (String, FieldSpec.Form?) -> FieldValue?

  /// The same of a packet that left in fragments of IPv6, whose header of them stands behind those that each fragment
  /// has (RFC 8200 §4.5).
  public var inFragments: RecipePattern {
    let before = ["IPv6", "IPv6ExtHdrHopByHop", "IPv6ExtHdrRouting", "IPv6ExtHdrSegmentRouting"]
    guard let start = layers.firstIndex(where: { $0.name == "IPv6" }) else { return withoutPayload }
    var copy = withoutPayload
    let end = copy.layers[start...].firstIndex { !before.contains($0.name) } ?? copy.layers.endIndex
    copy.layers.insert(Layer(name: "IPv6ExtHdrFragment", fields: []), at: end)
    return copy
  }

  /// The same of a packet whose data may be anything, or elsewhere.
  public var withoutPayload: RecipePattern {
    var copy = self
    while copy.layers.count > 1, copy.layers.last?.name == "Raw" { copy.layers.removeLast() }
    return copy
  }
}

/// How far a packet is the one that a pattern names.
public struct PatternMatch: Hashable, Sendable {
  /// Field by field; empty for a packet that is the one.
  public var differences: [FieldDifference]
  /// The variables that took a value from it.
  public var taken: [String: FieldValue]
  /// The more, the nearer it came.
  public var rank: Int

  public var isMatch: Bool { differences.isEmpty }
}

extension OpenRecipe {
  /// What a packet must have, with the values that variables have now.
  ///
  /// - Throws: `RecipeError` where a variable's value does not fit its field, or the recipe cannot be a pattern.
  public func pattern(
    _ values: @escaping @Sendable (_ variable: String, _ form: FieldSpec.Form?) -> FieldValue? = { _, _ in nil }
  ) throws(RecipeError) -> RecipePattern {
    switch content {
    case .packet(let packet): return RecipePattern(layers: RecipePattern.layers(of: packet), values: values)
    case .forms(let forms, let line):
      let plans = try Self.planned(forms, in: line) { values($0, $1) ?? Self.sample($1) }.layers
      var layers: [RecipePattern.Layer] = []
      for (form, plan) in zip(forms, plans) {
        guard form.name != "Quote" else {
          let advice = "in what is expected the layers of a quote are written IPerror(…)/UDPerror(…)"
          throw RecipeFault(form.offset, "Quote", advice).error(in: line)
        }
        layers.append(RecipePattern.Layer(form, plan, line, values))
        for inner in plan.inner {
          guard let payload = inner.header as? Payload else { continue }
          let value = FieldValue.octets(payload.octets)
          let field = RecipePattern.Field(name: "load", test: .choices(.one(value)), text: value.shortened)
          layers.append(RecipePattern.Layer(name: "Raw", fields: [field]))
        }
      }
      return RecipePattern(layers: layers, values: values)
    }
  }
}

extension RecipePattern.Layer {
  fileprivate init(
    _ form: ScannedForm, _ plan: PlannedLayer, _ line: [UInt8], _ values: (String, FieldSpec.Form?) -> FieldValue?
  ) {
    name = form.name
    fields = []
    let behind = plan.inner.isEmpty ? [] : ["data"]
    for part in plan.parts where !behind.contains(part.field) {
      let argument = form.arguments.first { $0.name == part.field || $0.name.isEmpty && part.field == "load" }
      guard let argument else { continue }
      let text = String(decoding: line[argument.valueOffset..<argument.end], as: UTF8.self)
      fields.append(RecipePattern.Field(name: part.field, test: Self.test(argument, part, plan, values), text: text))
    }
  }

  private static func test(
    _ argument: ScannedForm.Argument, _ part: PlannedLayer.Part, _ plan: PlannedLayer,
    _ values: (String, FieldSpec.Form?) -> FieldValue?
  ) -> RecipePattern.Test {
    if let term = RecipeTerm(argument.value) { return .term(term) }
    let variables = argument.value.terms.flatMap(\.variables)
    if variables.contains(where: { $0 == RecipeTerm.anything || values($0, nil) == nil }) {
      return .structure(argument.value)
    }
    // In a packet a list of flags is all of them; in a pattern it is any, as every list.
    if case .list(let members) = argument.value, !members.isEmpty, variables.isEmpty,
      let spec = plan.layer.header.recipeFields.first(where: { $0.isCalled(part.field) }), case .flags = spec.form
    {
      return .choices(.several(members.map { .one($0) }, before: Array(0..<UInt128(members.count))))
    }
    return .choices(part.choices)
  }
}

// Patterns of packets that were made, not read.
extension RecipePattern {
  static func layers(of packet: AnyPacket, isQuoted: Bool = false) -> [Layer] {
    var layers: [Layer] = []
    for header in packet.layers.layers {
      if let quote = header as? Quote {
        layers += Self.layers(of: quote.packet, isQuoted: true)
      } else {
        layers.append(layer(of: header, isQuoted: isQuoted))
      }
    }
    return layers
  }

  /// What was set of a header: what has not the value that the type gives it.
  private static func layer(of header: any Header, isQuoted: Bool) -> Layer {
    let name = SeenLayer.name(of: header, isQuoted: isQuoted)
    var layer = Layer(name: name, fields: [])
    guard let bytes = try? AnyPacket([header]).encoded().bytes else { return layer }
    let made = SeenLayer(name: name, header: header, bytes: bytes, offset: 0)
    let blank = (type(of: header).blank(name) as (any Header)?).map { header in
      SeenLayer(name: name, header: header, bytes: (try? AnyPacket([header]).encoded().bytes) ?? [], offset: 0)
    }
    for spec in header.recipeFields {
      if spec.isDerived {
        var copy = header
        if (try? copy.set(spec.alias, to: .none)) != nil, LayerList([copy]) == LayerList([header]) { continue }
      }
      let value = made.value(of: spec)
      if let blank, let usual = blank.field(spec.name), blank.value(of: usual) == value { continue }
      if made.number(of: spec) == 0 || value == .text("::") { continue }
      layer.fields.append(Field(name: spec.alias, test: .choices(.one(value)), text: made.text(of: spec, beside: "")))
    }
    return layer
  }
}
