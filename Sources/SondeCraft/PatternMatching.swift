public import SondeHeaders
internal import SondeOctets

// Patterns beside packets.
extension RecipePattern {
  /// Compares a packet; where it is not the one the differences are those of the place that comes nearest.
  public func match(_ packet: Dissection) -> PatternMatch {
    let seen = SeenLayer.all(of: packet)
    var best: PatternMatch?
    for start in 0...seen.count {
      let match = match(seen, from: start)
      if match.isMatch { return match }
      if best.map({ match.rank > $0.rank }) ?? true { best = match }
    }
    return best ?? PatternMatch(differences: [], taken: [:], rank: 0)
  }

  private func match(_ seen: [SeenLayer], from start: Int) -> PatternMatch {
    var match = PatternMatch(differences: [], taken: [:], rank: 0)
    for (place, layer) in layers.enumerated() {
      let found = start + place < seen.count ? seen[start + place] : nil
      if layer.isNothing, place > 0, found == nil || found?.header is Trailer { continue }
      guard let found, found.name == layer.name else {
        let whole = place > 0 ? found?.name : seen.map(\.name).joined(separator: "/")
        match.differences.append(FieldDifference(layer: layer.name, field: nil, expected: layer.name, seen: whole))
        return match
      }
      match.rank += 1000
      for field in layer.fields {
        if let difference = compare(field, found, &match.taken) {
          match.differences.append(difference)
        } else {
          match.rank += 1
        }
      }
    }
    return match
  }

  /// How a field differs; nil if it does not.
  private func compare(
    _ field: Field, _ seen: SeenLayer, _ taken: inout [String: FieldValue]
  ) -> FieldDifference? {
    let spec = seen.field(field.name)
    var expected = field.text
    let isMatch: Bool
    switch field.test {
    case .choices(let choices): isMatch = seen.isAny(of: choices, field.name, spec)
    case .structure(let value): isMatch = spec.map { agrees(value, seen.value(of: $0), &taken) } ?? false
    case .term(let term):
      if term.variable == RecipeTerm.anything {
        isMatch = spec != nil
      } else if let value = term.value(width: spec?.sumWidth ?? 32, { known($0, spec?.form, taken) }) {
        isMatch = seen.isOne(value, field.name, spec)
        if let spec, !isMatch { expected = "\(value.text(in: spec)) (\(term))" }
      } else if let spec, let variable = term.variable {
        taken[variable] = seen.value(of: spec)
        isMatch = true
      } else {
        isMatch = false
      }
    }
    if isMatch { return nil }
    return FieldDifference(
      layer: seen.name, field: field.name, expected: expected, seen: spec.map { seen.text(of: $0, beside: field.text) })
  }

  private func known(_ name: String, _ form: FieldSpec.Form?, _ taken: [String: FieldValue]) -> FieldValue? {
    taken[name] ?? values(name, form)
  }

  /// Whether a value is like one in which terms stand, which take what they lack.
  private func agrees(_ pattern: FieldValue, _ seen: FieldValue, _ taken: inout [String: FieldValue]) -> Bool {
    if let term = RecipeTerm(pattern) {
      if term.variable == RecipeTerm.anything { return true }
      if let value = term.value(width: 32, { [taken] in known($0, .structured, taken) }) { return value == seen }
      guard let variable = term.variable else { return false }
      taken[variable] = seen
      return true
    }
    switch (pattern, seen) {
    case (.list(let left), .list(let right)), (.tuple(let left), .tuple(let right)):
      guard left.count == right.count else { return false }
      for (one, other) in zip(left, right) where !agrees(one, other, &taken) { return false }
      return true
    case (.forms(let left), .forms(let right)):
      guard left.count == right.count else { return false }
      for (one, other) in zip(left, right) {
        guard one.name == other.name else { return false }
        for argument in one.arguments {
          let value = other.arguments.first { $0.name == argument.name }?.value
          guard let value, agrees(argument.value, value, &taken) else { return false }
        }
      }
      return true
    case (.text(let text), .octets(let octets)): return Array(text.utf8) == octets
    default: return pattern == seen
    }
  }
}

extension SeenLayer {
  /// Whether a field has one of these values.
  func isAny(of choices: RecipeChoices, _ field: String, _ spec: FieldSpec?) -> Bool {
    switch choices {
    case .one(let value): return isOne(value, field, spec)
    case .several(let choices, _): return choices.contains { isAny(of: $0, field, spec) }
    case .numbers(let first, let count, let step):
      guard let spec, let number = number(of: spec), number >= first else { return false }
      return (number - first) % step == 0 && (number - first) / step < count
    case .ipv4Addresses(let first, let count):
      guard let spec, spec.bits.count == 32, let number = number(of: spec), number >= UInt64(first) else {
        return false
      }
      return number - UInt64(first) < count
    case .ipv6Addresses(let first, let count):
      guard let spec, case .text(let text) = value(of: spec), let address = IPv6Address(text) else { return false }
      let number = UInt128(address.high) << 64 | UInt128(address.low)
      return number >= first && number - first < count
    }
  }

  /// Whether a field has this value: setting it changes nothing.
  func isOne(_ written: FieldValue, _ field: String, _ spec: FieldSpec?) -> Bool {
    var copy = header
    do throws(FieldError) { try copy.set(field, to: written) } catch { return false }
    // A field that this header has not may be passed over in silence: only nothing is like it.
    guard let spec else { return written.isNothing && LayerList([copy]) == LayerList([header]) }
    if LayerList([copy]) == LayerList([header]) { return true }
    guard case .structured = spec.form, let value = copy.value(of: spec) else { return false }
    return value == header.value(of: spec)
  }
}

extension FieldValue {
  fileprivate var isNothing: Bool { [.none, .list([]), .tuple([]), .text(""), .octets([])].contains(self) }

  /// The value for a reader, as the field is shown.
  fileprivate func text(in field: FieldSpec) -> String {
    guard case .number(let number) = self else { return shortened }
    var line = TextOctets()
    field.form.append(number, digits: (field.bits.count + 3) / 4, to: &line)
    return String(decoding: line.octets, as: UTF8.self)
  }
}
