internal import Glibc
internal import SondeLink

/// Whether this process is on a host of a laboratory, where nobody else is.
public enum LaboratoryPresence {
  /// The name of the laboratory that this process is in, as the environment variable SONDE_LAB says and the network
  /// itself confirms; nil outside of one.
  ///
  /// The variable alone is not believed: it may have been carried out of a laboratory. The network namespace must be
  /// another than that of the machine's first process, where that can be known, and have no interfaces but loopback and
  /// the virtual cables that laboratories are made of.
  public static var name: String? {
    guard let name = Process.environment("SONDE_LAB"), !name.isEmpty, !isOfFirstProcess,
      let interfaces = try? NetworkInterface.all()
    else { return nil }
    return interfaces.allSatisfy { $0.isLoopback || $0.kind == "veth" } ? name : nil
  }

  /// An ordinary user is not told the first process's namespace (ptrace(2), "access mode"), and is believed.
  private static var isOfFirstProcess: Bool {
    guard let first = file("/proc/1/ns/net"), let own = file("/proc/thread-self/ns/net") else { return false }
    return first == own
  }

  /// The device and inode of a file.
  private static func file(_ path: String) -> [UInt64]? {
    var facts = stat()
    guard unsafe stat(path, &facts) == 0 else { return nil }
    return [UInt64(facts.st_dev), UInt64(facts.st_ino)]
  }
}
