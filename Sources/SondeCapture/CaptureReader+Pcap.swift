// The pcap format (draft-ietf-opsawg-pcap §4, §5): a file header, then records until the end.
extension CaptureReader {
  mutating func readFileHeader(_ order: ByteOrder, _ unit: TimeUnit) throws(CaptureError) -> Step {
    let length = 24
    guard let octets = try peek(length) else { return .wait }
    var fields = FieldCursor(octets.dropFirst(4), order, at: offset + 4)
    let major = try fields.number(UInt16.self)
    let minor = try fields.number(UInt16.self)
    guard major == 2 else {
      throw CaptureError(.unsupportedVersion(major: major, minor: minor), at: offset + 4)
    }
    // Two reserved words, which once held the time zone and the accuracy.
    _ = try fields.take(8)
    let snapLength = try fields.number(UInt32.self)
    // The upper half tells of frame check sequences; the link type is the lower.
    let linkType = UInt16(truncatingIfNeeded: try fields.number(UInt32.self))
    interfaces = [CapturedInterface(linkType: linkType, snapLength: snapLength, unit: unit, offset: 0)]
    format = .pcap(order)
    pass(length)
    return .other
  }

  mutating func readRecord(_ order: ByteOrder) throws(CaptureError) -> Step {
    let headerLength = 16
    guard let header = try peek(headerLength, mayEnd: true) else { return .wait }
    var fields = FieldCursor(header, order, at: offset)
    let seconds = try fields.number(UInt32.self)
    let fraction = try fields.number(UInt32.self)
    let captured = try fields.number(UInt32.self)
    let original = try fields.number(UInt32.self)
    guard captured <= Self.largestBlock else {
      throw CaptureError(.oversized(length: captured), at: offset + 8)
    }
    let length = headerLength + Int(captured)
    guard let record = try peek(length) else { return .wait }
    let interface = interfaces[0]
    // 32-bit seconds and a 32-bit fraction cannot leave the range.
    let timestamp = Int64(seconds) * 1_000_000_000 + interface.unit.nanoseconds(UInt64(fraction))
    pass(length)
    return .packet(
      CapturedPacket(
        linkType: interface.linkType, timestamp: timestamp, bytes: Array(record.dropFirst(headerLength)),
        originalLength: Int(original)))
  }
}
