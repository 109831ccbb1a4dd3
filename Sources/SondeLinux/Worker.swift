internal import CLinuxNet
internal import Glibc

/// A thread that may block, for a run beneath an asynchronous face.
public enum Worker {
  private final class Work {
    let run: @Sendable () -> Void
    init(_ run: @escaping @Sendable () -> Void) { self.run = run }
  }

  /// Runs `work` on a new thread, which ends with it. Where the process may have no more threads, `work`
  /// runs here, before the call returns. The corresponding C function is `pthread_create`.
  public static func start(_ work: @escaping @Sendable () -> Void) {
    var thread = pthread_t()
    let context = unsafe Unmanaged.passRetained(Work(work)).toOpaque()
    let status = unsafe pthread_create(
      &thread, nil,
      { context in
        guard let context = unsafe context else { return nil }
        unsafe Unmanaged<Work>.fromOpaque(context).takeRetainedValue().run()
        return nil
      }, context)
    if status == 0 {
      pthread_detach(thread)
    } else {
      unsafe Unmanaged<Work>.fromOpaque(context).takeRetainedValue().run()
    }
  }
}
