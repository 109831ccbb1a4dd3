internal import SondeHeaders
internal import SondeOctets

/// Frames that carry no IP.
enum EthernetLine {
  /// Below this the two octets count the data (IEEE 802.3 §3.2.6).
  private static let leastEtherType: UInt16 = 1536

  static func appendProtocol(_ sketch: PacketSketch, to text: inout TextOctets) {
    guard let number = sketch.etherType else { return text += "Ethernet" }
    if number < leastEtherType { return text += "LLC" }
    text += "0x"
    text.append(hex: UInt64(number), digits: 4)
  }

  static func append(_ sketch: PacketSketch, _ layer: Outline.Layer, to text: inout TextOctets) {
    if let number = sketch.etherType, number < leastEtherType {
      text += "IEEE 802.3, "
      text.append(decimal: number)
      text += " octets"
    } else if layer.type == VLANTag.self {
      text += "VLAN tag"
    } else if layer.type != Ethernet.self {
      text += "Linux cooked capture"
    } else {
      text += "Ethernet II"
    }
  }
}

/// An ARP packet (RFC 826, RFC 5227).
enum ARPLine {
  static func name(_ bytes: RawSpan, _ offset: Int) -> String {
    switch bytes.bigEndian(at: offset &+ 6, as: UInt16.self) {
    case 3, 4: "RARP"
    case 5...7: "DRARP"
    case 8, 9: "Inverse ARP"
    default: "ARP"
    }
  }

  static func append(_ bytes: RawSpan, _ layer: Outline.Layer, to text: inout TextOctets) {
    let offset = layer.offset
    let operation: UInt16 = bytes.bigEndian(at: offset &+ 6)
    guard bytes[offset &+ 4] == 6, bytes[offset &+ 5] == 4, layer.byteCount >= 28 else {
      return text += "operation \(operation), addresses of \(bytes[offset &+ 4]) and \(bytes[offset &+ 5]) octets"
    }
    let senderHardware = bytes.bigEndian(at: offset &+ 6, as: UInt64.self) & 0xffff_ffff_ffff
    let sender: UInt32 = bytes.bigEndian(at: offset &+ 14)
    let targetHardware = bytes.bigEndian(at: offset &+ 16, as: UInt64.self) & 0xffff_ffff_ffff
    let target: UInt32 = bytes.bigEndian(at: offset &+ 24)
    switch operation {
    case 1 where sender == target:
      text += "ARP Announcement for "
      text.append(ipv4: target)
    case 1:
      text += "Who has "
      text.append(ipv4: target)
      text += "? "
      // RFC 5227 §1.1: whoever has no address yet probes.
      if sender == 0 { return text += "(ARP Probe)" }
      text += "Tell "
      text.append(ipv4: sender)
    case 2 where sender == target:
      text += "Gratuitous ARP for "
      text.append(ipv4: target)
      text += " (Reply)"
    case 2, 9:
      if operation == 2 { text.append(ipv4: sender) } else { text.append(mac: senderHardware) }
      text += " is at "
      if operation == 2 { text.append(mac: senderHardware) } else { text.append(ipv4: sender) }
    case 3, 5, 8:
      text += "Who is "
      text.append(mac: targetHardware)
      text += "? Tell "
      text.append(mac: senderHardware)
    case 4:
      text.append(mac: targetHardware)
      text += " is at "
      text.append(ipv4: target)
    case 10: text += "ARP NAK"
    default: text += "operation \(operation)"
    }
  }
}

/// IP packets that carry nothing known here, and fragments behind the first.
enum IPLine {
  static func append(_ sketch: PacketSketch, _ outline: Outline, _ bytes: RawSpan, to text: inout TextOctets) {
    guard let offset = sketch.ipOffset else { return }
    if sketch.isIPv6 { return append6(sketch, outline, bytes, to: &text) }
    let fragment = Int(bytes.bigEndian(at: offset &+ 6, as: UInt16.self) & 0x1fff)
    let number = bytes[offset &+ 9]
    guard fragment > 0 else { return text += "\(IPNumbers.name(number) ?? "Unknown") (\(number))" }
    text += "Fragmented IP protocol (proto="
    text += IPNumbers.name(number) ?? "Unknown"
    text.append(octet: 0x20)
    text.append(decimal: number)
    text += ", off="
    text.append(decimal: fragment &* 8)
    text += ", ID="
    text.append(hex: UInt64(bytes.bigEndian(at: offset &+ 4, as: UInt16.self)), digits: 4)
    text += ")"
  }

  private static func append6(
    _ sketch: PacketSketch, _ outline: Outline, _ bytes: RawSpan, to text: inout TextOctets
  ) {
    if let offset = sketch.fragmentOffset {
      let word: UInt16 = bytes.bigEndian(at: offset &+ 2)
      text += "IPv6 fragment (off=\(word & 0xfff8) more=\(word & 1 == 1 ? "y" : "n") ident=0x"
      text.append(hex: UInt64(bytes.bigEndian(at: offset &+ 4, as: UInt32.self)), digits: 8)
      return text += " nxt=\(bytes[offset]))"
    }
    // The number that leads nowhere is in the last header before the data; all of them begin with it but IPv6's own.
    var number: UInt8 = 59
    for layer in outline.layers where layer.type != Payload.self && layer.type != Trailer.self {
      number = layer.type == IPv6.self ? bytes[layer.offset &+ 6] : bytes[layer.offset]
    }
    if number == 59 { return text += "IPv6 no next header" }
    text += "Unknown IP Protocol: \(IPNumbers.name(number) ?? "Unknown") (\(number))"
  }
}

/// An IGMP message (RFC 2236, RFC 9776).
enum IGMPLine {
  /// The protocol with its version, which queries tell by their length (RFC 9776 §7.1).
  static func name(_ bytes: RawSpan, _ layer: Outline.Layer) -> String {
    switch bytes[layer.offset] {
    case 0x11: layer.end - layer.offset >= 12 ? "IGMPv3" : bytes[layer.offset &+ 1] == 0 ? "IGMPv1" : "IGMPv2"
    case 0x12: "IGMPv1"
    case 0x16, 0x17: "IGMPv2"
    case 0x22: "IGMPv3"
    default: "IGMP"
    }
  }

  static func append(_ layer: Outline.Layer, _ bytes: RawSpan, to text: inout TextOctets) {
    let type = bytes[layer.offset]
    let group: UInt32? = layer.byteCount >= 8 ? bytes.bigEndian(at: layer.offset &+ 4, as: UInt32.self) : nil
    switch type {
    case 0x11:
      text += "Membership Query, "
      guard let group, group != 0 else { return text += "general" }
      text += "specific for group "
      text.append(ipv4: group)
    case 0x12, 0x16, 0x17:
      text += type == 0x17 ? "Leave Group " : "Membership Report group "
      if let group { text.append(ipv4: group) }
    case 0x22: text += "Membership Report"
    default:
      text += "Unknown Type:0x"
      text.append(hex: UInt64(type), digits: 2)
    }
  }
}

/// Protocols by their IP numbers (IANA "Assigned Internet Protocol Numbers").
enum IPNumbers {
  private static let names: [UInt8: String] = [
    0: "IPv6 Hop-by-Hop Option", 1: "ICMP", 2: "IGMP", 4: "IPIP", 6: "TCP", 17: "UDP", 33: "DCCP", 41: "IPv6",
    43: "Routing Header for IPv6", 44: "Fragment Header for IPv6", 46: "RSVP", 47: "GRE", 50: "ESP", 51: "AH",
    58: "ICMPv6", 59: "IPv6 no next header", 60: "Destination Options for IPv6", 88: "EIGRP", 89: "OSPF IGP",
    103: "PIM", 108: "IPComp", 112: "VRRP", 115: "L2TP", 136: "UDPlite", 137: "MPLS-in-IP",
    255: "Reserved",
  ]

  /// The name of a protocol that has no layer here, or of one that has.
  static func name(_ number: UInt8) -> String? { names[number] ?? layers[number] }

  private static let layers: [UInt8: String] = {
    var layers: [UInt8: String] = [:]
    for type in Registry.known {
      if let number = type.announced.ipProtocol { layers[number] = PacketLine.name(type.name) }
    }
    return layers
  }()
}
