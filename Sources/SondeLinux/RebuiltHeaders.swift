internal import SondeOctets

/// Writes anew the headers that a socket swallowed, so that everything handed up starts with an IP
/// header. What the kernel does not tell (the identification, options) is zero.
enum Rebuilt {
  /// An IP header in front of `payload`, with right lengths and, for IPv4, a right sum.
  ///
  /// - Returns: nil if the addresses are of two families.
  static func packet(
    from source: IPAddress, to destination: IPAddress, protocolNumber: UInt8, hopLimit: UInt8, trafficClass: UInt8,
    payload: ArraySlice<UInt8>
  ) -> [UInt8]? {
    var packet: [UInt8] = []
    packet.reserveCapacity(40 + payload.count)
    switch (source, destination) {
    case (.v4(let source), .v4(let destination)):
      packet.append(0x45)
      packet.append(trafficClass)
      packet.append(bigEndian: UInt16(clamping: 20 + payload.count))
      packet.append(bigEndian: UInt32(0))
      packet.append(hopLimit)
      packet.append(protocolNumber)
      packet.append(bigEndian: UInt16(0))
      packet.append(bigEndian: source.rawValue)
      packet.append(bigEndian: destination.rawValue)
      packet.store(bigEndian: checksum(of: packet[...]), at: 10)
    case (.v6(let source), .v6(let destination)):
      packet.append(bigEndian: UInt32(6) << 28 | UInt32(trafficClass) << 20)
      packet.append(bigEndian: UInt16(clamping: payload.count))
      packet.append(protocolNumber)
      packet.append(hopLimit)
      for half in [source.high, source.low, destination.high, destination.low] { packet.append(bigEndian: half) }
    default: return nil
    }
    packet.append(contentsOf: payload)
    return packet
  }

  /// An ICMP or ICMPv6 error as it must have come: from the offender to us, quoting our packet.
  ///
  /// The rest of the ICMP header holds what the error queue keeps of it: the MTU or the pointer
  /// (RFC 792, RFC 1191 §4, RFC 4443 §3), else zero. The quote's TTL is not known and written as 1.
  static func error(
    _ error: ExtendedError, from offender: IPAddress, to us: IPAddress, about destination: IPAddress,
    hopLimit: UInt8, trafficClass: UInt8, quoted: ArraySlice<UInt8>
  ) -> [UInt8]? {
    let isIPv4 = us.version == 4
    let protocolNumber: UInt8 = isIPv4 ? 1 : 58
    guard
      let quote = packet(
        from: us, to: destination, protocolNumber: protocolNumber, hopLimit: 1, trafficClass: 0, payload: quoted)
    else { return nil }
    var message: [UInt8] = [error.type, error.icmpCode, 0, 0]
    message.append(bigEndian: isIPv4 ? rest(error) : error.info)
    message += quote
    if isIPv4 {
      message.store(bigEndian: checksum(of: message[...]), at: 2)
    } else {
      let sum = pseudoHeaderSum(offender, us, length: message.count, protocolNumber: protocolNumber)
      message.store(bigEndian: checksum(of: message[...], over: sum), at: 2)
    }
    return packet(
      from: offender, to: us, protocolNumber: protocolNumber, hopLimit: hopLimit, trafficClass: trafficClass,
      payload: message[...])
  }

  private static func rest(_ error: ExtendedError) -> UInt32 {
    switch (error.type, error.icmpCode) {
    case (3, 4): error.info & 0xffff
    case (12, _): error.info << 24
    default: 0
    }
  }

  private static func checksum(
    of bytes: ArraySlice<UInt8>, over start: InternetChecksum = InternetChecksum()
  ) -> UInt16 {
    var sum = start
    let span = bytes.span
    unsafe sum.add(span.bytes)
    return sum.checksum
  }

  private static func pseudoHeaderSum(
    _ source: IPAddress, _ destination: IPAddress, length: Int, protocolNumber: UInt8
  ) -> InternetChecksum {
    var sum = InternetChecksum()
    for address in [source, destination] {
      guard case .v6(let address) = address else { continue }
      sum.add(address.high)
      sum.add(address.low)
    }
    sum.add(UInt32(clamping: length))
    sum.add(UInt32(protocolNumber))
    return sum
  }
}

extension [UInt8] {
  mutating func append<T: FixedWidthInteger & UnsignedInteger>(bigEndian value: T) {
    for shift in stride(from: T.bitWidth - 8, through: 0, by: -8) { append(UInt8(truncatingIfNeeded: value >> shift)) }
  }

  mutating func store(bigEndian value: UInt16, at offset: Int) {
    self[offset] = UInt8(value >> 8)
    self[offset + 1] = UInt8(truncatingIfNeeded: value)
  }
}
