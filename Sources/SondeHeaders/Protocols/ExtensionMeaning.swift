public import SondeOctets

/// One entry of an MPLS label stack (RFC 3032 §2.1, RFC 4950).
public struct MPLSLabel: Hashable, Sendable, CustomStringConvertible {
  /// 20 bits.
  public var label: UInt32
  /// Three bits, once called EXP.
  public var trafficClass: UInt8
  public var isBottomOfStack: Bool
  public var timeToLive: UInt8

  public init(label: UInt32, trafficClass: UInt8 = 0, isBottomOfStack: Bool = true, timeToLive: UInt8 = 1) {
    self.label = label
    self.trafficClass = trafficClass
    self.isBottomOfStack = isBottomOfStack
    self.timeToLive = timeToLive
  }

  init(word: UInt32) {
    self.init(
      label: word >> 12, trafficClass: UInt8(word >> 9 & 7), isBottomOfStack: word >> 8 & 1 == 1,
      timeToLive: UInt8(truncatingIfNeeded: word))
  }

  /// The entry's four octets.
  public var octets: [UInt8] {
    let word = label << 12 | UInt32(trafficClass & 7) << 9 | (isBottomOfStack ? 0x100 : 0) | UInt32(timeToLive)
    return (0..<4).map { UInt8(truncatingIfNeeded: word >> (24 - 8 * $0)) }
  }

  public var description: String {
    "label \(label) tc \(trafficClass) s \(isBottomOfStack ? 1 : 0) ttl \(timeToLive)"
  }
}

/// What an extension tells, or asks, of an interface or a node (RFC 5837 §4, RFC 8335 §2.1).
public struct ExtensionInterface: Hashable, Sendable, CustomStringConvertible {
  /// "incoming", "incoming part", "outgoing", "next hop", or nil of an object that only identifies.
  public var role: String?
  public var index: UInt32?
  public var address: IPAddress?
  public var name: String?
  /// In octets.
  public var mtu: UInt32?
  /// The fields that this was read from, behind the C-Type.
  var fields: [FieldSpec] = []

  public var description: String {
    var words = [role.map { "\($0) interface" } ?? "interface"]
    if let index { words.append("index \(index)") }
    if let address { words.append("address \(address)") }
    if let name { words.append("name \(name)") }
    if let mtu { words.append("mtu \(mtu)") }
    return words.joined(separator: " ")
  }
}

extension ExtensionObject: CustomStringConvertible {
  /// What an object of a known class says.
  public enum Meaning: Hashable, Sendable {
    case mplsLabelStack([MPLSLabel])
    case interface(ExtensionInterface)
  }

  /// An MPLS label stack (RFC 4950 §3).
  public static func mplsLabelStack(_ entries: [MPLSLabel]) -> ExtensionObject {
    ExtensionObject(classNumber: 1, classType: 1, content: entries.flatMap(\.octets))
  }

  /// Names an interface in an extended echo request (RFC 8335 §2.1); the name is filled up with zeros.
  public static func interfaceIdentification(name: String) -> ExtensionObject {
    let octets = Array(name.utf8)
    let zeros = [UInt8](repeating: 0, count: (4 - octets.count % 4) % 4)
    return ExtensionObject(classNumber: 3, classType: 1, content: octets + zeros)
  }

  /// Names an interface in an extended echo request by its index (RFC 8335 §2.1).
  public static func interfaceIdentification(index: UInt32) -> ExtensionObject {
    ExtensionObject(
      classNumber: 3, classType: 2, content: (0..<4).map { UInt8(truncatingIfNeeded: index >> (24 - 8 * $0)) })
  }

  /// What it says; nil where its class is not known, or its octets do not keep to it.
  public var meaning: Meaning? {
    var reader = ContentReader(content)
    switch (classNumber, classType) {
    case (1, 1):
      guard !content.isEmpty, content.count % 4 == 0 else { return nil }
      return .mplsLabelStack((0..<content.count / 4).compactMap { _ in reader.word("").map { MPLSLabel(word: $0) } })
    case (2, _): return reader.interface(classType).map { .interface($0) }
    case (3, 1...3): return reader.identified(classType).map { .interface($0) }
    default: return nil
    }
  }

  /// The object in words, for people and JSON.
  public var description: String {
    switch meaning {
    case .mplsLabelStack(let entries): "MPLS " + entries.map(\.description).joined(separator: ", ")
    case .interface(let interface): interface.description
    case nil: "class \(classNumber) type \(classType) with \(content.count) octets"
    }
  }
}

/// Reads an object's octets one field after the other, and notes where they lay.
private struct ContentReader {
  private var rest: ArraySlice<UInt8>
  private var fields: [FieldSpec] = []

  init(_ octets: [UInt8]) { rest = octets[...] }

  private mutating func octets(_ name: String, _ count: Int, _ form: FieldSpec.Form) -> [UInt8]? {
    guard count <= rest.count else { return nil }
    defer { rest = rest.dropFirst(count) }
    fields.append(FieldSpec(name, 8 * count, form))
    return Array(rest.prefix(count))
  }

  private mutating func number(_ name: String, _ count: Int, _ form: FieldSpec.Form = .number) -> UInt32? {
    octets(name, count, form)?.reduce(0) { $0 << 8 | UInt32($1) }
  }

  mutating func word(_ name: String) -> UInt32? { number(name, 4) }

  private mutating func address(_ family: UInt32) -> IPAddress? {
    if family == 1 { return number("address", 4, .ipv4Address).map { .v4(IPv4Address(rawValue: $0)) } }
    guard family == 2, let octets = octets("address", 16, .ipv6Address) else { return nil }
    let half = { (octets: ArraySlice<UInt8>) in octets.reduce(UInt64(0)) { $0 << 8 | UInt64($1) } }
    return .v6(IPv6Address(high: half(octets[..<8]), low: half(octets[8...])))
  }

  /// The text before the first zero.
  private func text(_ octets: [UInt8]) -> String { String(decoding: octets.prefix { $0 != 0 }, as: UTF8.self) }

  /// The C-Type says what is there: index, address, name and MTU, in this order (RFC 5837 §4.1).
  mutating func interface(_ classType: UInt8) -> ExtensionInterface? {
    let roles = ["incoming", "incoming part of", "outgoing", "next hop"]
    var interface = ExtensionInterface(role: roles[Int(classType >> 6)])
    if classType & 8 != 0 {
      guard let index = word("interfaceIndex") else { return nil }
      interface.index = index
    }
    if classType & 4 != 0 {
      guard let family = number("addressFamily", 2), number("reserved", 2) != nil else { return nil }
      guard let address = address(family) else { return nil }
      interface.address = address
    }
    if classType & 2 != 0 {
      // The length counts its own octet.
      guard let count = number("nameLength", 1), count >= 1 else { return nil }
      guard let name = octets("name", Int(count) - 1, .octets) else { return nil }
      interface.name = text(name)
    }
    if classType & 1 != 0 {
      guard let mtu = word("mtu") else { return nil }
      interface.mtu = mtu
    }
    interface.fields = fields
    return interface
  }

  /// By name, index or address (RFC 8335 §2.1).
  mutating func identified(_ classType: UInt8) -> ExtensionInterface? {
    var interface = ExtensionInterface()
    switch classType {
    case 1: interface.name = octets("name", rest.count, .octets).map(text)
    case 2:
      guard let index = word("interfaceIndex") else { return nil }
      interface.index = index
    default:
      guard let family = number("addressFamily", 2), number("addressLength", 1) != nil, number("reserved", 1) != nil,
        let address = address(family)
      else { return nil }
      interface.address = address
    }
    interface.fields = fields
    return interface
  }
}
