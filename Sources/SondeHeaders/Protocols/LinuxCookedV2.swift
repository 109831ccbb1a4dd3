public import SondeOctets

/// The second cooked header of captures on any Linux interface (LINKTYPE_LINUX_SLL2).
///
///      0                   1                   2                   3
///      0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
///     +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
///     |           Protocol            |           Reserved            |
///     |                       Interface Index                         |
///     |    Link-Layer Address Type    |  Packet Type  | Address Len.  |
///     |                 Link-Layer Address (64 bits)                  |
public struct LinuxCookedV2: Header {
  /// The EtherType; below 1536 a number of Linux's own. Computed: the next layer's, 0x0800 where it has none.
  public var protocolType: Field<UInt16>
  public var reserved: UInt16
  public var interfaceIndex: UInt32
  /// The device's ARPHRD_ number; 1 is Ethernet.
  public var addressType: UInt16
  /// 0 to us, 1 broadcast, 2 multicast, 3 to another host, 4 from us.
  public var packetType: UInt8
  /// The sender address's octets, of which at most eight are there.
  public var addressLength: UInt8
  /// Eight octets, zeros behind a shorter address, the first in the highest bits.
  public var address: UInt64

  public init(
    protocolType: Field<UInt16> = .auto, reserved: UInt16 = 0, interfaceIndex: UInt32 = 0, addressType: UInt16 = 512,
    packetType: UInt8 = 0, addressLength: UInt8 = 0, address: UInt64 = 0
  ) {
    self.protocolType = protocolType
    self.reserved = reserved
    self.interfaceIndex = interfaceIndex
    self.addressType = addressType
    self.packetType = packetType
    self.addressLength = addressLength
    self.address = address
  }

  public static var name: Name { "cookedlinuxv2" }
  public static var announced: Announcement { Announcement(linkType: 276) }

  public var fields: [FieldSpec] {
    .consecutive([
      .init("protocolType", 16, alias: "proto", .hexadecimal, isDerived: true), .init("reserved", 16, usual: 0),
      .init("interfaceIndex", 32, alias: "ifindex", usual: 0),
      .init("addressType", 16, alias: "lladdrtype", .hexadecimal, usual: 512),
      .init("packetType", 8, alias: "pkttype", usual: 0), .init("addressLength", 8, alias: "lladdrlen", usual: 0),
      .init("address", 64, alias: "src", .octets, usual: 0),
    ])
  }

  public static var recipeNames: [String] { ["CookedLinuxV2"] }
  public static func blank(_ recipeName: String) -> LinuxCookedV2? { LinuxCookedV2() }

  public mutating func set(_ field: String, to value: FieldValue) throws(FieldError) {
    switch field {
    case "protocolType", "proto": protocolType = try value.derived(field)
    case "reserved": reserved = try value.number(field)
    case "interfaceIndex", "ifindex": interfaceIndex = try value.number(field)
    case "addressType", "lladdrtype": addressType = try value.number(field)
    case "packetType", "pkttype": packetType = try value.number(field)
    case "addressLength", "lladdrlen": addressLength = try value.number(field)
    case "address", "src": address = LinuxCooked.address(try value.octets(field))
    default: throw .unknown(field)
    }
  }

  public var byteCount: Int { 20 }

  public func write(into output: inout OutputRawSpan, _ around: Surroundings) throws(CraftError) {
    output.append(bigEndian: protocolType.value(or: around.next.etherType ?? 0x0800))
    output.append(bigEndian: reserved)
    output.append(bigEndian: interfaceIndex)
    output.append(bigEndian: addressType)
    output.append(packetType)
    output.append(addressLength)
    output.append(bigEndian: address)
  }

  public init(from reader: inout Reader) throws(ParseError) {
    try reader.require(20)
    protocolType = .set(try reader.read())
    reserved = try reader.read()
    interfaceIndex = try reader.read()
    addressType = try reader.read()
    packetType = try reader.read()
    addressLength = try reader.read()
    address = try reader.read()
  }

  public var following: Following { protocolType.hand.map { LinuxCooked.following($0) } ?? .payload }

  public static func extent(
    of bytes: RawSpan, at offset: Int, within outer: PseudoHeader?
  ) throws(ParseError) -> Extent {
    try Reader(bytes, at: offset).require(20)
    return Extent(
      byteCount: 20, following: LinuxCooked.following(bytes.bigEndian(at: offset)), pseudoHeader: outer)
  }

  public func freed(before next: Announcement) -> Self {
    var copy = self
    if next.etherType != nil { copy.protocolType = .auto }
    return copy
  }
}
