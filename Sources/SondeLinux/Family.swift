/// The two versions of the Internet protocol.
public enum Family: Int, Hashable, Sendable, CaseIterable {
  case ipv4 = 4
  case ipv6 = 6

  /// `ipv4` or `ipv6`. Interpolating the value itself would ask the runtime how to print it.
  public var name: String { self == .ipv4 ? "ipv4" : "ipv6" }

  /// AF_INET or AF_INET6.
  var domain: Int32 { self == .ipv4 ? KernelNumber.ipv4 : KernelNumber.ipv6 }
}

/// A way out of the machine; each keeps other fields of a crafted packet.
public enum DoorKind: String, Hashable, Sendable, CaseIterable {
  /// The ICMP datagram socket: echo requests only, no privilege (icmp(7)).
  case datagram
  /// The raw IP socket with our own IP header (raw(7)).
  case raw
  /// The packet socket that writes the link header itself (packet(7), SOCK_DGRAM).
  case cooked
  /// The packet socket that sends whole frames, their link header as written (packet(7), SOCK_RAW); an IP packet gets
  /// an Ethernet header here.
  case packet
}

/// A way to hear what comes in.
public enum EarKind: String, Hashable, Sendable, CaseIterable {
  /// The datagram door's own socket.
  case datagram
  /// A raw ICMP or ICMPv6 socket.
  case icmp
  /// A packet socket on all interfaces, from the IP header on.
  case packet
  /// A packet socket on all interfaces, from the link header on.
  case frame
}
