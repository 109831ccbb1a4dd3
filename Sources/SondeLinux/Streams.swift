internal import CLinuxNet
internal import Glibc
public import SondeLink

/// A file being written: standard output, standard error, or one that was created.
public struct OutputFile: ~Copyable {
  private let descriptor: Int32
  private let name: String
  private let owned: Descriptor?

  /// The streams that every process starts with (stdin(3)).
  public enum Standard: Int32, Sendable {
    case output = 1
    case error = 2
  }

  /// A standard stream, which stays open.
  public init(_ standard: Standard) {
    descriptor = standard.rawValue
    name = standard == .output ? "standard output" : "standard error"
    owned = nil
  }

  /// Creates a file, or opens the one that is there, which keeps what it holds until `empty`. The corresponding C
  /// function is `open`.
  ///
  /// - Throws: `LinkError` naming the path.
  public init(creating path: String) throws(LinkError) {
    let number = unsafe Glibc.open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0o644)
    guard number >= 0 else { throw LinkError("file \(path)", errno) }
    descriptor = number
    name = path
    owned = Descriptor(number)
  }

  /// Throws away what the file holds; a pipe or a device holds nothing. The corresponding C function is `ftruncate`.
  ///
  /// - Throws: `LinkError` if the file system refuses.
  public borrowing func empty() throws(LinkError) {
    guard ftruncate(descriptor, 0) == 0 || errno == EINVAL else { throw LinkError("file \(name)", errno) }
  }

  /// Writes all octets, waiting where it must. The corresponding C functions are `poll` and `write`.
  ///
  /// Once SIGINT or SIGTERM has come (`Signals`), a reader that takes nothing is waited for no longer than a second.
  ///
  /// - Throws: `LinkError`; see `LinkError.isForWantOfReader`.
  public borrowing func write(_ octets: [UInt8]) throws(LinkError) {
    var start = 0
    while start < octets.count {
      guard hasRoom(within: 1_000_000_000) else {
        if Signals.endHasCome { throw LinkError("write to \(name)", EINTR) }
        continue
      }
      let piece = octets[start..<min(start + Self.roomOfReadyPipe, octets.count)]
      let count = unsafe piece.withUnsafeBytes { unsafe Glibc.write(descriptor, $0.baseAddress, $0.count) }
      if count >= 0 {
        start += count
      } else if errno != EINTR && errno != EAGAIN {
        throw LinkError("write to \(name)", errno)
      }
    }
  }

  /// How many octets a pipe takes at least, without waiting, when poll says that it takes some (PIPE_BUF, pipe(7)).
  private static let roomOfReadyPipe = 4096

  /// Writes as much as is taken without waiting, and says how much; a terminal may be waited for a moment. The
  /// corresponding C functions are `poll` and `write`.
  ///
  /// - Throws: `LinkError`; see `LinkError.isForWantOfReader`.
  public borrowing func writeSome(_ octets: ArraySlice<UInt8>) throws(LinkError) -> Int {
    var start = octets.startIndex
    while start < octets.endIndex, hasRoom(within: 0) {
      let piece = octets[start..<min(start + Self.roomOfReadyPipe, octets.endIndex)]
      let count = unsafe piece.withUnsafeBytes { unsafe Glibc.write(descriptor, $0.baseAddress, $0.count) }
      if count >= 0 {
        start += count
      } else if errno == EAGAIN {
        break
      } else if errno != EINTR {
        throw LinkError("write to \(name)", errno)
      }
    }
    return start - octets.startIndex
  }

  private borrowing func hasRoom(within nanoseconds: Int64) -> Bool {
    var place = clinux_poll(fd: descriptor, events: KernelNumber.pollOut, revents: 0)
    return unsafe clinux_poll(&place, 1, nanoseconds) > 0
  }
}

extension LinkError {
  /// Whether writing ended because nobody reads any more, or because a signal ended the wait for a reader.
  public var isForWantOfReader: Bool { code == EPIPE || code == EINTR }
}

extension OutputFile {
  /// Whether somebody may still read what is written: false for a pipe whose last reader has gone (poll(2)).
  public var hasReader: Bool {
    var place = clinux_poll(fd: descriptor, events: 0, revents: 0)
    let ready = unsafe clinux_poll(&place, 1, 0)
    return ready <= 0 || place.revents & (KernelNumber.pollError | KernelNumber.pollHangUp) == 0
  }
}

/// Standard input, a line at a time.
public struct InputLines: ~Copyable {
  private var buffer: [UInt8] = []
  private var start = 0
  private var isAtEnd = false
  private let file = InputFile()

  /// - Parameter octets: what has been read of standard input already.
  public init(after octets: [UInt8] = []) { buffer = octets }

  /// Whether more than the lines given so far has been read: the next one may come without waiting.
  public var hasMore: Bool { start < buffer.count }

  /// The next line without its line feed; nil at the end, and once SIGINT or SIGTERM has come (`Signals`): what was
  /// typed of a line until then is none. The corresponding C function is `read`.
  ///
  /// - Throws: `LinkError` if standard input cannot be read.
  public mutating func next() throws(LinkError) -> [UInt8]? {
    while !Signals.endHasCome {
      if let end = buffer[start...].firstIndex(of: 0x0a) {
        defer { start = end + 1 }
        return Array(buffer[start..<end])
      }
      if isAtEnd {
        guard start < buffer.count else { return nil }
        defer { start = buffer.count }
        return Array(buffer[start...])
      }
      try fill()
    }
    return nil
  }

  private mutating func fill() throws(LinkError) {
    buffer.removeFirst(start)
    start = 0
    var piece = [UInt8](repeating: 0, count: 1 << 16)
    let count = try file.read(into: &piece)
    if count == 0 { isAtEnd = true }
    buffer += piece[..<count]
  }
}

/// The process as a whole.
public enum Process {
  /// Ends the process with a status. The corresponding C function is `exit`.
  public static func exit(_ status: Int32) -> Never { Glibc.exit(status) }

  /// Stops the process until SIGCONT comes. The corresponding C function is `raise` with SIGSTOP.
  public static func stop() { raise(SIGSTOP) }

  /// The value of an environment variable. The corresponding C function is `getenv`.
  public static func environment(_ name: String) -> String? {
    guard let value = unsafe getenv(name) else { return nil }
    return unsafe String(cString: value)
  }
}
