internal import CLinuxNet
internal import Glibc
public import SondeLink
internal import SondeOctets

/// A TCP socket that clients connect to.
public final class StreamListener: AwaitedSocket {
  private let descriptor: Descriptor
  /// Where it listens.
  public let local: SocketEnd

  public var number: Int32 { descriptor.number }

  /// Listens at one address, of which no other socket of the same port may be; the kernel answers from now on.
  ///
  /// A port whose last connections are not quite forgotten is no obstacle (SO_REUSEADDR, socket(7)). The corresponding
  /// C functions are `socket`, `bind` and `listen`.
  ///
  /// - Throws: `LinkError` with EADDRINUSE if another socket listens there, EACCES for a port below 1024 without
  ///   CAP_NET_BIND_SERVICE, EADDRNOTAVAIL if the address is not this machine's.
  public init(_ end: SocketEnd) throws(LinkError) {
    let socket = try boundSocket(KernelNumber.stream, end) { (socket: borrowing Descriptor) throws(LinkError) in
      try socket.set(KernelNumber.socketLevel, KernelNumber.reuseAddress, 1, as: "SO_REUSEADDR")
    }
    try socket.listen(backlog: SOMAXCONN)
    local = SocketEnd(try socket.name()) ?? end
    descriptor = socket
  }

  /// The next connection that the kernel has opened; nil if there is none for now. The corresponding C function is
  /// `accept4`.
  ///
  /// - Throws: `LinkError` with EMFILE or ENFILE when no more files may be open.
  public func accept() throws(LinkError) -> StreamSocket? {
    while true {
      var peer = clinux_none()
      let result = unsafe clinux_accept(descriptor.number, &peer)
      switch -result {
      case EAGAIN: return nil
      // The client has gone before it was accepted, or the network has: accept(2) has these tried again.
      case EINTR, ECONNABORTED, EPROTO, ENETDOWN, ENOPROTOOPT, EHOSTDOWN, ENONET, EHOSTUNREACH, EOPNOTSUPP, ENETUNREACH:
        continue
      default: break
      }
      try checked(result, "accept")
      let unknown = SocketEnd(host: ScopedAddress(address: .v4(IPv4Address(rawValue: 0))), port: 0)
      return StreamSocket(Descriptor(result), peer: SocketEnd(peer) ?? unknown)
    }
  }
}

/// One accepted TCP connection; it closes at the end of its life.
public final class StreamSocket: AwaitedSocket {
  private let descriptor: Descriptor
  /// The client's end.
  public let peer: SocketEnd

  public var number: Int32 { descriptor.number }

  init(_ descriptor: consuming Descriptor, peer: SocketEnd) {
    self.descriptor = descriptor
    self.peer = peer
    // An urgent octet stands where it was written, among the others (RFC 6093 §4).
    try? self.descriptor.set(KernelNumber.socketLevel, KernelNumber.urgentInLine, 1, as: "SO_OOBINLINE")
  }

  /// What came of reading.
  public enum Reading: Hashable, Sendable {
    /// So many octets, at least one.
    case octets(Int)
    /// Nothing for now.
    case nothing
    /// The client sends no more.
    case end
  }

  /// Takes what has come, without waiting. The corresponding C function is `recv`.
  ///
  /// - Throws: `LinkError` with ECONNRESET where the client reset the connection, ETIMEDOUT where it went silent.
  public func receive(into buffer: inout [UInt8]) throws(LinkError) -> Reading {
    let count = unsafe clinux_stream_receive(descriptor.number, &buffer, buffer.count)
    if count == -Int(EAGAIN) || count == -Int(EINTR) { return .nothing }
    guard count >= 0 else { throw LinkError("recv", Int32(-count)) }
    return count == 0 ? .end : .octets(count)
  }

  /// Hands octets to the kernel, without waiting. The corresponding C function is `send`.
  ///
  /// - Returns: how many it took; 0 if it has no room for now.
  /// - Throws: `LinkError` with ECONNRESET or EPIPE where the client wants no more.
  public func send(_ octets: ArraySlice<UInt8>) throws(LinkError) -> Int {
    guard !octets.isEmpty else { return 0 }
    let count = unsafe octets.withUnsafeBytes {
      unsafe clinux_stream_send(descriptor.number, $0.baseAddress, $0.count)
    }
    if count == -Int(EAGAIN) || count == -Int(EINTR) { return 0 }
    guard count >= 0 else { throw LinkError("send", Int32(-count)) }
    return count
  }

  /// Sends no more: the client sees the end behind what was sent. The corresponding C function is `shutdown` with
  /// SHUT_WR.
  public func finishSending() { shutdown(descriptor.number, Int32(SHUT_WR)) }

  /// Has the connection reset, and not closed in order, when it ends (SO_LINGER with no time, socket(7)).
  public func resetAtEnd() {
    // struct linger: on, and for no time.
    try? descriptor.set(KernelNumber.socketLevel, KernelNumber.linger, words: [1, 0], as: "SO_LINGER")
  }
}

extension LinkError {
  /// Whether the other end broke the connection off.
  public var isReset: Bool { code == ECONNRESET || code == EPIPE }

  /// Whether the kernel gave up a connection whose other end is silent, or cannot be reached.
  public var isSilence: Bool { code == ETIMEDOUT || code == EHOSTUNREACH || code == ENETUNREACH }

  /// Whether no more files may be open, or there is no memory for them: for a while.
  public var isForWantOfFiles: Bool { code == EMFILE || code == ENFILE || code == ENOBUFS || code == ENOMEM }

  /// Whether another socket has the port.
  public var isForPortInUse: Bool { code == EADDRINUSE }

  /// Whether a privilege is missing.
  public var isForWantOfPrivilege: Bool { code == EACCES || code == EPERM }

  /// Whether this machine has no such address, or not its family.
  public var isForWantOfAddress: Bool { code == EADDRNOTAVAIL || code == EAFNOSUPPORT }
}

/// A socket bound to an address of one family, which never waits.
func boundSocket(
  _ type: Int32, _ end: SocketEnd, _ prepare: (borrowing Descriptor) throws(LinkError) -> Void
) throws(LinkError) -> Descriptor {
  let isIPv6 = end.host.address.version == 6
  let domain = isIPv6 ? KernelNumber.ipv6 : KernelNumber.ipv4
  let socket = try Descriptor.socket(domain, type | KernelNumber.nonBlocking, 0, as: "socket")
  // Each family has its own socket, on 0.0.0.0 and :: too.
  if isIPv6 { try socket.set(KernelNumber.ipv6Level, KernelNumber.ipv6Only, 1, as: "IPV6_V6ONLY") }
  try prepare(socket)
  try socket.bind(to: end.kernelAddress, as: "bind \(end)")
  return socket
}
