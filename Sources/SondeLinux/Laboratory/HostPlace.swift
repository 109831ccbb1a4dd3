internal import CLinuxNet
internal import Glibc
public import SondeLink

/// Where a host of a laboratory is to be found while the process that holds it lives: what its keeper tells others.
public struct HostPlace: Hashable, Sendable {
  /// The file of the user namespace that owns the host's network; nil where the laboratory is root's own.
  public var userNamespace: String?
  /// The file of the host's network namespace (namespaces(7)).
  public var networkNamespace: String
  /// What programs on the host read as /etc/hosts (hosts(5)); empty leaves them the machine's.
  public var names: String

  public init(userNamespace: String?, networkNamespace: String, names: String) {
    self.userNamespace = userNamespace
    self.networkNamespace = networkNamespace
    self.names = names
  }

  /// Moves the whole process onto the host.
  ///
  /// For a process of one thread only, as the kernel lets no other change its user namespace: later threads begin on
  /// the host. The corresponding C function is `setns`.
  ///
  /// - Throws: `LinkError` if the host is there no more, or if it belongs to another user.
  public func enter() throws(LinkError) {
    if let userNamespace {
      let user = try Descriptor.file(userNamespace, flags: O_RDONLY)
      let own = try Descriptor.file("/proc/self/ns/user", flags: O_RDONLY)
      // The kernel refuses a second entry.
      if clinux_inode(user.number) != clinux_inode(own.number) {
        try checked(clinux_setns(user.number), "setns \(userNamespace)")
      }
    }
    let network = try Descriptor.file(networkNamespace, flags: O_RDONLY)
    try checked(clinux_setns(network.number), "setns \(networkNamespace)")
    if !names.isEmpty { _ = unsafe clinux_own_hosts(names) }
  }

  /// Gives this process, and those that it starts, a hostname of their own, which prompts show. The corresponding C
  /// functions are `unshare` and `sethostname`.
  ///
  /// - Returns: whether the kernel let it.
  @discardableResult
  public static func callItself(_ name: String) -> Bool { unsafe clinux_own_name(name) == 0 }

  /// Becomes a program: it takes the place of this process, with its standard streams.
  ///
  /// - Parameters:
  ///   - words: the program, looked for in PATH where it has no slash, and its arguments.
  ///   - environment: what is set beside or instead of this process's own.
  /// - Returns: why the program could not be started; where it could, the call never returns. The corresponding C
  ///   function is `execvp`.
  public static func become(_ words: [String], environment: [String: String] = [:]) -> LinkError {
    for (name, value) in environment { unsafe setenv(name, value, 1) }
    let code = unsafe CStrings(words).lend { unsafe clinux_become($0) }
    return LinkError(words.first ?? "", -code)
  }
}

/// Strings as C takes them: pointers with a null pointer behind the last.
@safe struct CStrings: ~Copyable {
  private var pointers: [UnsafeMutablePointer<CChar>?]

  init(_ words: [String]) {
    unsafe pointers = words.map { unsafe strdup($0) } + [nil]
  }

  deinit { unsafe pointers.forEach { unsafe free($0) } }

  borrowing func lend<R>(_ body: (UnsafePointer<UnsafeMutablePointer<CChar>?>?) -> R) -> R {
    unsafe pointers.withUnsafeBufferPointer { unsafe body($0.baseAddress) }
  }
}
