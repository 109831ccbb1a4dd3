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
  public static var isRoot: Bool {
    guard geteuid() == 0, let file = try? InputFile("/proc/self/uid_map") else { return false }
    var octets = [UInt8](repeating: 0, count: 256)
    let count = (try? file.read(into: &octets)) ?? 0
    let words = octets[..<count].split { $0 == 0x20 || $0 == 0x0a }.map { String(decoding: $0, as: UTF8.self) }
    return words == ["0", "0", "4294967295"]
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
