internal import SondeHeaders
internal import SondeOctets

/// What the value of a field means, in a few words.
enum FieldMeaning {
  /// - Parameter standing: of the segment in its connection, where the packet is a TCP segment.
  /// - Returns: nil where the value says all.
  static func of(
    _ field: FieldSpec, _ layer: LayerWalk.Layer, _ bytes: RawSpan, standing: TCPStanding?
  ) -> String? {
    switch field.form {
    case .ipv4Address:
      return field.number(in: bytes, at: layer.offset).flatMap {
        AddressWords.of(IPv4Address(rawValue: UInt32(truncatingIfNeeded: $0)))
      }
    case .ipv6Address:
      return IPv6Address(field.text(of: layer.header, in: bytes, at: layer.offset)).flatMap(AddressWords.of)
    case .macAddress: return field.number(in: bytes, at: layer.offset).flatMap { AddressWords.ofMAC($0) }
    default: break
    }
    guard let number = field.number(in: bytes, at: layer.offset) else { return nil }
    if let common = common(field, number, layer) { return common }
    switch layer.header {
    case is TCP: return tcp(field, number, layer.depth == 0 ? standing : nil)
    case is IPv4, is IPv6, is IPv6Fragment: return ip(field, number, layer)
    case let header as ICMPv4:
      if field.name == "type" { return ICMPWords.v4(UInt8(truncatingIfNeeded: number)) }
      if field.name == "code" { return ICMPWords.code(header.type.rawValue, UInt8(truncatingIfNeeded: number)) }
      return nil
    case let header as ICMPv6:
      if field.name == "type" { return ICMPWords.v6(UInt8(truncatingIfNeeded: number)) }
      if field.name == "code" { return ICMPWords.code6(header.type.rawValue, UInt8(truncatingIfNeeded: number)) }
      return nil
    case is ARP: return arp(field, number)
    case is IGMP where field.name == "type": return igmp(number)
    default: return nil
    }
  }

  /// Fields that mean the same in many headers.
  private static func common(_ field: FieldSpec, _ number: UInt64, _ layer: LayerWalk.Layer) -> String? {
    switch field.name {
    case "checksum": return sum(layer)
    case "etherType", "protocolType": return etherType(number)
    case "protocol", "nextHeader": return IPNumbers.name(UInt8(truncatingIfNeeded: number))
    case "headerLength" where layer.header is IPv4, "dataOffset": return "\(number * 4) octets"
    case "sourcePort", "destinationPort": return port(number)
    default: return nil
    }
  }

  private static func sum(_ layer: LayerWalk.Layer) -> String? {
    guard let sum = layer.sum else { return layer.depth > 0 ? "of the whole packet that is quoted" : nil }
    let expected = sum.expected.map { Hex.word($0, digits: sum.byteCount * 2) } ?? ""
    switch sum.verdict {
    case .valid: return "correct"
    case .wrong: return "wrong, should be \(expected)"
    case .offload: return "offload: a device had yet to complete it, to \(expected)"
    case .absent: return "none was computed"
    case .illegal: return "zero is not allowed over IPv6"
    case .unverifiable: return "cannot be verified: what it covers is not all here, or cannot be known"
    }
  }

  private static func etherType(_ number: UInt64) -> String? {
    switch number {
    case 0x0800: "IPv4"
    case 0x0806: "ARP"
    case 0x86dd: "IPv6"
    case 0x8100: "VLAN tag"
    case 0x88a8: "service VLAN tag"
    case 0x88cc: "LLDP"
    case 0x9000: "loopback"
    case ..<1536: "octets of data"
    default: nil
    }
  }

  private static func port(_ number: UInt64) -> String? {
    switch number {
    case 7: "echo"
    case 9: "discard"
    case 13: "daytime"
    case 19: "chargen"
    case 22: "ssh"
    case 53: "domain"
    case 67: "bootps"
    case 68: "bootpc"
    case 80: "http"
    case 123: "ntp"
    case 443: "https"
    default: nil
    }
  }

  // MARK: Protocols

  private static func tcp(_ field: FieldSpec, _ number: UInt64, _ standing: TCPStanding?) -> String? {
    switch field.name {
    case "flags":
      var text = TextOctets()
      TCPFlagsText.append(UInt16(truncatingIfNeeded: number), to: &text)
      return String(decoding: text.octets, as: UTF8.self)
    case "sequenceNumber":
      return standing.flatMap { $0.isAbsolute ? nil : "\($0.sequence) relative to the first" }
    case "acknowledgmentNumber":
      return standing.flatMap { $0.isAbsolute || number == 0 ? nil : "\($0.acknowledgment) relative to the first" }
    case "window": return standing.flatMap { UInt64($0.window) == number ? nil : "\($0.window) octets, scaled" }
    default: return nil
    }
  }

  private static func ip(_ field: FieldSpec, _ number: UInt64, _ layer: LayerWalk.Layer) -> String? {
    switch field.name {
    case "typeOfService", "trafficClass": return service(UInt8(truncatingIfNeeded: number))
    case "totalLength":
      let inner = Int(number) - layer.byteCount
      return inner < 0 ? "less than the header has" : "\(layer.byteCount) of them the header"
    case "flags":
      let names = [(1, "more fragments"), (2, "don't fragment"), (4, "reserved")].filter { number & $0.0 != 0 }
      return names.isEmpty ? "none" : names.map(\.1).joined(separator: ", ")
    case "fragmentOffset": return number == 0 ? nil : "from octet \(number * 8)"
    case "moreFragments": return number == 0 ? "the last fragment" : "more fragments follow"
    default: return nil
    }
  }

  /// The differentiated services code point and congestion notification of an octet (RFC 2474, RFC 3168).
  private static func service(_ octet: UInt8) -> String {
    let point = octet >> 2
    let name =
      switch point {
      case 0: "default"
      case 46: "EF"
      case 44: "voice admit"
      case 1: "lower effort"
      case _ where point & 7 == 0: "CS\(point >> 3)"
      // RFC 2597 §6: class and drop precedence.
      case _ where (1...4).contains(point >> 3) && point & 1 == 0: "AF\(point >> 3)\(point >> 1 & 3)"
      default: "\(point)"
      }
    return "DSCP \(name), ECN \(["not capable", "ECT(1)", "ECT(0)", "congestion experienced"][Int(octet & 3)])"
  }

  private static func arp(_ field: FieldSpec, _ number: UInt64) -> String? {
    switch (field.name, number) {
    case ("hardwareType", 1): "Ethernet"
    case ("operation", 1): "request"
    case ("operation", 2): "reply"
    case ("operation", 3): "request reverse"
    case ("operation", 4): "reply reverse"
    default: nil
    }
  }

  private static func igmp(_ number: UInt64) -> String? {
    switch number {
    case 0x11: "membership query"
    case 0x12: "membership report, version 1"
    case 0x16: "membership report, version 2"
    case 0x17: "leave group"
    case 0x22: "membership report, version 3"
    default: nil
    }
  }
}

/// What kind of address an address is (IANA "IPv4 Special-Purpose Address Registry", "IPv6 …").
enum AddressWords {
  static func of(_ address: IPv4Address) -> String? {
    let value = address.rawValue
    if value == 0 { return "this host" }
    if value == .max { return "broadcast" }
    if address.isLoopback { return "loopback" }
    if address.isMulticast { return "multicast" }
    if value >> 24 == 10 || value >> 20 == 0xac1 || value >> 16 == 0xc0a8 { return "private" }
    if value >> 16 == 0xa9fe { return "link-local" }
    if [0xc0_0002, 0xc6_3364, 0xcb_0071].contains(value >> 8) { return "documentation" }
    return nil
  }

  static func of(_ address: IPv6Address) -> String? {
    if address.high == 0, address.low == 0 { return "unspecified" }
    if address.high == 0, address.low == 1 { return "loopback" }
    if address.high >> 56 == 0xff { return "multicast" }
    if address.high >> 54 == 0x3fa { return "link-local" }
    if address.high >> 57 == 0x7e { return "unique local" }
    if address.high >> 32 == 0x2001_0db8 { return "documentation" }
    return nil
  }

  static func ofMAC(_ address: UInt64) -> String? {
    if address == 0xffff_ffff_ffff { return "broadcast" }
    if address >> 40 & 1 == 1 { return "multicast" }
    return address >> 40 & 2 == 2 ? "locally administered" : nil
  }
}
