internal import Glibc
internal import SondeLink

extension LinkError {
  /// An error of the system in plain words; `code` is a positive errno.
  init(_ operation: String, _ code: Int32) {
    self.init(operation: operation, code: code, message: Self.words(for: code))
  }

  /// A refusal of the link itself.
  init(_ operation: String, refusal message: String) {
    self.init(operation: operation, code: 0, message: message)
  }

  /// What an errno means to somebody who sends packets.
  static func words(for code: Int32) -> String {
    switch code {
    case ENETUNREACH: "no route to that network from here"
    case EHOSTUNREACH: "no route to that host from here"
    case EMSGSIZE: "the packet is longer than the interface's MTU, and this door does not fragment"
    case EPERM, EACCES: "not permitted: \(text(for: code))"
    case ENOBUFS: "the interface's queue is full"
    case ENETDOWN: "the interface is down"
    case ENODEV, ENXIO: "there is no such interface"
    case EADDRNOTAVAIL: "that source address does not belong to this machine"
    case EADDRINUSE: "another program of this machine holds that number"
    case ECONNREFUSED: "the destination refused (port or protocol unreachable)"
    case EAFNOSUPPORT: "this machine has no such address family"
    default: text(for: code)
    }
  }

  private static func text(for code: Int32) -> String { unsafe String(cString: strerror(code)) }
}
