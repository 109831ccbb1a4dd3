public import SondeOctets

/// The cooked header of captures on any Linux interface (LINKTYPE_LINUX_SLL).
///
///      0                   1                   2                   3
///      0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
///     +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
///     |         Packet Type           |     Link-Layer Address Type   |
///     |   Link-Layer Address Length   |  Link-Layer Address           |
///     |                          (64 bits)                            |
///     |                               |         Protocol              |
public struct LinuxCooked: Header {
  /// 0 to us, 1 broadcast, 2 multicast, 3 to another host, 4 from us.
  public var packetType: UInt16
  /// The device's ARPHRD_ number; 1 is Ethernet.
  public var addressType: UInt16
  /// The sender address's octets, of which at most eight are there.
  public var addressLength: UInt16
  /// Eight octets, zeros behind a shorter address, the first in the highest bits.
  public var address: UInt64
  /// The EtherType; below 1536 a number of Linux's own. Computed: the next layer's, 0x0800 where it has none.
  public var protocolType: Field<UInt16>

  public init(
    packetType: UInt16 = 0, addressType: UInt16 = 512, addressLength: UInt16 = 0, address: UInt64 = 0,
    protocolType: Field<UInt16> = .auto
  ) {
    self.packetType = packetType
    self.addressType = addressType
    self.addressLength = addressLength
    self.address = address
    self.protocolType = protocolType
  }

  public static var name: Name { "cookedlinux" }
  public static var announced: Announcement { Announcement(linkType: 113) }

  public var fields: [FieldSpec] {
    .consecutive([
      .init("packetType", 16, alias: "pkttype", usual: 0),
      .init("addressType", 16, alias: "lladdrtype", .hexadecimal, usual: 512),
      .init("addressLength", 16, alias: "lladdrlen", usual: 0), .init("address", 64, alias: "src", .octets, usual: 0),
      .init("protocolType", 16, alias: "proto", .hexadecimal, isDerived: true),
    ])
  }

  public static var recipeNames: [String] { ["CookedLinux"] }
  public static func blank(_ recipeName: String) -> LinuxCooked? { LinuxCooked() }

  public mutating func set(_ field: String, to value: FieldValue) throws(FieldError) {
    switch field {
    case "packetType", "pkttype": packetType = try value.number(field)
    case "addressType", "lladdrtype": addressType = try value.number(field)
    case "addressLength", "lladdrlen": addressLength = try value.number(field)
    case "address", "src": address = Self.address(try value.octets(field))
    case "protocolType", "proto": protocolType = try value.derived(field)
    default: throw .unknown(field)
    }
  }

  /// The first eight octets, and zeros behind fewer, as Scapy fills them up.
  static func address(_ octets: [UInt8]) -> UInt64 {
    (octets.prefix(8) + [UInt8](repeating: 0, count: max(0, 8 - octets.count))).reduce(0) { $0 << 8 | UInt64($1) }
  }

  public var byteCount: Int { 16 }

  public func write(into output: inout OutputRawSpan, _ around: Surroundings) throws(CraftError) {
    output.append(bigEndian: packetType)
    output.append(bigEndian: addressType)
    output.append(bigEndian: addressLength)
    output.append(bigEndian: address)
    output.append(bigEndian: protocolType.value(or: around.next.etherType ?? 0x0800))
  }

  public init(from reader: inout Reader) throws(ParseError) {
    try reader.require(16)
    packetType = try reader.read()
    addressType = try reader.read()
    addressLength = try reader.read()
    address = try reader.read()
    protocolType = .set(try reader.read())
  }

  public var following: Following { protocolType.hand.map { Self.following($0) } ?? .payload }

  /// A number below the least EtherType is one of Linux's own (802.3 frames, CAN), and counts nothing.
  static func following(_ number: UInt16) -> Following {
    number < leastEtherType ? .payload : Following(.etherType(number))
  }

  public static func extent(
    of bytes: RawSpan, at offset: Int, within outer: PseudoHeader?
  ) throws(ParseError) -> Extent {
    try Reader(bytes, at: offset).require(16)
    return Extent(byteCount: 16, following: following(bytes.bigEndian(at: offset + 14)), pseudoHeader: outer)
  }

  public func freed(before next: Announcement) -> Self {
    var copy = self
    if next.etherType != nil { copy.protocolType = .auto }
    return copy
  }
}
