// Types and codes in words, as Wireshark has them (IANA "ICMPv6 type Numbers" and "Code Fields").
extension ICMPv6.Kind {
  /// The type in words; nil where no RFC names it.
  public var meaning: String? { Self.meanings[rawValue] }

  private static let meanings: [UInt8: String] = [
    1: "Destination Unreachable", 2: "Packet Too Big", 3: "Time Exceeded", 4: "Parameter Problem",
    100: "Private experimentation", 101: "Private experimentation",
    127: "Reserved for expansion of ICMPv6 error messages", 128: "Echo (ping) request", 129: "Echo (ping) reply",
    130: "Multicast Listener Query", 131: "Multicast Listener Report", 132: "Multicast Listener Done",
    133: "Router Solicitation", 134: "Router Advertisement", 135: "Neighbor Solicitation",
    136: "Neighbor Advertisement", 137: "Redirect", 138: "Router Renumbering", 139: "Node Information Query",
    140: "Node Information Reply", 141: "Inverse Neighbor Discovery Solicitation",
    142: "Inverse Neighbor Discovery Advertisement", 143: "Multicast Listener Report Message v2",
    144: "Home Agent Address Discovery Request", 145: "Home Agent Address Discovery Reply",
    146: "Mobile Prefix Solicitation", 147: "Mobile Prefix Advertisement", 148: "Certification Path Solicitation",
    149: "Certification Path Advertisement", 150: "Experimental Mobility", 151: "Multicast Router Advertisement",
    152: "Multicast Router Solicitation", 153: "Multicast Router Termination", 154: "FMIPv6", 155: "RPL Control",
    156: "Locator Update", 157: "Duplicate Address Request", 158: "Duplicate Address Confirmation",
    159: "MPL Control Message", 160: "Extended Echo request", 161: "Extended Echo reply",
    200: "Private experimentation", 201: "Private experimentation",
    255: "Reserved for expansion of ICMPv6 informational messages",
  ]
}

extension ICMPv6 {
  /// The code in words; nil where its type has none, or no RFC names it.
  public var codeMeaning: String? {
    Self.codes[type.rawValue].flatMap { $0.indices.contains(Int(code)) ? $0[Int(code)] : nil }
  }

  /// Type and code in words, with the target of neighbour discovery: "Neighbor Solicitation for 2001:db8::1".
  public var summary: String {
    guard let meaning = type.meaning else { return "Unknown (\(type.rawValue))" }
    switch (type, target) {
    case (.neighborSolicitation, let target?): return "\(meaning) for \(target)"
    case (.neighborAdvertisement, let target?):
      let names = [(NeighborFlags.router, "rtr"), (.solicited, "sol"), (.override, "ovr")]
      let flags = NeighborFlags(rawValue: restOfHeader)
      let set = names.filter { flags.contains($0.0) }.map(\.1)
      return "\(meaning) \(target) (\(set.isEmpty ? "none" : set.joined(separator: ", ")))"
    default: break
    }
    guard Self.codes[type.rawValue] != nil else { return meaning }
    return "\(meaning) (\(codeMeaning ?? "Unknown (\(code))"))"
  }

  private static let codes: [UInt8: [String]] = [
    1: [
      "no route to destination", "Administratively prohibited", "Beyond scope of source address",
      "Address unreachable", "Port unreachable", "Source address failed ingress/egress policy",
      "Reject route to destination", "Error in Source Routing Header", "Headers too long",
    ],
    3: ["hop limit exceeded in transit", "fragment reassembly time exceeded"],
    4: [
      "erroneous header field encountered", "unrecognized Next Header type encountered",
      "unrecognized IPv6 option encountered", "IPv6 First Fragment has incomplete IPv6 Header Chain",
      "SR upper-layer header error", "unrecognized Next Header type encountered by intermediate node",
      "extension header too big", "extension header chain too long", "too many extension headers",
      "too many options in extension header", "option too big",
    ],
    139: [
      "Query subject = IPv6 addresses", "Query subject = DNS name or empty", "Query subject = IPv4 addresses",
    ],
    140: ["Successful", "Refused", "Unknown query type"],
    160: ["No error"],
    161: [
      "No error", "Malformed Query", "No Such Interface", "No Such Table Entry", "Multiple Interfaces Satisfy Query",
    ],
  ]
}

extension NeighborDiscoveryOption {
  /// What a link-layer address option adds to the message's summary: "from 02:00:00:00:00:01"; nil for any other.
  public var summary: String? { macAddress.map { "\(type == .sourceLinkLayerAddress ? "from" : "is at") \($0)" } }

  /// The type in words (IANA "IPv6 Neighbor Discovery Option Formats"); nil for any other.
  public var meaning: String? { Self.meanings[type.rawValue] }

  private static let meanings: [UInt8: String] = [
    1: "Source link-layer address", 2: "Target link-layer address", 3: "Prefix information", 4: "Redirected header",
    5: "MTU", 6: "NBMA shortcut limit", 7: "Advertisement interval", 8: "Home agent information",
    9: "Source address list", 10: "Target address list", 11: "CGA", 12: "RSA signature", 13: "Timestamp", 14: "Nonce",
    15: "Trust anchor", 16: "Certificate", 17: "IP address/prefix", 18: "New router prefix information",
    19: "Link-layer address", 20: "Neighbor advertisement acknowledgment", 23: "MAP", 24: "Route information",
    25: "Recursive DNS server", 26: "RA flags extension", 31: "DNS search list", 37: "Captive portal", 38: "PREF64",
  ]
}
