/// Writes a pcapng file block by block (draft-ietf-opsawg-pcapng), little endian, with times in
/// nanoseconds.
///
/// Each function gives the octets to be appended to the file: first `sectionHeader`, then an
/// `interfaceDescription` for every interface before its first packet, then packets in any order.
public struct PcapngWriter: Sendable {
  /// The most octets kept of one packet, whatever its interface's snap length: 256 KiB, above which the usual
  /// readers refuse a file.
  public static let largestPacket = 262_144

  /// The most octets kept of each packet, by interface number.
  private var limits: [Int] = []

  public init() {}

  /// The section header, which begins the file, with the names of the machine, of its operating system and
  /// of the program where they are not nil.
  public func sectionHeader(
    hardware: String? = nil, system: String? = nil, application: String? = "sonde"
  ) -> [UInt8] {
    var block = Block(Pcapng.Block.sectionHeader)
    block.append(Pcapng.byteOrderMagic)
    block.append(Pcapng.majorVersion)
    block.append(UInt16(0))
    // The section's length is not known while it grows.
    block.append(UInt64.max)
    if let hardware { block.append(option: Pcapng.Option.sectionHardware, text: hardware) }
    if let system { block.append(option: Pcapng.Option.sectionSystem, text: system) }
    if let application { block.append(option: Pcapng.Option.sectionApplication, text: application) }
    return block.finished()
  }

  /// Describes the next interface; they are numbered from 0 in the order of these calls.
  ///
  /// - Parameters:
  ///   - linkType: A number of the LINKTYPE registry.
  ///   - snapLength: The most octets kept of each packet; 0 means no limit but `largestPacket`.
  public mutating func interfaceDescription(
    linkType: UInt16, snapLength: UInt32 = 0, name: String? = nil
  ) -> (number: Int, octets: [UInt8]) {
    limits.append(snapLength == 0 ? Self.largestPacket : min(Int(snapLength), Self.largestPacket))
    var block = Block(Pcapng.Block.interfaceDescription)
    block.append(linkType)
    block.append(UInt16(0))
    block.append(snapLength)
    if let name { block.append(option: Pcapng.Option.interfaceName, text: name) }
    block.append(option: Pcapng.Option.interfaceTimeUnit, [TimeUnit.nanoseconds.rawValue])
    return (limits.count - 1, block.finished())
  }

  /// One packet. What is beyond its interface's snap length is cut off, and the original length tells of it.
  ///
  /// - Parameters:
  ///   - interface: A number that `interfaceDescription` gave; any other stops the program.
  ///   - timestamp: Nanoseconds since 1970; the format has no earlier time, so a negative one becomes 0.
  ///   - originalLength: How many octets the packet had, where `bytes` are not all of it.
  ///   - comment: Text of at most 65,535 octets; what is beyond is cut off.
  public func packet(
    interface: Int, timestamp: Int64, bytes: [UInt8], originalLength: Int? = nil, comment: String? = nil,
    direction: CapturedPacket.Direction? = nil
  ) -> [UInt8] {
    precondition(limits.indices.contains(interface), "interface \(interface) has no description")
    let captured = bytes.prefix(limits[interface])
    let time = UInt64(clamping: timestamp)
    var block = Block(Pcapng.Block.enhancedPacket, reserving: captured.count + 64)
    block.append(UInt32(clamping: interface))
    block.append(UInt32(truncatingIfNeeded: time >> 32))
    block.append(UInt32(truncatingIfNeeded: time))
    block.append(UInt32(captured.count))
    block.append(UInt32(clamping: max(originalLength ?? 0, bytes.count)))
    block.append(padded: captured)
    if let comment { block.append(option: Pcapng.Option.comment, text: comment) }
    if let direction { block.append(option: Pcapng.Option.packetFlags, number: direction.rawValue) }
    return block.finished()
  }
}

/// A block that is being written.
private struct Block {
  private var octets: [UInt8] = []
  private var hasOptions = false

  init(_ type: UInt32, reserving capacity: Int = 128) {
    octets.reserveCapacity(capacity)
    append(type)
    // The length's place.
    append(UInt32(0))
  }

  mutating func append<T: FixedWidthInteger & UnsignedInteger>(_ number: T) {
    for index in 0..<MemoryLayout<T>.size { octets.append(UInt8(truncatingIfNeeded: number >> T(8 * index))) }
  }

  mutating func append(padded content: some Collection<UInt8>) {
    octets.append(contentsOf: content)
    octets.append(contentsOf: repeatElement(0, count: Pcapng.padding(content.count)))
  }

  /// Appends an option of at most 65,535 octets.
  mutating func append(option code: UInt16, _ content: some Collection<UInt8>) {
    hasOptions = true
    append(code)
    append(UInt16(content.count))
    append(padded: content)
  }

  mutating func append(option code: UInt16, number: UInt32) {
    append(option: code, (0..<4).map { UInt8(truncatingIfNeeded: number >> (8 * $0)) })
  }

  /// Appends text, cut between two characters where it is too long for an option.
  mutating func append(option code: UInt16, text: String) {
    let utf8 = text.utf8
    var end = utf8.index(utf8.startIndex, offsetBy: 65_535, limitedBy: utf8.endIndex) ?? utf8.endIndex
    while end.samePosition(in: text.unicodeScalars) == nil { end = utf8.index(before: end) }
    append(option: code, utf8[..<end])
  }

  /// The block with the end of its options, if it has any, and its length at both ends.
  consuming func finished() -> [UInt8] {
    if hasOptions { append(UInt32(Pcapng.Option.end)) }
    let length = UInt32(octets.count + 4)
    append(length)
    for index in 0..<4 { octets[4 + index] = UInt8(truncatingIfNeeded: length >> (8 * index)) }
    return octets
  }
}
