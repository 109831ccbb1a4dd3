internal import CLinuxNet
public import SondeLink

/// Has the kernel stamp all that comes, for as long as it lives.
///
/// The kernel begins a moment after the first socket asks for it (`net_enable_timestamp` leaves it to a work queue), and
/// what comes before that has no stamp. Asked for early, the first answer of a run has one.
public struct ReceiveStamping: ~Copyable {
  private let socket: Descriptor

  /// - Throws: `LinkError` where the process has no descriptor left, or the kernel does not stamp.
  public init() throws(LinkError) {
    let socket = try Descriptor.socket(KernelNumber.ipv4, KernelNumber.datagram, 0, as: "socket(SOCK_DGRAM)")
    try socket.set(
      KernelNumber.socketLevel, KernelNumber.timestamping, KernelNumber.stampReceived | KernelNumber.stampSoftware,
      as: "SO_TIMESTAMPING")
    self.socket = socket
  }
}
