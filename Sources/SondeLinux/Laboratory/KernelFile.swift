internal import Glibc
internal import SondeLink

/// The small files by which the kernel is told things and tells them (proc(5)).
enum KernelFile {
  /// Writes a value by one call, as these files want it. The corresponding C functions are `open` and `write`.
  static func write(_ value: String, to path: String) throws(LinkError) {
    let file = try Descriptor.file(path, flags: O_WRONLY)
    let octets = Array(value.utf8)
    let count = unsafe Glibc.write(file.number, octets, octets.count)
    guard count == octets.count else { throw LinkError("write \(value) to \(path)", errno) }
  }

  /// The value, without the white space around it, at most a page; nil if it cannot be read.
  static func read(_ path: String) -> String? {
    guard let file = try? Descriptor.file(path, flags: O_RDONLY) else { return nil }
    var octets = [UInt8](repeating: 0, count: 4096)
    let count = unsafe Glibc.read(file.number, &octets, octets.count)
    guard count >= 0 else { return nil }
    return words(String(decoding: octets[..<count], as: UTF8.self)).joined(separator: " ")
  }

  /// The words between white space.
  static func words(_ text: String) -> [Substring] {
    text.split { $0 == " " || $0 == "\t" || $0 == "\n" }
  }
}
