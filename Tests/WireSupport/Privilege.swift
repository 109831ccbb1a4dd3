internal import CLinuxNet
internal import Glibc
public import Testing

/// Whether wire tests can run here.
public enum Privilege {
  /// Whether a thread may make a network namespace (CAP_SYS_ADMIN).
  public static let isGranted: Bool = {
    let isGranted = (try? OwnThread.run { clinux_unshare_network() == 0 }) ?? false
    if !isGranted {
      let line = "SKIPPED: no privilege to make network namespaces; the wire tests did not run\n"
      _ = unsafe write(2, line, line.utf8.count)
    }
    return isGranted
  }()

  /// On a continuous-integration machine a skipped test is a failed one.
  public static var isRequired: Bool { unsafe getenv("CI").map { unsafe String(cString: $0) } == "true" }
}

extension Trait where Self == ConditionTrait {
  /// The test needs network namespaces; it is skipped without the privilege, unless CI is true.
  public static var wire: Self {
    .enabled(
      if: Privilege.isGranted || Privilege.isRequired, "needs the privilege to make network namespaces (run as root)")
  }
}

/// A thread that ends after one call, so that what the call changes of the thread (namespaces,
/// capabilities) changes nothing else.
public enum OwnThread {
  private final class Box: @unchecked Sendable {
    var call: () -> Void
    init(_ call: @escaping () -> Void) { self.call = call }
  }

  /// Runs `call` on a new thread and waits for its end.
  ///
  /// Expectations inside would not know their test: return what is to be expected.
  public static func run<R: Sendable>(_ call: @escaping @Sendable () throws -> R) throws -> R {
    var result: Result<R, any Error>?
    unsafe withUnsafeMutablePointer(to: &result) { place in
      // The thread is joined below, before the pointer ends; nobody else looks in between.
      nonisolated(unsafe) let place = unsafe place
      let box = Box { unsafe place.pointee = Result { try call() } }
      var thread = pthread_t()
      let context = unsafe Unmanaged.passRetained(box).toOpaque()
      let created = unsafe pthread_create(
        &thread, nil,
        { context in
          guard let context = unsafe context else { return nil }
          unsafe Unmanaged<Box>.fromOpaque(context).takeRetainedValue().call()
          return nil
        }, context)
      if created == 0 { pthread_join(thread, nil) }
    }
    guard let result else { throw WireFailure("pthread_create") }
    return try result.get()
  }
}
