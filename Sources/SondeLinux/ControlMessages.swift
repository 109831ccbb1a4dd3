internal import SondeOctets

/// What `recvmsg` tells beside a packet (cmsg(3)), read from the raw control octets.
struct ControlMessages: Hashable {
  /// The kernel's software timestamp in nanoseconds since 1970 (SCM_TIMESTAMPING).
  var timestamp: Int64?
  var hopLimit: UInt8?
  var trafficClass: UInt8?
  /// The address that the packet was sent to (`ipi_addr`, `ipi6_addr`).
  var destination: IPAddress?
  /// The address of ours that an answer to the packet leaves from: another than `destination` where that is a
  /// group's or a broadcast address (`ipi_spec_dst`, ip(7)); IPv4 only.
  var local: IPAddress?
  var interface: Int?
  /// `tp_status` of PACKET_AUXDATA.
  var packetStatus: UInt32?
  /// The 802.1Q tag that the kernel took out of the frame (PACKET_AUXDATA).
  var tag: FrameTag?
  var error: ExtendedError?

  /// Reads all messages; what is cut short, or has no meaning here, is left out.
  init(_ control: ArraySlice<UInt8>) {
    // struct cmsghdr on 64-bit: size_t length with the header, int level, int type; the next one
    // starts at the next multiple of eight.
    var rest = control
    while let length = rest.native(at: 0, as: UInt64.self), length >= 16, length <= rest.count,
      let level = rest.native(at: 8, as: Int32.self), let type = rest.native(at: 12, as: Int32.self)
    {
      read(level, type, rest.dropFirst(16).prefix(Int(length) - 16))
      rest = rest.dropFirst((Int(length) + 7) & ~7)
    }
  }

  private mutating func read(_ level: Int32, _ type: Int32, _ data: ArraySlice<UInt8>) {
    switch (level, type) {
    case (KernelNumber.socketLevel, KernelNumber.timestamping):
      // Three struct timespec; the first is the software stamp, zero where there is none.
      guard let seconds = data.native(at: 0, as: Int64.self), let rest = data.native(at: 8, as: Int64.self)
      else { return }
      let stamp = seconds &* 1_000_000_000 &+ rest
      if stamp != 0 { timestamp = stamp }
    case (KernelNumber.ipLevel, KernelNumber.ipTTL), (KernelNumber.ipv6Level, KernelNumber.ipv6HopLimit):
      hopLimit = data.native(at: 0, as: Int32.self).map { UInt8(truncatingIfNeeded: $0) }
    case (KernelNumber.ipLevel, KernelNumber.ipTOS): trafficClass = data.first
    case (KernelNumber.ipv6Level, KernelNumber.ipv6TrafficClass):
      trafficClass = data.native(at: 0, as: Int32.self).map { UInt8(truncatingIfNeeded: $0) }
    case (KernelNumber.ipLevel, KernelNumber.ipPacketInfo):
      // struct in_pktinfo: index, the local address, the header's destination.
      interface = data.native(at: 0, as: Int32.self).map { Int($0) }
      local = data.ipv4(at: 4).map { .v4($0) }
      destination = data.ipv4(at: 8).map { .v4($0) }
    case (KernelNumber.ipv6Level, KernelNumber.ipv6PacketInfo):
      destination = data.ipv6(at: 0).map { .v6($0) }
      interface = data.native(at: 16, as: Int32.self).map { Int($0) }
    case (KernelNumber.packetLevel, KernelNumber.packetAuxiliaryData):
      // struct tpacket_auxdata: status, two lengths, two offsets, the tag's control field and EtherType.
      packetStatus = data.native(at: 0, as: UInt32.self)
      let status = packetStatus ?? 0
      guard status & KernelNumber.hasTag != 0, let control = data.native(at: 16, as: UInt16.self),
        let type = data.native(at: 18, as: UInt16.self)
      else { return }
      tag = FrameTag(type: status & KernelNumber.hasTagType != 0 ? type : KernelNumber.etherTag, control: control)
    case (KernelNumber.ipLevel, KernelNumber.ipReceiveErrors),
      (KernelNumber.ipv6Level, KernelNumber.ipv6ReceiveErrors),
      (KernelNumber.packetLevel, KernelNumber.packetTransmitTimestamp):
      error = ExtendedError(data)
    default: return
    }
  }
}

/// `struct sock_extended_err` (linux/errqueue.h) and the address that follows it.
struct ExtendedError: Hashable {
  /// A positive errno.
  var code: Int32
  /// SO_EE_ORIGIN_*.
  var origin: UInt8
  var type: UInt8
  var icmpCode: UInt8
  var info: UInt32
  var data: UInt32
  /// Who sent the ICMP error.
  var offender: IPAddress?

  init?(_ bytes: ArraySlice<UInt8>) {
    guard bytes.count >= 16, let code = bytes.native(at: 0, as: UInt32.self),
      let info = bytes.native(at: 8, as: UInt32.self), let data = bytes.native(at: 12, as: UInt32.self)
    else { return nil }
    let octets = bytes.dropFirst(4).prefix(3)
    self.code = Int32(truncatingIfNeeded: code)
    origin = octets[octets.startIndex]
    type = octets[octets.startIndex + 1]
    icmpCode = octets[octets.startIndex + 2]
    self.info = info
    self.data = data
    // A sockaddr follows: family, then (IPv4) port, address, (IPv6) port, flow, address.
    switch bytes.native(at: 16, as: UInt16.self).map(Int32.init) {
    case KernelNumber.ipv4: offender = bytes.ipv4(at: 20).map { .v4($0) }
    case KernelNumber.ipv6: offender = bytes.ipv6(at: 24).map { .v6($0) }
    default: offender = nil
    }
  }
}

extension ArraySlice<UInt8> {
  /// The number at `offset` from the slice's start in this machine's byte order; nil past the end.
  func native<T: FixedWidthInteger & BitwiseCopyable>(at offset: Int, as type: T.Type = T.self) -> T? {
    guard offset >= 0, offset + MemoryLayout<T>.size <= count else { return nil }
    // The bounds are checked above, and any bit pattern is an integer.
    return unsafe withUnsafeBytes { unsafe $0.loadUnaligned(fromByteOffset: offset, as: T.self) }
  }

  /// The number at `offset` from the slice's start in network byte order; nil past the end.
  func bigEndian<T: FixedWidthInteger & BitwiseCopyable>(at offset: Int, as type: T.Type = T.self) -> T? {
    native(at: offset, as: T.self).map { T(bigEndian: $0) }
  }

  func ipv4(at offset: Int) -> IPv4Address? {
    bigEndian(at: offset, as: UInt32.self).map { IPv4Address(rawValue: $0) }
  }

  func ipv6(at offset: Int) -> IPv6Address? {
    guard let high = bigEndian(at: offset, as: UInt64.self), let low = bigEndian(at: offset + 8, as: UInt64.self)
    else { return nil }
    return IPv6Address(high: high, low: low)
  }
}
