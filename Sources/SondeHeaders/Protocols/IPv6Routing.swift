public import SondeOctets

/// The Routing header of IPv6 (RFC 8200 §4.4), of every routing type.
///
///      0                   1                   2                   3
///      0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
///     +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
///     |  Next Header  |  Hdr Ext Len  |  Routing Type | Segments Left |
///     |            Reserved, or Last Entry, Flags and Tag             |
///     |                   Addresses (128 bits each)                   |
///     |                Type-Length-Values of type 4                   |
public struct IPv6Routing: Header {
  /// Computed: that of the next layer, 59 (none) where it has none.
  public var nextHeader: Field<UInt8>
  /// The Hdr Ext Len field: in units of eight octets, the first eight not counted.
  public var extensionLength: Field<UInt8>
  /// 0 is the source route of old (RFC 5095 forbids it), 2 Mobile IPv6's, 4 a segment route.
  public var routingType: UInt8
  /// How many of the addresses are still to be visited. Computed: all; of segments all but one.
  public var segmentsLeft: Field<UInt8>
  public var content: Content

  /// What stands behind the first four octets.
  public enum Content: Hashable, Sendable {
    /// 32 reserved bits, and the addresses in the order in which they are visited: types 0 and 2, and any other whose
    /// octets may be read so.
    case addresses([IPv6Address], reserved: UInt32 = 0)
    /// Type 4: the segments in reverse order, the last to be visited first (RFC 8754 §2).
    case segments(SegmentRoute)
    /// Octets that are neither.
    case data([UInt8])
  }

  public init(
    type routingType: UInt8 = 0, _ content: Content, segmentsLeft: Field<UInt8> = .auto,
    nextHeader: Field<UInt8> = .auto, extensionLength: Field<UInt8> = .auto
  ) {
    self.nextHeader = nextHeader
    self.extensionLength = extensionLength
    self.routingType = routingType
    self.segmentsLeft = segmentsLeft
    self.content = content
  }

  public static var name: Name { "ipv6exthdrrouting" }
  public static var announced: Announcement { Announcement(ipProtocol: 43, isIPv6Extension: true) }

  public var fields: [FieldSpec] {
    let common: [FieldSpec] = [
      .init("nextHeader", 8, alias: "nh", isDerived: true), .init("extensionLength", 8, alias: "len", isDerived: true),
      .init("routingType", 8, alias: "type", usual: isSegmentRoute ? 4 : 0),
      .init("segmentsLeft", 8, alias: "segleft", isDerived: !hasOneSegment),
    ]
    switch content {
    case .addresses(let addresses, _):
      return .consecutive(
        common + [
          .init("reserved", 32, .hexadecimal, usual: 0), .init("addresses", addresses.count * 128, .structured),
        ])
    case .segments(let route): return .consecutive(common + route.fields)
    case .data(let octets): return .consecutive(common + [.init("data", octets.count * 8, .octets)])
    }
  }

  /// Whether there is one segment: then Scapy, where segments left are not written, says 0 and yet sums as if the
  /// route were not used up; so they are always written.
  private var hasOneSegment: Bool {
    if case .segments(let route) = content { route.segments.count == 1 } else { false }
  }

  private var isSegmentRoute: Bool { if case .segments = content { true } else { false } }

  public static var recipeNames: [String] { [addressesName, segmentsName] }
  private static var addressesName: String { "IPv6ExtHdrRouting" }
  private static var segmentsName: String { "IPv6ExtHdrSegmentRouting" }

  public static func blank(_ recipeName: String) -> IPv6Routing? {
    recipeName == segmentsName
      ? IPv6Routing(type: 4, .segments(SegmentRoute([.loopback]))) : IPv6Routing(.addresses([]))
  }

  public func recipeName(isQuoted: Bool) -> String? {
    switch content {
    case .addresses: Self.addressesName
    case .segments(let route): route.isPrintable ? Self.segmentsName : nil
    case .data: nil
    }
  }

  public mutating func set(_ field: String, to value: FieldValue) throws(FieldError) {
    switch (field, content) {
    case ("nextHeader", _), ("nh", _): nextHeader = try value.derived(field)
    case ("extensionLength", _), ("len", _): extensionLength = try value.derived(field)
    case ("routingType", _), ("type", _): routingType = try value.number(field)
    case ("segmentsLeft", _), ("segleft", _): segmentsLeft = try value.derived(field)
    case ("reserved", .addresses(let addresses, _)):
      content = .addresses(addresses, reserved: try value.number(field))
    case ("addresses", .addresses(_, let reserved)):
      content = .addresses(try value.ipv6Addresses(field), reserved: reserved)
    case (_, .segments(var route)):
      try route.set(field, to: value)
      content = .segments(route)
    default: throw .unknown(field)
    }
  }

  public func value(of field: FieldSpec) -> FieldValue? {
    switch (field.name, content) {
    case ("addresses", .addresses(let addresses, _)): .list(addresses.map { .text($0.description) })
    case (_, .segments(let route)): route.value(of: field)
    default: nil
    }
  }

  public var byteCount: Int {
    switch content {
    case .addresses(let addresses, _): 8 + 16 * addresses.count
    // Only where the length is computed does padding come by itself, as in Scapy.
    case .segments(let route): 4 + route.byteCount + (extensionLength == .auto ? route.padding.byteCount : 0)
    case .data(let octets): 4 + octets.count
    }
  }

  public func write(into output: inout OutputRawSpan, _ around: Surroundings) throws(CraftError) {
    let count = byteCount
    guard let length = UInt8(exactly: max(0, (count - 8) / 8)) ?? extensionLength.hand else {
      throw CraftError(
        layer: Self.name, field: "addresses", reason: "hold at most 2040 octets, \(count - 8) were given")
    }
    output.append(nextHeader.value(or: around.next.nextHeader ?? IPv6.noNextHeader))
    output.append(extensionLength.value(or: length))
    output.append(routingType)
    output.append(segmentsLeft.value(or: UInt8(truncatingIfNeeded: stops)))
    switch content {
    case .addresses(let addresses, let reserved):
      output.append(bigEndian: reserved)
      for address in addresses { output.append(octets: address.octets) }
    case .segments(let route):
      try route.write(into: &output)
      if extensionLength == .auto { output.append(octets: route.padding.octets) }
    case .data(let octets): output.append(octets: octets)
    }
  }

  /// How many addresses are still to be visited where no hand says so.
  private var stops: Int {
    switch content {
    case .addresses(let addresses, _): addresses.count
    case .segments(let route): max(0, route.segments.count - 1)
    case .data: 0
    }
  }

  /// Whether no address is left to be visited. As in Scapy a route whose segments left are computed counts as not used
  /// up, were it but of one segment.
  public var isUsedUp: Bool {
    if let left = segmentsLeft.hand { return left == 0 }
    return switch content {
    case .addresses(let addresses, _): addresses.isEmpty
    case .segments(let route): route.segments.isEmpty
    case .data: true
    }
  }

  /// The last address to be visited; nil where the route is used up, and where it cannot be told: of the types that
  /// are neither 0, 2 nor 4, such as 3, whose addresses are compressed (RFC 6554 §3), and of those that are not
  /// formed as their type is. A route of type 2 has one address (RFC 6275 §6.4.1).
  public var finalDestination: IPv6Address? {
    guard !isUsedUp else { return nil }
    return switch (routingType, content) {
    case (0, .addresses(let addresses, _)): addresses.last
    case (2, .addresses(let addresses, _)) where addresses.count == 1: addresses.last
    case (4, .segments(let route)): route.segments.first
    default: nil
    }
  }

  /// While the route is not used up its last address is the destination (RFC 8200 §8.1, RFC 8754 §2).
  public func pseudoHeader(within outer: PseudoHeader?) -> PseudoHeader? {
    guard !isUsedUp, var pseudoHeader = outer else { return outer }
    pseudoHeader.isDestinationFinal = finalDestination != nil
    if let finalDestination { pseudoHeader.destination = .v6(finalDestination) }
    return pseudoHeader
  }

  public init(from reader: inout Reader) throws(ParseError) {
    try reader.require(8)
    nextHeader = .set(try reader.read())
    let length: UInt8 = try reader.read()
    extensionLength = .set(length)
    routingType = try reader.read()
    segmentsLeft = .set(try reader.read())
    let octets = try reader.read(count: Int(length) * 8 + 4)
    if routingType == 4, let route = SegmentRoute(octets) {
      content = .segments(route)
    } else if length % 2 == 0 {
      let span = octets.rawSpan
      let addresses = stride(from: 4, to: octets.count, by: 16).map {
        IPv6Address(high: span.bigEndian(at: $0), low: span.bigEndian(at: $0 + 8))
      }
      content = .addresses(addresses, reserved: span.bigEndian(at: 0))
    } else {
      content = .data(octets)
    }
  }

  public var following: Following { nextHeader.hand.map { Following(.nextHeader($0)) } ?? .payload }

  public static func extent(
    of bytes: RawSpan, at offset: Int, within outer: PseudoHeader?
  ) throws(ParseError) -> Extent {
    try Reader(bytes, at: offset).require(8)
    let length = Int(bytes[offset + 1])
    let count = length * 8 + 8
    try Reader(bytes, at: offset + 4).require(count - 4)
    var extent = Extent(byteCount: count, following: Following(.nextHeader(bytes[offset])), pseudoHeader: outer)
    guard bytes[offset + 3] > 0, outer != nil else { return extent }
    let last: Int
    switch bytes[offset + 2] {
    case 0 where length > 0 && length % 2 == 0: last = offset + count - 16
    case 2 where length == 2: last = offset + 8
    case 4 where length > 0 && SegmentRoute.fits(lastEntry: bytes[offset + 4], in: count - 8): last = offset + 8
    default:
      extent.pseudoHeader?.isDestinationFinal = false
      return extent
    }
    extent.pseudoHeader?.isDestinationFinal = true
    extent.pseudoHeader?.destination = .v6(
      IPv6Address(high: bytes.bigEndian(at: last), low: bytes.bigEndian(at: last + 8)))
    return extent
  }

  /// Segments left tell how far the packet has come, and cannot be computed from what is there.
  public func freed(before next: Announcement) -> Self {
    var copy = self
    copy.extensionLength = .auto
    if next.nextHeader != nil { copy.nextHeader = .auto }
    if case .segments(var route) = content {
      route.lastEntry = .auto
      copy.content = .segments(route)
    }
    return copy
  }
}

extension FieldValue {
  /// IPv6 addresses in a list.
  func ipv6Addresses(_ field: String) throws(FieldError) -> [IPv6Address] {
    var addresses: [IPv6Address] = []
    for element in elements { addresses.append(try element.ipv6Address(field)) }
    return addresses
  }
}
