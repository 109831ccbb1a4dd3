public import SondeOctets

/// The Transmission Control Protocol (RFC 9293 §3.1).
///
///      0                   1                   2                   3
///      0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
///     +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
///     |          Source Port          |       Destination Port        |
///     |                        Sequence Number                        |
///     |                    Acknowledgment Number                      |
///     | DOffs |Rsrvd|A|C|E|U|A|P|R|S|F|            Window             |
///     |           Checksum            |         Urgent Pointer        |
///     |                           Options                             |
@frozen
public struct TCP: Header {
  public var sourcePort: UInt16
  public var destinationPort: UInt16
  public var sequenceNumber: UInt32
  public var acknowledgmentNumber: UInt32
  /// The header's length in 32-bit words; four bits.
  public var dataOffset: Field<UInt8>
  /// The three bits before the flags; zero unless set.
  public var reserved: UInt8
  public var flags: Flags
  /// As it stands in the header, before any window scale.
  public var window: UInt16
  /// Over pseudo-header, header and data.
  public var checksum: Field<UInt16>
  public var urgentPointer: UInt16
  public var options: [TCPOption]

  @inlinable
  public init(
    from sourcePort: UInt16 = 20, to destinationPort: UInt16 = 80, flags: Flags = .syn,
    sequenceNumber: UInt32 = 0, acknowledgmentNumber: UInt32 = 0, window: UInt16 = 8192,
    urgentPointer: UInt16 = 0, options: [TCPOption] = [], dataOffset: Field<UInt8> = .auto,
    reserved: UInt8 = 0, checksum: Field<UInt16> = .auto
  ) {
    self.sourcePort = sourcePort
    self.destinationPort = destinationPort
    self.sequenceNumber = sequenceNumber
    self.acknowledgmentNumber = acknowledgmentNumber
    self.dataOffset = dataOffset
    self.reserved = reserved
    self.flags = flags
    self.window = window
    self.checksum = checksum
    self.urgentPointer = urgentPointer
    self.options = options
  }

  /// The nine control bits, AE (RFC 9768; NS before it) highest.
  @frozen
  public struct Flags: OptionSet, Hashable, Sendable {
    public var rawValue: UInt16
    @inlinable
    public init(rawValue: UInt16) { self.rawValue = rawValue }

    public static let fin = Flags(rawValue: 0x001)
    public static let syn = Flags(rawValue: 0x002)
    public static let rst = Flags(rawValue: 0x004)
    public static let psh = Flags(rawValue: 0x008)
    public static let ack = Flags(rawValue: 0x010)
    public static let urg = Flags(rawValue: 0x020)
    public static let ece = Flags(rawValue: 0x040)
    public static let cwr = Flags(rawValue: 0x080)
    public static let ae = Flags(rawValue: 0x100)
  }

  public static var name: Name { "tcp" }
  @inlinable
  public static var announced: Announcement { Announcement(ipProtocol: 6) }
  @inlinable
  public static var sumRule: SumRule? { SumRule(offset: 16, coverage: .pseudoHeader(6)) }

  public var fields: [FieldSpec] {
    guard !options.isEmpty else { return Self.fixedFields }
    var area = FieldSpec("options", 160..<byteCount * 8)
    area.form = .structured
    return Self.fixedFields + [area]
  }

  private static let fixedFields: [FieldSpec] = .consecutive([
    .init("sourcePort", 16, alias: "sport", usual: 20), .init("destinationPort", 16, alias: "dport", usual: 80),
    .init("sequenceNumber", 32, alias: "seq", usual: 0), .init("acknowledgmentNumber", 32, alias: "ack", usual: 0),
    .init("dataOffset", 4, alias: "dataofs", isDerived: true), .init("reserved", 3, usual: 0),
    .init("flags", 9, .flags(flagNames), usual: 2), .init("window", 16, usual: 8192),
    .init("checksum", 16, alias: "chksum", .hexadecimal, isDerived: true),
    .init("urgentPointer", 16, alias: "urgptr", usual: 0),
  ])

  static let flagNames = ["F", "S", "R", "P", "A", "U", "E", "C", "N"]

  @inlinable
  public var byteCount: Int { options.isEmpty ? 20 : 20 + paddedOptionByteCount }

  @usableFromInline
  var paddedOptionByteCount: Int { (options.reduce(0) { $0 + $1.byteCount } + 3) / 4 * 4 }

  public func write(into output: inout OutputRawSpan, _ around: Surroundings) throws(CraftError) {
    let count = byteCount
    if reserved > 7 {
      throw CraftError(layer: Self.name, field: "reserved", reason: "is at most 7, \(reserved) was given")
    }
    if flags.rawValue > 0x1ff {
      throw CraftError(layer: Self.name, field: "flags", reason: "are nine bits, \(flags.rawValue) was given")
    }
    if let offset = dataOffset.hand, offset > 15 {
      throw CraftError(layer: Self.name, field: "dataOffset", reason: "is at most 15, \(offset) was given")
    }
    if count > 60, dataOffset == .auto {
      throw CraftError(layer: Self.name, field: "options", reason: "hold at most 40 octets, \(count - 20) were given")
    }
    for case .option(let kind, let data) in options where data.count > 253 {
      throw CraftError(
        layer: Self.name, field: "options", reason: "hold at most 253 octets each, kind \(kind) has \(data.count)")
    }
    for case .sack(let blocks) in options where blocks.count > 31 {
      throw CraftError(
        layer: Self.name, field: "options", reason: "hold at most 31 SACK blocks, \(blocks.count) were given")
    }
    output.append(bigEndian: sourcePort)
    output.append(bigEndian: destinationPort)
    output.append(bigEndian: sequenceNumber)
    output.append(bigEndian: acknowledgmentNumber)
    let offset = dataOffset.value(or: UInt8(truncatingIfNeeded: count / 4))
    output.append(bigEndian: UInt16(offset) << 12 | UInt16(reserved) << 9 | flags.rawValue)
    output.append(bigEndian: window)
    output.append(bigEndian: UInt16(0))
    output.append(bigEndian: urgentPointer)
    var written = 20
    for option in options {
      let octets = option.octets
      output.append(octets: octets)
      written += octets.count
    }
    for _ in written..<count { output.append(0) }
  }

  @inlinable
  @_lifetime(bytes: copy bytes)
  public func seal(_ bytes: inout MutableRawSpan, _ around: Surroundings) throws(CraftError) {
    SumRule(offset: 16, coverage: .pseudoHeader(6)).seal(checksum, in: &bytes, headerByteCount: byteCount, around)
  }

  @inlinable
  public func pseudoHeader(within outer: PseudoHeader?) -> PseudoHeader? { nil }

  public init(from reader: inout Reader) throws(ParseError) {
    let start = reader.offset
    try reader.require(20)
    sourcePort = try reader.read()
    destinationPort = try reader.read()
    sequenceNumber = try reader.read()
    acknowledgmentNumber = try reader.read()
    let word: UInt16 = try reader.read()
    let words = UInt8(word >> 12)
    guard words >= 5 else {
      throw ParseError(.illegal(field: "dataOffset", value: UInt64(words), limit: "at least 5"), at: start + 12)
    }
    dataOffset = .set(words)
    reserved = UInt8(word >> 9 & 7)
    flags = Flags(rawValue: word & 0x1ff)
    window = try reader.read()
    checksum = .set(try reader.read())
    urgentPointer = try reader.read()
    options = TCPOption.read(try reader.read(count: Int(words) * 4 - 20))
  }

  public static func extent(
    of bytes: RawSpan, at offset: Int, within outer: PseudoHeader?
  ) throws(ParseError) -> Extent {
    let reader = Reader(bytes, at: offset)
    try reader.require(20)
    let count = Int(bytes[offset + 12] >> 4) * 4
    // What is not there whole, or too short for a header, the full reading finds fault with.
    guard count >= 20, reader.remaining >= count else {
      var reader = Reader(bytes, at: offset)
      return Extent(byteCount: try TCP(from: &reader).byteCount, following: .payload)
    }
    return Extent(byteCount: count, following: .payload)
  }

  public static func token(in bytes: RawSpan, _ side: Side) throws(ParseError) -> FlowToken? {
    try FlowToken(portsIn: bytes, protocol: 6, side)
  }

  public func freed(before next: Announcement) -> Self {
    var copy = self
    copy.dataOffset = .auto
    copy.checksum = .auto
    return copy
  }
}
