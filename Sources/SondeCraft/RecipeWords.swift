internal import SondeHeaders

/// The words that people write for numbers, as Scapy knows them.
enum RecipeWords {
  /// The words of a field; empty where it has none.
  static func words(of field: String, in layer: String) -> [String: UInt64] {
    switch (layer, field) {
    case ("IP", "protocol"), ("IPerror", "protocol"): protocols
    case (_, "nextHeader"): nextHeaders
    case (_, "sourcePort"), (_, "destinationPort"): ports
    case (_, "etherType"), ("ARP", "protocolType"): etherTypes
    case ("ARP", "operation"): operations
    case ("ICMP", "type"), ("ICMPerror", "type"): messages
    case ("ICMP", "code"), ("ICMPerror", "code"): codes
    case ("ICMPv6ND_RA", _) where field.lowercased().contains("preference"):
      ["High": 1, "Low": 3, "Medium (default)": 0, "Reserved": 2]
    default: [:]
    }
  }

  /// The names of /etc/protocols, besides those that protocols here give themselves.
  private static let protocols: [String: UInt64] = adding(
    \.ipv4Protocol, under: { $0 },
    to: [
      "ip": 0, "ggp": 3, "ipencap": 4, "egp": 8, "igp": 9, "dccp": 33, "ipv6": 41, "ipv6_route": 43, "ipv6_frag": 44,
      "rsvp": 46, "gre": 47, "esp": 50, "ah": 51, "ipv6_icmp": 58, "ipv6_nonxt": 59, "ipv6_opts": 60, "eigrp": 88,
      "ospf": 89, "pim": 103, "vrrp": 112, "l2tp": 115, "udplite": 136,
    ])

  private static let nextHeaders: [String: UInt64] = adding(
    \.nextHeader, under: { $0.uppercased() },
    to: [
      "Hop-by-Hop Option Header": 0, "IPv6": 41, "Routing Header": 43, "Fragment Header": 44, "GRE": 47,
      "ESP Header": 50, "AH Header": 51, "ICMPv6": 58, "No Next Header": 59, "Destination Option Header": 60,
      "VRRP": 112, "Mobility Header": 135,
    ])

  /// `words` and the names of those protocols that recipes call like everybody: `tcp`, `TCP`.
  private static func adding(
    _ number: (Announcement) -> UInt8?, under word: (String) -> String, to words: [String: UInt64]
  ) -> [String: UInt64] {
    var words = words
    for type in Registry.known where type.recipeNames.first == type.name.rawValue.uppercased() {
      let name = word(type.name.rawValue)
      if let number = number(type.announced), words[name] == nil { words[name] = UInt64(number) }
    }
    return words
  }

  /// Those names of /etc/services that people probe.
  private static let ports: [String: UInt64] = [
    "echo": 7, "discard": 9, "daytime": 13, "chargen": 19, "ftp_data": 20, "ftp": 21, "ssh": 22, "telnet": 23,
    "smtp": 25, "time": 37, "domain": 53, "bootps": 67, "bootpc": 68, "tftp": 69, "gopher": 70, "http": 80,
    "kerberos": 88, "pop3": 110, "sunrpc": 111, "ntp": 123, "epmap": 135, "netbios_ns": 137, "netbios_dgm": 138,
    "netbios_ssn": 139, "imap2": 143, "snmp": 161, "snmp_trap": 162, "bgp": 179, "ldap": 389, "https": 443,
    "microsoft_ds": 445, "submission": 587, "isakmp": 500, "syslog": 514, "ldaps": 636, "imaps": 993, "pop3s": 995,
    "openvpn": 1194, "mysql": 3306, "postgresql": 5432, "sip": 5060, "mdns": 5353, "radius": 1812, "nfs": 2049,
  ]

  private static let etherTypes: [String: UInt64] = [
    "IPv4": 0x0800, "X25": 0x0805, "ARP": 0x0806, "FR_ARP": 0x0808, "TEB": 0x6558, "RARP": 0x8035, "ATALK": 0x809b,
    "n_802_1Q": 0x8100, "IPX": 0x8137, "IPv6": 0x86dd, "PPP": 0x880b, "MPLS": 0x8847, "MPLS_MULTI": 0x8848,
    "PPP_DISC": 0x8863, "PPP_SES": 0x8864, "EAPOL": 0x888e, "802_AD": 0x88a8, "LLDP": 0x88cc, "802_1AE": 0x88e5,
    "PBB": 0x88e7, "PTP": 0x88f7, "FCOE": 0x8906,
  ]

  private static let operations: [String: UInt64] = [
    "who-has": 1, "is-at": 2, "RARP-req": 3, "RARP-rep": 4, "Dyn-RARP-req": 5, "Dyn-RAR-rep": 6, "Dyn-RARP-err": 7,
    "InARP-req": 8, "InARP-rep": 9,
  ]

  private static let messages: [String: UInt64] = [
    "echo-reply": 0, "dest-unreach": 3, "source-quench": 4, "redirect": 5, "echo-request": 8,
    "router-advertisement": 9, "router-solicitation": 10, "time-exceeded": 11, "parameter-problem": 12,
    "timestamp-request": 13, "timestamp-reply": 14, "information-request": 15, "information-response": 16,
    "address-mask-request": 17, "address-mask-reply": 18, "traceroute": 30, "datagram-conversion-error": 31,
    "mobile-host-redirect": 32, "ipv6-where-are-you": 33, "ipv6-i-am-here": 34, "mobile-registration-request": 35,
    "mobile-registration-reply": 36, "domain-name-request": 37, "domain-name-reply": 38, "skip": 39, "photuris": 40,
  ]

  private static let codes: [String: UInt64] = [
    "network-unreachable": 0, "host-unreachable": 1, "protocol-unreachable": 2, "port-unreachable": 3,
    "fragmentation-needed": 4, "source-route-failed": 5, "network-unknown": 6, "host-unknown": 7,
    "network-prohibited": 9, "host-prohibited": 10, "TOS-network-unreachable": 11, "TOS-host-unreachable": 12,
    "communication-prohibited": 13, "host-precedence-violation": 14, "precedence-cutoff": 15, "network-redirect": 0,
    "host-redirect": 1, "TOS-network-redirect": 2, "TOS-host-redirect": 3, "ttl-zero-during-transit": 0,
    "ttl-zero-during-reassembly": 1, "ip-header-bad": 0, "required-option-missing": 1,
  ]
}
