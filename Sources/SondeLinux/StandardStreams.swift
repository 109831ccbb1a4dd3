internal import Glibc
public import SondeLink

/// The three descriptors that every program starts with (stdin(3)).
public enum StandardStreams {
  /// Opens /dev/null on each of them that is closed.
  ///
  /// Else the next file or socket would get its number, and what is printed would land in there. Call it before
  /// anything is opened. The corresponding C functions are `fcntl` and `open`.
  ///
  /// - Throws: `LinkError` if /dev/null cannot be opened.
  public static func ensureOpen() throws(LinkError) {
    for number: Int32 in 0...2 where fcntl(number, F_GETFD) < 0 {
      // The lowest free number is the one that is missing (open(2)).
      guard unsafe Glibc.open("/dev/null", O_RDWR) >= 0 else { throw LinkError("open /dev/null", errno) }
    }
  }
}
