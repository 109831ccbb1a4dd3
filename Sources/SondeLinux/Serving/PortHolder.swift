internal import Glibc
internal import SondeLink

/// The process that has a port.
public struct PortHolder: Hashable, Sendable {
  public var process: Int32
  /// Its name, as the kernel has it (15 octets at most).
  public var name: String

  /// Looks for the process that has a socket on a port, among those that this user may look into: all for root.
  ///
  /// It reads what the kernel says of the sockets of this network namespace, and of the processes' files (proc(5)).
  public static func find(_ transport: Transport, port: UInt16) -> PortHolder? {
    let wanted = sockets(transport, port)
    guard !wanted.isEmpty else { return nil }
    for process in folder("/proc") {
      guard let number = Int32(process) else { continue }
      for file in folder("/proc/\(process)/fd") {
        guard let target = link("/proc/\(process)/fd/\(file)"), wanted.contains(target) else { continue }
        let name = contents("/proc/\(process)/comm").split(separator: "\n").first.map(String.init) ?? "a program"
        return PortHolder(process: number, name: name)
      }
    }
    return nil
  }

  /// How the files of processes name the sockets that are bound to a port, and of TCP listen there.
  private static func sockets(_ transport: Transport, _ port: UInt16) -> Set<String> {
    let names = transport == .tcp ? ["tcp", "tcp6"] : ["udp", "udp6"]
    var found = Set<String>()
    for line in names.flatMap({ contents("/proc/thread-self/net/\($0)").split(separator: "\n") }) {
      // sl, local address:port in hexadecimal, remote, state (0A: LISTEN), queues, timer, retransmissions, uid,
      // timeout, inode.
      let words = line.split(separator: " ")
      guard words.count > 9, let end = words[1].split(separator: ":").last, UInt16(end, radix: 16) == port,
        transport == .udp || words[3] == "0A"
      else { continue }
      found.insert("socket:[\(words[9])]")
    }
    return found
  }

  private static func folder(_ path: String) -> [String] {
    guard let stream = unsafe opendir(path) else { return [] }
    defer { unsafe closedir(stream) }
    var names: [String] = []
    while let entry = unsafe readdir(stream) {
      let name = unsafe withUnsafePointer(to: &entry.pointee.d_name) {
        unsafe $0.withMemoryRebound(to: CChar.self, capacity: 256) { unsafe String(cString: $0) }
      }
      names.append(name)
    }
    return names
  }

  private static func link(_ path: String) -> String? {
    var buffer = [CChar](repeating: 0, count: 64)
    let count = unsafe readlink(path, &buffer, buffer.count)
    guard count > 0 else { return nil }
    return String(decoding: buffer.prefix(count).map { UInt8(bitPattern: $0) }, as: UTF8.self)
  }

  private static func contents(_ path: String) -> String {
    guard let file = try? Descriptor.file(path, flags: O_RDONLY) else { return "" }
    var text: [UInt8] = []
    var piece = [UInt8](repeating: 0, count: 1 << 14)
    while true {
      let count = unsafe read(file.number, &piece, piece.count)
      guard count > 0 else { return String(decoding: text, as: UTF8.self) }
      text += piece[..<count]
    }
  }
}
