internal import SondeOctets

// Options in recipes.
extension NeighborDiscoveryOption {
  private static let nameless = "ICMPv6NDOptUnknown"

  public static var recipeNames: [String] { [nameless] + layouts.values.map(\.recipeName).sorted() }

  public func recipeName(isQuoted: Bool) -> String? { layout?.recipeName ?? Self.nameless }

  public static func blank(_ recipeName: String) -> Self? {
    if recipeName == nameless { return Self(type: 0, content: []) }
    guard let (type, layout) = layouts.first(where: { $0.value.recipeName == recipeName }) else { return nil }
    let fields: [FieldSpec] = .consecutive([.init("type", 8), .init("length", 8)] + layout.fixed)
    // Where nothing is counted Scapy has a number, in one option not the right one.
    let length: Field<UInt8> = layout.tail.kind == .none ? .set(UInt8((layout.byteCount + 2) / 8)) : .auto
    return Self(type: Kind(rawValue: type), content: Array(fields.usualOctets.dropFirst(2)), length: length)
  }

  public mutating func set(_ field: String, to value: FieldValue) throws(FieldError) {
    switch field {
    case "type": type = Kind(rawValue: value == .none ? 0 : try value.number(field))
    case "length", "len":
      length = try value.derived(field)
      if type == .routeInformation { fitPrefix() }
    case "data":
      content = try value.octets(field)
      // Scapy takes the octets for the length, unless one is written.
      if length == .auto { length = .set(UInt8(truncatingIfNeeded: content.count + 2)) }
    default:
      if let layout = Self.layouts[type.rawValue], field == layout.tail.name || field == layout.tail.alias {
        return try set(tail: layout, field, to: value)
      }
      guard let spec = fields.first(where: { $0.isCalled(field) }) else { throw .unknown(field) }
      var octets: [UInt8] = [0, 0] + content
      try spec.write(value, calledBy: field, into: &octets)
      content = Array(octets.dropFirst(2))
    }
  }

  private mutating func set(tail layout: Layout, _ field: String, to value: FieldValue) throws(FieldError) {
    let tail: [UInt8]
    switch layout.tail.kind {
    case .packet:
      let packet = value == .none ? [] : try value.octets(field)
      // Only whole units are quoted.
      tail = Array(packet.prefix(packet.count / 8 * 8))
    case .prefix: tail = value == .none ? [] : Self.octets(try value.ipv6Address(field))
    case .addresses:
      var octets: [UInt8] = []
      for element in value.elements { octets += Self.octets(try element.ipv6Address(field)) }
      tail = octets
    case .names:
      var names: [String] = []
      for element in value.elements { names.append(String(decoding: try element.octets(field), as: UTF8.self)) }
      guard let octets = SearchList.octets(of: names) else {
        throw FieldError(field, "takes names whose labels have at most 255 octets")
      }
      tail = octets
    case .none: throw .unknown(field)
    }
    content = content.prefix(layout.byteCount) + tail
    if layout.tail.kind == .prefix { fitPrefix() }
  }

  /// Cuts or fills up the prefix of a route to the length that is written, as Scapy does.
  private mutating func fitPrefix() {
    guard let units = length.hand else { return }
    let count = max(6, 8 * Int(units) - 2)
    content = content.prefix(count) + [UInt8](repeating: 0, count: max(0, count - content.count))
  }

  private static func octets(_ address: IPv6Address) -> [UInt8] {
    [address.high, address.low].flatMap { half in
      (0..<8).map { UInt8(truncatingIfNeeded: half >> (56 - 8 * UInt64($0))) }
    }
  }

  public func value(of field: FieldSpec) -> FieldValue? {
    guard field.form == .structured, let layout else { return nil }
    let tail = content.dropFirst(layout.byteCount)
    switch layout.tail.kind {
    case .prefix: return .text(Self.address(tail).description)
    case .addresses:
      return .list(
        stride(from: tail.startIndex, to: tail.endIndex, by: 16).map { start in
          .text(Self.address(tail[start..<start + 16]).description)
        })
    case .names: return .list((SearchList.names(in: tail) ?? []).map { .text($0) })
    case .packet, .none: return nil
    }
  }

  /// The address that such octets begin.
  private static func address(_ octets: ArraySlice<UInt8>) -> IPv6Address {
    let octets = Array(octets) + [UInt8](repeating: 0, count: max(0, 16 - octets.count))
    return IPv6Address(
      high: octets[..<8].reduce(0) { $0 << 8 | UInt64($1) }, low: octets[8..<16].reduce(0) { $0 << 8 | UInt64($1) })
  }
}
