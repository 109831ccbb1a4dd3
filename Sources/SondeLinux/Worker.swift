internal import CLinuxNet
internal import Glibc

/// A thread that may block, for a run beneath an asynchronous face.
public enum Worker {
  private final class Work {
    let run: @Sendable () -> Void
    init(_ run: @escaping @Sendable () -> Void) { self.run = run }
  }

  /// Runs `work` on a new thread, which ends with it. Where the process may have no more threads, `work`
  /// runs here, before the call returns.
  public static func start(_ work: @escaping @Sendable () -> Void) {
    if !begin(work) { work() }
  }

  /// Runs `work` on a new thread, which ends with it. The corresponding C function is `pthread_create`.
  ///
  /// - Returns: false, and `work` is not run, where the process may have no more threads.
  public static func begin(_ work: @escaping @Sendable () -> Void) -> Bool {
    var thread = pthread_t()
    let context = unsafe Unmanaged.passRetained(Work(work)).toOpaque()
    let status = unsafe pthread_create(
      &thread, nil,
      { context in
        guard let context = unsafe context else { return nil }
        unsafe Unmanaged<Work>.fromOpaque(context).takeRetainedValue().run()
        return nil
      }, context)
    guard status == 0 else {
      unsafe Unmanaged<Work>.fromOpaque(context).release()
      return false
    }
    pthread_detach(thread)
    return true
  }
}
