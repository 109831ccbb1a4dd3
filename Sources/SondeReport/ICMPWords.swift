/// The names of ICMP's types and codes in tshark's words, which its users know (IANA "ICMP Parameters", "ICMPv6
/// Parameters").
enum ICMPWords {
  static func v4(_ type: UInt8) -> String {
    switch type {
    case 0: "Echo (ping) reply"
    case 1, 2: "Reserved"
    case 3: "Destination unreachable"
    case 4: "Source quench"
    case 5: "Redirect"
    case 6: "Alternate host address"
    case 8: "Echo (ping) request"
    case 9: "Router advertisement"
    case 10: "Router solicitation"
    case 11: "Time-to-live exceeded"
    case 12: "Parameter problem"
    case 13: "Timestamp request"
    case 14: "Timestamp reply"
    case 15: "Information request"
    case 16: "Information reply"
    case 17: "Address mask request"
    case 18: "Address mask reply"
    case 19: "Reserved (for security)"
    case 30: "Traceroute"
    case 31: "Datagram Conversion Error"
    case 32: "Mobile Host Redirect"
    case 33: "IPv6 Where-Are-You"
    case 34: "IPv6 I-Am-Here"
    case 35: "Mobile Registration Request"
    case 36: "Mobile Registration Reply"
    case 37: "Domain Name Request"
    case 38: "Domain Name Reply"
    case 39: "SKIP"
    case 40: "Photuris"
    case 41: "Experimental mobility protocols"
    case 42: "Extended Echo request"
    case 43: "Extended Echo reply"
    default: "Unknown ICMP (obsolete or malformed?)"
    }
  }

  private static let unreachable = [
    "Network unreachable", "Host unreachable", "Protocol unreachable", "Port unreachable", "Fragmentation needed",
    "Source route failed", "Destination network unknown", "Destination host unknown", "Source host isolated",
    "Network administratively prohibited", "Host administratively prohibited", "Network unreachable for TOS",
    "Host unreachable for TOS", "Communication administratively filtered", "Host precedence violation",
    "Precedence cutoff in effect",
  ]
  private static let extendedReply = [
    "No error", "Malformed Query", "No Such Interface", "No Such Table Entry", "Multiple Interfaces Satisfy Query",
  ]
  private static let codes: [UInt8: [String]] = [
    3: unreachable,
    5: [
      "Redirect for network", "Redirect for host", "Redirect for TOS and network", "Redirect for TOS and host",
    ],
    6: ["Alternate address for host"],
    9: ["Normal router advertisement"],
    11: ["Time to live exceeded in transit", "Fragment reassembly time exceeded"],
    12: ["Pointer indicates the error", "Required option missing", "Bad length"],
    40: [
      "Bad SPI", "Authentication Failed", "Decompression Failed", "Decryption Failed", "Need Authentication",
      "Need Authorization",
    ],
    42: ["No error"], 43: extendedReply,
  ]

  /// The code's name; nil where it has none.
  static func code(_ type: UInt8, _ code: UInt8) -> String? { name(codes, type, code) }

  private static func name(_ codes: [UInt8: [String]], _ type: UInt8, _ code: UInt8) -> String? {
    guard let names = codes[type], names.indices.contains(Int(code)) else { return nil }
    return names[Int(code)]
  }

  static func v6(_ type: UInt8) -> String {
    switch type {
    case 1: "Destination Unreachable"
    case 2: "Packet Too Big"
    case 3: "Time Exceeded"
    case 4: "Parameter Problem"
    case 100, 101, 200, 201: "Private experimentation"
    case 127: "Reserved for expansion of ICMPv6 error messages"
    case 128: "Echo (ping) request"
    case 129: "Echo (ping) reply"
    case 130: "Multicast Listener Query"
    case 131: "Multicast Listener Report"
    case 132: "Multicast Listener Done"
    case 133: "Router Solicitation"
    case 134: "Router Advertisement"
    case 135: "Neighbor Solicitation"
    case 136: "Neighbor Advertisement"
    case 137: "Redirect"
    case 138: "Router Renumbering"
    case 139: "Node Information Query"
    case 140: "Node Information Reply"
    case 141: "Inverse Neighbor Discovery Solicitation"
    case 142: "Inverse Neighbor Discovery Advertisement"
    case 143: "Multicast Listener Report Message v2"
    case 144: "Home Agent Address Discovery Request"
    case 145: "Home Agent Address Discovery Reply"
    case 146: "Mobile Prefix Solicitation"
    case 147: "Mobile Prefix Advertisement"
    case 148: "Certification Path Solicitation"
    case 149: "Certification Path Advertisement"
    case 150: "Experimental Mobility"
    case 151: "Multicast Router Advertisement"
    case 152: "Multicast Router Solicitation"
    case 153: "Multicast Router Termination"
    case 154: "FMIPv6"
    case 155: "RPL Control"
    case 156: "Locator Update"
    case 157: "Duplicate Address Request"
    case 158: "Duplicate Address Confirmation"
    case 159: "MPL Control Message"
    case 160: "Extended Echo request"
    case 161: "Extended Echo reply"
    case 255: "Reserved for expansion of ICMPv6 informational messages"
    default: "Unknown (\(type))"
    }
  }

  private static let codes6: [UInt8: [String]] = [
    1: [
      "no route to destination", "Administratively prohibited", "Beyond scope of source address",
      "Address unreachable", "Port unreachable", "Source address failed ingress/egress policy",
      "Reject route to destination", "Error in Source Routing Header", "Headers too long",
    ],
    3: ["hop limit exceeded in transit", "fragment reassembly time exceeded"],
    4: [
      "erroneous header field encountered", "unrecognized Next Header type encountered",
      "unrecognized IPv6 option encountered", "IPv6 First Fragment has incomplete IPv6 Header Chain",
    ],
    160: ["No error"], 161: extendedReply,
  ]

  static func code6(_ type: UInt8, _ code: UInt8) -> String? { name(codes6, type, code) }
}
