// The pcapng format (draft-ietf-opsawg-pcapng §3, §4): blocks, each with its length at both ends; a section
// header sets the byte order of the blocks behind it and forgets the interfaces before it.
extension CaptureReader {
  mutating func readBlock(_ sectionOrder: ByteOrder) throws(CaptureError) -> Step {
    guard let header = try peek(8, mayEnd: true) else { return .wait }
    var order = sectionOrder
    let type = order.number(header.prefix(4), as: UInt32.self)
    if type == Pcapng.Block.sectionHeader {
      guard let start = try peek(12) else { return .wait }
      order = try byteOrder(start.suffix(4))
    }
    let length = order.number(header.suffix(4), as: UInt32.self)
    guard length <= Self.largestBlock else { throw CaptureError(.oversized(length: length), at: offset + 4) }
    guard length >= 12, length & 3 == 0 else { throw CaptureError(.illegalLength(length), at: offset + 4) }
    guard let block = try peek(Int(length)) else { return .wait }
    let last = order.number(block.suffix(4), as: UInt32.self)
    guard last == length else {
      throw CaptureError(.lengthsDisagree(first: length, last: last), at: offset + UInt64(length) - 4)
    }
    let step = try readBody(type, FieldCursor(block.dropFirst(8).dropLast(4), order, at: offset + 8), order)
    pass(Int(length))
    return step
  }

  private func byteOrder(_ octets: ArraySlice<UInt8>) throws(CaptureError) -> ByteOrder {
    for order in [ByteOrder.little, .big] where order.number(octets) == Pcapng.byteOrderMagic { return order }
    throw CaptureError(.unknownByteOrder(magic: ByteOrder.big.number(octets)), at: offset + 8)
  }

  private mutating func readBody(
    _ type: UInt32, _ body: FieldCursor, _ order: ByteOrder
  ) throws(CaptureError) -> Step {
    var fields = body
    switch type {
    case Pcapng.Block.sectionHeader:
      _ = try fields.take(4)
      let major = try fields.number(UInt16.self)
      let minor = try fields.number(UInt16.self)
      guard major == Pcapng.majorVersion else {
        throw CaptureError(.unsupportedVersion(major: major, minor: minor), at: body.offset + 4)
      }
      format = .pcapng(order)
      interfaces = []
      return .other
    case Pcapng.Block.interfaceDescription:
      guard interfaces.count < Self.mostInterfaces else { throw CaptureError(.tooManyInterfaces, at: offset) }
      interfaces.append(try interface(&fields))
      return .other
    case Pcapng.Block.enhancedPacket:
      return .packet(try packet(interface: fields.number(UInt32.self), at: body.offset, &fields))
    case Pcapng.Block.packet:
      let number = try fields.number(UInt16.self)
      // The drop count.
      _ = try fields.take(2)
      return .packet(try packet(interface: UInt32(number), at: body.offset, &fields))
    case Pcapng.Block.simplePacket:
      return .packet(try simplePacket(&fields))
    default:
      return .other
    }
  }

  private func interface(_ fields: inout FieldCursor) throws(CaptureError) -> CapturedInterface {
    let linkType = try fields.number(UInt16.self)
    // Two reserved octets.
    _ = try fields.take(2)
    let snapLength = try fields.number(UInt32.self)
    var interface = CapturedInterface(linkType: linkType, snapLength: snapLength, unit: .microseconds, offset: 0)
    try fields.options { code, option throws(CaptureError) in
      var option = option
      switch code {
      case Pcapng.Option.interfaceName:
        interface.name = String(decoding: try option.take(min(option.remaining, 255)), as: UTF8.self)
      case Pcapng.Option.interfaceTimeUnit:
        interface.unit = TimeUnit(rawValue: try option.number())
      case Pcapng.Option.interfaceTimeOffset:
        interface.offset = Int64(bitPattern: try option.number())
      default:
        break
      }
    }
    return interface
  }

  /// The interface of that number, which the block names at the file offset `place`.
  private func interface(_ number: UInt32, at place: UInt64) throws(CaptureError) -> CapturedInterface {
    guard number < interfaces.count else {
      throw CaptureError(.unknownInterface(number, known: interfaces.count), at: place)
    }
    return interfaces[Int(number)]
  }

  private func packet(
    interface number: UInt32, at place: UInt64, _ fields: inout FieldCursor
  ) throws(CaptureError) -> CapturedPacket {
    let interface = try interface(number, at: place)
    // The high half comes first in both byte orders.
    let high = try fields.number(UInt32.self)
    let low = try fields.number(UInt32.self)
    let captured = try fields.number(UInt32.self)
    let original = try fields.number(UInt32.self)
    var packet = CapturedPacket(
      interface: Int(number), linkType: interface.linkType,
      timestamp: interface.time(UInt64(high) << 32 | UInt64(low)),
      bytes: Array(try fields.takePadded(Int(captured))), originalLength: Int(original))
    try fields.options { code, option throws(CaptureError) in
      var option = option
      switch code {
      case Pcapng.Option.comment: packet.comments.append(option.text)
      case Pcapng.Option.packetFlags: packet.direction = .init(rawValue: try option.number(UInt32.self) & 3)
      default: break
      }
    }
    return packet
  }

  /// A simple packet has neither time nor captured length: it belongs to the first interface, whose snap
  /// length cut it (§4.4).
  private func simplePacket(_ fields: inout FieldCursor) throws(CaptureError) -> CapturedPacket {
    let interface = try interface(0, at: fields.offset)
    let original = try fields.number(UInt32.self)
    let captured = interface.snapLength == 0 ? original : min(original, interface.snapLength)
    return CapturedPacket(
      linkType: interface.linkType, timestamp: nil, bytes: Array(try fields.take(Int(captured))),
      originalLength: Int(original))
  }
}

extension CapturedInterface {
  /// The time of `ticks` in nanoseconds since 1970; beyond the range it stays at the nearer end.
  fileprivate func time(_ ticks: UInt64) -> Int64 {
    let time = unit.nanoseconds(ticks)
    guard offset != 0 else { return time }
    let (shift, overflow) = offset.multipliedReportingOverflow(by: 1_000_000_000)
    let (sum, carried) = time.addingReportingOverflow(shift)
    guard !overflow, !carried else { return offset < 0 ? .min : .max }
    return sum
  }
}
