internal import CLibcap
internal import CLinuxNet
internal import Glibc
public import SondeLink

extension Laboratory {
  /// Whether this process may make networks and administer them as it is (CAP_SYS_ADMIN and CAP_NET_ADMIN,
  /// capabilities(7)); if not, `enterUserNamespace()` is the way.
  public static var isPrivileged: Bool {
    guard let mine = unsafe cap_get_proc() else { return false }
    defer { _ = unsafe cap_free(UnsafeMutableRawPointer(mine)) }
    return [CAP_SYS_ADMIN, CAP_NET_ADMIN].allSatisfy { capability in
      var value = CAP_CLEAR
      return unsafe cap_get_flag(mine, cap_value_t(capability), CAP_EFFECTIVE, &value) == 0 && value == CAP_SET
    }
  }

  /// Makes this process root of a user namespace of its own, with an empty network: what an ordinary user's laboratory
  /// stands in (user_namespaces(7)).
  ///
  /// First thing in main, before any thread: the kernel lets only a process of one thread do it. Files are still
  /// those of the user who started it. Whether it truly may administer networks is tried, as some systems let
  /// the namespace be made and then forbid its use.
  ///
  /// - Throws: `LinkError` that names the setting that forbids it, and what would allow it.
  public static func enterUserNamespace() throws(LinkError) {
    let (user, group) = (geteuid(), getegid())
    let made = clinux_unshare_user()
    guard made >= 0 else { throw forbidden("unshare(CLONE_NEWUSER)", -made) }
    do {
      // Without it an ordinary user may not write the map of groups.
      try KernelFile.write("deny", to: "/proc/self/setgroups")
      // Root inside, so that programs started there keep their capabilities.
      try KernelFile.write("0 \(user) 1", to: "/proc/self/uid_map")
      try KernelFile.write("0 \(group) 1", to: "/proc/self/gid_map")
      var netlink = try NetlinkSocket()
      try netlink.tell(.raise(loopback), as: "ip link set lo up")
    } catch {
      throw forbidden(error.operation, error.code)
    }
  }

  /// The index of lo in every network namespace.
  static let loopback = 1

  private static func forbidden(_ operation: String, _ code: Int32) -> LinkError {
    func value(_ path: String) -> String? { KernelFile.read("/proc/sys/\(path)") }
    let most = value("user/max_user_namespaces")
    let why: String
    if code == EINVAL {
      why = "a user namespace is made before any thread is started"
    } else if code == ENOSPC, most == "0" {
      why =
        "user namespaces are switched off (user.max_user_namespaces=0); "
        + "to allow them: sudo sysctl -w user.max_user_namespaces=10000"
    } else if code == ENOSPC || code == EUSERS {
      why =
        "there are as many user namespaces as user.max_user_namespaces=\(most ?? "?") or their depth of 32 allows"
    } else if value("kernel/unprivileged_userns_clone") == "0" {
      why =
        "user namespaces are for root alone (kernel.unprivileged_userns_clone=0); "
        + "to allow them: sudo sysctl -w kernel.unprivileged_userns_clone=1"
    } else if value("kernel/apparmor_restrict_unprivileged_userns") == "1" {
      why =
        "AppArmor takes the rights of user namespaces away (kernel.apparmor_restrict_unprivileged_userns=1); "
        + "to allow them: sudo sysctl -w kernel.apparmor_restrict_unprivileged_userns=0"
    } else {
      why =
        "\(LinkError.words(for: code)); a container's or a chroot's restrictions forbid user namespaces: "
        + "run it outside, or as root"
    }
    return LinkError(operation: operation, code: code, message: why)
  }
}
