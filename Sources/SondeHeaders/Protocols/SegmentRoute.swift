public import SondeOctets

/// What a Routing header of type 4 holds behind its first four octets (RFC 8754 §2).
///
///     +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
///     |  Last Entry   |     Flags     |              Tag              |
///     |         Segment List[0] (128 bits IPv6 address) …             |
///     |        Type-Length-Value objects                              |
public struct SegmentRoute: Hashable, Sendable {
  /// The index of the last segment. Computed from `segments`.
  public var lastEntry: Field<UInt8>
  public var flags: UInt8
  public var tag: UInt16
  /// In reverse order: the last to be visited first.
  public var segments: [IPv6Address]
  public var objects: [SegmentRoutingTLV]

  public init(
    _ segments: [IPv6Address], objects: [SegmentRoutingTLV] = [], flags: UInt8 = 0, tag: UInt16 = 0,
    lastEntry: Field<UInt8> = .auto
  ) {
    self.lastEntry = lastEntry
    self.flags = flags
    self.tag = tag
    self.segments = segments
    self.objects = objects
  }

  var fields: [FieldSpec] {
    [
      .init("lastEntry", 8, alias: "lastentry", isDerived: true), .init("unused1", 1, usual: 0),
      .init("protected", 1, usual: 0), .init("oam", 1, usual: 0), .init("alert", 1, usual: 0),
      .init("hmac", 1, usual: 0), .init("unused2", 3, usual: 0), .init("tag", 16, usual: 0),
      .init("addresses", segments.count * 128, .structured),
      .init("objects", (byteCount - 4) * 8 - segments.count * 128, alias: "tlv_objects", .structured),
    ]
  }

  /// Whether recipes have it: Scapy reads its list of segments from `addresses`, which has one where none is written.
  var isPrintable: Bool { !segments.isEmpty }

  mutating func set(_ field: String, to value: FieldValue) throws(FieldError) {
    switch field {
    case "lastEntry", "lastentry": lastEntry = try value.derived(field)
    case "unused1": try setFlags(field, value, shift: 7)
    case "protected": try setFlags(field, value, shift: 6)
    case "oam": try setFlags(field, value, shift: 5)
    case "alert": try setFlags(field, value, shift: 4)
    case "hmac": try setFlags(field, value, shift: 3)
    case "unused2": try setFlags(field, value, shift: 0, limit: 7)
    case "tag": tag = try value.number(field)
    case "addresses": segments = try value.ipv6Addresses(field)
    case "objects", "tlv_objects": objects = try SegmentRoutingTLV.objects(field, value)
    default: throw .unknown(field)
    }
  }

  private mutating func setFlags(
    _ field: String, _ value: FieldValue, shift: UInt8, limit: UInt8 = 1
  ) throws(FieldError) {
    flags = flags & ~(limit << shift) | (try value.number(field, limit: limit)) << shift
  }

  func value(of field: FieldSpec) -> FieldValue? {
    switch field.name {
    case "addresses": .list(segments.map { .text($0.description) })
    case "objects": .list(objects.map { .forms([$0.form]) })
    default: nil
    }
  }

  /// The octets behind the header's first four.
  var byteCount: Int { 4 + 16 * segments.count + objects.reduce(0) { $0 + $1.byteCount } }

  /// What fills the header up to a multiple of eight octets.
  var padding: SegmentRoutingTLV {
    switch (8 - (4 + byteCount) % 8) % 8 {
    case 0: .octets([])
    // Scapy's Pad1 is three octets long, an object with a length: its bytes are kept to.
    case 1: .octets([0, 1, 0])
    case let count: .padN([UInt8](repeating: 0, count: count - 2))
    }
  }

  func write(into output: inout OutputRawSpan) throws(CraftError) {
    for object in objects where object.byteCount > 257 {
      if case .octets = object { continue }
      throw CraftError(
        layer: IPv6Routing.name, field: "objects",
        reason: "hold at most 255 octets each, one has \(object.byteCount - 2)")
    }
    output.append(lastEntry.value(or: UInt8(truncatingIfNeeded: max(0, segments.count - 1))))
    output.append(flags)
    output.append(bigEndian: tag)
    for segment in segments { output.append(octets: segment.octets) }
    for object in objects { output.append(octets: object.octets) }
  }

  /// Whether so many segments find room in so many octets.
  static func fits(lastEntry: UInt8, in byteCount: Int) -> Bool { (Int(lastEntry) + 1) * 16 <= byteCount }

  /// Reads the octets behind the header's first four; nil where the segments do not find room.
  init?(_ octets: [UInt8]) {
    guard octets.count >= 4, Self.fits(lastEntry: octets[0], in: octets.count - 4) else { return nil }
    let span = octets.rawSpan
    let end = 4 + (Int(octets[0]) + 1) * 16
    lastEntry = .set(octets[0])
    flags = octets[1]
    tag = span.bigEndian(at: 2)
    segments = stride(from: 4, to: end, by: 16).map {
      IPv6Address(high: span.bigEndian(at: $0), low: span.bigEndian(at: $0 + 8))
    }
    objects = SegmentRoutingTLV.read(Array(octets[end...]))
  }
}
