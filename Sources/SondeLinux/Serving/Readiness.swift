internal import CLinuxNet
internal import Glibc
public import SondeLink

/// Waits for many sockets at once, each known by a number.
///
/// A socket is watched until it closes. The corresponding C functions are those of epoll(7), level-triggered: what is
/// not read is told of again.
public final class Readiness {
  /// A socket that something can be done with.
  public struct Ready: Hashable, Sendable {
    public var token: UInt64
    public var reads: Bool
    public var writes: Bool
    /// The connection is over on both sides, or broken: the next call on it says how.
    public var isOver: Bool
  }

  private let watcher: Descriptor
  private let interrupter: Interrupter
  private var found = [clinux_ready](repeating: clinux_ready(), count: 64)

  /// - Parameter interrupter: what ends a wait early.
  /// - Throws: `LinkError` when the process has no descriptor left.
  public init(interrupter: Interrupter) throws(LinkError) {
    watcher = Descriptor(try checked(clinux_watcher(), "epoll_create1"))
    self.interrupter = interrupter
    try checked(clinux_watcher_add(watcher.number, interrupter.descriptor.number, .max, 1, 0), "epoll_ctl")
  }

  /// Begins to watch a socket.
  ///
  /// - Throws: `LinkError` when the kernel has no memory for it, or its user watches too many.
  public func add(_ socket: some AwaitedSocket, _ token: UInt64, reads: Bool, writes: Bool) throws(LinkError) {
    try checked(
      clinux_watcher_add(watcher.number, socket.number, token, reads ? 1 : 0, writes ? 1 : 0), "epoll_ctl")
  }

  /// Watches a socket for other things.
  public func change(_ socket: some AwaitedSocket, _ token: UInt64, reads: Bool, writes: Bool) throws(LinkError) {
    try checked(
      clinux_watcher_change(watcher.number, socket.number, token, reads ? 1 : 0, writes ? 1 : 0), "epoll_ctl")
  }

  /// Waits until a socket is ready, until `deadline`, or until the interrupter ends the wait.
  ///
  /// - Returns: those that are ready, 63 at most; the others are told of by the next call.
  public func wait(until deadline: Instant) throws(LinkError) -> [Ready] {
    let left = (deadline - Clock.monotonic).nanoseconds
    // Rounded up: a wait that ends too early would be begun again and again.
    let milliseconds = deadline == .distantFuture ? -1 : Int32(clamping: max(0, (left / 1_000_000) &+ 1))
    let count = unsafe clinux_watcher_wait(watcher.number, &found, Int32(found.count), left <= 0 ? 0 : milliseconds)
    if count == -EINTR { return [] }
    try checked(count, "epoll_wait")
    var ready: [Ready] = []
    for entry in found[..<Int(count)] {
      if entry.token == .max {
        interrupter.clear()
      } else {
        ready.append(
          Ready(token: entry.token, reads: entry.reads != 0, writes: entry.writes != 0, isOver: entry.is_over != 0))
      }
    }
    return ready
  }
}
