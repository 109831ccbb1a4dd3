internal import SondeOctets

// Which fields stand behind the length of each option, under Scapy's names.
extension NeighborDiscoveryOption {
  struct Layout: Sendable {
    /// What the octets behind the fixed fields are.
    enum Tail: Sendable { case none, packet, prefix, addresses, names }
    var recipeName: String
    /// Behind type and length.
    var fixed: [FieldSpec]
    /// Name and alias of the field that the octets behind the fixed ones are.
    var tail: (name: String, alias: String, kind: Tail)

    /// The octets of the fixed fields.
    var byteCount: Int { fixed.reduce(0) { $0 + $1.bits.count } / 8 }
  }

  private static func plain(_ name: String, _ fixed: [FieldSpec]) -> Layout {
    Layout(recipeName: "ICMPv6NDOpt\(name)", fixed: fixed, tail: ("", "", .none))
  }

  private static func open(_ name: String, _ fixed: [FieldSpec], _ tail: (String, String, Layout.Tail)) -> Layout {
    Layout(recipeName: "ICMPv6NDOpt\(name)", fixed: fixed, tail: tail)
  }

  private static func reserved(_ width: Int) -> FieldSpec { .init("reserved", width, alias: "res", usual: 0) }
  private static func reservedOctets(_ count: Int) -> FieldSpec {
    .init("reserved", 8 * count, alias: "res", .octets, usual: 0)
  }
  private static let forever = UInt64(UInt32.max)
  private static let linkLayerAddress = [FieldSpec("linkLayerAddress", 48, alias: "lladdr", .macAddress, usual: 0)]

  static let layouts: [UInt8: Layout] = [
    1: plain("SrcLLAddr", linkLayerAddress), 2: plain("DstLLAddr", linkLayerAddress),
    3: plain(
      "PrefixInfo",
      [
        .init("prefixLength", 8, alias: "prefixlen", usual: 64), .init("onLink", 1, alias: "L", usual: 1),
        .init("autonomous", 1, alias: "A", usual: 1), .init("routerAddress", 1, alias: "R", usual: 0),
        .init("reserved1", 5, alias: "res1", usual: 0),
        .init("validLifetime", 32, alias: "validlifetime", usual: forever),
        .init("preferredLifetime", 32, alias: "preferredlifetime", usual: forever),
        .init("reserved2", 32, alias: "res2", usual: 0), .init("prefix", 128, .ipv6Address),
      ]),
    4: open("RedirectedHdr", [reservedOctets(6)], ("packet", "pkt", .packet)),
    5: plain("MTU", [reserved(16), .init("mtu", 32, usual: 1280)]),
    6: plain(
      "ShortcutLimit",
      [
        .init("shortcutLimit", 8, alias: "shortcutlim", usual: 40), .init("reserved1", 8, alias: "res1", usual: 0),
        .init("reserved2", 32, alias: "res2", usual: 0),
      ]),
    7: plain("AdvInterval", [reserved(16), .init("advertisementInterval", 32, alias: "advint", usual: 0)]),
    8: plain(
      "HAInfo",
      [reserved(16), .init("preference", 16, alias: "pref", usual: 0), .init("lifetime", 16, usual: 1)]),
    9: open("SrcAddrList", [reservedOctets(6)], ("addresses", "addrlist", .addresses)),
    10: open("TgtAddrList", [reservedOctets(6)], ("addresses", "addrlist", .addresses)),
    17: plain("IPAddr", prefixed(code: 1) + [.init("address", 128, alias: "addr", .ipv6Address)]),
    18: plain("NewRtrPrefix", prefixed(code: 0) + [.init("prefix", 128, .ipv6Address)]),
    19: plain(
      "LLA",
      [
        .init("optionCode", 8, alias: "optcode", usual: 0),
        .init("linkLayerAddress", 48, alias: "lla", .macAddress, usual: 0),
      ]),
    23: plain(
      "MAP",
      [
        .init("distance", 4, alias: "dist", usual: 1), .init("preference", 4, alias: "pref", usual: 15),
        .init("router", 1, alias: "R", usual: 1), .init("reserved", 7, alias: "res", usual: 0),
        .init("validLifetime", 32, alias: "validlifetime", usual: forever),
        .init("address", 128, alias: "addr", .ipv6Address),
      ]),
    24: open(
      "RouteInfo",
      [
        .init("prefixLength", 8, alias: "plen", usual: 0), .init("reserved1", 3, alias: "res1", usual: 0),
        .init("preference", 2, alias: "prf", usual: 0), .init("reserved2", 3, alias: "res2", usual: 0),
        .init("routeLifetime", 32, alias: "rtlifetime", usual: forever),
      ], ("prefix", "prefix", .prefix)),
    25: open(
      "RDNSS", [reserved(16), .init("lifetime", 32, usual: forever)], ("servers", "dns", .addresses)),
    26: plain("EFA", [reserved(48)]),
    31: open(
      "DNSSL", [reserved(16), .init("lifetime", 32, usual: forever)], ("domains", "searchlist", .names)),
  ]

  private static func prefixed(code: UInt64) -> [FieldSpec] {
    [
      .init("optionCode", 8, alias: "optcode", usual: code), .init("prefixLength", 8, alias: "plen", usual: 64),
      .init("reserved", 32, alias: "res", usual: 0),
    ]
  }

  /// The layout that this very option has; nil where its octets are not what its type has fields for.
  var layout: Layout? {
    guard let layout = Self.layouts[type.rawValue] else { return nil }
    let tail = content.count - layout.byteCount
    switch layout.tail.kind {
    case .none: return tail == 0 ? layout : nil
    case .packet: return tail >= 0 && tail % 8 == 0 ? layout : nil
    case .prefix: return [0, 8, 16].contains(tail) ? layout : nil
    case .addresses: return tail >= 0 && tail % 16 == 0 ? layout : nil
    case .names:
      guard tail >= 0, let names = SearchList.names(in: content.suffix(tail)) else { return nil }
      return SearchList.octets(of: names) == Array(content.suffix(tail)) ? layout : nil
    }
  }

  public var fields: [FieldSpec] {
    guard let layout else { return fields(length: UInt64(truncatingIfNeeded: content.count + 2)) }
    let count = content.count - layout.byteCount
    let isComputed: Bool
    switch layout.tail.kind {
    case .none: isComputed = false
    // Scapy counts a prefix of eight octets only where the length says so.
    case .prefix: isComputed = count != 8
    default: isComputed = true
    }
    let length =
      isComputed
      ? FieldSpec("length", 8, alias: "len", isDerived: true)
      : FieldSpec("length", 8, alias: "len", usual: count == 8 ? nil : UInt64(layout.byteCount + 2) / 8)
    let tail = FieldSpec(
      layout.tail.name, 8 * count, alias: layout.tail.alias, layout.tail.kind == .packet ? .octets : .structured)
    return .consecutive([.init("type", 8, usual: UInt64(type.rawValue)), length] + layout.fixed + [tail])
  }

  /// As Scapy has an option that it does not know: it takes the octets for the length.
  private func fields(length: UInt64) -> [FieldSpec] {
    .consecutive([
      .init("type", 8),
      .init("length", 8, alias: "len", usual: content.isEmpty ? nil : length, isDerived: content.isEmpty),
      .init("data", 8 * content.count, .octets),
    ])
  }
}

/// The names in a DNS search list, each of labels that end with an empty one (RFC 8106 §5.2).
enum SearchList {
  /// The names, each ending with a dot; nil where they are cut, or no text.
  static func names(in octets: ArraySlice<UInt8>) -> [String]? {
    var names: [String] = []
    var name = ""
    var rest = octets
    while let count = rest.popFirst() {
      if count == 0 {
        if !name.isEmpty { names.append(name) }
        name = ""
        continue
      }
      guard count <= rest.count else { return nil }
      let label = rest.prefix(Int(count))
      guard label.allSatisfy({ (0x21...0x7e).contains($0) && $0 != 0x2e }) else { return nil }
      name += String(decoding: label, as: UTF8.self) + "."
      rest = rest.dropFirst(Int(count))
    }
    return name.isEmpty ? names : nil
  }

  /// The octets of the names, filled up with zeros to whole units; nil where a label is longer than an octet counts.
  static func octets(of names: [String]) -> [UInt8]? {
    var octets: [UInt8] = []
    for name in names {
      for label in name.split(separator: ".") {
        guard let count = UInt8(exactly: label.utf8.count) else { return nil }
        octets += [count] + label.utf8
      }
      octets.append(0)
    }
    return octets + [UInt8](repeating: 0, count: (8 - octets.count % 8) % 8)
  }
}
