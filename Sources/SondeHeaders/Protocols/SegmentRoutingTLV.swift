internal import SondeOctets

/// A Type-Length-Value object of a segment route (RFC 8754 §2.1).
public enum SegmentRoutingTLV: Hashable, Sendable {
  /// One octet of padding: type 0.
  case pad1
  /// Padding: type 4; its octets behind type and length.
  case padN([UInt8])
  /// Type 5: the D bit and 15 reserved ones, the key's number, and the code over the header (RFC 8754 §2.1.2).
  case hmac(flags: UInt16, keyID: UInt32, code: [UInt8])
  /// Any other type: its octets behind type and length.
  case object(type: UInt8, value: [UInt8])
  /// Octets that are no object: a length that lies, or none.
  case octets([UInt8])

  public var byteCount: Int {
    switch self {
    case .pad1: 1
    case .padN(let value), .object(_, let value): 2 + value.count
    case .hmac(_, _, let code): 8 + code.count
    case .octets(let octets): octets.count
    }
  }

  public var octets: [UInt8] {
    switch self {
    case .pad1: [0]
    // The header refuses what the length octet cannot count.
    case .padN(let value): [4, UInt8(truncatingIfNeeded: value.count)] + value
    case .hmac(let flags, let keyID, let code):
      [5, UInt8(truncatingIfNeeded: 6 + code.count)] + IPv6Option.octets(flags) + IPv6Option.octets(keyID) + code
    case .object(let type, let value): [type, UInt8(truncatingIfNeeded: value.count)] + value
    case .octets(let octets): octets
    }
  }

  /// Reads all objects; whatever they are encodes to the same octets again.
  public static func read(_ area: [UInt8]) -> [SegmentRoutingTLV] {
    var objects: [SegmentRoutingTLV] = []
    var rest = area[...]
    while let type = rest.first {
      if type == 0 {
        objects.append(.pad1)
        rest = rest.dropFirst()
        continue
      }
      guard let length = rest.dropFirst().first, Int(length) + 2 <= rest.count else { break }
      objects.append(SegmentRoutingTLV(type: type, Array(rest.dropFirst(2).prefix(Int(length)))))
      rest = rest.dropFirst(Int(length) + 2)
    }
    if !rest.isEmpty { objects.append(.octets(Array(rest))) }
    return objects
  }

  private init(type: UInt8, _ value: [UInt8]) {
    switch type {
    case 4: self = .padN(value)
    case 5 where value.count >= 6:
      let span = value.rawSpan
      self = .hmac(flags: span.bigEndian(at: 0), keyID: span.bigEndian(at: 2), code: Array(value[6...]))
    default: self = .object(type: type, value: value)
    }
  }

  /// The object of Scapy's that makes the same octets. Its own one for an HMAC counts its length in two octets.
  var form: FieldValue.Form {
    switch self {
    case .pad1: .init("Raw", [.init("load", .octets([0]))])
    case .octets(let octets): .init("Raw", [.init("load", .octets(octets))])
    default:
      .init(
        "IPv6ExtHdrSegmentRoutingTLV",
        [
          .init("type", .number(UInt64(octets[0]))), .init("len", .number(UInt64(octets[1]))),
          .init("value", .octets(Array(octets[2...]))),
        ])
    }
  }

  /// The objects that a list in Scapy's notation means.
  ///
  /// - Throws: `FieldError` where an object is none of these, or has no such field.
  static func objects(_ field: String, _ value: FieldValue) throws(FieldError) -> [SegmentRoutingTLV] {
    var octets: [UInt8] = []
    for element in value.elements {
      guard case .forms(let forms) = element else {
        throw FieldError(field, "takes objects, IPv6ExtHdrSegmentRoutingTLV(type=9, len=1, value=b'a')")
      }
      for form in forms { octets += try self.octets(field, form) }
    }
    return read(octets)
  }

  private static func octets(_ field: String, _ form: FieldValue.Form) throws(FieldError) -> [UInt8] {
    let prefix = "IPv6ExtHdrSegmentRoutingTLV"
    var parts = Parts(form)
    let octets: [UInt8]
    switch form.name {
    case prefix: octets = try [parts.number("type", 0), parts.number("len", 0)] + parts.octets("value", [])
    case prefix + "Pad1", prefix + "PadN":
      let padding = try parts.octets("padding", [0])
      let type: UInt8 = form.name == prefix + "PadN" ? 4 : 0
      octets =
        try [parts.number("type", type), parts.number("len", UInt8(truncatingIfNeeded: padding.count))] + padding
    case prefix + "IngressNode", prefix + "EgressNode":
      let isIngress = form.name == prefix + "IngressNode"
      octets =
        try [
          parts.number("type", isIngress ? 1 : 2), parts.number("len", 18), parts.number("reserved", 0),
          parts.number("flags", 0),
        ] + parts.address(isIngress ? "ingress_node" : "egress_node")
    case prefix + "HMAC":
      let code = try parts.octets("hmac", [])
      let length: UInt16 = try parts.number("len", UInt16(truncatingIfNeeded: code.count + 48))
      let flag: UInt16 = try parts.number("D", 0, limit: 1)
      let reserved: UInt16 = try parts.number("reserved", 0, limit: 0x7fff)
      octets =
        try [parts.number("type", 5)] + IPv6Option.octets(length) + IPv6Option.octets(flag << 15 | reserved)
        + IPv6Option.octets(parts.number("hmackeyid", UInt32(0))) + code
    case "Raw", "Padding": octets = try parts.octets("load", [])
    default: throw FieldError(field, "has no object \(form.name)")
    }
    if let name = parts.unread { throw FieldError(field, "has no \(form.name) with \(name)") }
    return octets
  }

  /// The arguments of an object, each to be read once.
  private struct Parts {
    private var arguments: [FieldValue.Form.Argument]

    init(_ form: FieldValue.Form) { arguments = form.arguments }

    /// The name of an argument that nobody read.
    var unread: String? { arguments.first?.name }

    private mutating func take(_ name: String) -> FieldValue? {
      guard let index = arguments.firstIndex(where: { $0.name == name }) else { return nil }
      let value = arguments.remove(at: index).value
      return value == .none ? nil : value
    }

    mutating func number<T: FixedWidthInteger & UnsignedInteger>(
      _ name: String, _ usual: T, limit: T = .max
    ) throws(FieldError) -> T {
      guard let value = take(name) else { return usual }
      return try value.number(name, limit: limit)
    }

    mutating func octets(_ name: String, _ usual: [UInt8]) throws(FieldError) -> [UInt8] {
      guard let value = take(name) else { return usual }
      return try value.octets(name)
    }

    mutating func address(_ name: String) throws(FieldError) -> [UInt8] {
      try take(name)?.ipv6Address(name).octets ?? IPv6Address.loopback.octets
    }
  }
}
