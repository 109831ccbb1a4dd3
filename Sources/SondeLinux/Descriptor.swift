internal import CLinuxNet
internal import Glibc
internal import SondeLink

/// The one owner of an open file descriptor; closes it at the end of its life.
struct Descriptor: ~Copyable {
  let number: Int32

  init(_ number: Int32) { self.number = number }

  deinit { close(number) }

  /// Opens a socket, close-on-exec. The corresponding C function is `socket`.
  static func socket(
    _ domain: Int32, _ type: Int32, _ protocolNumber: Int32, as operation: @autoclosure () -> String
  ) throws(LinkError) -> Descriptor {
    Descriptor(try checked(clinux_socket(domain, type, protocolNumber), operation()))
  }

  /// Opens a file, close-on-exec. The corresponding C function is `open`.
  static func file(_ path: String, flags: Int32) throws(LinkError) -> Descriptor {
    Descriptor(try checked(unsafe clinux_open(path, flags), "open \(path)"))
  }

  /// Opens a counter that polls as readable while it is not zero. The corresponding C function is
  /// `eventfd`.
  static func event() throws(LinkError) -> Descriptor {
    Descriptor(try checked(clinux_event(), "eventfd"))
  }
}

/// Passes a shim's result on, or throws what a negative one says.
@discardableResult
func checked(_ result: Int32, _ operation: @autoclosure () -> String) throws(LinkError) -> Int32 {
  guard result >= 0 else { throw LinkError(operation(), -result) }
  return result
}
