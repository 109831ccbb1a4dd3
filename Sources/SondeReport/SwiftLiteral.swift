internal import SondeHeaders
internal import SondeOctets

/// Values of headers as they stand in Swift source.
enum SwiftLiteral {
  /// How the source makes a value: a type's name and its initializer's parameters.
  private struct Initializer: Sendable {
    /// A label, `_` for none, and the property that holds the argument.
    struct Parameter: Sendable {
      var label: String
      var property: String
    }
    var name: String
    var parameters: [Parameter]
    /// How many parameters, the first ones, have no default, or one that is better said.
    var required: Int
    /// The value that leaving out all others makes.
    var usual: any Sendable

    /// - Parameters:
    ///   - required: parameters as a declaration has them, `to destination, flags`.
    ///   - optional: those that are left out where they have their default.
    init(_ name: String, _ usual: some Sendable, required: String = "", _ optional: String = "") {
      func parameters(_ text: String) -> [Parameter] {
        text.split(separator: ",").map { parameter in
          let words = parameter.split(separator: " ").map(String.init)
          return Parameter(label: words[0], property: words[words.count - 1])
        }
      }
      self.name = name
      self.usual = usual
      self.parameters = parameters(required) + parameters(optional)
      self.required = parameters(required).count
    }
  }

  /// Of every type that has an initializer in source, by its identity.
  private static let initializers: [ObjectIdentifier: Initializer] = [
    ObjectIdentifier(Ethernet.self): .init(
      "Ethernet", Ethernet(), "from source, to destination, etherType, isLength"),
    ObjectIdentifier(VLANTag.self): .init(
      "VLANTag", VLANTag(), "_ identifier, priority, dropEligible, etherType, isLength"),
    ObjectIdentifier(ARP.self): .init(
      "ARP", ARP(),
      "hardwareType, protocolType, operation, senderHardwareAddress, senderProtocolAddress, targetHardwareAddress, "
        + "targetProtocolAddress, hardwareLength, protocolLength"),
    ObjectIdentifier(LinuxCooked.self): .init(
      "LinuxCooked", LinuxCooked(), "packetType, addressType, addressLength, address, protocolType"),
    ObjectIdentifier(LinuxCookedV2.self): .init(
      "LinuxCookedV2", LinuxCookedV2(),
      "protocolType, reserved, interfaceIndex, addressType, packetType, addressLength, address"),
    ObjectIdentifier(Loopback.self): .init("Loopback", Loopback(), "family, isBigEndian"),
    ObjectIdentifier(IPv4.self): .init(
      "IPv4", IPv4(),
      "from source, to destination, ttl timeToLive, typeOfService, identification, flags, fragmentOffset, protocol, "
        + "options, version, headerLength, totalLength, checksum"),
    ObjectIdentifier(IPv6.self): .init(
      "IPv6", IPv6(),
      "from source, to destination, hopLimit, trafficClass, flowLabel, nextHeader, version, payloadLength"),
    ObjectIdentifier(IPv6HopByHop.self): .init(
      "IPv6HopByHop", IPv6HopByHop(), "_ options, isPadded, nextHeader, extensionLength"),
    ObjectIdentifier(IPv6Destination.self): .init(
      "IPv6Destination", IPv6Destination(), "_ options, isPadded, nextHeader, extensionLength"),
    ObjectIdentifier(IPv6Routing.self): .init(
      "IPv6Routing", IPv6Routing(.data([])), required: "type routingType, _ content",
      "segmentsLeft, nextHeader, extensionLength"),
    ObjectIdentifier(IPv6Fragment.self): .init(
      "IPv6Fragment", IPv6Fragment(),
      "offset fragmentOffset, more moreFragments, identification, nextHeader, reserved, reservedBits"),
    ObjectIdentifier(ICMPv4.self): .init(
      "ICMPv4", ICMPv4(type: 0), required: "type", "code, restOfHeader, numbers, checksum"),
    ObjectIdentifier(ICMPv6.self): .init(
      "ICMPv6", ICMPv6(type: 0), required: "type", "code, restOfHeader, body, isBare, checksum"),
    ObjectIdentifier(IGMP.self): .init("IGMP", IGMP(), "type, maximumResponseTime, group, checksum"),
    ObjectIdentifier(UDP.self): .init("UDP", UDP(), "from sourcePort, to destinationPort, length, checksum"),
    ObjectIdentifier(TCP.self): .init(
      "TCP", TCP(),
      "from sourcePort, to destinationPort, flags, sequenceNumber, acknowledgmentNumber, window, urgentPointer, "
        + "options, dataOffset, reserved, checksum"),
    ObjectIdentifier(SCTP.self): .init(
      "SCTP", SCTP(), "from sourcePort, to destinationPort, verificationTag, checksum"),
    ObjectIdentifier(RouterAddress.self): .init(
      "RouterAddress", RouterAddress(.any), required: "_ address", "preference"),
    ObjectIdentifier(NeighborDiscoveryOption.self): .init(
      "NeighborDiscoveryOption", NeighborDiscoveryOption(type: 0, content: []), required: "type, content", "length"),
    ObjectIdentifier(ExtensionStructure.self): .init(
      "ExtensionStructure", ExtensionStructure(), "version, reserved, checksum"),
    ObjectIdentifier(ExtensionObject.self): .init(
      "ExtensionObject", ExtensionObject(classNumber: 0, classType: 0, content: []),
      required: "classNumber, classType, content", "length"),
    ObjectIdentifier(Payload.self): .init("Payload", Payload(octets: []), required: "octets"),
    ObjectIdentifier(Trailer.self): .init("Trailer", Trailer(octets: []), required: "octets"),
    // What lies in fields, where the compiler knows the type.
    ObjectIdentifier(SegmentRoute.self): .init(
      ".init", SegmentRoute([]), required: "_ segments", "objects, flags, tag, lastEntry"),
    ObjectIdentifier(TCPOption.SACKBlock.self): .init(
      ".init", TCPOption.SACKBlock(left: 0, right: 0), required: "left, right"),
    ObjectIdentifier(IPv4Option.Route.self): .init(".init", IPv4Option.Route([]), required: "_ addresses", "pointer"),
    ObjectIdentifier(IPv4Option.Timestamp.self): .init(
      ".init", IPv4Option.Timestamp(words: []), required: "words", "pointer, overflow, flag"),
    ObjectIdentifier(IPv4Option.Security.self): .init(
      ".init", IPv4Option.Security(), "level, compartments, handlingRestrictions, transmissionControlCode"),
  ]

  /// The call that makes a value; nil for a type that is not known, or with a field of which that is true.
  static func call<Value>(_ value: Value) -> String? {
    guard let initializer = initializers[ObjectIdentifier(type(of: value as Any))] else { return nil }
    let usual = properties(initializer.usual)
    let properties = properties(value)
    var arguments: [String] = []
    for (index, parameter) in initializer.parameters.enumerated() {
      guard let property = properties[parameter.property], let text = literal(property, of: parameter.property) else {
        return nil
      }
      if index >= initializer.required, let usual = usual[parameter.property],
        literal(usual, of: parameter.property) == text
      {
        continue
      }
      arguments.append(parameter.label == "_" ? text : "\(parameter.label): \(text)")
    }
    return "\(initializer.name)(\(arguments.joined(separator: ", ")))"
  }

  private static func properties(_ value: Any) -> [String: Any] {
    Dictionary(
      Mirror(reflecting: value).children.compactMap { child in child.label.map { ($0, child.value) } },
      uniquingKeysWith: { first, _ in first })
  }

  /// A value as an argument; nil where there is no way to say it.
  private static func literal(_ value: Any, of property: String) -> String? {
    switch value {
    case let flag as Bool: return flag ? "true" : "false"
    case let octet as UInt8: return String(octet)
    case let number as any FixedWidthInteger:
      return hexadecimal.contains(property) ? Hex.word(UInt64(truncatingIfNeeded: number)) : String(number)
    case let octets as [UInt8]: return "[\(octets.map { Hex.word($0, digits: 2) }.joined(separator: ", "))]"
    case let values as [Any]:
      let elements = values.compactMap { literal($0, of: property) }
      return elements.count == values.count ? "[\(elements.joined(separator: ", "))]" : nil
    case is MACAddress, is IPv4Address, is IPv6Address: return "\"\(value)\""
    case let kind as ICMPv4.Kind: return String(kind.rawValue)
    case let kind as ICMPv6.Kind: return String(kind.rawValue)
    case let kind as NeighborDiscoveryOption.Kind: return String(kind.rawValue)
    case let flags as TCP.Flags:
      return set(flags.rawValue, ["fin", "syn", "rst", "psh", "ack", "urg", "ece", "cwr", "ae"])
    case let flags as IPv4.Flags: return set(flags.rawValue, ["moreFragments", "dontFragment", "reserved"])
    default: break
    }
    let mirror = Mirror(reflecting: value)
    switch mirror.displayStyle {
    case .optional: return mirror.children.first.map { literal($0.value, of: property) } ?? "nil"
    case .enum: return mirror.children.first.map { choice($0, of: property) } ?? ".\(value)"
    default: return call(value)
    }
  }

  /// Numbers that people read by their digits.
  private static let hexadecimal: Set<String> = [
    "checksum", "etherType", "restOfHeader", "protocolType", "address", "verificationTag",
  ]

  /// A set of flags; `rawValue` where a bit has no name.
  private static func set(_ bits: some FixedWidthInteger, _ names: [String]) -> String {
    guard Int(bits) >> names.count == 0 else {
      return ".init(rawValue: \(Hex.word(UInt64(truncatingIfNeeded: bits))))"
    }
    let set = names.indices.filter { Int(bits) >> $0 & 1 == 1 }.map { ".\(names[$0])" }
    return set.count == 1 ? set[0] : "[\(set.joined(separator: ", "))]"
  }

  /// A case that holds values: `.timestamps(value: 1, echoReply: 2)`. A field that is set stands as its value.
  private static func choice(_ choice: Mirror.Child, of property: String) -> String? {
    guard let name = choice.label else { return nil }
    if name == "set" { return literal(choice.value, of: property) }
    let mirror = Mirror(reflecting: choice.value)
    guard mirror.displayStyle == .tuple else {
      return literal(choice.value, of: name).map { ".\(name)(\($0))" }
    }
    var arguments: [String] = []
    for (label, value) in mirror.children {
      guard let text = literal(value, of: name) else { return nil }
      // What has no label has the number of its place.
      arguments.append(label.flatMap { $0.hasPrefix(".") ? nil : "\($0): \(text)" } ?? text)
    }
    return ".\(name)(\(arguments.joined(separator: ", ")))"
  }

  /// Text in quotes, where the octets are printable ASCII.
  static func quoted(_ octets: [UInt8]) -> String? {
    guard !octets.isEmpty, octets.allSatisfy({ (0x20..<0x7f).contains($0) }) else { return nil }
    let text = String(decoding: octets, as: UTF8.self)
    return "\"\(text.map { $0 == "\"" || $0 == "\\" ? "\\\($0)" : String($0) }.joined())\""
  }
}
