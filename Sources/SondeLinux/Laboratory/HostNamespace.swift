internal import CLinuxNet
internal import Glibc
internal import SondeLink

/// A network namespace that this process holds, and a way to tell its kernel things from any other.
final class HostNamespace {
  /// The namespace of the thread that asks; /proc/self would be the main thread's.
  static let ofThread = "/proc/thread-self/ns/net"

  let descriptor: Descriptor
  private var netlink: NetlinkSocket

  /// Makes one, and leaves the calling thread in it. The corresponding C function is `unshare`.
  init() throws(LinkError) {
    try checked(clinux_unshare_network(), "unshare(CLONE_NEWNET)")
    descriptor = try Descriptor.file(Self.ofThread, flags: O_RDONLY)
    netlink = try NetlinkSocket()
  }

  /// Moves the calling thread into it. The corresponding C function is `setns`.
  func enter() throws(LinkError) { try checked(clinux_setns(descriptor.number), "setns") }

  func tell(_ request: NetlinkRequest, as operation: @autoclosure () -> String) throws(LinkError) {
    do { try netlink.tell(request, as: "") } catch {
      throw LinkError(operation: operation(), code: error.code, message: Self.words(error))
    }
  }

  func ask(_ request: NetlinkRequest) throws(LinkError) -> [NetlinkMessage] {
    try netlink.ask(request, as: "rtnetlink")
  }

  /// The descriptor of the socket, for what ioctl(2) asks.
  var controls: Int32 { netlink.descriptor }

  /// What an errno means to somebody who describes a network.
  private static func words(_ error: LinkError) -> String {
    switch error.code {
    case EEXIST: "there is one already"
    case ENETUNREACH, EHOSTUNREACH: "the gateway is on none of the host's links"
    case EINVAL, ERANGE: "it has a value that the kernel refuses"
    default: error.message
    }
  }
}
