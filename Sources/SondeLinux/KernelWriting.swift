internal import CLinuxNet
internal import Glibc
internal import SondeOctets

extension DoorKind {
  /// The bits of a packet that the kernel will write otherwise when it leaves by this door, as executed on Linux 6.18
  /// (raw(7), icmp(7), packet(7)): what a firewall, a NAT or a network card does behind that is not foretold.
  ///
  /// - Parameters:
  ///   - packet: from the IP header on; a frame that begins with a link header leaves as it is.
  ///   - family: the IP version, whatever the version field says.
  ///   - labelsFlows: whether the kernel gives its own IPv6 packets flow labels (`auto_flowlabels`).
  public func rewritten(_ packet: [UInt8], _ family: Family, labelsFlows: Bool = System.labelsFlows) -> [Range<Int>] {
    let headerLength = packet.first.map { Int($0 & 0xf) * 4 } ?? 0
    switch (self, family) {
    case (.cooked, _), (.packet, _), (.raw, .ipv6): return []
    case (.raw, .ipv4):
      guard headerLength >= 20, packet.count >= headerLength else { return [] }
      return Self.rawIPv4(packet, headerLength)
    case (.datagram, .ipv4):
      guard headerLength >= 20, packet.count >= headerLength + 8 else { return [] }
      return Self.datagramIPv4(packet, headerLength)
    case (.datagram, .ipv6):
      guard packet.count >= 48 else { return [] }
      let label = UInt32(packet[1] & 0xf) << 16 | UInt32(packet[2]) << 8 | UInt32(packet[3])
      return labelsFlows && label == 0 ? [12..<32] : []
    }
  }

  /// Total length and checksum are always written, a source or an identification of zero is filled.
  private static func rawIPv4(_ packet: [UInt8], _ headerLength: Int) -> [Range<Int>] {
    var bits: [Range<Int>] = []
    if Int(packet[2]) << 8 | Int(packet[3]) != packet.count { bits.append(16..<32) }
    if packet[4] == 0, packet[5] == 0, packet[6] & 0x40 == 0 { bits.append(32..<48) }
    let fillsSource = packet[12..<16].allSatisfy { $0 == 0 }
    if !bits.isEmpty || fillsSource || !isSummed(packet[..<headerLength]) { bits.append(80..<96) }
    if fillsSource { bits.append(96..<128) }
    return bits
  }

  /// The kernel writes the whole IP header: by socket options like ours, but for the identification.
  private static func datagramIPv4(_ packet: [UInt8], _ headerLength: Int) -> [Range<Int>] {
    var bits: [Range<Int>] = []
    // With Don't Fragment it is zero; without, it is drawn, and the same once in 65,536 times.
    let keepsIdentification = packet[6] & 0x40 != 0 && packet[4] == 0 && packet[5] == 0
    if !keepsIdentification { bits.append(32..<48) }
    if !keepsIdentification || !isSummed(packet[..<headerLength]) { bits.append(80..<96) }
    let message = packet[headerLength...]
    if !isSummed(message) { bits.append((headerLength + 2) * 8..<(headerLength + 4) * 8) }
    return bits
  }

  /// Whether the octets hold their own right checksum.
  private static func isSummed(_ octets: ArraySlice<UInt8>) -> Bool {
    let octets = Array(octets)
    var sum = InternetChecksum()
    sum.add(octets.rawSpan)
    return sum.sum == 0xffff
  }
}

extension System {
  /// Whether the kernel gives IPv6 packets that it makes a flow label where none was asked for
  /// (ip-sysctl.rst, auto_flowlabels: 1, the default, and 3).
  public static var labelsFlows: Bool {
    guard let file = try? Descriptor.file("/proc/sys/net/ipv6/auto_flowlabels", flags: O_RDONLY) else { return true }
    var value: UInt8 = 0
    guard unsafe read(file.number, &value, 1) == 1 else { return true }
    return value == UInt8(ascii: "1") || value == UInt8(ascii: "3")
  }
}
