public import SondeOctets

/// The recipes of plain packets, written without dissecting them: what answers most questions of a sweep.
///
/// Plain are packets of IPv4 without options or of IPv6 without extension headers, whole, their lengths right, that carry
/// TCP with no options but the usual ones and no data, UDP, an echo message, or a destination unreachable that quotes such
/// a packet. Sums are right, but for those of TCP and UDP, which a device may have yet to finish.
public enum PlainRecipe {
  /// Appends what `Dissection.recipe` says of a packet, from its IP header on.
  ///
  /// - Returns: false, and nothing is appended, where the packet is not plain.
  public static func append(_ packet: RawSpan, to text: inout TextOctets) -> Bool {
    let start = text.count
    if text.append(plainIP: packet, isQuoted: false) { return true }
    text.truncate(to: start)
    return false
  }
}

extension TextOctets {
  /// False where the packet is not plain; what was appended until then is to be taken away.
  fileprivate mutating func append(plainIP packet: RawSpan, isQuoted: Bool) -> Bool {
    guard packet.byteCount >= 28 else { return false }
    return packet[0] == 0x45 ? append(plainIPv4: packet, isQuoted) : append(plainIPv6: packet, isQuoted)
  }

  private mutating func append(plainIPv4 packet: RawSpan, _ isQuoted: Bool) -> Bool {
    let fragmentation: UInt16 = packet.bigEndian(at: 6)
    guard Int(packet.bigEndian(at: 2, as: UInt16.self)) == packet.byteCount, fragmentation & 0xbfff == 0,
      packet.bigEndian(at: 10, as: UInt16.self) != 0xffff, InternetChecksum.of(packet.extracting(0..<20)) == 0
    else { return false }
    append(isQuoted ? "IPerror(src='" : "IP(src='")
    append(ipv4: packet.bigEndian(at: 12))
    append("', dst='")
    append(ipv4: packet.bigEndian(at: 16))
    append(octet: 0x27)
    append(field: "tos", UInt64(packet[1]), usual: 0)
    append(field: "id", UInt64(packet.bigEndian(at: 4, as: UInt16.self)), usual: 1)
    if fragmentation != 0 { append(", flags='DF'") }
    append(field: "ttl", UInt64(packet[8]), usual: 64)
    append(octet: 0x29)
    var pseudoHeader = InternetChecksum()
    pseudoHeader.add(packet.extracting(12..<20))
    return append(
      plain: packet[9], packet.extracting(20..<packet.byteCount), pseudoHeader, isIPv6: false, isQuoted: isQuoted)
  }

  private mutating func append(plainIPv6 packet: RawSpan, _ isQuoted: Bool) -> Bool {
    let first: UInt32 = packet.bigEndian(at: 0)
    guard first >> 28 == 6, packet.byteCount >= 48,
      Int(packet.bigEndian(at: 4, as: UInt16.self)) == packet.byteCount - 40
    else { return false }
    append(isQuoted ? "IPerror6(src='" : "IPv6(src='")
    append(ipv6: IPv6Address(high: packet.bigEndian(at: 8), low: packet.bigEndian(at: 16)))
    append("', dst='")
    append(ipv6: IPv6Address(high: packet.bigEndian(at: 24), low: packet.bigEndian(at: 32)))
    append(octet: 0x27)
    append(field: "tc", UInt64(first >> 20 & 0xff), usual: 0)
    append(field: "fl", UInt64(first & 0xfffff), usual: 0)
    append(field: "hlim", UInt64(packet[7]), usual: 64)
    append(octet: 0x29)
    var pseudoHeader = InternetChecksum()
    pseudoHeader.add(packet.extracting(8..<40))
    return append(
      plain: packet[6], packet.extracting(40..<packet.byteCount), pseudoHeader, isIPv6: true, isQuoted: isQuoted)
  }

  /// - Parameters:
  ///   - segment: at least eight octets.
  ///   - addresses: the sum of both addresses.
  private mutating func append(
    plain number: UInt8, _ segment: RawSpan, _ addresses: InternetChecksum, isIPv6: Bool, isQuoted: Bool
  ) -> Bool {
    var sum = number == 1 ? InternetChecksum() : addresses
    if number != 1 {
      sum.add(UInt16(number))
      sum.add(UInt16(truncatingIfNeeded: segment.byteCount))
    }
    sum.add(segment)
    let isRight = sum.sum == 0xffff
    switch (number, isIPv6) {
    case (6, _): return append(plainTCP: segment, isRight, isQuoted)
    case (17, _): return append(plainUDP: segment, isRight, isQuoted)
    case (1, false): return isRight && append(plainICMPv4: segment, isQuoted)
    case (58, true): return isRight && append(plainICMPv6: segment, isQuoted)
    default: return false
    }
  }

  private mutating func append(plainTCP segment: RawSpan, _ isRight: Bool, _ isQuoted: Bool) -> Bool {
    let checksum: UInt16 = segment.byteCount >= 20 ? segment.bigEndian(at: 16) : 0xffff
    guard checksum != 0xffff else { return false }
    let bits: UInt16 = segment.bigEndian(at: 12)
    guard bits >> 9 & 7 == 0, Int(bits >> 12) * 4 == segment.byteCount, bits & 0x1ff != 0 else { return false }
    append(isQuoted ? "/TCPerror(" : "/TCP(")
    let start = count
    append(field: "sport", UInt64(segment.bigEndian(at: 0, as: UInt16.self)), usual: 20, after: start)
    append(field: "dport", UInt64(segment.bigEndian(at: 2, as: UInt16.self)), usual: 80, after: start)
    append(field: "seq", UInt64(segment.bigEndian(at: 4, as: UInt32.self)), usual: 0, after: start)
    append(field: "ack", UInt64(segment.bigEndian(at: 8, as: UInt32.self)), usual: 0, after: start)
    if bits & 0x1ff != 2 {
      append(count == start ? "flags='" : ", flags='")
      for (bit, letter) in "FSRPAUECN".utf8.enumerated() where bits >> UInt16(bit) & 1 == 1 { append(octet: letter) }
      append(octet: 0x27)
    }
    append(field: "window", UInt64(segment.bigEndian(at: 14, as: UInt16.self)), usual: 8192, after: start)
    if !isRight { append(checksum, after: start) }
    append(field: "urgptr", UInt64(segment.bigEndian(at: 18, as: UInt16.self)), usual: 0, after: start)
    if segment.byteCount > 20 {
      append(count == start ? "options=[" : ", options=[")
      guard append(plainOptions: segment) else { return false }
      append(octet: 0x5d)
    }
    append(octet: 0x29)
    return true
  }

  /// The options of a segment, if none is of another kind than those that connections begin with (RFC 9293 §3.2,
  /// RFC 7323, RFC 2018).
  private mutating func append(plainOptions segment: RawSpan) -> Bool {
    var offset = 20
    while offset < segment.byteCount {
      let length = segment[offset] == 1 || offset + 1 == segment.byteCount ? 1 : Int(segment[offset + 1])
      guard length >= 1, offset + length <= segment.byteCount else { return false }
      if offset > 20 { append(", ") }
      switch (segment[offset], length) {
      case (1, 1): append("('NOP', None)")
      case (2, 4):
        append("('MSS', ")
        append(decimal: segment.bigEndian(at: offset + 2, as: UInt16.self))
        append(octet: 0x29)
      case (3, 3):
        append("('WScale', ")
        append(decimal: segment[offset + 2])
        append(octet: 0x29)
      case (4, 2): append("('SAckOK', b'')")
      case (8, 10):
        append("('Timestamp', (")
        append(decimal: segment.bigEndian(at: offset + 2, as: UInt32.self))
        append(", ")
        append(decimal: segment.bigEndian(at: offset + 6, as: UInt32.self))
        append("))")
      default: return false
      }
      offset += length
    }
    return true
  }

  private mutating func append(plainUDP segment: RawSpan, _ isRight: Bool, _ isQuoted: Bool) -> Bool {
    // A zero says that there is no sum, and 0xffff may be one that came out as zero.
    let checksum: UInt16 = segment.bigEndian(at: 6)
    guard Int(segment.bigEndian(at: 4, as: UInt16.self)) == segment.byteCount, checksum != 0, checksum != 0xffff else {
      return false
    }
    append(isQuoted ? "/UDPerror(" : "/UDP(")
    let start = count
    append(field: "sport", UInt64(segment.bigEndian(at: 0, as: UInt16.self)), usual: 53, after: start)
    append(field: "dport", UInt64(segment.bigEndian(at: 2, as: UInt16.self)), usual: 53, after: start)
    if !isRight { append(checksum, after: start) }
    append(octet: 0x29)
    append(load: segment, from: 8)
    return true
  }

  private mutating func append(plainICMPv4 message: RawSpan, _ isQuoted: Bool) -> Bool {
    guard message.bigEndian(at: 2, as: UInt16.self) != 0xffff else { return false }
    switch (message[0], message[1], isQuoted) {
    case (0, 0, false): append("/ICMP(type=0")
    case (8, 0, _): append(isQuoted ? "/ICMPerror(" : "/ICMP(")
    case (3, let code, false):
      append("/ICMP(type=3")
      append(field: "code", UInt64(code), usual: 0)
      append(octet: 0x29)
      return append(plainQuoteOf: message)
    default: return false
    }
    appendEcho(message, after: message[0] == 8 ? count : 0)
    return true
  }

  private mutating func append(plainICMPv6 message: RawSpan, _ isQuoted: Bool) -> Bool {
    guard message.bigEndian(at: 2, as: UInt16.self) != 0xffff, !isQuoted else { return false }
    switch (message[0], message[1]) {
    case (129, 0): append("/ICMPv6EchoReply(")
    case (1, let code):
      append("/ICMPv6DestUnreach(")
      append(field: "code", UInt64(code), usual: 0, after: count)
      append(octet: 0x29)
      return append(plainQuoteOf: message)
    default: return false
    }
    appendEcho(message, after: count)
    return true
  }

  /// Identifier, sequence number and data of an echo message.
  private mutating func appendEcho(_ message: RawSpan, after start: Int) {
    append(field: "id", UInt64(message.bigEndian(at: 4, as: UInt16.self)), usual: 0, after: start)
    append(field: "seq", UInt64(message.bigEndian(at: 6, as: UInt16.self)), usual: 0, after: start)
    append(octet: 0x29)
    append(load: message, from: 8)
  }

  /// What an error quotes, if it is plain, quoted whole, and so short that no extension can follow it
  /// (RFC 4884 §5.5).
  private mutating func append(plainQuoteOf error: RawSpan) -> Bool {
    guard error.bigEndian(at: 4, as: UInt32.self) == 0, error.byteCount < 8 + 128 else { return false }
    append(octet: 0x2f)
    return append(plainIP: error.extracting(8..<error.byteCount), isQuoted: true)
  }

  private mutating func append(load bytes: RawSpan, from start: Int) {
    guard start < bytes.byteCount else { return }
    append("/Raw(load=")
    append(literal: bytes.extracting(start..<bytes.byteCount).octets)
    append(octet: 0x29)
  }

  /// A sum that is not the one that would be computed.
  private mutating func append(_ checksum: UInt16, after start: Int) {
    append(count == start ? "chksum=0x" : ", chksum=0x")
    append(hex: UInt64(checksum), digits: 4)
  }

  /// A field that has not the value by which it is left out.
  ///
  /// - Parameter start: where the layer's first field stands, before which there is no comma.
  private mutating func append(field name: String, _ value: UInt64, usual: UInt64, after start: Int = 0) {
    guard value != usual else { return }
    if count != start { append(", ") }
    append(name)
    append(octet: 0x3d)
    append(decimal: value)
  }
}
