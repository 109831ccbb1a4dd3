internal import CLinuxNet
internal import SondeLink

/// Sets up the sockets that hear.
enum Ear {
  /// A raw ICMP or ICMPv6 socket that passes errors and replies, and no requests: on loopback it
  /// would hear its own.
  static func icmp(_ socket: consuming Descriptor, _ family: Family) throws(LinkError) -> Descriptor {
    switch family {
    case .ipv4:
      // A set bit blocks the type; the filter knows the types below 32 (raw(7)).
      let passed = (PacketFilter.icmpErrors + PacketFilter.icmpReplies).filter { $0 < 32 }
      let blocked = ~passed.reduce(UInt32(0)) { $0 | 1 << UInt32($1) }
      try socket.set(KernelNumber.rawLevel, KernelNumber.icmpFilter, words: [blocked], as: "ICMP_FILTER")
      try socket.set(KernelNumber.ipLevel, KernelNumber.ipPacketInfo, 1, as: "IP_PKTINFO")
    case .ipv6:
      var blocked = [UInt32](repeating: .max, count: 8)
      for types in [PacketFilter.icmpv6Errors] + PacketFilter.icmpv6Replies {
        for type in types { blocked[Int(type >> 5)] &= ~(1 << UInt32(type & 31)) }
      }
      try socket.set(KernelNumber.icmpv6Level, KernelNumber.icmpv6Filter, words: blocked, as: "ICMP6_FILTER")
      try prepareIPv6(socket)
    }
    try stamp(socket)
    return socket
  }

  /// Asks for what an IPv6 header is rebuilt from: these sockets hand out none.
  static func prepareIPv6(_ socket: borrowing Descriptor) throws(LinkError) {
    try socket.set(KernelNumber.ipv6Level, KernelNumber.ipv6ReceivePacketInfo, 1, as: "IPV6_RECVPKTINFO")
    try socket.set(KernelNumber.ipv6Level, KernelNumber.ipv6ReceiveHopLimit, 1, as: "IPV6_RECVHOPLIMIT")
    try socket.set(KernelNumber.ipv6Level, KernelNumber.ipv6ReceiveTrafficClass, 1, as: "IPV6_RECVTCLASS")
  }

  /// A packet socket on all interfaces: errors that this machine sends itself come through lo. It
  /// is bound last, so that nothing is queued unfiltered or unstamped.
  ///
  /// - Parameters:
  ///   - program: fits the kind of the socket.
  ///   - interface: the index of one that is to hear what is meant for other machines too.
  static func packet(
    _ socket: consuming Descriptor, _ program: [PacketFilter.Instruction], promiscuousOn interface: Int? = nil
  ) throws(LinkError) -> Descriptor {
    try socket.attach(program)
    try socket.set(
      KernelNumber.packetLevel, KernelNumber.packetIgnoreOutgoing, 1, as: "PACKET_IGNORE_OUTGOING")
    try socket.set(KernelNumber.packetLevel, KernelNumber.packetAuxiliaryData, 1, as: "PACKET_AUXDATA")
    if let interface {
      let index = Int32(clamping: interface)
      try checked(clinux_promiscuous(socket.number, index), "setsockopt(PACKET_ADD_MEMBERSHIP)")
    }
    try stamp(socket)
    try socket.bind(to: clinux_link(0, KernelNumber.etherAll, 0, 0), as: "bind(AF_PACKET)")
    return socket
  }

  private static func stamp(_ socket: borrowing Descriptor) throws(LinkError) {
    let flags = KernelNumber.stampReceived | KernelNumber.stampSoftware
    try socket.set(KernelNumber.socketLevel, KernelNumber.timestamping, flags, as: "SO_TIMESTAMPING")
  }
}
