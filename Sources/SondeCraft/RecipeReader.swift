internal import SondeHeaders
internal import SondeOctets

/// One layer of a recipe, with the values that its fields take.
struct PlannedLayer {
  /// A field that is written, and what it is set to.
  struct Part {
    /// As the recipe calls it.
    var field: String
    /// As the RFC calls it.
    var fullName: String
    var choices: RecipeChoices
  }
  var name: String
  /// With every field at the first of its values.
  var layer: RecipeLayer
  /// What some of its arguments mean besides: layers that stand behind it.
  var inner: [RecipeLayer] = []
  /// In the order of the header's fields.
  var parts: [Part]
  /// How many headers there are.
  var count: UInt128
}

/// Makes scanned forms into layers, by the names that protocols give themselves and their fields.
struct RecipeReader {
  /// The names of all layers, and which protocol each is.
  private static let types: [String: any Header.Type] = {
    var types: [String: any Header.Type] = [:]
    for type in Registry.known { for name in type.recipeNames { types[name] = type } }
    return types
  }()
  static let layerNames: [String] = Registry.known.flatMap { $0.recipeNames } + ["Quote"]

  /// How many quotes and packets within fields lie around.
  var depth = 0
  /// The value of a term in a field; nil where it has none.
  var fill: (RecipeTerm, FieldSpec?) -> FieldValue? = { _, _ in nil }
  /// The terms that were met, each with the field that it stands in.
  var mentions: [OpenRecipe.Mention] = []

  mutating func plan(_ forms: [ScannedForm]) throws(RecipeFault) -> [PlannedLayer] {
    var plans: [PlannedLayer] = []
    for form in forms { plans.append(form.name == "Quote" ? try quote(form) : try layer(form)) }
    return plans
  }

  private mutating func layer(_ form: ScannedForm) throws(RecipeFault) -> PlannedLayer {
    guard let type = Self.types[form.name], var header = type.blank(form.name) as (any Header)? else {
      throw RecipeFault(
        form.offset, "no layer is called \(Suggestion.quoted(form.name))",
        Suggestion.nearest(to: form.name, among: Self.layerNames).map { "did you mean \"\($0)\"?" }
          ?? "layers are Ether, Dot1Q, ARP, IP, IPv6, ICMP, ICMPv6EchoRequest, UDP, TCP, SCTP, Raw, Padding and more; "
          + "sonde craft --help names them all")
    }
    let arguments = sorted(form.arguments, header, form.name)
    var parts: [PlannedLayer.Part] = []
    for argument in arguments {
      let name = argument.name.isEmpty && (form.name == "Raw" || form.name == "Padding") ? "load" : argument.name
      guard !name.isEmpty else {
        throw RecipeFault(argument.offset, "\(form.name) has a value without a name", "write field=value")
      }
      var resolved = argument
      resolved.value = try filled(argument, name, header)
      if !argument.forms.isEmpty { resolved.value = try octets(of: resolved) }
      let choices = try set(name, resolved, &header, form.name)
      parts.append(.init(field: name, fullName: name, choices: choices))
    }
    // A field that came to have no octets is no longer among the header's.
    let specs = header.recipeFields + (type.blank(form.name)?.recipeFields ?? [])
    for index in parts.indices {
      if let spec = specs.first(where: { $0.isCalled(parts[index].field) }) { parts[index].fullName = spec.name }
      if let earlier = parts[..<index].firstIndex(where: { $0.fullName == parts[index].fullName }) {
        let second = arguments[max(earlier, index)]
        throw RecipeFault(
          second.offset, "\(form.name) has the field \(Suggestion.quoted(parts[index].field)) twice, the second time")
      }
    }
    var layer = RecipeLayer(name: form.name, header: header, written: parts.map(\.fullName))
    if let options = parts.first(where: { $0.fullName == "options" }), case .one(let value) = options.choices {
      layer.note(value)
    }
    var plan = PlannedLayer(
      name: form.name, layer: layer, parts: parts, count: parts.reduce(1) { saturating($0, $1.choices.count) })
    do throws(FieldError) {
      plan.inner = try plan.innerLayers(at: 0)
    } catch {
      throw RecipeFault(form.offset, "\(form.name): \(error)")
    }
    return plan
  }

  /// The value of an argument with each of its terms exchanged for its value.
  private mutating func filled(
    _ argument: ScannedForm.Argument, _ name: String, _ header: any Header
  ) throws(RecipeFault) -> FieldValue {
    let terms = argument.value.terms
    guard !terms.isEmpty else { return argument.value }
    let isWhole = RecipeTerm(argument.value) != nil
    // A field that is not there yet and takes a list is one of options.
    let spec = header.recipeFields.first { $0.isCalled(name) } ?? (isWhole ? nil : FieldSpec(name, 32, .structured))
    for term in terms {
      mentions.append(.init(term: term, field: spec, isWhole: isWhole, offset: argument.valueOffset))
    }
    return try argument.value.filled { (term) throws(RecipeFault) in
      guard let value = fill(term, spec) else {
        throw RecipeFault(argument.valueOffset, "\(term) has no value that fits", "a variable must be set before")
      }
      return value
    }
  }

  /// Arguments in the order in which they are set: fields whose meaning depends on others come behind them.
  private func sorted(
    _ arguments: [ScannedForm.Argument], _ header: any Header, _ layer: String
  ) -> [ScannedForm.Argument] {
    let order = header.recipeFields
    func place(_ name: String) -> Int? {
      switch name {
      // What has no octets comes before what it decides on.
      case "autopad", "isPadded": -1
      // A name of ICMPv6's says by itself which fields there are; a length that is written may cut them off.
      case "type" where layer.hasPrefix("ICMPv6"): .max
      case "len", "length": layer.hasPrefix("ICMPv6ND") ? .max - 1 : order.firstIndex { $0.isCalled(name) }
      default: order.firstIndex { $0.isCalled(name) }
      }
    }
    return arguments.enumerated().map { (place: place($1.name) ?? order.count + $0, argument: $1) }
      .sorted { $0.place < $1.place }.map(\.argument)
  }

  /// Sets a field to the first of its values, once all of them are known to fit.
  private func set(
    _ field: String, _ argument: ScannedForm.Argument, _ header: inout any Header, _ layer: String
  ) throws(RecipeFault) -> RecipeChoices {
    let spec = header.recipeFields.first { $0.isCalled(field) }
    let value = word(argument.value, spec, layer)
    // Text with a prefix length is a network wherever an address belongs, though octets may belong there too.
    if spec?.form == .ipv4Address || spec?.form == .ipv6Address, case .text(let text) = value, text.contains("/"),
      let choices = try? RecipeChoices(value, field)
    {
      if (try? header.set(field, to: choices.value(at: 0))) != nil { return choices }
    }
    let refusal: FieldError
    do throws(FieldError) {
      try header.set(field, to: value)
      return .one(value)
    } catch {
      refusal = error
    }
    guard refusal.reason != nil else { throw unknown(field, argument, header, layer) }
    func fault(_ error: FieldError, _ value: FieldValue) -> RecipeFault {
      var advice = ""
      if case .text(let text) = value {
        let words = RecipeWords.words(of: spec?.name ?? field, in: layer).keys.sorted()
        advice = Suggestion.nearest(to: text, among: words).map { "did you mean \"\($0)\"?" } ?? ""
      }
      let claim = "\(layer): \(error.field) \(error.reason ?? "")"
      return RecipeFault(argument.valueOffset, value.sketch.map { "\(claim), not \($0)" } ?? claim, advice)
    }
    // Nothing means zero where nothing is computed.
    if value == .none, (try? header.set(field, to: .number(0))) != nil { return .one(.number(0)) }
    let choices: RecipeChoices?
    do throws(FieldError) { choices = try RecipeChoices(value, field) } catch { throw fault(error, value) }
    guard let choices = choices?.mapped({ word($0, spec, layer) }) else { throw fault(refusal, value) }
    for end in choices.ends {
      var copy = header
      do throws(FieldError) {
        try copy.set(field, to: end)
      } catch {
        // What is wrong with one of several values is told of that one, unless several are wrong in themselves.
        throw error == refusal ? fault(error, end) : fault(refusal, value)
      }
    }
    // The first was among those tried.
    try? header.set(field, to: choices.value(at: 0))
    return choices
  }

  /// The number that a word stands for; anything else as it is.
  private func word(_ value: FieldValue, _ spec: FieldSpec?, _ layer: String) -> FieldValue {
    guard case .text(let text) = value, let spec,
      let number = RecipeWords.words(of: spec.name, in: layer)[text]
    else { return value }
    return .number(number)
  }

  private func unknown(
    _ field: String, _ argument: ScannedForm.Argument, _ header: any Header, _ layer: String
  ) -> RecipeFault {
    var names: [String] = []
    for spec in header.recipeFields { names += spec.alias == spec.name ? [spec.name] : [spec.alias, spec.name] }
    if !names.contains("options"), (try? probe(header, "options")) != nil { names.append("options") }
    return RecipeFault(
      argument.offset, "\(layer) has no field \(Suggestion.quoted(field))",
      Suggestion.advice(for: field, among: names, kind: "its fields"))
  }

  /// Sets a field to nothing, to see whether it is there though it has no octets yet.
  private func probe(_ header: any Header, _ field: String) throws(FieldError) {
    var copy = header
    try copy.set(field, to: .list([]))
  }

  /// A packet as the value of a field is its octets; the objects that options are stay as they are.
  private mutating func octets(of argument: ScannedForm.Argument) throws(RecipeFault) -> FieldValue {
    guard let first = argument.forms.first, Self.types[first.name] != nil || first.name == "Quote" else {
      return argument.value
    }
    let packet = try single(argument.forms, isField: true)
    do throws(CraftError) {
      return .octets(try packet.encoded().bytes)
    } catch {
      throw RecipeFault(argument.valueOffset, "\(error)")
    }
  }

  /// The packet of forms that must be one.
  ///
  /// - Parameter isField: whether it is the value of a field: Scapy makes such a packet twice, and the sum that it
  ///   computes first leaves the end of a source route for the destination.
  private mutating func single(_ forms: [ScannedForm], isField: Bool = false) throws(RecipeFault) -> AnyPacket {
    guard depth < 8 else { throw RecipeFault(forms.first?.offset ?? 0, "more than 8 packets lie in each other") }
    var inner = RecipeReader(depth: depth + 1, fill: fill)
    let plans = try inner.plan(forms)
    mentions += inner.mentions
    if let sweep = plans.firstIndex(where: { $0.count != 1 }) {
      throw RecipeFault(forms[sweep].offset, "a packet within another is several", "ranges belong outside")
    }
    var stack = plans.flatMap { [$0.layer] + $0.inner }
    for index in stack.indices.dropLast() where isField && !stack[index + 1].written.contains("checksum") {
      guard stack[index + 1].header is UDP || stack[index + 1].header is TCP, let end = stack[index].routeEnd,
        var header = stack[index].header as? IPv4
      else { continue }
      header.destination = end
      stack[index].header = header
    }
    return RecipeStack.packet(stack)
  }

  /// `Quote(IP(…)/UDP(…), cut=28)`.
  private mutating func quote(_ form: ScannedForm) throws(RecipeFault) -> PlannedLayer {
    var packet = AnyPacket([])
    var cut: Int?
    for argument in form.arguments {
      switch argument.name {
      case "", "packet":
        guard !argument.forms.isEmpty else {
          throw RecipeFault(
            argument.valueOffset,
            "Quote: packet takes layers, IP(…)/UDP(…), not \(argument.value.sketch ?? "a list")")
        }
        packet = try single(argument.forms)
      case "cut":
        if argument.value == .none { continue }
        guard case .number(let number) = argument.value, let count = UInt16(exactly: number) else {
          throw RecipeFault(
            argument.valueOffset, "Quote: cut takes a number from 0 to 65535, not \(argument.value.sketch ?? "a list")")
        }
        cut = Int(count)
      default:
        throw RecipeFault(
          argument.offset, "Quote has no field \(Suggestion.quoted(argument.name))",
          Suggestion.advice(for: argument.name, among: ["packet", "cut"], kind: "its fields"))
      }
    }
    return PlannedLayer(
      name: "Quote", layer: RecipeLayer(name: "Quote", header: Quote(packet, cut: cut)), parts: [], count: 1)
  }
}

/// The product, or the greatest number if it is greater.
func saturating(_ left: UInt128, _ right: UInt128) -> UInt128 {
  let (product, overflow) = left.multipliedReportingOverflow(by: right)
  return overflow ? .max : product
}

extension FieldValue {
  /// The value as far as an error shows it; nil where it would not help.
  var sketch: String? {
    switch self {
    case .none: "None"
    case .number(let number): String(number)
    case .text(let text): Suggestion.quoted(text)
    case .octets(let octets): octets.isEmpty ? "b''" : "\(octets.count) octets"
    case .list, .tuple: nil
    case .forms(let forms): "\(String((forms.first?.name ?? "").prefix(40)))(…)"
    }
  }
}
