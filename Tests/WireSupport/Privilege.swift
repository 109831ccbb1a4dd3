internal import CLinuxNet
internal import Glibc
public import Testing

/// Whether wire tests can run here.
public enum Privilege {
  /// Whether a thread may make a network namespace (CAP_SYS_ADMIN).
  public static let isGranted: Bool = {
    let result = ProbeThread.result(of: { clinux_unshare_network() })
    if result != 0 {
      let line = "SKIPPED: no privilege to make network namespaces; the wire tests did not run\n"
      _ = unsafe write(2, line, line.utf8.count)
    }
    return result == 0
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

/// A thread that ends after one call, so that what it changes of itself changes nothing else.
enum ProbeThread {
  private final class Box {
    let call: @Sendable () -> Int32
    var result: Int32 = -1
    init(_ call: @escaping @Sendable () -> Int32) { self.call = call }
  }

  static func result(of call: @escaping @Sendable () -> Int32) -> Int32 {
    let box = Box(call)
    var thread = pthread_t()
    let context = unsafe Unmanaged.passUnretained(box).toOpaque()
    let created = unsafe pthread_create(
      &thread, nil,
      { context in
        guard let context = unsafe context else { return nil }
        let box = unsafe Unmanaged<Box>.fromOpaque(context).takeUnretainedValue()
        box.result = box.call()
        return nil
      }, context)
    guard created == 0 else { return -created }
    pthread_join(thread, nil)
    return box.result
  }
}
