internal import CLinuxNet
internal import Glibc
public import SondeLink
public import SondeOctets

/// A UDP socket that datagrams come to.
public final class DatagramSocket: AwaitedSocket {
  private let descriptor: Descriptor
  private var buffer = ReceiveBuffer(room: 1 << 16)
  /// Where it is bound.
  public let local: SocketEnd

  public var number: Int32 { descriptor.number }

  /// A datagram that came.
  public struct Datagram: Sendable {
    public var octets: ArraySlice<UInt8>
    public var source: SocketEnd
    /// The address of ours that it came to and an answer leaves from; nil where the kernel did not say.
    public var destination: IPAddress?
    /// Whether it came to many hosts at once: by a group's or a broadcast address.
    public var isForMany: Bool
  }

  /// Takes a port at one address. The corresponding C functions are `socket` and `bind`.
  ///
  /// - Throws: `LinkError` as `StreamListener` does.
  public init(_ end: SocketEnd) throws(LinkError) {
    let socket = try boundSocket(KernelNumber.datagram, end) { (socket: borrowing Descriptor) throws(LinkError) in
      if end.host.address.version == 6 {
        try socket.set(KernelNumber.ipv6Level, KernelNumber.ipv6ReceivePacketInfo, 1, as: "IPV6_RECVPKTINFO")
      } else {
        try socket.set(KernelNumber.ipLevel, KernelNumber.ipPacketInfo, 1, as: "IP_PKTINFO")
      }
    }
    local = SocketEnd(try socket.name()) ?? end
    descriptor = socket
  }

  /// The next datagram; nil if there is none for now. The corresponding C function is `recvmsg`.
  ///
  /// - Throws: `LinkError` when the socket can be read no more.
  public func receive() throws(LinkError) -> Datagram? {
    while true {
      let count = descriptor.receive(into: &buffer, errorQueue: false)
      if count == -Int(EAGAIN) { return nil }
      // What an ICMP error said of an earlier answer is no fault of this datagram (udp(7)).
      if count == -Int(EINTR) || count == -Int(ECONNREFUSED) || count == -Int(EHOSTUNREACH) { continue }
      guard count >= 0 else { throw LinkError("recvmsg", Int32(-count)) }
      guard let source = SocketEnd(buffer.address) else { continue }
      let messages = buffer.messages
      let isBroadcast = messages.local != nil && messages.local != messages.destination
      return Datagram(
        octets: buffer.received, source: source, destination: messages.destination,
        isForMany: isBroadcast || messages.destination?.isGroup == true)
    }
  }

  /// Answers a datagram from the address that it came to. The corresponding C function is `sendmsg`.
  ///
  /// - Throws: `LinkError` if the answer could not be sent, EAGAIN among the reasons: datagrams wait for nobody.
  public func answer(_ datagram: Datagram, _ octets: ArraySlice<UInt8>) throws(LinkError) {
    var aside = clinux_aside()
    switch datagram.destination {
    case .v4(let address):
      aside.family = 4
      aside.source_low = UInt64(address.rawValue)
    case .v6(let address):
      aside.family = 6
      (aside.source_high, aside.source_low) = (address.high, address.low)
      aside.interface = Int32(clamping: datagram.source.host.zone)
    case nil: break
    }
    let count = descriptor.send(octets, to: datagram.source.kernelAddress, aside: aside)
    guard count >= 0 else { throw LinkError("sendmsg", Int32(-count)) }
  }
}
