internal import Glibc

/// What a line of shell did.
public struct Outcome: Sendable, CustomStringConvertible {
  /// The exit status; 128 and the signal's number where one ended it, 124 where its time was up.
  public var status: Int32
  public var output: String
  public var errors: String

  public init(status: Int32, output: String, errors: String) {
    self.status = status
    self.output = output
    self.errors = errors
  }

  /// The lines of standard output.
  public var lines: [Substring] { output.split(separator: "\n", omittingEmptySubsequences: false) }

  public var description: String { "status \(status)\n\(output)\(errors)" }
}

/// A folder of its own for each value, gone with it.
public final class TemporaryFolder: Sendable {
  public let path: String

  public init() throws(WireFailure) {
    // Six places for mkdtemp(3) to fill in; below /tmp, where a test's unprivileged users come in too.
    var template = Array(("/tmp/sonde-wire-" + String(repeating: "X", count: 6)).utf8CString)
    guard unsafe mkdtemp(&template) != nil else { throw WireFailure("mkdtemp: errno \(errno)") }
    path = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
    // Unprivileged users of a test look in here too.
    unsafe chmod(path, 0o755)
  }

  deinit {
    if let child = try? Shell.start("exec rm -rf \(path)") { Shell.wait(child) }
  }
}

/// Lines of shell, started from the thread's own network namespace.
public enum Shell {
  /// What the line sees as `$SONDE`.
  private static let prelude = "export SONDE='\(SondeBinary.path)'; PATH=$PATH:/usr/sbin:/sbin; "

  /// Runs a line to its end.
  ///
  /// - Parameter seconds: when it is ended, for the sake of the tests after it.
  /// - Throws: `WireFailure` if it could not be started.
  public static func run(_ line: String, seconds: Int = 120) throws -> Outcome {
    let folder = try TemporaryFolder()
    let inner = (prelude + line).split(separator: "'", omittingEmptySubsequences: false).joined(separator: "'\\''")
    let files = "> \(folder.path)/out 2> \(folder.path)/err < /dev/null"
    let child = try start("exec timeout -k 2 \(seconds) sh -c '\(inner)' \(files)")
    let status = wait(child)
    let end = status & 0x7f
    return Outcome(
      status: end == 0 ? status >> 8 & 0xff : 128 + end, output: text("\(folder.path)/out"),
      errors: text("\(folder.path)/err"))
  }

  /// Starts a line; whoever starts it ends it by its id.
  public static func start(_ line: String) throws(WireFailure) -> Int32 {
    var child: Int32 = 0
    var arguments: [UnsafeMutablePointer<CChar>?] = unsafe []
    for word in ["/bin/sh", "-c", line] { unsafe arguments.append(strdup(word)) }
    unsafe arguments.append(nil)
    defer { unsafe arguments.forEach { unsafe free($0) } }
    // The threads that tests run on block all signals, and a child would inherit that.
    var attributes = posix_spawnattr_t()
    var none = sigset_t()
    unsafe sigemptyset(&none)
    unsafe posix_spawnattr_init(&attributes)
    unsafe posix_spawnattr_setsigmask(&attributes, &none)
    unsafe posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETSIGMASK))
    defer { unsafe posix_spawnattr_destroy(&attributes) }
    let result = unsafe posix_spawn(&child, "/bin/sh", nil, &attributes, &arguments, environ)
    guard result == 0 else { throw WireFailure("posix_spawn: errno \(result)") }
    return child
  }

  /// Runs a line again and again until its status is 0, for as long as a slow machine may need.
  ///
  /// - Throws: `WireFailure` if it never is.
  public static func until(_ line: String) throws {
    for _ in 0..<1000 {
      let child = try start("{ \(prelude)\(line)\n} > /dev/null 2>&1 < /dev/null")
      if wait(child) == 0 { return }
      usleep(50_000)
    }
    throw WireFailure("never came true: \(line)")
  }

  /// Ends a child by a signal (15, SIGTERM) and waits for it.
  @discardableResult
  public static func stop(_ child: Int32, by signal: Int32 = 15) -> Int32 {
    kill(child, signal)
    return wait(child)
  }

  /// Waits for a child and gives its wait status.
  @discardableResult
  public static func wait(_ child: Int32) -> Int32 {
    var status: Int32 = 0
    while unsafe waitpid(child, &status, 0) < 0, errno == EINTR {}
    return status
  }

  /// The text of a file; empty if it cannot be read.
  public static func text(_ path: String) -> String {
    let descriptor = unsafe open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { return "" }
    defer { close(descriptor) }
    return readAll(descriptor)
  }
}
