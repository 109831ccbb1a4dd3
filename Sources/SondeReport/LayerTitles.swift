internal import SondeHeaders

extension LayerWalk.Layer {
  /// What people call it, with the kind of what is one of many.
  var title: String {
    let name = PacketLine.name(type(of: header).name)
    if isData { return isPayload ? "Data" : "Trailer" }
    let kind: String?
    switch header {
    case let option as NeighborDiscoveryOption: kind = Self.options[option.type.rawValue]
    case let object as ExtensionObject: kind = Self.objects[object.classNumber]
    default: kind = nil
    }
    return kind.map { "\(name): \($0)" } ?? name
  }

  /// IANA's "IPv6 Neighbor Discovery Option Formats".
  private static let options: [UInt8: String] = [
    1: "Source link-layer address", 2: "Target link-layer address", 3: "Prefix information", 4: "Redirected header",
    5: "MTU", 6: "NBMA shortcut limit", 7: "Advertisement interval", 8: "Home agent information",
    9: "Source address list", 10: "Target address list", 14: "Nonce", 17: "IP address and prefix",
    18: "New router prefix", 19: "Link-layer address", 23: "Mobility anchor point", 24: "Route information",
    25: "Recursive DNS server", 26: "Router advertisement flags", 31: "DNS search list", 37: "Captive portal",
    38: "PREF64",
  ]

  /// IANA's "ICMP Extension Object Classes".
  private static let objects: [UInt8: String] = [
    1: "MPLS label stack", 2: "Interface information", 3: "Interface identification", 5: "Node identification",
  ]
}
