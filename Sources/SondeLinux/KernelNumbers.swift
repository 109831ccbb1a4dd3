/// The kernel's numbers that this module uses, from the headers of Linux' user API; asm-generic's
/// values hold on every architecture that Swift runs on.
enum KernelNumber {
  // Address families and socket types (socket(2)).
  static let ipv4: Int32 = 2
  static let ipv6: Int32 = 10
  static let netlink: Int32 = 16
  static let packet: Int32 = 17
  static let xdp: Int32 = 44
  static let stream: Int32 = 1
  static let datagram: Int32 = 2
  static let raw: Int32 = 3
  /// SOCK_NONBLOCK, added to a type: calls never wait.
  static let nonBlocking: Int32 = 0x800

  // SOL_SOCKET (asm-generic/socket.h).
  static let socketLevel: Int32 = 1
  static let reuseAddress: Int32 = 2
  static let error: Int32 = 4
  static let broadcast: Int32 = 6
  static let sendBuffer: Int32 = 7
  static let receiveBuffer: Int32 = 8
  static let urgentInLine: Int32 = 10
  static let linger: Int32 = 13
  static let receiveBufferForce: Int32 = 33
  static let mark: Int32 = 36
  static let timestamping: Int32 = 37
  static let memoryInfo: Int32 = 55
  /// The index of the drop counter in SO_MEMINFO's array (linux/sock_diag.h).
  static let memoryInfoDrops = 8

  // SOF_TIMESTAMPING_* (linux/net_tstamp.h).
  static let stampSent: Int32 = 1 << 1
  static let stampReceived: Int32 = 1 << 3
  static let stampSoftware: Int32 = 1 << 4
  static let stampNumbered: Int32 = 1 << 7
  static let stampScheduled: Int32 = 1 << 8

  // IPPROTO_IP (linux/in.h).
  static let ipLevel: Int32 = 0
  static let ipTOS: Int32 = 1
  static let ipTTL: Int32 = 2
  static let ipPacketInfo: Int32 = 8
  static let ipMTUDiscover: Int32 = 10
  static let ipReceiveErrors: Int32 = 11
  static let ipReceiveTTL: Int32 = 12
  static let ipReceiveTOS: Int32 = 13
  static let ipNoDefragment: Int32 = 22
  static let ipMulticastTTL: Int32 = 33

  // IPPROTO_IPV6 (linux/in6.h).
  static let ipv6Level: Int32 = 41
  static let ipv6UnicastHops: Int32 = 16
  static let ipv6MulticastHops: Int32 = 18
  static let ipv6MTUDiscover: Int32 = 23
  static let ipv6ReceiveErrors: Int32 = 25
  static let ipv6Only: Int32 = 26
  static let ipv6ReceivePacketInfo: Int32 = 49
  static let ipv6PacketInfo: Int32 = 50
  static let ipv6ReceiveHopLimit: Int32 = 51
  static let ipv6HopLimit: Int32 = 52
  static let ipv6ReceiveTrafficClass: Int32 = 66
  static let ipv6TrafficClass: Int32 = 67

  /// IP_PMTUDISC_DONT: Don't Fragment clear.
  static let mtuDont: Int32 = 0
  /// IP_PMTUDISC_PROBE, IPV6_PMTUDISC_PROBE: Don't Fragment set where the kernel writes the header, and the path MTU
  /// that the kernel remembers ignored.
  static let mtuProbe: Int32 = 3

  // SOL_RAW, SOL_ICMPV6 and their filters (linux/icmp.h, linux/icmpv6.h).
  static let rawLevel: Int32 = 255
  static let icmpFilter: Int32 = 1
  static let icmpv6Level: Int32 = 58
  static let icmpv6Filter: Int32 = 1

  // SOL_PACKET (linux/if_packet.h).
  static let packetLevel: Int32 = 263
  static let packetAuxiliaryData: Int32 = 8
  static let packetTransmitTimestamp: Int32 = 16
  static let packetIgnoreOutgoing: Int32 = 23
  // TP_STATUS_* of a frame, in the auxiliary data and in a ring.
  static let checksumNotReady: UInt32 = 1 << 3
  static let hasTag: UInt32 = 1 << 4
  static let hasTagType: UInt32 = 1 << 6
  /// PACKET_OTHERHOST; PACKET_OUTGOING, what comes in has lower numbers.
  static let otherHost: UInt8 = 3
  static let outgoing: UInt8 = 4

  // ARPHRD_* (linux/if_arp.h): links whose frames begin with an Ethernet header, and those without any header.
  static let ethernetHardware: Set<UInt16> = [1, 772]
  static let headerlessHardware: Set<UInt16> = [519, 768, 769, 776, 0xfffe]

  // SO_EE_ORIGIN_* (linux/errqueue.h).
  static let originLocal: UInt8 = 1
  static let originICMP: UInt8 = 2
  static let originICMPv6: UInt8 = 3
  static let originTimestamping: UInt8 = 4

  // MSG_* (sys/socket.h).
  static let doNotWait: Int32 = 0x40
  static let errorQueue: Int32 = 0x2000

  // EtherTypes (linux/if_ether.h), in host order.
  static let etherAll: UInt16 = 0x0003
  static let etherIPv4: UInt16 = 0x0800
  static let etherARP: UInt16 = 0x0806
  static let etherTag: UInt16 = 0x8100
  static let etherIPv6: UInt16 = 0x86dd

  // poll(2).
  static let pollIn: Int16 = 0x1
  static let pollOut: Int16 = 0x4
  static let pollError: Int16 = 0x8
  static let pollHangUp: Int16 = 0x10
}
