internal import Glibc

/// A thread that ends after one call, so that what the call changes of the thread (namespaces,
/// capabilities) changes nothing else.
public struct OwnThread: Sendable {
  private let thread: pthread_t

  private final class Box {
    let call: @Sendable () -> Void
    init(_ call: @escaping @Sendable () -> Void) { self.call = call }
  }

  /// Starts `call` on a new thread, which somebody joins.
  ///
  /// - Throws: `WireFailure` if the process may have no more threads.
  public static func start(_ call: @escaping @Sendable () -> Void) throws(WireFailure) -> OwnThread {
    var thread = pthread_t()
    let context = unsafe Unmanaged.passRetained(Box(call)).toOpaque()
    let created = unsafe pthread_create(
      &thread, nil,
      { context in
        guard let context = unsafe context else { return nil }
        unsafe Unmanaged<Box>.fromOpaque(context).takeRetainedValue().call()
        return nil
      }, context)
    guard created == 0 else {
      unsafe Unmanaged<Box>.fromOpaque(context).release()
      throw WireFailure("pthread_create: errno \(created)")
    }
    return OwnThread(thread: thread)
  }

  /// Waits for its end.
  public func join() { pthread_join(thread, nil) }

  /// Runs `call` on a new thread and waits for its end.
  ///
  /// Expectations inside would not know their test: return what is to be expected.
  public static func run<R: Sendable>(_ call: @escaping @Sendable () throws -> R) throws -> R {
    var result: Result<R, any Error>?
    try unsafe withUnsafeMutablePointer(to: &result) { place in
      // The thread is joined below, before the pointer ends; nobody else looks in between.
      nonisolated(unsafe) let place = unsafe place
      try start { unsafe place.pointee = Result { try call() } }.join()
    }
    guard let result else { throw WireFailure("the thread gave no result") }
    return try result.get()
  }
}
