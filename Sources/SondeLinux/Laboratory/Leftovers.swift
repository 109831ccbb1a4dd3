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
    numbers(in: "/proc").filter { process in
      guard let namespace = try? Descriptor.file("/proc/\(process)/ns/net", flags: O_RDONLY) else { return false }
      return inodes.contains(clinux_inode(namespace.number))
    }
  }

  /// The entries of a folder of proc(5) that are numbers: processes, or descriptors of one.
  static func numbers(in path: String) -> [Int32] {
    guard let folder = unsafe opendir(path) else { return [] }
    defer { unsafe closedir(folder) }
    var found: [Int32] = []
    while let entry = unsafe readdir(folder) {
      let name = unsafe withUnsafePointer(to: &entry.pointee.d_name) {
        unsafe String(cString: UnsafeRawPointer($0).assumingMemoryBound(to: CChar.self))
      }
      if let number = Int32(name) { found.append(number) }
    }
    return found
  }
}
