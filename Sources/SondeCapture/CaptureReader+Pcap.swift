internal import SondeOctets

// The pcap format (draft-ietf-opsawg-pcap §4, §5): a file header, then records until the end.
extension CaptureReader {
  mutating func readFileHeader(_ order: ByteOrder, _ unit: TimeUnit) throws(CaptureError) -> Step {
    guard try window.holds(Pcap.fileHeaderLength) else { return .wait }
    let major: UInt16 = window.number(at: 4, order)
    guard major == Pcap.majorVersion else {
      throw CaptureError(.unsupportedVersion(major: major, minor: window.number(at: 6, order)), at: 4)
    }
    // At 8 are two reserved words, which once held the time zone and the accuracy. The upper half of the word
    // at 20 tells of frame check sequences; the link type is the lower.
    let linkType = UInt16(truncatingIfNeeded: window.number(at: 20, order, as: UInt32.self))
    interfaces = [
      CapturedInterface(linkType: linkType, snapLength: window.number(at: 16, order), unit: unit)
    ]
    format = .pcap(order)
    window.pass(Pcap.fileHeaderLength)
    return .other
  }

  mutating func readRecord(_ order: ByteOrder) throws(CaptureError) -> Step {
    guard try window.holds(Pcap.recordHeaderLength, mayEnd: true) else { return .wait }
    let seconds: UInt32 = window.number(at: 0, order)
    let fraction: UInt32 = window.number(at: 4, order)
    let captured: UInt32 = window.number(at: 8, order)
    let original: UInt32 = window.number(at: 12, order)
    guard captured <= Self.largestBlock else {
      throw CaptureError(.oversized(length: captured), at: window.offset + 8)
    }
    let count = Int(captured)
    guard try window.holds(Pcap.recordHeaderLength + count) else { return .wait }
    window.pass(Pcap.recordHeaderLength + count)
    // 32-bit seconds and a 32-bit fraction cannot leave the range.
    let timestamp = Int64(seconds) &* 1_000_000_000 &+ interfaces[0].unit.nanoseconds(UInt64(fraction))
    let record = CaptureRecord(
      linkType: interfaces[0].linkType, timestamp: timestamp, originalLength: Int(original))
    return .packet(record, Extent(count: count, tail: 0))
  }
}
