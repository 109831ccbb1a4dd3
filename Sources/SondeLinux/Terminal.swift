internal import Glibc

/// What a file descriptor is connected to.
public enum Terminal {
  /// Whether `descriptor` is a terminal (isatty(3)).
  public static func isTerminal(_ descriptor: Int32) -> Bool { isatty(descriptor) == 1 }

  /// The terminal's width in columns; nil if it is none, or does not say (ioctl TIOCGWINSZ,
  /// ioctl_tty(2)).
  public static func width(_ descriptor: Int32) -> Int? {
    var size = winsize()
    let result = unsafe ioctl(descriptor, UInt(TIOCGWINSZ), &size)
    return result == 0 && size.ws_col > 0 ? Int(size.ws_col) : nil
  }
}
