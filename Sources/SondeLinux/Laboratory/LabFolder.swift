internal import CLinuxNet
internal import Glibc
public import SondeLink

/// The folder in which a user's laboratories are to be found by name.
///
/// Each has a file that its keeper holds locked for as long as it lives, however it ends, and one with its record.
public struct LabFolder: Sendable {
  public let path: String

  /// The folder of the user who asks, made if there is none: /run/sonde/labs for root, else one in XDG_RUNTIME_DIR, or
  /// in /tmp. The corresponding C function is `mkdir`.
  ///
  /// - Throws: `LinkError` if it cannot be made, or belongs to somebody else.
  public init() throws(LinkError) {
    if Privileges.isRoot {
      path = try Self.made("/run/sonde")
    } else if let runtime = Process.environment("XDG_RUNTIME_DIR"), runtime.hasPrefix("/"),
      let made = try? Self.made(runtime + "/sonde")
    {
      path = made
    } else {
      path = try Self.made("/tmp/sonde-\(Privileges.outerUser)")
    }
  }

  /// A folder that is there already.
  public init(at path: String) { self.path = path }

  private static func made(_ path: String) throws(LinkError) -> String {
    for folder in [path, path + "/labs"] {
      let result = unsafe clinux_own_folder(folder)
      if result == -EPERM {
        throw LinkError("folder \(folder)", refusal: "it belongs to somebody else, or others may write to it")
      }
      try checked(result, "folder \(folder)")
    }
    return path + "/labs"
  }

  /// What is known of a laboratory.
  public enum State: Hashable, Sendable {
    /// It stands, and this is where.
    case standing(LabRecord)
    /// Its keeper is at work and has not said where it stands, or is taking it down.
    case changing
    /// Its keeper was killed; what it had written, if it had.
    case abandoned(LabRecord?)
  }

  /// The names of those that there are, in the order of the alphabet.
  public func names() -> [String] {
    guard let folder = unsafe opendir(path) else { return [] }
    defer { unsafe closedir(folder) }
    var names: [String] = []
    while let entry = unsafe readdir(folder) {
      let file = unsafe withUnsafePointer(to: &entry.pointee.d_name) {
        unsafe String(cString: UnsafeRawPointer($0).assumingMemoryBound(to: CChar.self))
      }
      if file.hasSuffix(".lock"), !file.hasPrefix(".") { names.append(String(file.dropLast(5))) }
    }
    return names.sorted()
  }

  /// The process that keeps a laboratory: the one that has its file locked, whatever the record says. Nil if there is
  /// none, or if it is another user's (proc_pid_fdinfo(5)).
  public func keeper(of name: String) -> Int32? {
    guard let lock = try? Descriptor.file(file(name, ".lock"), flags: O_RDONLY) else { return nil }
    let inode = clinux_inode(lock.number)
    return Leftovers.numbers(in: "/proc").first { process in
      process != getpid()
        && Leftovers.numbers(in: "/proc/\(process)/fdinfo").contains { number in
          guard let facts = KernelFile.read("/proc/\(process)/fdinfo/\(number)") else { return false }
          return facts.contains("lock:") && facts.contains(":\(inode) ")
        }
    }
  }

  /// What is known of a name; nil if there is no laboratory of it.
  public func state(of name: String) -> State? {
    guard !name.contains("/") else { return nil }
    let isLocked = unsafe clinux_is_locked(file(name, ".lock"))
    guard isLocked >= 0 else { return nil }
    let record = record(of: name)
    guard isLocked == 1 else { return .abandoned(record) }
    guard let record, !record.hosts.isEmpty else { return .changing }
    return .standing(record)
  }

  /// What a keeper wrote of its laboratory; nil if that cannot be read.
  public func record(of name: String) -> LabRecord? { read(name, ".lab").flatMap { LabRecord($0) } }

  /// What a keeper wrote beside the record: what its networks have done.
  public func counts(of name: String) -> String { read(name, ".counts") ?? "" }

  /// Takes a name for this process, and all that a dead keeper left under it.
  ///
  /// - Returns: nil if another has it.
  /// - Throws: `LinkError` if the file cannot be made.
  public func claim(_ name: String) throws(LinkError) -> LabClaim? {
    let number = unsafe clinux_lock(file(name, ".lock"))
    if number == -EAGAIN { return nil }
    let lock = Descriptor(try checked(number, "file \(file(name, ".lock"))"))
    return LabClaim(self, name, lock, record(of: name))
  }

  func file(_ name: String, _ kind: String) -> String { "\(path)/\(name)\(kind)" }

  private func read(_ name: String, _ kind: String) -> String? {
    guard let file = try? InputFile(file(name, kind)) else { return nil }
    var octets: [UInt8] = []
    var piece = [UInt8](repeating: 0, count: 1 << 16)
    while let count = try? file.read(into: &piece), count > 0, octets.count < 1 << 22 { octets += piece[..<count] }
    return String(decoding: octets, as: UTF8.self)
  }
}

/// A name of a laboratory that this process alone has.
public struct LabClaim: ~Copyable {
  private let folder: LabFolder
  private let name: String
  private let lock: Descriptor
  /// What its last keeper had written.
  public let left: LabRecord?

  init(_ folder: LabFolder, _ name: String, _ lock: consuming Descriptor, _ left: LabRecord?) {
    self.folder = folder
    self.name = name
    self.lock = lock
    self.left = left
  }

  /// Writes the record, whole or not at all. The corresponding C functions are `write` and `rename`.
  public borrowing func write(_ record: LabRecord) throws(LinkError) { try write(record.text, ".lab") }

  /// Writes what the networks have done.
  public borrowing func write(counts: String) throws(LinkError) { try write(counts, ".counts") }

  private borrowing func write(_ text: String, _ kind: String) throws(LinkError) {
    let path = folder.file(name, kind)
    let made = folder.file("." + name, kind)
    let number = unsafe open(made, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0o600)
    let file = Descriptor(try checked(number < 0 ? -errno : number, "file \(made)"))
    var octets = Array(text.utf8)[...]
    while !octets.isEmpty {
      let count = unsafe octets.withUnsafeBytes { unsafe Glibc.write(file.number, $0.baseAddress, $0.count) }
      guard count > 0 else { throw LinkError("write to \(made)", errno) }
      octets = octets.dropFirst(count)
    }
    try checked(unsafe rename(made, path) < 0 ? -errno : 0, "rename \(made)")
  }

  /// Gives the name back: nothing of it is left in the folder. The corresponding C function is `unlink`.
  public consuming func remove() {
    for kind in [".lab", ".counts"] {
      _ = unsafe unlink(folder.file(name, kind))
      _ = unsafe unlink(folder.file("." + name, kind))
    }
    // The lock's file goes last, while it is locked: nobody else can have begun under this name.
    _ = unsafe unlink(folder.file(name, ".lock"))
  }
}
