internal import CLinuxNet
internal import Glibc
public import SondeLink

/// Which transport a port belongs to.
public enum Transport: Hashable, Sendable {
  case tcp
  case udp

  fileprivate var socketType: Int32 { self == .tcp ? KernelNumber.stream : KernelNumber.datagram }
}

/// Keeps a source port from other programs and leaves its answers to the kernel.
///
/// For probes that begin a TCP handshake and do not go on: the kernel's own RST to the SYN-ACK
/// frees the half-open connection at the peer. The port is bound on `::` for both families and
/// never listens.
public struct PortReservation: ~Copyable {
  /// The port, as asked or as the kernel chose it.
  public let port: UInt16
  private let socket: Descriptor

  /// - Parameter port: the port to hold; 0 lets the kernel choose a free one.
  /// - Throws: `LinkError` with EADDRINUSE if another socket holds the port, EACCES for one below
  ///   1024 without CAP_NET_BIND_SERVICE.
  public init(_ transport: Transport, port: UInt16 = 0) throws(LinkError) {
    let bound = try boundSocket(transport, port)
    self.port = clinux_port(try bound.name())
    socket = bound
  }
}

/// Keeps a source port from other programs and keeps the kernel from answering on it.
///
/// TCP: a listening socket whose filter drops everything; the kernel then sends no RST to
/// segments it did not ask for. UDP: a bound socket whose filter drops everything; the kernel then
/// sends no port unreachable. Raw and packet sockets still get every packet. When the guard ends,
/// the next segment of a TCP peer draws the kernel's RST.
public struct PortGuard: ~Copyable {
  /// The port, as asked or as the kernel chose it.
  public let port: UInt16
  private let socket: Descriptor

  /// - Parameter port: the port to guard; 0 lets the kernel choose a free one.
  /// - Throws: `LinkError` with EADDRINUSE if another socket holds the port, EACCES for one below
  ///   1024 without CAP_NET_BIND_SERVICE.
  public init(_ transport: Transport, port: UInt16 = 0) throws(LinkError) {
    let bound = try boundSocket(transport, port)
    // Before `listen`: no segment may find the socket listening and unfiltered.
    try bound.attach(PacketFilter.nothing)
    if transport == .tcp { try bound.listen(backlog: 0) }
    self.port = clinux_port(try bound.name())
    socket = bound
  }
}

/// A socket bound on `::` for both families, or on 0.0.0.0 where the machine has no IPv6.
private func boundSocket(_ transport: Transport, _ port: UInt16) throws(LinkError) -> Descriptor {
  let operation = "bind (source port \(port))"
  do {
    let socket = try Descriptor.socket(KernelNumber.ipv6, transport.socketType, 0, as: "socket(AF_INET6)")
    try socket.set(KernelNumber.ipv6Level, KernelNumber.ipv6Only, 0, as: "IPV6_V6ONLY")
    try socket.bind(to: clinux_ipv6(0, 0, port, 0), as: operation)
    return socket
  } catch {
    guard error.code == EAFNOSUPPORT || error.code == EADDRNOTAVAIL else { throw error }
  }
  let socket = try Descriptor.socket(KernelNumber.ipv4, transport.socketType, 0, as: "socket(AF_INET)")
  try socket.bind(to: clinux_ipv4(0, port), as: operation)
  return socket
}
