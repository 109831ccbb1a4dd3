internal import CLinuxNet
internal import Glibc

/// What a laboratory whose process was killed leaves behind, and its removal.
public enum Leftovers {
  /// Where ip-netns(8) looks for names.
  public static let folderOfNames = "/run/netns"

  /// Removes a name of a namespace; what is not there is no error. The corresponding C functions are `umount2` and
  /// `unlink`.
  public static func removeName(_ path: String) { _ = unsafe clinux_unmount(path) }

  /// The processes that live in network namespaces of these numbers (`Laboratory.inode(of:)`), as far as this process
  /// may know: an ordinary user those of his own.
  public static func processes(inNamespaces inodes: Set<UInt64>) -> [Int32] {
    guard let folder = unsafe opendir("/proc") else { return [] }
    defer { unsafe closedir(folder) }
    var found: [Int32] = []
    while let entry = unsafe readdir(folder) {
      let name = unsafe withUnsafePointer(to: &entry.pointee.d_name) {
        unsafe String(cString: UnsafeRawPointer($0).assumingMemoryBound(to: CChar.self))
      }
      guard let process = Int32(name),
        let namespace = try? Descriptor.file("/proc/\(process)/ns/net", flags: O_RDONLY),
        inodes.contains(clinux_inode(namespace.number))
      else { continue }
      found.append(process)
    }
    return found
  }
}
