internal import Glibc
public import SondeLink

/// A file being read from its start to its end: one that was opened, or standard input.
public struct InputFile: ~Copyable {
  /// What it is called in errors.
  public let name: String
  private let descriptor: Int32
  private let owned: Descriptor?

  /// Standard input, which stays open.
  public init() {
    name = "standard input"
    descriptor = 0
    owned = nil
  }

  /// Opens a file. The corresponding C function is `open`.
  ///
  /// - Throws: `LinkError` naming the path.
  public init(_ path: String) throws(LinkError) {
    let number = unsafe Glibc.open(path, O_RDONLY | O_CLOEXEC)
    guard number >= 0 else { throw LinkError("file \(path)", errno) }
    name = path
    descriptor = number
    owned = Descriptor(number)
  }

  /// How many octets it has; nil where nobody knows before they have come, as of a pipe. The corresponding C
  /// function is `fstat`.
  public var size: Int? {
    var status = stat()
    guard unsafe fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG else { return nil }
    return Int(status.st_size)
  }

  /// Reads the next octets over the first ones of `buffer`, and says how many they are; 0 at the end, and once
  /// SIGINT or SIGTERM has come (`Signals`). The corresponding C function is `read`.
  ///
  /// - Throws: `LinkError` if it cannot be read.
  public borrowing func read(into buffer: inout [UInt8]) throws(LinkError) -> Int {
    while !Signals.endHasCome {
      let count = unsafe Glibc.read(descriptor, &buffer, buffer.count)
      if count >= 0 { return count }
      guard errno == EINTR else { throw LinkError("read \(name)", errno) }
    }
    return 0
  }
}
