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
