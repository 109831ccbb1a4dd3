internal import SondeOctets

// How recipes write TCP.
extension TCP {
  public static var recipeNames: [String] { ["TCP", "TCPerror"] }
  public static func blank(_ recipeName: String) -> TCP? { TCP() }

  public mutating func set(_ field: String, to value: FieldValue) throws(FieldError) {
    switch field {
    case "sourcePort", "sport": sourcePort = try value.number(field)
    case "destinationPort", "dport": destinationPort = try value.number(field)
    case "sequenceNumber", "seq": sequenceNumber = try value.number(field)
    case "acknowledgmentNumber", "ack": acknowledgmentNumber = try value.number(field)
    case "dataOffset", "dataofs": dataOffset = try value.derived(field, limit: 15)
    case "reserved": reserved = try value.number(field, limit: 7)
    case "flags": flags = Flags(rawValue: try value.flags(field, Self.flagNames))
    case "window": window = try value.number(field)
    case "checksum", "chksum": checksum = try value.derived(field)
    case "urgentPointer", "urgptr": urgentPointer = try value.number(field)
    case "options": options = try TCPOption.read(value, field)
    default: throw .unknown(field)
    }
  }

  public func value(of field: FieldSpec) -> FieldValue? {
    field.name == "options" ? TCPOption.value(of: options) : nil
  }

  public mutating func settle(_ context: RecipeContext) {
    // Options beyond what the field can count wrap its four bits.
    if dataOffset == .auto, byteCount > 60 { dataOffset = .set(UInt8(byteCount / 4 & 15)) }
  }
}

extension TCPOption {
  /// The options of a list of pairs: `[('MSS', 1460), ('NOP', None), (254, b'data')]`.
  static func read(_ value: FieldValue, _ field: String) throws(FieldError) -> [TCPOption] {
    // Nothing at all is written in many ways.
    if [.octets([]), .text(""), .none].contains(value) { return [] }
    guard case .list(let pairs) = value.asList else { throw malformed(field) }
    var options: [TCPOption] = []
    for pair in pairs {
      guard case .tuple(let parts) = pair, parts.count == 2 else { throw malformed(field) }
      options.append(try TCPOption(parts[0], parts[1], field))
    }
    return options
  }

  private static func malformed(_ field: String) -> FieldError {
    FieldError(field, "takes a list of pairs of a name or kind and a value: [('MSS', 1460), ('NOP', None), (254, b'')]")
  }

  private init(_ name: FieldValue, _ value: FieldValue, _ field: String) throws(FieldError) {
    let kind: UInt8
    var layout: [Int]?
    switch name {
    case .number(let number):
      kind = try FieldValue.number(number).number(field)
      guard kind > 1 else { break }
      guard value.isOctets else {
        throw FieldError(field, "take octets for an option of a kind in numbers: (\(kind), b'…')")
      }
    case .text(let name):
      guard let known = Self.layouts[name] else {
        throw FieldError(field, "know no \"\(name)\"; they are \(Self.layouts.keys.sorted().joined(separator: ", "))")
      }
      (kind, layout) = known
    default: throw Self.malformed(field)
    }
    switch kind {
    case 0: self = .endOfList
    case 1: self = .noOperation
    default: self = TCPOption(kind: kind, data: try Self.data(of: value, layout, kind, field))
    }
  }

  /// The octets behind kind and length: as they are written, or numbers laid out as the option has them.
  private static func data(
    of value: FieldValue, _ layout: [Int]?, _ kind: UInt8, _ field: String
  ) throws(FieldError) -> [UInt8] {
    if value.isOctets {
      let octets = try value.octets(field)
      // A digest has 16 octets, come what may (RFC 2385 §3.0).
      return kind == 19 && layout != nil ? Array((octets + [UInt8](repeating: 0, count: 16)).prefix(16)) : octets
    }
    guard var layout else { throw FieldError(field, "take octets for kind \(kind): b'…'") }
    let numbers = value.elements
    if kind == 5 { layout = numbers.map { _ in 4 } }
    guard !layout.isEmpty || kind == 5, numbers.count == layout.count else {
      throw FieldError(field, "take \(layout.isEmpty ? "b''" : "\(layout.count) numbers") for kind \(kind)")
    }
    var octets: [UInt8] = []
    for (width, number) in zip(layout, numbers) {
      let value: UInt32 = try number.number(field, limit: width == 4 ? .max : UInt32(1) << UInt32(8 * width) - 1)
      octets += (0..<width).map { UInt8(truncatingIfNeeded: value >> (8 * UInt32(width - 1 - $0))) }
    }
    return octets
  }

  /// The kinds that have names, and the widths of their numbers in octets; no numbers: only octets.
  private static let layouts: [String: (UInt8, [Int])] = [
    "EOL": (0, []), "NOP": (1, []), "MSS": (2, [2]), "WScale": (3, [1]), "SAckOK": (4, []), "SAck": (5, []),
    "Timestamp": (8, [4, 4]), "AltChkSum": (14, [1, 2]), "AltChkSumOpt": (15, []), "Mood": (25, []),
    "MD5": (19, []), "UTO": (28, [2]), "AO": (29, []), "TFO": (34, [4, 4]),
  ]

  /// Options as a recipe writes them: zeros that only fill up the last word are left out, and from the last word
  /// boundary before octets that are no option on, so is everything.
  static func value(of options: [TCPOption]) -> FieldValue {
    var pairs: [FieldValue] = []
    var (made, whole) = (0, (octets: 0, pairs: 0))
    let area = options.reduce(0) { $0 + $1.byteCount }
    for (pair, count) in options.flatMap(\.pairs) {
      pairs.append(pair)
      made += count
      if made % 4 == 0 { whole = (made, pairs.count) }
    }
    if made != area {
      pairs.removeLast(pairs.count - whole.pairs)
    } else if area % 4 == 0 {
      for _ in 0..<3 where pairs.last == pair("EOL", .none) { pairs.removeLast() }
    }
    return .list(pairs)
  }

  /// The pairs that make this option, and how many octets each does.
  private var pairs: [(FieldValue, Int)] {
    let pair: FieldValue
    switch self {
    case .endOfList: pair = Self.pair("EOL", .none)
    case .noOperation: pair = Self.pair("NOP", .none)
    case .mss(let size): pair = Self.pair("MSS", .number(UInt64(size)))
    case .windowScale(let shift): pair = Self.pair("WScale", .number(UInt64(shift)))
    case .sackPermitted: pair = Self.pair("SAckOK", .octets([]))
    case .sack(let blocks):
      pair = Self.pair("SAck", .tuple(blocks.flatMap { [.number(UInt64($0.left)), .number(UInt64($0.right))] }))
    case .timestamps(let value, let reply):
      pair = Self.pair("Timestamp", .tuple([.number(UInt64(value)), .number(UInt64(reply))]))
    case .option(let kind, let data): pair = .tuple([.number(UInt64(kind)), .octets(data)])
    case .octets(let octets): return Self.pairs(in: octets[...])
    }
    return [(pair, byteCount)]
  }

  private static func pair(_ name: String, _ value: FieldValue) -> FieldValue { .tuple([.text(name), value]) }

  /// Octets behind the end of the list: whatever of them reads as an option makes them again.
  private static func pairs(in octets: ArraySlice<UInt8>) -> [(FieldValue, Int)] {
    var pairs: [(FieldValue, Int)] = []
    var rest = octets
    while let kind = rest.first {
      if kind <= 1 {
        pairs.append((pair(kind == 0 ? "EOL" : "NOP", .none), 1))
        rest = rest.dropFirst()
        continue
      }
      guard let length = rest.dropFirst().first, length >= 2, Int(length) <= rest.count else { break }
      let option = rest.prefix(Int(length))
      pairs.append((.tuple([.number(UInt64(kind)), .octets(Array(option.dropFirst(2)))]), option.count))
      rest = rest.dropFirst(option.count)
    }
    return pairs
  }
}

extension FieldValue {
  /// Octets, or text that stands for its own.
  var isOctets: Bool {
    switch self {
    case .octets, .text: true
    default: false
    }
  }

  /// A tuple taken for a list.
  var asList: FieldValue {
    if case .tuple(let values) = self { .list(values) } else { self }
  }
}
