internal import CLinuxNet
public import SondeLink

/// Ends a link's wait from another thread, or from a signal handler.
///
/// It is an eventfd(2) that the link polls beside its sockets; an interruption that comes before
/// the wait ends the next one, so none is lost.
public final class Interrupter: Sendable {
  let descriptor: Descriptor

  /// - Throws: `LinkError` when the process has no descriptor left.
  public init() throws(LinkError) { descriptor = try Descriptor.event() }

  /// Makes the current wait, or the next one, return early.
  public func interrupt() { clinux_event_raise(descriptor.number) }

  /// Forgets interruptions that have done their work.
  func clear() {
    clinux_event_clear(descriptor.number)
  }
}
