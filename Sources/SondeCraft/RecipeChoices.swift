internal import SondeHeaders
internal import SondeOctets

/// The values that a field takes one after the other: a sweep, of which no more is kept than how it is made.
indirect enum RecipeChoices {
  case one(FieldValue)
  /// From the first on, so many numbers, each so much greater than the one before.
  case numbers(first: UInt64, count: UInt64, step: UInt64)
  case ipv4Addresses(first: UInt32, count: UInt64)
  case ipv6Addresses(first: UInt128, count: UInt128)
  /// One after the other, with how many values stand before each.
  case several([RecipeChoices], before: [UInt128])

  /// How many values there are; more than the type holds are its greatest number.
  var count: UInt128 {
    switch self {
    case .one: 1
    case .numbers(_, let count, _), .ipv4Addresses(_, let count): UInt128(count)
    case .ipv6Addresses(_, let count): count
    case .several(let choices, let before): (before.last ?? 0).addingSaturating(choices.last?.count ?? 0)
    }
  }

  /// The value at `index`, which is less than `count`.
  func value(at index: UInt128) -> FieldValue {
    switch self {
    case .one(let value): return value
    case .numbers(let first, _, let step): return .number(first &+ UInt64(truncatingIfNeeded: index) &* step)
    case .ipv4Addresses(let first, _):
      return .text(IPv4Address(rawValue: first &+ UInt32(truncatingIfNeeded: index)).description)
    case .ipv6Addresses(let first, _):
      let address = first &+ index
      return .text(
        IPv6Address(high: UInt64(address >> 64), low: UInt64(truncatingIfNeeded: address)).description)
    case .several(let choices, let before):
      // The last that begins at or before the index.
      var (low, high) = (0, choices.count - 1)
      while low < high {
        let middle = (low + high + 1) / 2
        if before[middle] <= index { low = middle } else { high = middle - 1 }
      }
      return choices[low].value(at: index - before[low])
    }
  }

  /// The values to try, so that if they fit all others do: the ends of ranges, and every member of a list.
  var ends: [FieldValue] {
    switch self {
    case .one(let value): [value]
    case .several(let choices, _): choices.flatMap(\.ends)
    default: [value(at: 0), value(at: count - 1)]
    }
  }

  /// The choices with each value written out exchanged for another.
  func mapped(_ exchange: (FieldValue) -> FieldValue) -> RecipeChoices {
    switch self {
    case .one(let value): .one(exchange(value))
    case .several(let choices, let before): .several(choices.map { $0.mapped(exchange) }, before: before)
    default: self
    }
  }

  /// The choices that a list, a range `(first, last)` or `(first, last, step)`, or a network means; nil where the
  /// value means no more than itself.
  ///
  /// - Throws: `FieldError` for a range or a network that has no member.
  init?(_ value: FieldValue, _ field: String) throws(FieldError) {
    switch value {
    case .list(let values):
      var choices: [RecipeChoices] = []
      var before: [UInt128] = []
      var count: UInt128 = 0
      for value in values {
        let choice = try RecipeChoices(value, field) ?? .one(value)
        choices.append(choice)
        before.append(count)
        count = count.addingSaturating(choice.count)
      }
      guard !choices.isEmpty else { return nil }
      self = .several(choices, before: before)
    case .tuple(let parts):
      var numbers: [UInt64] = []
      for case .number(let number) in parts { numbers.append(number) }
      guard numbers.count == parts.count, (2...3).contains(parts.count) else { return nil }
      let step = numbers.count > 2 ? numbers[2] : 1
      guard numbers[0] <= numbers[1], step > 0 else {
        throw FieldError(field, "has a range without a number in it; write (first, last), the first not above the last")
      }
      let (count, overflow) = ((numbers[1] - numbers[0]) / step).addingReportingOverflow(1)
      self = .numbers(first: numbers[0], count: overflow ? .max : count, step: step)
    case .text(let text):
      guard let net = Self.network(text) else { return nil }
      self = net
    case .forms(let forms):
      guard forms.count == 1, ["Net", "Net6"].contains(forms[0].name) else { return nil }
      let texts = forms[0].arguments.map { argument in if case .text(let text) = argument.value { text } else { "" } }
      guard let net = texts.count == 2 ? Self.range(texts[0], texts[1]) : Self.network(texts.first ?? "") else {
        throw FieldError(field, "takes a network as Net('192.0.2.0/28'), or a range as Net('192.0.2.1', '192.0.2.9')")
      }
      self = net
    default: return nil
    }
  }

  /// A network: an address and the length of its prefix; the bits behind the prefix do not count.
  private static func network(_ text: String) -> RecipeChoices? {
    let parts = text.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
    let prefix = parts.count > 1 ? UInt(parts[1]) : nil
    if parts.count > 1, prefix == nil || parts[1].first == "+" { return nil }
    if let address = IPv4Address(parts[0]) {
      let length = prefix ?? 32
      guard length <= 32 else { return nil }
      let count = UInt64(1) << (32 - UInt64(length))
      return .ipv4Addresses(first: address.rawValue & ~UInt32(truncatingIfNeeded: count - 1), count: count)
    }
    guard let address = IPv6Address(parts[0]) else { return nil }
    let length = prefix ?? 128
    guard length <= 128 else { return nil }
    let hosts = length == 0 ? UInt128.max : (UInt128(1) << (128 - UInt128(length))) - 1
    let number = UInt128(address.high) << 64 | UInt128(address.low)
    return .ipv6Addresses(first: number & ~hosts, count: hosts == .max ? .max : hosts + 1)
  }

  private static func range(_ first: String, _ last: String) -> RecipeChoices? {
    if let first = IPv4Address(first), let last = IPv4Address(last) {
      guard first <= last else { return nil }
      return .ipv4Addresses(first: first.rawValue, count: UInt64(last.rawValue - first.rawValue) + 1)
    }
    guard let first = IPv6Address(first), let last = IPv6Address(last) else { return nil }
    let ends = [first, last].map { UInt128($0.high) << 64 | UInt128($0.low) }
    guard ends[0] <= ends[1] else { return nil }
    let span = ends[1] - ends[0]
    return .ipv6Addresses(first: ends[0], count: span == .max ? .max : span + 1)
  }
}

extension UInt128 {
  /// The sum, or the greatest number where the sum is greater still.
  fileprivate func addingSaturating(_ other: UInt128) -> UInt128 {
    let (sum, overflow) = addingReportingOverflow(other)
    return overflow ? .max : sum
  }
}
