internal import SondeOctets

// The pcapng format (draft-ietf-opsawg-pcapng §3, §4): blocks, each with its length at both ends; a section
// header sets the byte order of the blocks behind it and forgets the interfaces before it. An option whose length is
// not its own is passed over, as tshark does: packets do not depend on it.
extension CaptureReader {
  mutating func readBlock(_ sectionOrder: ByteOrder) throws(CaptureError) -> Step {
    guard try window.holds(8, mayEnd: true) else { return .wait }
    var order = sectionOrder
    let type: UInt32 = window.number(at: 0, order)
    if type == Pcapng.Block.sectionHeader {
      guard try window.holds(12) else { return .wait }
      order = try byteOrder(window.number(at: 8, .big))
    }
    let length: UInt32 = window.number(at: 4, order)
    guard length <= Self.largestBlock else {
      throw CaptureError(.oversized(length: length), at: window.offset + 4)
    }
    guard length >= 12, length & 3 == 0 else { throw CaptureError(.illegalLength(length), at: window.offset + 4) }
    let count = Int(length)
    guard try window.holds(count) else { return .wait }
    let last: UInt32 = window.number(at: count - 4, order)
    guard last == length else {
      throw CaptureError(.lengthsDisagree(first: length, last: last), at: window.offset + UInt64(length) - 4)
    }
    let step = try readBody(type, order, count - 12)
    window.pass(count)
    return step
  }

  private func byteOrder(_ magic: UInt32) throws(CaptureError) -> ByteOrder {
    switch magic {
    case Pcapng.byteOrderMagic: return .big
    case Pcapng.byteOrderMagic.byteSwapped: return .little
    default: throw CaptureError(.unknownByteOrder(magic: magic), at: window.offset + 8)
    }
  }

  /// Reads the block's `count` octets between the two lengths.
  private mutating func readBody(_ type: UInt32, _ order: ByteOrder, _ count: Int) throws(CaptureError) -> Step {
    let offset = window.offset
    var fields = FieldCursor(window.rest.extracting(8..<8 + count), order, at: offset + 8)
    switch type {
    case Pcapng.Block.enhancedPacket:
      return try packet(interface: fields.number(UInt32.self), at: offset + 8, &fields)
    case Pcapng.Block.packet:
      let number = try fields.number(UInt16.self)
      // The drop count.
      try fields.skip(2)
      return try packet(interface: UInt32(number), at: offset + 8, &fields)
    case Pcapng.Block.simplePacket:
      return try simplePacket(&fields)
    case Pcapng.Block.sectionHeader:
      section = try Self.section(&fields, order)
      format = .pcapng(order)
      interfaces = []
    case Pcapng.Block.interfaceDescription:
      guard interfaces.count < Self.mostInterfaces else { throw CaptureError(.tooManyInterfaces, at: offset) }
      interfaces.append(try Self.interface(&fields))
    case Pcapng.Block.interfaceStatistics:
      // No packet depends on it, so one that names no interface is passed over.
      let number = try fields.number(UInt32.self)
      if number < interfaces.count { interfaces[Int(number)].counts = try Self.counts(&fields) }
    default:
      break
    }
    return .other
  }

  /// `number`, which the block names at the file offset `place`, if an interface has it.
  private func known(_ number: UInt32, at place: UInt64) throws(CaptureError) -> Int {
    guard number < interfaces.count else {
      throw CaptureError(.unknownInterface(number, known: interfaces.count), at: place)
    }
    return Int(number)
  }

  // MARK: Packets

  private func packet(
    interface claimed: UInt32, at place: UInt64, _ fields: inout FieldCursor
  ) throws(CaptureError) -> Step {
    let number = try known(claimed, at: place)
    // The high half comes first in both byte orders.
    let high = try fields.number(UInt32.self)
    let low = try fields.number(UInt32.self)
    let captured = Int(try fields.number(UInt32.self))
    let original = Int(try fields.number(UInt32.self))
    var record = CaptureRecord(
      interface: number, linkType: interfaces[number].linkType,
      timestamp: interfaces[number].time(UInt64(high) << 32 | UInt64(low)), originalLength: original)
    try fields.skip(captured)
    // The second length stands at the very end.
    let extent = Extent(count: captured, tail: fields.remaining + 4)
    fields.skipPadding(of: captured)
    try fields.options { code, option throws(CaptureError) in
      switch code {
      case Pcapng.Option.comment: record.comments.append(option.text())
      case Pcapng.Option.packetFlags: record.direction = .init(rawValue: (option.whole(UInt32.self) ?? 0) & 3)
      default: break
      }
    }
    return .packet(record, extent)
  }

  /// A simple packet has neither time nor captured length: it belongs to the first interface, whose snap
  /// length cut it (§4.4).
  private func simplePacket(_ fields: inout FieldCursor) throws(CaptureError) -> Step {
    let number = try known(0, at: fields.offset)
    let original = try fields.number(UInt32.self)
    let limit = interfaces[number].snapLength
    let captured = Int(limit == 0 ? original : min(original, limit))
    try fields.skip(captured)
    let record = CaptureRecord(
      linkType: interfaces[number].linkType, timestamp: nil, originalLength: Int(original))
    return .packet(record, Extent(count: captured, tail: fields.remaining + 4))
  }

  // MARK: What is told beside packets

  private static func section(_ fields: inout FieldCursor, _ order: ByteOrder) throws(CaptureError) -> CaptureSection {
    // The byte-order magic.
    try fields.skip(4)
    let place = fields.offset
    let major = try fields.number(UInt16.self)
    let minor = try fields.number(UInt16.self)
    guard major == Pcapng.majorVersion else {
      throw CaptureError(.unsupportedVersion(major: major, minor: minor), at: place)
    }
    // The section's length, which need not be true.
    try fields.skip(8)
    var section = CaptureSection(order: order)
    try fields.options { code, option throws(CaptureError) in
      switch code {
      case Pcapng.Option.comment: section.comments.append(option.text())
      case Pcapng.Option.sectionHardware: section.hardware = option.text()
      case Pcapng.Option.sectionSystem: section.system = option.text()
      case Pcapng.Option.sectionApplication: section.application = option.text()
      default: break
      }
    }
    return section
  }

  private static func interface(_ fields: inout FieldCursor) throws(CaptureError) -> CapturedInterface {
    let linkType = try fields.number(UInt16.self)
    // Two reserved octets.
    try fields.skip(2)
    let snapLength = try fields.number(UInt32.self)
    var interface = CapturedInterface(linkType: linkType, snapLength: snapLength, unit: .microseconds)
    try fields.options { code, option throws(CaptureError) in
      switch code {
      case Pcapng.Option.interfaceName: interface.name = option.text(limit: 255)
      case Pcapng.Option.interfaceDescription: interface.description = option.text(limit: 255)
      case Pcapng.Option.interfaceTimeUnit: interface.unit = option.whole().map(TimeUnit.init) ?? interface.unit
      case Pcapng.Option.interfaceTimeOffset:
        interface.offset = option.whole().map(Int64.init(bitPattern:)) ?? interface.offset
      default: break
      }
    }
    return interface
  }

  private static func counts(_ fields: inout FieldCursor) throws(CaptureError) -> CaptureCounts {
    // The time of counting.
    try fields.skip(8)
    var counts = CaptureCounts()
    try fields.options { code, option throws(CaptureError) in
      switch code {
      case Pcapng.Option.statisticsReceived: counts.received = option.whole()
      case Pcapng.Option.statisticsDropped: counts.dropped = option.whole()
      default: break
      }
    }
    return counts
  }
}
