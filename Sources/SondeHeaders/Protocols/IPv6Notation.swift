internal import SondeOctets

// How recipes write IPv6.
extension IPv6 {
  public static var recipeNames: [String] { ["IPv6", "IPerror6"] }
  public static func blank(_ recipeName: String) -> IPv6? { IPv6() }

  public mutating func set(_ field: String, to value: FieldValue) throws(FieldError) {
    switch field {
    case "version": version = try value.derived(field, limit: 15)
    case "trafficClass", "tc": trafficClass = try value.number(field)
    case "flowLabel", "fl": flowLabel = try value.number(field, limit: 0xfffff)
    case "payloadLength", "plen": payloadLength = try value.derived(field)
    case "nextHeader", "nh": nextHeader = try value.derived(field)
    case "hopLimit", "hlim": hopLimit = try value.number(field)
    case "source", "src": source = try value.ipv6Address(field)
    case "destination", "dst": destination = try value.ipv6Address(field)
    default: throw .unknown(field)
    }
  }

  public mutating func settle(_ context: RecipeContext) {
    if context.hasForeignNumberInIPv6, nextHeader == .auto { nextHeader = 59 }
    guard let name = context.innerName else { return }
    // Neighbour discovery is for the link alone (RFC 4861 §7.1.1), and so is multicast listener discovery
    // (RFC 2710 §3).
    let isNeighbourDiscovery = name.hasPrefix("ICMPv6ND_")
    if isNeighbourDiscovery || name.hasPrefix("ICMPv6ML") || name.hasPrefix("ICMPv6MRD"), context.omits("hopLimit") {
      hopLimit = isNeighbourDiscovery ? 255 : 1
    }
    guard context.omits("destination") else { return }
    if let group = Self.groups[name] {
      destination = group
    } else if isNeighbourDiscovery {
      destination = Self.group(1)
    } else if name == "UDP", let udp = context.inner as? UDP {
      if udp.destinationPort == 5353 { destination = Self.group(0xfb) }
      if udp.destinationPort == 2029 { destination = Self.group(0x66) }
    }
  }

  /// A multicast group of the link, ff02::number (RFC 4291 §2.7).
  private static func group(_ number: UInt64) -> IPv6Address { IPv6Address(high: 0xff02_0000_0000_0000, low: number) }

  /// The groups that messages go to.
  private static let groups: [String: IPv6Address] = [
    "ICMPv6ND_RS": group(2), "ICMPv6MLQuery": group(1), "ICMPv6MLQuery2": group(1), "ICMPv6MLDone": group(2),
    "ICMPv6MLReport2": group(0x16), "ICMPv6MRD_Advertisement": group(2), "ICMPv6MRD_Solicitation": group(2),
    "ICMPv6MRD_Termination": group(0x6a),
  ]
}
