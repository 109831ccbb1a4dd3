internal import Glibc
public import SondeLink

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

/// A terminal that hands out each key as it is pressed, and writes back nothing by itself, for as long as this lives.
///
/// Control-C and Control-Z are still signals: whoever watches them calls `restore` before the process stops, and
/// `enter` when it goes on. Output is processed as before: a line feed begins a new line.
public struct KeyTerminal: ~Copyable {
  private let descriptor: Int32
  private let former: termios
  private var isEntered = false

  /// Puts a terminal into this mode. The corresponding C functions are `tcgetattr` and `tcsetattr`.
  ///
  /// - Throws: `LinkError` if the descriptor is no terminal.
  public init(_ descriptor: Int32) throws(LinkError) {
    var mode = termios()
    guard unsafe tcgetattr(descriptor, &mode) == 0 else { throw LinkError("tcgetattr", errno) }
    self.descriptor = descriptor
    former = mode
    enter()
  }

  deinit {
    var mode = former
    if isEntered { _ = unsafe tcsetattr(descriptor, TCSADRAIN, &mode) }
  }

  /// Puts the terminal into this mode again.
  public mutating func enter() {
    var mode = former
    mode.c_lflag &= ~tcflag_t(ICANON | ECHO)
    // Control-V and Control-O have meanings of their own there (termios(3)).
    mode.c_lflag &= ~tcflag_t(IEXTEN)
    mode.c_iflag &= ~tcflag_t(IXON)
    // A read gives what there is, one octet at least: c_cc[VMIN] and c_cc[VTIME].
    mode.c_cc.6 = 1
    mode.c_cc.5 = 0
    _ = unsafe tcsetattr(descriptor, TCSADRAIN, &mode)
    isEntered = true
  }

  /// Gives the terminal back as it was found.
  public mutating func restore() {
    var mode = former
    _ = unsafe tcsetattr(descriptor, TCSADRAIN, &mode)
    isEntered = false
  }
}
