internal import CLibcap
internal import CLinuxNet
internal import Glibc
public import SondeLink

/// What this process may do, given away for good.
public enum Privileges {
  /// Whether the program runs with the rights of its file's owner rather than of the user who started it: a
  /// set-user-ID file (credentials(7)). The corresponding C functions are `getuid` and `geteuid`.
  public static var areOfAnotherUser: Bool { getuid() != geteuid() }

  /// Whether the program runs as the machine's root: not as that of a user namespace, who is some user outside
  /// (user_namespaces(7)).
  public static var isRoot: Bool { geteuid() == 0 && userMap == [0, 0, UInt32.max] }

  /// The user outside of the user namespace that the process is in; the user himself where it is in none.
  static var outerUser: UInt32 {
    let map = userMap
    let user = geteuid()
    for place in stride(from: 0, to: map.count - 2, by: 3) {
      let (inside, outside, count) = (map[place], map[place + 1], map[place + 2])
      if user >= inside, user - inside < count { return outside &+ (user - inside) }
    }
    return user
  }

  /// The lines of the map of users, three numbers each (user_namespaces(7)).
  private static var userMap: [UInt32] {
    KernelFile.words(KernelFile.read("/proc/self/uid_map") ?? "").compactMap { UInt32($0) }
  }

  /// Drops all capabilities (effective, permitted, inheritable and ambient) and sets no_new_privs,
  /// so that neither this process nor a program it starts gets any back.
  ///
  /// Sockets opened before stay usable: binding, filters and sending need none. Only the calling
  /// thread is changed, so call it before any other is started. The corresponding C functions are
  /// `cap_set_proc` (libcap) and `prctl` with PR_SET_NO_NEW_PRIVS.
  ///
  /// - Throws: `LinkError` if the kernel refuses.
  public static func drop() throws(LinkError) {
    // Kernels without ambient capabilities (before 4.3) have none to clear.
    _ = clinux_clear_ambient()
    guard let none = unsafe cap_init() else { throw LinkError("cap_init", errno) }
    let result = unsafe cap_set_proc(none)
    let code = errno
    _ = unsafe cap_free(UnsafeMutableRawPointer(none))
    guard result == 0 else { throw LinkError("cap_set_proc", code) }
    try checked(clinux_no_new_privileges(), "prctl(PR_SET_NO_NEW_PRIVS)")
  }
}
