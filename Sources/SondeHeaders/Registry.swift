internal import SondeOctets

/// The one list of protocols, and the walk that reads bytes by it.
public enum Registry {
  /// Every protocol there is. Adding one is its file and a word here.
  public static let known: [any Header.Type] = [
    Ethernet.self, VLANTag.self, ARP.self, LinuxCooked.self, LinuxCookedV2.self, Loopback.self, IPv4.self, IPv6.self,
    IPv6HopByHop.self, IPv6Destination.self, IPv6Routing.self, IPv6Fragment.self, ICMPv4.self, ICMPv6.self, IGMP.self,
    UDP.self, TCP.self, SCTP.self, RouterAddress.self, NeighborDiscoveryOption.self, ExtensionStructure.self,
    ExtensionObject.self, Quote.self, Payload.self, Trailer.self,
  ]

  /// How the first octet of some bytes is read.
  public enum Start: Hashable, Sendable {
    /// An IPv4 or an IPv6 header, told apart by its version.
    case ip
    /// The start of a packet as an ICMP error quotes it: like `ip`, but cut anywhere.
    case quote
    /// The protocol with this IP number.
    case ipProtocol(UInt8)
    /// The protocol with this EtherType.
    case etherType(UInt16)
    /// As the packets of a capture with this link type begin (tcpdump.org/linktypes.html).
    case link(UInt16)
  }

  /// Reads bytes as layers, as far as they go.
  public static func dissect(_ bytes: [UInt8], as start: Start = .ip) -> Dissection {
    dissect(bytes, as: start, depth: start == .quote ? 1 : 0)
  }

  /// `depth` counts the quotes around `bytes`.
  static func dissect(_ bytes: [UInt8], as start: Start, depth: Int) -> Dissection {
    var outline = Outline()
    outline.read(bytes.rawSpan, as: start, depth: depth)
    return Dissection(bytes: bytes, outline, depth: depth)
  }

  /// Whether captures of this link type are read as more than data.
  public static func reads(_ linkType: UInt16) -> Bool {
    rawIPLinkTypes.contains(linkType) || byLinkType[linkType] != nil
  }

  /// The protocol that a packet of such bytes begins with; nil where its first octets are only data.
  static func type(_ start: Start, _ bytes: RawSpan) throws(ParseError) -> (any Header.Type)? {
    switch start {
    case .ip, .quote: return try ipType(bytes)
    case .ipProtocol(let number): return byNextHeader[Int(number)]
    case .etherType(let number): return byEtherType[number]
    case .link(let number): return rawIPLinkTypes.contains(number) ? try ipType(bytes) : byLinkType[number]
    }
  }

  /// The IP header of the version that the first octet announces.
  private static func ipType(_ bytes: RawSpan) throws(ParseError) -> any Header.Type {
    guard bytes.byteCount > 0 else { throw ParseError(.short(needed: 1, available: 0), at: 0) }
    switch bytes[0] >> 4 {
    case 4: return IPv4.self
    case 6: return IPv6.self
    case let version:
      throw ParseError(.illegal(field: "version", value: UInt64(version), limit: "4 or 6"), at: 0)
    }
  }

  /// Link types whose packets begin with an IP header: LINKTYPE_RAW and what BSDs wrote for it, LINKTYPE_IPV4 and
  /// LINKTYPE_IPV6.
  private static let rawIPLinkTypes: [UInt16] = [101, 12, 14, 228, 229]

  /// The first protocol of each IP number, as IPv6 knows it.
  static let byNextHeader: [(any Header.Type)?] = {
    var types = [(any Header.Type)?](repeating: nil, count: 256)
    for type in known.reversed() { if let number = type.announced.ipProtocol { types[Int(number)] = type } }
    return types
  }()
  /// The same as IPv4 knows it, without IPv6's extension headers.
  static let byIPProtocol = byNextHeader.map { type in type?.announced.isIPv6Extension == true ? nil : type }
  static let byEtherType = table { [$0.etherType, $0.otherEtherType] }
  static let byLinkType = table { [$0.linkType, $0.otherLinkType] }

  /// The first protocol of each number.
  private static func table(_ numbers: (Announcement) -> [UInt16?]) -> [UInt16: any Header.Type] {
    var types: [UInt16: any Header.Type] = [:]
    for type in known.reversed() {
      for case let number? in numbers(type.announced) { types[number] = type }
    }
    return types
  }
}
