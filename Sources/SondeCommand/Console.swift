internal import SondeLinux
internal import SondeLink

/// Where results and complaints go. Results are on standard output and gathered for as long as that
/// delays nobody; complaints are on standard error, one line each.
final class Console {
  private let output = OutputFile(.output)
  private let errors = OutputFile(.error)
  private var gathered: [UInt8] = []
  /// Nothing can be written to standard output any more: the run ends.
  private(set) var isClosed = false
  /// Why nothing can be written any more, unless it is that nobody reads, which is no failure.
  private(set) var failure: LinkError?

  /// Makes way on the terminal for what is about to be written: takes a progress bar away.
  var makeWay: (() -> Void)?

  init() {
    // A closed pipe is noticed by write's answer.
    try? Signals.ignore(.brokenPipe)
  }

  /// Whether nobody reads standard output any more, asked of the system now: a run that has nothing to say
  /// would not find out by writing.
  func noticesClosing() -> Bool {
    if !isClosed, !output.hasReader { isClosed = true }
    return isClosed
  }

  /// Adds text and a line feed to what is gathered.
  func print(_ line: String) {
    gathered += Array(line.utf8)
    gathered.append(0x0a)
    if gathered.count > 1 << 16 { flush() }
  }

  /// Adds text as it is.
  func write(_ text: String) {
    gathered += Array(text.utf8)
    if gathered.count > 1 << 16 { flush() }
  }

  /// Lends what is gathered, so that octets are added to it without a copy.
  func gather(_ body: (inout [UInt8]) -> Void) {
    body(&gathered)
    if gathered.count > 1 << 16 { flush() }
  }

  /// Writes what is gathered; false if nobody reads any more.
  @discardableResult
  func flush() -> Bool {
    guard !gathered.isEmpty else { return !isClosed }
    defer { gathered.removeAll(keepingCapacity: true) }
    guard !isClosed else { return false }
    if Terminal.isTerminal(1) { makeWay?() }
    do {
      try output.write(gathered)
    } catch {
      isClosed = true
      if !error.isForWantOfReader { failure = error }
    }
    return !isClosed
  }

  /// Writes one line to standard error, after what was gathered before it.
  func complain(_ message: String) { note("sonde: \(message)") }

  /// Writes a line to standard error as it is.
  func note(_ line: String) {
    flush()
    makeWay?()
    try? errors.write(Array(line.utf8) + [0x0a])
  }

  /// Writes text that is no line to standard error: a progress bar.
  func draw(_ text: String) { try? errors.write(Array(text.utf8)) }

  /// Whether to color text on standard output.
  static func colors(_ choice: String?) -> Bool {
    switch choice {
    case "always": true
    case "never": false
    default: Terminal.isTerminal(1) && Process.environment("NO_COLOR")?.isEmpty != false
    }
  }
}
