internal import SondeOctets

// Which fields stand behind the checksum of each type of message.
extension ICMPv6 {
  /// The fields of one type of message.
  struct Layout: Sendable {
    /// Scapy's name; nil where Scapy has none with these fields.
    var recipeName: String?
    /// All of the header, from the type on.
    var fields: [FieldSpec]
    /// The octets behind the second word.
    var bodyByteCount: Int
    /// Whether options follow as in neighbour discovery (RFC 4861 §4.6).
    var holdsOptions: Bool

    init(_ type: UInt8, _ recipeName: String?, _ fields: [FieldSpec], options holdsOptions: Bool = false) {
      self.recipeName = recipeName.map { "ICMPv6\($0)" }
      self.fields = .consecutive(ICMPv6.head(type: type) + fields)
      bodyByteCount = fields.reduce(0) { $0 + $1.bits.count } / 8 - 4
      self.holdsOptions = holdsOptions
    }
  }

  static func head(type: UInt8) -> [FieldSpec] {
    [
      .init("type", 8, usual: UInt64(type)), .init("code", 8, usual: 0),
      .init("checksum", 16, alias: "cksum", .hexadecimal, isDerived: true),
    ]
  }

  /// Of each type that has fields of its own.
  static let layouts: [(UInt8, Layout)?] = {
    var layouts = [(UInt8, Layout)?](repeating: nil, count: 256)
    for (type, name, fields, holdsOptions) in named {
      layouts[Int(type)] = (type, Layout(type, name, fields, options: holdsOptions))
    }
    return layouts
  }()

  private static let echo: [FieldSpec] = [
    .init("identifier", 16, alias: "id", usual: 0), .init("sequenceNumber", 16, alias: "seq", usual: 0),
  ]
  /// The length, in 64-bit words, is that of a quote with extensions behind it (RFC 4884 §4.4).
  private static let error: [FieldSpec] = [.init("length", 8, usual: 0), .init("unused", 24, .hexadecimal, usual: 0)]
  private static let reserved = FieldSpec("reserved", 32, alias: "res", usual: 0)
  private static let inverse = FieldSpec("reserved", 32, usual: 0)
  private static let target = FieldSpec("target", 128, alias: "tgt", .ipv6Address)

  private static let named: [(UInt8, String?, [FieldSpec], Bool)] = [
    (1, "DestUnreach", error, false), (2, "PacketTooBig", [.init("mtu", 32, usual: 1280)], false),
    (3, "TimeExceeded", error, false), (4, "ParamProblem", [.init("pointer", 32, alias: "ptr", usual: 6)], false),
    (128, "EchoRequest", echo, false), (129, "EchoReply", echo, false), (133, "ND_RS", [reserved], true),
    (
      134, "ND_RA",
      [
        .init("currentHopLimit", 8, alias: "chlim", usual: 0), .init("managed", 1, alias: "M", usual: 0),
        .init("other", 1, alias: "O", usual: 0), .init("homeAgent", 1, alias: "H", usual: 0),
        .init("preference", 2, alias: "prf", usual: 1), .init("proxy", 1, alias: "P", usual: 0),
        .init("reserved", 2, alias: "res", usual: 0),
        .init("routerLifetime", 16, alias: "routerlifetime", usual: 1800),
        .init("reachableTime", 32, alias: "reachabletime", usual: 0),
        .init("retransTimer", 32, alias: "retranstimer", usual: 0),
      ], true
    ),
    (135, "ND_NS", [reserved, target], true),
    (
      136, "ND_NA",
      [
        .init("router", 1, alias: "R", usual: 1), .init("solicited", 1, alias: "S", usual: 0),
        .init("override", 1, alias: "O", usual: 1), .init("reserved", 29, alias: "res", .hexadecimal, usual: 0), target,
      ], true
    ),
    (137, "ND_Redirect", [reserved, target, .init("destination", 128, alias: "dst", .ipv6Address)], true),
    (141, "ND_INDSol", [inverse], true), (142, "ND_INDAdv", [inverse], true),
    (
      160, nil,
      [
        .init("identifier", 16), .init("sequenceNumber", 8), .init("reservedBits", 7), .init("local", 1),
      ], false
    ),
    (
      161, nil,
      [
        .init("identifier", 16), .init("sequenceNumber", 8), .init("state", 3), .init("reservedBits", 2),
        .init("active", 1), .init("ipv4", 1), .init("ipv6", 1),
      ], false
    ),
  ]

  /// The fields of this very message; nil where it is none that its type has fields for.
  var layout: Layout? {
    guard let (_, layout) = Self.layouts[Int(type.rawValue)], !isBare, body.count == layout.bodyByteCount else {
      return nil
    }
    return layout
  }

  /// A message of any type as Scapy has it: octets behind the checksum. Its usual type is 1.
  private var nameless: [FieldSpec] {
    .consecutive(Self.head(type: 1) + [.init("body", isBare ? 0 : 32 + 8 * body.count, alias: "msgbody", .octets)])
  }

  public var fields: [FieldSpec] { layout?.fields ?? nameless }
  public var recipeFields: [FieldSpec] { layout.flatMap { $0.recipeName == nil ? nil : $0.fields } ?? nameless }

  public static var recipeNames: [String] { layouts.compactMap { $0?.1.recipeName } + ["ICMPv6Unknown"] }
  public func recipeName(isQuoted: Bool) -> String? { layout?.recipeName ?? "ICMPv6Unknown" }

  public static func blank(_ recipeName: String) -> ICMPv6? {
    if recipeName == "ICMPv6Unknown" { return ICMPv6(type: .destinationUnreachable, isBare: true) }
    guard let (type, layout) = layouts.lazy.compactMap({ $0 }).first(where: { $0.1.recipeName == recipeName }) else {
      return nil
    }
    var header = ICMPv6(type: Kind(rawValue: type))
    header.octets = layout.fields.usualOctets
    return header
  }

  /// All but the checksum.
  private var octets: [UInt8] {
    get {
      [type.rawValue, code, 0, 0] + (0..<4).map { UInt8(truncatingIfNeeded: restOfHeader >> (24 - 8 * $0)) } + body
    }
    set {
      type = Kind(rawValue: newValue[0])
      code = newValue[1]
      restOfHeader = newValue[4..<8].reduce(0) { $0 << 8 | UInt32($1) }
      body = Array(newValue[8...])
    }
  }

  public mutating func set(_ field: String, to value: FieldValue) throws(FieldError) {
    switch field {
    case "type": type = Kind(rawValue: try value.number(field))
    case "code": code = try value.number(field)
    case "checksum", "cksum": checksum = try value.derived(field)
    // What is behind the header is `innerLayers`'.
    case "data": _ = try value.octets(field)
    case "body", "msgbody":
      let given = try value.octets(field)
      isBare = given.count < 4
      if !isBare { octets = Array(octets.prefix(4) + given.prefix(4)) }
    default:
      guard !isBare, let spec = fields.first(where: { $0.isCalled(field) }) else { throw .unknown(field) }
      var octets = octets
      try spec.write(value, calledBy: field, into: &octets)
      self.octets = octets
    }
  }

  public static func innerLayers(for form: FieldValue.Form) throws(FieldError) -> [any Header] {
    for argument in form.arguments {
      switch argument.name {
      case "data":
        let data = try argument.value.octets(argument.name)
        return data.isEmpty ? [] : [Payload(octets: data)]
      case "body", "msgbody":
        let given = try argument.value.octets(argument.name)
        let data = Array(given.count < 4 ? given[...] : given.dropFirst(4))
        return data.isEmpty ? [] : [Payload(octets: data)]
      default: continue
      }
    }
    return []
  }

  /// Neighbour discovery is heard only with a hop limit of 255 (RFC 4861 §7.1).
  public func usual(_ field: String, in outer: any Header.Type) -> UInt64? {
    field == "hopLimit" && outer == IPv6.self && layout?.holdsOptions == true ? 255 : nil
  }
}
