internal import SondeOctets

/// One option of the IPv4 header (RFC 791 §3.1).
public enum IPv4Option: Hashable, Sendable {
  /// End of option list: kind 0.
  case endOfList
  /// No operation: kind 1.
  case noOperation
  /// Any other kind: its octets behind kind and length.
  case option(kind: UInt8, data: [UInt8])
  /// Octets that are no option: what follows the end of the list, or a length that lies.
  case octets([UInt8])

  /// Its length on the wire in octets.
  public var byteCount: Int {
    switch self {
    case .endOfList, .noOperation: 1
    case .option(_, let data): 2 + data.count
    case .octets(let octets): octets.count
    }
  }

  /// Its octets on the wire.
  public var octets: [UInt8] {
    switch self {
    case .endOfList: [0]
    case .noOperation: [1]
    // The length octet counts kind and length too; the header refuses data that it cannot count.
    case .option(let kind, let data): [kind, UInt8(truncatingIfNeeded: data.count + 2)] + data
    case .octets(let octets): octets
    }
  }

  /// The last address of a loose or strict source route (131, 137) whose pointer is not yet behind it,
  /// so that a receiver sends the packet on (RFC 791 §3.1); nil for any other option.
  var routeEnd: IPv4Address? {
    guard case .option(let kind, let data) = self, kind == 131 || kind == 137 else { return nil }
    // The pointer counts from the option's first octet, from 1; the smallest legal value is 4.
    guard data.count >= 5, Int(data[0]) <= data.count else { return nil }
    return IPv4Address(
      rawValue: data[(1 + (data.count - 1) / 4 * 4 - 4)...].prefix(4).reduce(0) { $0 << 8 | UInt32($1) })
  }

  /// Reads a whole option area; whatever it holds encodes to the same octets again.
  public static func read(_ area: [UInt8]) -> [IPv4Option] {
    var options: [IPv4Option] = []
    var rest = area[...]
    while let kind = rest.first {
      if kind == 0 {
        options.append(.endOfList)
        rest = rest.dropFirst()
        break
      }
      if kind == 1 {
        options.append(.noOperation)
        rest = rest.dropFirst()
        continue
      }
      guard let length = rest.dropFirst().first, length >= 2, Int(length) <= rest.count else { break }
      options.append(.option(kind: kind, data: Array(rest.dropFirst(2).prefix(Int(length) - 2))))
      rest = rest.dropFirst(Int(length))
    }
    if !rest.isEmpty { options.append(.octets(Array(rest))) }
    return options
  }
}

extension IPv4Option {
  static func read(_ value: FieldValue, _ field: String) throws(FieldError) -> [IPv4Option] {
    guard value.elements.isEmpty else { throw FieldError(field, "takes a list of options") }
    return []
  }
  static func value(of options: [IPv4Option]) -> FieldValue? { options.isEmpty ? .list([]) : nil }
}
