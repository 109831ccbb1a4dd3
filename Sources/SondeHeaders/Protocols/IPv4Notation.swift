internal import SondeOctets

// How recipes write IPv4.
extension IPv4 {
  public static var recipeNames: [String] { ["IP", "IPerror"] }
  public static func blank(_ recipeName: String) -> IPv4? { IPv4() }

  public mutating func set(_ field: String, to value: FieldValue) throws(FieldError) {
    switch field {
    case "version": version = try value.derived(field, limit: 15)
    case "headerLength", "ihl": headerLength = try value.derived(field, limit: 15)
    case "typeOfService", "tos": typeOfService = try value.number(field)
    case "totalLength", "len": totalLength = try value.derived(field)
    case "identification", "id": identification = try value.number(field)
    case "flags": flags = Flags(rawValue: try value.flags(field, ["MF", "DF", "evil"]))
    case "fragmentOffset", "frag": fragmentOffset = try value.number(field, limit: 0x1fff)
    case "timeToLive", "ttl": timeToLive = try value.number(field)
    case "protocol", "proto": `protocol` = try value.derived(field)
    case "checksum", "chksum": checksum = try value.derived(field)
    case "source", "src": source = try value.ipv4Address(field)
    case "destination", "dst": destination = try value.ipv4Address(field)
    case "options": options = try IPv4Option.options(value)
    default: throw .unknown(field)
    }
  }

  public func value(of field: FieldSpec) -> FieldValue? {
    field.name == "options" ? IPv4Option.forms(of: options) : nil
  }

  public mutating func settle(_ context: RecipeContext) {
    if context.hasForeignNumberInIPv4, `protocol` == .auto { `protocol` = 0 }
    // Options beyond what the field can count wrap its four bits.
    if headerLength == .auto, byteCount > 60 { headerLength = .set(UInt8(byteCount / 4 & 15)) }
    if context.innerName == "UDP", context.omits("destination"), let udp = context.inner as? UDP {
      if udp.destinationPort == 5353 { destination = IPv4Address(224, 0, 0, 251) }
      if udp.destinationPort == 1985 { destination = IPv4Address(224, 0, 0, 2) }
    }
  }
}
