public import SondeOctets

/// The Address Resolution Protocol (RFC 826).
///
///      0                   1                   2                   3
///      0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
///     +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
///     |        Hardware Type          |        Protocol Type          |
///     | Hardware Len. | Protocol Len. |          Operation            |
///     |     Sender Hardware Address   |     Sender Protocol Address   |
///     |     Target Hardware Address   |     Target Protocol Address   |
public struct ARP: Header {
  /// 1 is Ethernet (IANA "Address Resolution Protocol Parameters").
  public var hardwareType: UInt16
  /// The EtherType of the protocol whose addresses are asked for.
  public var protocolType: UInt16
  /// In octets; computed: the sender hardware address's.
  public var hardwareLength: Field<UInt8>
  /// In octets; computed: the sender protocol address's.
  public var protocolLength: Field<UInt8>
  public var operation: UInt16
  /// The octets of the addresses, as many as there are, whatever the lengths say.
  public var senderHardwareAddress: [UInt8]
  public var senderProtocolAddress: [UInt8]
  public var targetHardwareAddress: [UInt8]
  public var targetProtocolAddress: [UInt8]

  public init(
    hardwareType: UInt16 = 1, protocolType: UInt16 = 0x0800, operation: UInt16 = ARP.request,
    senderHardwareAddress: [UInt8] = [0, 0, 0, 0, 0, 0], senderProtocolAddress: [UInt8] = [0, 0, 0, 0],
    targetHardwareAddress: [UInt8] = [0, 0, 0, 0, 0, 0], targetProtocolAddress: [UInt8] = [0, 0, 0, 0],
    hardwareLength: Field<UInt8> = .auto, protocolLength: Field<UInt8> = .auto
  ) {
    self.hardwareType = hardwareType
    self.protocolType = protocolType
    self.hardwareLength = hardwareLength
    self.protocolLength = protocolLength
    self.operation = operation
    self.senderHardwareAddress = senderHardwareAddress
    self.senderProtocolAddress = senderProtocolAddress
    self.targetHardwareAddress = targetHardwareAddress
    self.targetProtocolAddress = targetProtocolAddress
  }

  /// An ARP packet for IPv4 over Ethernet: a request, unless another operation is given.
  ///
  /// With `source` 0.0.0.0 it is a probe for an address that one would like to have, with `source` and
  /// `target` the same an announcement (RFC 5227 §1.1).
  public init(
    from hardware: MACAddress, _ source: IPv4Address, to target: IPv4Address, _ targetHardware: MACAddress = .zero,
    operation: UInt16 = ARP.request
  ) {
    self.init(
      operation: operation, senderHardwareAddress: hardware.octets,
      senderProtocolAddress: source.octets, targetHardwareAddress: targetHardware.octets,
      targetProtocolAddress: target.octets)
  }

  /// Operations (RFC 826, RFC 903).
  public static let request: UInt16 = 1
  public static let reply: UInt16 = 2

  public static var name: Name { "arp" }
  public static var announced: Announcement { Announcement(etherType: 0x0806) }

  public var fields: [FieldSpec] {
    let hardware = (form: hardwareForm, width: senderHardwareAddress.count * 8)
    let network = (form: protocolForm, width: senderProtocolAddress.count * 8)
    // Where addresses of a known type have an odd length, Scapy takes the octets for text unless it is written.
    return .consecutive([
      .init("hardwareType", 16, alias: "hwtype", .hexadecimal, usual: 1),
      .init("protocolType", 16, alias: "ptype", .hexadecimal, usual: 0x0800),
      .init("hardwareLength", 8, alias: "hwlen", isDerived: hardware.form != .octets || hardwareType != 1),
      .init(
        "protocolLength", 8, alias: "plen",
        isDerived: network.form != .octets || protocolType != 0x0800 && protocolType != 0x86dd),
      .init("operation", 16, alias: "op", usual: 1),
      .init("senderHardwareAddress", hardware.width, alias: "hwsrc", hardware.form),
      .init("senderProtocolAddress", network.width, alias: "psrc", network.form),
      .init("targetHardwareAddress", targetHardwareAddress.count * 8, alias: "hwdst", hardware.form),
      .init("targetProtocolAddress", targetProtocolAddress.count * 8, alias: "pdst", network.form),
    ])
  }

  /// How hardware addresses read; a recipe takes text for those of Ethernet alone.
  private var hardwareForm: FieldSpec.Form {
    hardwareType == 1 && areBoth(6, hardwareLength, senderHardwareAddress, targetHardwareAddress)
      ? .macAddress : .octets
  }

  private var protocolForm: FieldSpec.Form {
    func isOf(_ type: UInt16, _ count: Int) -> Bool {
      protocolType == type && areBoth(count, protocolLength, senderProtocolAddress, targetProtocolAddress)
    }
    if isOf(0x0800, 4) { return .ipv4Address }
    return isOf(0x86dd, 16) ? .ipv6Address : .octets
  }

  private func areBoth(_ count: Int, _ stated: Field<UInt8>, _ sender: [UInt8], _ target: [UInt8]) -> Bool {
    Int(stated.hand ?? UInt8(truncatingIfNeeded: count)) == count && sender.count == count && target.count == count
  }

  public static var recipeNames: [String] { ["ARP"] }
  public static func blank(_ recipeName: String) -> ARP? { ARP() }

  public mutating func set(_ field: String, to value: FieldValue) throws(FieldError) {
    switch field {
    case "hardwareType", "hwtype": hardwareType = try value.number(field)
    case "protocolType", "ptype": protocolType = try value.number(field)
    case "hardwareLength", "hwlen":
      hardwareLength = try value.derived(field)
      if let count = hardwareLength.hand { resize(&senderHardwareAddress, &targetHardwareAddress, Int(count)) }
    case "protocolLength", "plen":
      protocolLength = try value.derived(field)
      if let count = protocolLength.hand { resize(&senderProtocolAddress, &targetProtocolAddress, Int(count)) }
    case "operation", "op": operation = try value.operation(field)
    case "senderHardwareAddress", "hwsrc":
      senderHardwareAddress = fitted(try value.hardwareAddress(field), hardwareLength)
    case "targetHardwareAddress", "hwdst":
      targetHardwareAddress = fitted(try value.hardwareAddress(field), hardwareLength)
    case "senderProtocolAddress", "psrc":
      senderProtocolAddress = fitted(try value.protocolAddress(field), protocolLength)
    case "targetProtocolAddress", "pdst":
      targetProtocolAddress = fitted(try value.protocolAddress(field), protocolLength)
    default: throw .unknown(field)
    }
  }

  /// Scapy cuts and fills addresses to the length that a hand sets.
  private func fitted(_ octets: [UInt8], _ stated: Field<UInt8>) -> [UInt8] {
    guard let count = stated.hand.map({ Int($0) }) else { return octets }
    return octets.prefix(count) + [UInt8](repeating: 0, count: max(0, count - octets.count))
  }

  private func resize(_ sender: inout [UInt8], _ target: inout [UInt8], _ count: Int) {
    let stated = Field<UInt8>.set(UInt8(truncatingIfNeeded: count))
    sender = fitted(sender, stated)
    target = fitted(target, stated)
  }

  /// Addresses that a recipe leaves out are zeros: as many as the length says, or as the type has; of a type that is
  /// not known none.
  public mutating func settle(_ context: RecipeContext) {
    let hardware = hardwareLength.hand.map { Int($0) } ?? (hardwareType == 1 ? 6 : 0)
    let network = protocolLength.hand.map { Int($0) } ?? [0x0800: 4, 0x86dd: 16][protocolType] ?? 0
    if context.omits("senderHardwareAddress") { senderHardwareAddress = [UInt8](repeating: 0, count: hardware) }
    if context.omits("targetHardwareAddress") { targetHardwareAddress = [UInt8](repeating: 0, count: hardware) }
    if context.omits("senderProtocolAddress") { senderProtocolAddress = [UInt8](repeating: 0, count: network) }
    if context.omits("targetProtocolAddress") { targetProtocolAddress = [UInt8](repeating: 0, count: network) }
  }

  public var byteCount: Int {
    8 + senderHardwareAddress.count + senderProtocolAddress.count + targetHardwareAddress.count
      + targetProtocolAddress.count
  }

  public func write(into output: inout OutputRawSpan, _ around: Surroundings) throws(CraftError) {
    output.append(bigEndian: hardwareType)
    output.append(bigEndian: protocolType)
    output.append(try length(hardwareLength, of: senderHardwareAddress, "hardwareLength"))
    output.append(try length(protocolLength, of: senderProtocolAddress, "protocolLength"))
    output.append(bigEndian: operation)
    output.append(octets: senderHardwareAddress)
    output.append(octets: senderProtocolAddress)
    output.append(octets: targetHardwareAddress)
    output.append(octets: targetProtocolAddress)
  }

  private func length(_ stated: Field<UInt8>, of address: [UInt8], _ field: String) throws(CraftError) -> UInt8 {
    guard let length = stated.hand ?? UInt8(exactly: address.count) else {
      throw CraftError(layer: Self.name, field: field, reason: "is at most 255, the address has \(address.count)")
    }
    return length
  }

  public init(from reader: inout Reader) throws(ParseError) {
    try reader.require(8)
    hardwareType = try reader.read()
    protocolType = try reader.read()
    let hardware: UInt8 = try reader.read()
    let network: UInt8 = try reader.read()
    hardwareLength = .set(hardware)
    protocolLength = .set(network)
    operation = try reader.read()
    try reader.require(2 * (Int(hardware) + Int(network)))
    senderHardwareAddress = try reader.read(count: Int(hardware))
    senderProtocolAddress = try reader.read(count: Int(network))
    targetHardwareAddress = try reader.read(count: Int(hardware))
    targetProtocolAddress = try reader.read(count: Int(network))
  }

  /// Nothing: what is behind the addresses is the link's padding.
  public var following: Following { Following(.payload, byteCount: 0) }

  public static func extent(
    of bytes: RawSpan, at offset: Int, within outer: PseudoHeader?
  ) throws(ParseError) -> Extent {
    let reader = Reader(bytes, at: offset)
    try reader.require(8)
    let count = 2 * (Int(bytes[offset + 4]) + Int(bytes[offset + 5]))
    try Reader(bytes, at: offset + 8).require(count)
    return Extent(byteCount: 8 + count, following: Following(.payload, byteCount: 0), pseudoHeader: outer)
  }

  public func freed(before next: Announcement) -> Self {
    var copy = self
    // A computed length is the sender address's: where the target's differs, only a hand can say what is meant.
    if senderHardwareAddress.count == targetHardwareAddress.count { copy.hardwareLength = .auto }
    if senderProtocolAddress.count == targetProtocolAddress.count { copy.protocolLength = .auto }
    return copy
  }
}

extension FieldValue {
  /// An operation's number, or Scapy's words for it.
  fileprivate func operation(_ field: String) throws(FieldError) -> UInt16 {
    switch self {
    case .text("who-has"): ARP.request
    case .text("is-at"): ARP.reply
    default: try number(field)
    }
  }

  /// The octets of a MAC address in text, or octets.
  fileprivate func hardwareAddress(_ field: String) throws(FieldError) -> [UInt8] {
    if case .text(let text) = self, let address = MACAddress(text) { return address.octets }
    return try octets(field)
  }

  /// The octets of an IP address in text, or octets.
  fileprivate func protocolAddress(_ field: String) throws(FieldError) -> [UInt8] {
    if case .text(let text) = self {
      if let address = IPv4Address(text) { return address.octets }
      if let address = IPv6Address(text) { return address.octets }
    }
    return try octets(field)
  }
}
